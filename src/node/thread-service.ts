/**
 * Everything one worker thread runs, built in order: store, directories, runtime, front door. Wiring only.
 */

import { conversationBehaviour } from '../actors/conversation/actor.ts';
import { driverBehaviour } from '../actors/driver/actor.ts';
import { createMarketBehaviour } from '../actors/market/actor.ts';
import { orderBehaviour } from '../actors/order/actor.ts';
import { tenantBehaviour } from '../actors/tenant/actor.ts';
import type { TenantEvent } from '../actors/tenant/state.ts';
import { viewChange } from '../actors/tenant/view.ts';
import type { Config } from '../config.ts';
import { createLog, type Log } from '../observability/log.ts';
import { Metrics } from '../observability/metrics.ts';
import { createPool, goodbye } from '../persistence/postgres/connect.ts';
import { EFFECTS } from '../persistence/postgres/journal/journal-store.ts';
import { createRetention } from '../persistence/postgres/stores/retention.ts';
import { openThreadDatabase, type ThreadDatabase } from '../persistence/postgres/thread-database.ts';
import type { ActorSystem, AnyBehaviour, EffectHandler } from '../runtime/behaviour.ts';
import { systemClock } from '../runtime/clock.ts';
import type { EntityRef } from '../runtime/entity.ts';
import type { GroupCommitOptions, ShardHold } from '../runtime/journal/group-commit.ts';
import { NactExecutor } from '../runtime/nact-executor.ts';
import { ThreadRuntime } from '../runtime/thread-runtime.ts';
import { createRouting, type RoutingServices } from '../transport/routing/create-routing.ts';
import { calm } from './calm-log.ts';
import type { WorkerStart, WorkerStats } from './control.ts';
import { followDispatch } from './dispatch-links.ts';
import { threadOfShard } from './fleet.ts';
import { keepForgetting } from './forgetting.ts';
import { openFrontDoor } from './front-door.ts';
import { ThreadFeed } from './live-feed.ts';
import { seedDemoTenant } from './seed.ts';
import { SiblingLinks } from './sibling-links.ts';
import { countRoads, observeIndexDelay, watchRuntime } from './thread-metrics.ts';
import { createTelemetry, keepTracks } from './thread-telemetry.ts';

const DURABLE: readonly AnyBehaviour[] = [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour];
/** Last positions of running deliveries that a thread remembers. */
const RETAINED_NEWS_MAX = 50_000;
const SYSTEM_LANE_FACTOR = 4;
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

interface ThreadHooks {
  reopen: GroupCommitOptions['reopen'];
  /** Something only a new thread or an operator can mend. */
  fatal(code: string, message: string): void;
}

/** Kind name to storage code, as the store needs it. */
function storageKinds(): ReadonlyMap<string, number> {
  return new Map(DURABLE.flatMap((behaviour) => (behaviour.durable ? [[behaviour.kind, behaviour.kindCode] as const] : [])));
}

