/**
 * Everything one worker thread runs, built in order: store, directories, runtime, front door. Wiring only.
 */

import { createLog, type Log } from '../../observability/log.ts';
import { Metrics } from '../../observability/metrics.ts';
import { createPool, goodbye } from '../../persistence/postgres/connect.ts';
import { EFFECTS } from '../../persistence/postgres/journal/journal-store.ts';
import { createRetention } from '../../persistence/postgres/stores/retention.ts';
import { openThreadDatabase, type ThreadDatabase } from '../../persistence/postgres/thread-database.ts';
import type { EffectHandler } from '../../runtime/behaviour.ts';
import type { ShardHold } from '../../runtime/journal/group-commit.ts';
import type { OpenedShard } from '../../runtime/journal/store.ts';
import type { ThreadRuntime } from '../../runtime/thread/thread-runtime.ts';
import { createRouting } from '../../transport/routing/create-routing.ts';
import { calm } from '../calm-log.ts';
import type { WorkerStart, WorkerStats } from '../control.ts';
import { seedDemoTenant } from '../seed.ts';
import { keepForgetting } from './forgetting.ts';
import { openFrontDoor } from './front-door.ts';
import { createThreadCore, storageKinds, type ThreadHooks } from './thread-core.ts';
import { countRoads, watchRuntime } from './thread-metrics.ts';
import { createTelemetry, keepTracks } from './thread-telemetry.ts';

const MS_PER_S = 1_000;

export interface ThreadService {
  readonly runtime: ThreadRuntime;
  stats(): Promise<WorkerStats>;
  seed(): Promise<void>;
  /** Stops listening, lets requests in flight end, makes what was decided durable, lets go of the shards. */
  drain(): Promise<void>;
  /** Lets go of the sockets at once; the last thing a thread does that ends without draining. */
  abandon(): void;
}

export async function startThread(start: WorkerStart, hooks: ThreadHooks): Promise<ThreadService> {
  const { config, thread } = start;
  const everything = createLog({ level: config.logLevel, base: { thread } });
  // Whoever debugs wants every line.
  const log = everything.isLevelEnabled('debug') ? everything : calm(everything);
  const metrics = new Metrics();
  metrics.watchEventLoop();
  if (thread === 0) metrics.watchProcess();
  const { numberMoves, tenantClaims } = start;
  const database = await openThreadDatabase({ address: start.database, config, kinds: storageKinds(), numberMoves, tenantClaims });
  const handlers = new Map<string, EffectHandler>();
  const roads = config.routing.kind === 'model' ? null : createRouting(config.routing, { hook: countRoads(metrics) });
  const { runtime, links, feed } = createThreadCore({ start, database, handlers, roads, log, metrics, hooks });
  const telemetry = createTelemetry({ links, runtime, feed, database, routing: roads?.routing ?? null });
  links.onGps((notice) => telemetry.notice(notice));
  const { port, threads, intakeBoard } = start;
  const door = openFrontDoor({ config, port, thread, threads, intakeBoard, runtime, feed, telemetry, database, handlers, log, metrics });
  const endUpkeep = thread === 0 ? beginUpkeep(start, database, log, metrics) : async () => undefined;
  watchRuntime(metrics, runtime);
  await serveShards(runtime, database, start.epochs);
  await door.listen();
  return {
    runtime,
    stats: async () => {
      const depths = runtime.depths();
      return {
        thread,
        shards: start.epochs.length,
        actors: runtime.entities,
        mailboxDepth: depths.total,
        mailboxDepthMax: depths.max,
        deadLetters: runtime.counters.deadLetters,
        eventLoopLagMsP99: metrics.eventLoopLagP99S() * MS_PER_S,
        writable: runtime.journal.writable,
        settled: runtime.checkpoints.settled,
        metrics: await metrics.collect(),
      };
    },
    seed: () => seedDemoTenant(door.api),
    drain: async () => {
      const upkeepEnded = endUpkeep();
      await door.drain();
      await telemetry.close();
      await runtime.drain();
      await runtime.close();
      await roads?.close();
      await upkeepEnded;
      await database.close();
    },
    abandon: door.abandon,
  };
}

/** The node's chores in the database, one thread's. @returns the end of them. */
function beginUpkeep(
  { config, database: address }: WorkerStart,
  database: ThreadDatabase,
  log: Log,
  metrics: Metrics,
): () => Promise<void> {
  const endTracks = keepTracks(database.tracks, config.drivers.trackRetentionDays, log);
  const { statementTimeoutMs } = config.database;
  // A connection of its own: reminders and checkpoints do not wait for a step.
  const pool = createPool({ address, role: 'wakala_relay', statementTimeoutMs }, 1);
  const endForgetting = keepForgetting({ retention: createRetention(pool, EFFECTS), ...config.retention, log, metrics });
  return async () => {
    endTracks();
    await endForgetting();
    await goodbye(pool.end());
  };
}

async function serveShards(runtime: ThreadRuntime, database: ThreadDatabase, epochs: WorkerStart['epochs']): Promise<void> {
  const opened = await database.journal.openShards(epochs.map(([shard]) => shard));
  const holds = new Map<number, ShardHold & OpenedShard>();
  for (const [shard, epoch] of epochs) {
    const found = opened.get(shard);
    holds.set(shard, { epoch, ...(found ?? { lastPos: 0, effectsCheckpoint: 0, passed: null }) });
  }
  runtime.serve(holds);
}
