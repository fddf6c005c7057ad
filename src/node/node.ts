/** One node: database, shard ownership, worker threads, operations port. Started by `serve`; stops in the reverse order. */
import path from 'node:path';
import type { Config } from '../config.ts';
import { createLog, type Log } from '../observability/log.ts';
import { mergeMetrics } from '../observability/metrics.ts';
import { SteadySums } from '../observability/steady-sums.ts';
import type { EmbeddedServer } from '../persistence/embedded/embedded-postgres.ts';
import { superviseEmbedded } from '../persistence/embedded/supervised-postgres.ts';
import { connectClient, createPool, type DatabaseAddress, type DatabaseClient } from '../persistence/postgres/connect.ts';
import { readPositions } from '../persistence/postgres/journal/positions.ts';
import { migrate, pendingMigrations } from '../persistence/postgres/migrate.ts';
import { isOutage, startProblem } from '../persistence/postgres/outage.ts';
import { primaryAnswers } from '../persistence/postgres/ping.ts';
import { ShardLease, TAKEOVER_WAIT_MS, withoutNode } from '../persistence/postgres/shard-lease.ts';
import { readDeadLetters } from '../persistence/postgres/stores/dead-letters.ts';
import { SharedCount } from '../persistence/postgres/stores/shared-count.ts';
import { systemClock } from '../runtime/clock.ts';
import { SHARDS } from '../runtime/entity.ts';
import { type OpsProviders, registerOps } from '../transport/http/api/ops.ts';
import { assertPortFree, HttpApp } from '../transport/http/server/app.ts';
import { IntakeBoard } from '../transport/whatsapp/intake/intake-board.ts';
import { END_TIMEOUT_MS, Fleet } from './fleet.ts';
import { freePort } from './free-port.ts';
import { OutageLog } from './outage-log.ts';
import { throughTakeover } from './takeover.ts';
import { type Undo, unwind } from './unwinding.ts';

const MIGRATION_TIMEOUT_MS = 600_000;
const RELAY_CONNECTIONS = 2;
/** What a thread may need after its last request to make everything durable. */
const JOURNAL_DRAIN_MS = 2_000;
/** A connection that takes longer to close leads to a server that does not answer. */
const HANG_UP_MS = 1_000;
/** What an embedded server has to end in when the threads have used up all the time; then it is killed, as in a crash. */
const DATABASE_STOP_MS = 2_000;
/** What ends by force takes a moment, too. */
const KILL_MS = 1_000;
const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);

export interface RunningNode {
  readonly port: number;
  readonly opsPort: number;
  readonly embedded: boolean;
  /** Ends within `WAKALA_DRAIN_TIMEOUT_MS` and a few seconds, whatever hangs. @throws StopProblem when it could not be done in order */
  stop(): Promise<void>;
}

/** @throws CodedError with what an operator can do: port taken, database owned by another node, database unreachable. */
export async function startNode(config: Config, log: Log = createLog({ level: config.logLevel })): Promise<RunningNode> {
  await assertPortFree('PORT', config.http.host, config.http.port);
  await assertPortFree('WAKALA_OPS_PORT', config.ops.host, config.ops.port);
  const port = config.http.port === 0 ? await freePort(config.http.host) : config.http.port;
  const database = await openDatabase(config, log, TAKEOVER_WAIT_MS);
  const stopWithinMs = config.http.drainTimeoutMs + JOURNAL_DRAIN_MS;
  const databaseMs = (leftMs: number): number => Math.max(DATABASE_STOP_MS, leftMs);
  const undo: Undo[] = [
    {
      what: 'stopping the database',
      limitMs: (leftMs) => databaseMs(leftMs) + KILL_MS,
      run: (leftMs) => database.stop(databaseMs(leftMs)),
    },
  ];
  try {
    const lease = new ShardLease(database.address, config.nodeId);
    const relay = createPool(
      { address: database.address, role: 'wakala_relay', statementTimeoutMs: config.database.statementTimeoutMs },
      RELAY_CONNECTIONS,
    );
    undo.push({ what: 'leaving the database', limitMs: () => HANG_UP_MS, run: () => Promise.all([lease.release(), relay.end()]) });
    const claim = (shards: readonly number[]) => lease.claim(shards);
    const proveAgain = async (shards: readonly number[]) => [await claim(shards), await readPositions(relay, shards)] as const;
    const outages = new OutageLog(log, systemClock.monotonicMs);
    const shared = {
      intakeBoard: IntakeBoard.allocate(config.workers),
      numberMoves: SharedCount.allocate(),
      tenantClaims: SharedCount.allocate(),
    };
    const fleet = new Fleet({
      entry: new URL('./thread/worker.js', import.meta.url),
      threads: config.workers,
      start: (thread, epochs) => ({ thread, threads: config.workers, config, database: database.address, port, epochs, ...shared }),
      claim,
      reopen: async (shards) => {
        const [epochs, positions] = await outages.follow(proveAgain(shards));
        return new Map([...epochs].map(([shard, epoch]) => [shard, { epoch, lastPos: positions.get(shard) ?? 0 }]));
      },
      log,
    });
    let ops: ReturnType<typeof startOps> | null = null;
    let isDraining = false;
    // Closed after the threads: until then whoever balances the load is told that they drain.
    undo.push({ what: 'closing the operations port', limitMs: () => HANG_UP_MS, run: async () => await ops?.app.drain(0) });
    undo.push({
      what: 'stopping the threads',
      limitMs: (leftMs) => leftMs + END_TIMEOUT_MS + KILL_MS,
      run: (leftMs) => fleet.stop(leftMs),
    });
    await fleet.start(await throughTakeover(database, () => claim(ALL_SHARDS)));
    if (config.sandbox) await seed(fleet);
    ops = startOps(
      config,
      opsProviders(
        config,
        fleet,
        (page) => readDeadLetters(relay, page),
        () => primaryAnswers(relay),
        () => isDraining,
      ),
      log,
    );
    const stop = async (): Promise<void> => {
      isDraining = true;
      await unwind(undo, stopWithinMs, systemClock.monotonicMs);
    };
    return { port, opsPort: ops.port, embedded: config.embedded, stop };
  } catch (error) {
    await unwind(undo, stopWithinMs, systemClock.monotonicMs).catch(() => undefined);
    throw error;
  }
}