export async function startThread(start: WorkerStart, hooks: ThreadHooks): Promise<ThreadService> {
  const { config, thread } = start;
  const everything = createLog({ level: config.logLevel, base: { thread } });
  // Whoever debugs wants every line.
  const log = everything.isLevelEnabled('debug') ? everything : calm(everything);
  const metrics = new Metrics();
  metrics.watchEventLoop();
  if (thread === 0) metrics.watchProcess();
  const database = await openThreadDatabase({ address: start.database, config, kinds: storageKinds() });
  const handlers = new Map<string, EffectHandler>();
  const roads = config.routing.kind === 'model' ? null : createRouting(config.routing, { hook: countRoads(metrics) });
  const { runtime, links, feed } = createRuntime(start, database, handlers, roads, log, metrics, hooks);
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

interface Core {
  readonly runtime: ThreadRuntime;
  readonly links: SiblingLinks;
  readonly feed: ThreadFeed;
}

/** The runtime and what its actors and its siblings reach it by; they know each other, so they are made together. */
function createRuntime(
  start: WorkerStart,
  database: ThreadDatabase,
  handlers: Map<string, EffectHandler>,
  roads: RoutingServices | null,
  log: Log,
  metrics: Metrics,
  hooks: ThreadHooks,
): Core {
  const { config, thread, threads } = start;
  const { tenants } = database;
  const system: ActorSystem = {
    tell: (to, command, options) => runtime.tell(to, command, options),
    ask: (to, command, options) => runtime.ask(to, command, options),
  };
  const links = new SiblingLinks({
    thread,
    threadOf: (shard) => threadOfShard(shard, threads),
    mesh: () => runtime.mesh,
    tenantChanged: (tenantId, what) => tenants.invalidate(tenantId, what),
  });
  const feed = new ThreadFeed({
    broadcast: (topic, message, retain) => links.broadcast({ type: 'live', topic, message, retain }),
    retainedMax: RETAINED_NEWS_MAX,
    defect: (error) => log.error({ error }, 'a listener of the live feed failed'),
  });
  links.onLive((topic, message, retain) => feed.deliver(topic, message, retain));
  const follow = followDispatch({ system, tenants, feed, clock: systemClock });
  const runtime: ThreadRuntime = new ThreadRuntime({
    thread,
    threadOf: (shard) => threadOfShard(shard, threads),
    behaviours: [
      ...DURABLE,
      createMarketBehaviour({
        system,
        clock: systemClock,
        dispatch: { policy: livePolicy(config) },
        routing: roads?.routing ?? null,
        observeDelay: observeIndexDelay(metrics),
      }),
    ],
    handlers,
    executor: new NactExecutor(),
    clock: systemClock,
    store: database.journal,
    limits: runtimeLimits(config),
    log,
    random: Math.random,
    reopen: hooks.reopen,
    schedule: (task) => void setImmediate(task),
    prepare: async (ref: EntityRef) => {
      if (ref.kind === conversationBehaviour.kind) await tenants.view(ref.tenantId);
    },
    viewOf: (ref: EntityRef) => tenants.peekView(ref.tenantId),
    committed: (ref, events, state) => {
      if (ref.kind === tenantBehaviour.kind) {
        const what = viewChange(events as readonly TenantEvent[]);
        if (what === 'nothing') return;
        tenants.invalidate(ref.tenantId, what);
        links.broadcast({ type: 'tenant_changed', tenantId: ref.tenantId, what });
      } else follow(ref, events, state);
    },
    notice: (notice) => links.heard(notice),
    // Another process owns these shards now: this one has nothing left to serve on this thread.
    fenced: (shards) => hooks.fatal('cluster.fenced', `lost ${shards.length} shards to another owner`),
  });
  return { runtime, links, feed };
}

/** Live drivers refuse: a job does not wait for somebody who will be free soon and may say no. */
function livePolicy({ dispatch }: Config) {
  return { ...dispatch, lookAhead: false };
}

function runtimeLimits(config: Config) {
  return {
    commandMax: config.runtime.mailboxCapacity,
    systemMax: config.runtime.mailboxCapacity * SYSTEM_LANE_FACTOR,
    entityMax: config.runtime.entityCap,
    idleMs: config.runtime.passivateAfterMs,
    batchMax: config.journal.batchMax,
    flushMs: config.journal.flushMs,
    mailboxTotal: config.runtime.mailboxTotal,
    snapshotEvery: config.runtime.snapshotEvery,
    poisonTries: config.runtime.poisonTries,
    restartsPerMinute: config.runtime.restartsPerMinute,
    linkCredit: { messages: config.runtime.linkCreditMessages, bytes: config.runtime.linkCreditBytes },
  };
}

async function serveShards(runtime: ThreadRuntime, database: ThreadDatabase, epochs: WorkerStart['epochs']): Promise<void> {
  const opened = await database.journal.openShards(epochs.map(([shard]) => shard));
  const holds = new Map<number, ShardHold & { effectsCheckpoint: number }>();
  for (const [shard, epoch] of epochs) {
    const found = opened.get(shard);
    holds.set(shard, { epoch, lastPos: found?.lastPos ?? 0, effectsCheckpoint: found?.effectsCheckpoint ?? 0 });
  }
  runtime.serve(holds);
}