interface OpenDatabase {
  readonly address: DatabaseAddress;
  /** Another living process ran it when it was reached, and may stop it any time; it is started again then, by us or by that one. */
  readonly wasShared: boolean;
  stop(withinMs?: number): Promise<void>;
}

/**
 * The server, reachable and migrated: never beneath a node that serves, which could not start again after it.
 * @param patienceMs how long such a node may take to let go
 * @throws CodedError with what an operator can do
 */
export async function openDatabase(config: Config, log: Pick<Log, 'info' | 'warn'>, patienceMs: number): Promise<OpenDatabase> {
  return await reachDatabase(config, log, async (client) => {
    const isBehind = (await pendingMigrations(client)).length > 0;
    const { applied } = isBehind ? await withoutNode(client, patienceMs, () => migrate(client)) : await migrate(client);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
  });
}

/** Of the embedded database. */
export function clusterDir({ dataDir }: Pick<Config, 'dataDir'>): string {
  return path.join(dataDir, 'pg');
}

/**
 * The server, reachable; an embedded one is started when nobody has.
 * @param prepare what is done to it first; when it fails, the server is stopped again
 */
export async function reachDatabase(
  config: Config,
  log: Pick<Log, 'info' | 'warn'>,
  prepare: (client: DatabaseClient) => Promise<void>,
): Promise<OpenDatabase> {
  let server: EmbeddedServer | null = null;
  const stop = async (withinMs?: number): Promise<void> => server?.stop(withinMs);
  try {
    let address: DatabaseAddress = { connectionString: config.database.url ?? '' };
    if (config.database.url === null) {
      server = await superviseEmbedded({
        dir: clusterDir(config),
        onEvent: (event) => log.info({ event }, 'embedded PostgreSQL'),
        onTrouble: (text) => log.warn({}, text),
      });
      address = { host: server.host, port: server.port, user: server.user, database: server.database };
    }
    const wasShared = server?.isShared === true;
    await throughTakeover({ wasShared }, async () => {
      const client = await connectClient({ address, role: null, statementTimeoutMs: MIGRATION_TIMEOUT_MS }, () => undefined);
      await prepare(client).finally(() => client.end());
    });
    return { address, wasShared, stop };
  } catch (error) {
    await stop();
    throw startProblem(error);
  }
}

async function seed(fleet: Fleet): Promise<void> {
  const answer = await fleet.request(0, { type: 'seed' }, 'seeded');
  if (answer.type === 'seeded' && answer.problem !== null) throw new Error(answer.problem);
}

function startOps(config: Config, providers: OpsProviders, log: Log): { app: HttpApp; port: number } {
  const app = new HttpApp({
    maxInFlight: config.http.maxInFlight,
    bodyMaxBytes: config.http.apiBodyMaxBytes,
    bodyTimeoutMs: config.http.bodyTimeoutMs,
    requestTimeoutMs: config.http.requestTimeoutMs,
    nowMs: Date.now,
    monotonicMs: systemClock.monotonicMs,
    onDefect: (error, request) => log.error({ error, ...request }, 'operations request failed'),
    isOutage,
  });
  registerOps(app, providers);
  return { app, port: app.listen(config.ops.host, config.ops.port) };
}

function opsProviders(
  config: Config,
  fleet: Fleet,
  deadLetters: OpsProviders['deadLetters'],
  databaseAnswers: () => Promise<boolean>,
  isDraining: () => boolean,
): OpsProviders {
  const sums = new SteadySums();
  return {
    async ready() {
      if (isDraining()) return { ready: false, checks: { draining: 'the node is being stopped' } };
      const [stats, answering] = await Promise.all([fleet.stats(), databaseAnswers()]);
      const writable = answering && stats.length > 0 && stats.every((thread) => thread.writable);
      const serving = stats.length === config.workers;
      const checks = {
        threads: serving ? 'ok' : `${stats.length} of ${config.workers} threads serve`,
        journal: writable ? 'ok' : 'the database cannot be written',
      };
      return { ready: writable && serving, checks };
    },
    metricsText: async () => mergeMetrics(await sums.add(await fleet.stats())),
    async cluster() {
      const threads = (await fleet.stats()).map((thread) => ({
        id: thread.thread,
        shards: thread.shards,
        actors: thread.actors,
        mailbox_depth: thread.mailboxDepth,
        mailbox_depth_max: thread.mailboxDepthMax,
        restarts: thread.restarts,
        dead_letters: thread.deadLetters,
        event_loop_lag_ms_p99: Math.round(thread.eventLoopLagMsP99 * 10) / 10,
      }));
      const state = isDraining() ? 'draining' : threads.length === config.workers ? 'serving' : 'degraded';
      return {
        node_id: config.nodeId,
        nodes: [{ id: config.nodeId, state, threads }],
      };
    },
    replaceThread: (thread) => fleet.crash(thread),
    deadLetters,
  };
}
