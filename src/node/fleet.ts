/**
 * The main thread's care for its workers: starts them, links each pair, replaces one that dies under fresh
 * epochs, asks them for figures. Knows no actor and no protocol.
 */
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { backoffMs } from '../runtime/cell/supervision.ts';
import { SHARDS } from '../runtime/entity.ts';
import type { ShardHold } from '../runtime/journal/group-commit.ts';
import type { FromWorker, ToWorker, WorkerStart, WorkerStats } from './control.ts';
import { HEAP_FLAGS, youngGenerationMb } from './nursery.ts';
import { SpareThread } from './spare-thread.ts';

const STATS_TIMEOUT_MS = 1_000;
/** How long a thread may take to end once told to. */
export const END_TIMEOUT_MS = 2_000;
/** A spare thread is loaded this long after all threads serve. */
const SPARE_AFTER_MS = 10_000;
/** The first wait before another try to replace a thread is about 100 ms. */
const BACKOFF_FROM = 4;

/** A thread was told to end and did not. */
export class ThreadHangs extends Error {}

interface FleetOptions {
  readonly entry: URL;
  readonly threads: number;
  start(thread: number, epochs: WorkerStart['epochs']): WorkerStart;
  /** Proves ownership of the shards again under new epochs; rejects while the database is away. */
  claim(shards: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Claims and reads positions; shards that are lost are absent. */
  reopen(shards: readonly number[]): Promise<ReadonlyMap<number, ShardHold>>;
  /** Default SPARE_AFTER_MS. */
  readonly spareAfterMs?: number;
  log: { info(facts: object, text: string): void; warn(facts: object, text: string): void; error(facts: object, text: string): void };
}

interface Member {
  readonly thread: number;
  worker: Worker | null;
  listening: boolean;
  restarts: number;
}

/** @returns the promise's value, or false when it takes longer. */
async function within(ms: number, promise: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function threadOfShard(shard: number, threads: number): number {
  return shard % threads;
}

export function shardsOfThread(thread: number, threads: number): number[] {
  const shards: number[] = [];
  for (let shard = 0; shard < SHARDS; shard++) if (threadOfShard(shard, threads) === thread) shards.push(shard);
  return shards;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #members: Member[];
  readonly #stats = new Map<number, (stats: WorkerStats) => void>();
  readonly #spare: SpareThread;
  #lastStatsId = 0;
  #stopping = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
    const resourceLimits = { maxYoungGenerationSizeMb: youngGenerationMb(options.threads) };
    this.#spare = new SpareThread({
      create: () => new Worker(options.entry, { resourceLimits }),
      afterMs: options.spareAfterMs ?? SPARE_AFTER_MS,
      warn: (facts, text) => options.log.warn(facts, text),
    });
    this.#members = Array.from({ length: options.threads }, (_, thread) => ({ thread, worker: null, listening: false, restarts: 0 }));
  }

  get threads(): readonly { readonly thread: number; readonly listening: boolean; readonly restarts: number }[] {
    return this.#members;
  }

  /** Starts every worker. Rejects with the first one's complaint (taken port, broken database). */
  async start(epochs: ReadonlyMap<number, number>): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#launch(member, epochs)));
    this.#spare.keep();
  }

  async stats(): Promise<(WorkerStats & { readonly restarts: number })[]> {
    const asked = this.#members.map((member) => this.#askStats(member));
    return (await Promise.all(asked)).filter((stats) => stats !== null);
  }

  /** Asks one worker to do something once and waits for its answer of type `answer`. */
  request(thread: number, message: ToWorker, answer: FromWorker['type']): Promise<FromWorker> {
    const worker = this.#members[thread]?.worker;
    if (worker == null) return Promise.reject(new Error('no such worker'));
    return new Promise((resolve, reject) => {
      const onMessage = (reply: FromWorker): void => {
        if (reply.type !== answer) return;
        worker.off('message', onMessage);
        worker.off('exit', onExit);
        resolve(reply);
      };
      const onExit = (): void => reject(new Error('worker ended'));
      worker.on('message', onMessage);
      worker.once('exit', onExit);
      worker.postMessage(message);
    });
  }

  /** Ends one worker by an error thrown inside it. @returns false when there is no such worker now. */
  crash(thread: number): boolean {
    const worker = this.#members[thread]?.worker ?? null;
    if (worker === null) return false;
    worker.postMessage({ type: 'crash' } satisfies ToWorker);
    return true;
  }

  /**
   * Drains every worker, then ends it. One that takes longer than `graceMs` is ended anyway: the journal has what was promised.
   * Rejects with `ThreadHangs` when one does not even end; the caller must then end the process by force.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#spare.end();
    await Promise.all(this.#members.map((member) => this.#stopOne(member, graceMs)));
  }

  async #stopOne(member: Member, graceMs: number): Promise<void> {
    const worker = member.worker;
    if (worker === null) return;
    const ended = new Promise<boolean>((resolve) => worker.once('exit', () => resolve(true)));
    const drained = this.request(member.thread, { type: 'drain' }, 'drained').then(
      () => true,
      () => true,
    );
    // A thread that did not drain may still listen, and must close its sockets itself before it ends.
    if (await within(graceMs, drained)) await worker.terminate();
    else this.crash(member.thread);
    if (!(await within(END_TIMEOUT_MS, ended))) throw new ThreadHangs(`worker thread ${member.thread} hangs`);
  }

  #launch(member: Member, epochs: ReadonlyMap<number, number>): Promise<void> {
    const mine = shardsOfThread(member.thread, this.#options.threads).map((shard) => [shard, epochs.get(shard) ?? 0] as const);
    const worker = this.#spare.take();
    member.worker = worker;
    member.listening = false;
    worker.postMessage({ type: 'start', start: this.#options.start(member.thread, mine) } satisfies ToWorker);
    this.#link(member, worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'listening') {
          member.listening = true;
          resolve();
        } else if (message.type === 'failed') reject(Object.assign(new Error(message.message), { code: message.code }));
        else this.#answer(worker, message);
      });
      worker.on('error', (error) => this.#options.log.error({ thread: member.thread, error: error.message }, 'worker thread crashed'));
      worker.on('exit', (code) => {
        reject(new Error(`worker ${member.thread} ended with ${code} before it was ready`));
        if (member.worker !== worker) return;
        const served = member.listening;
        member.worker = null;
        member.listening = false;
        // It was linked with them from its first moment on.
        this.#tellLost(member.thread);
        // One that never served is its launcher's to retry or to report.
        if (served) this.#ended(member);
      });
    });
  }

  /** A fresh channel to every living sibling; both sides throw the old generation away. */
  #link(member: Member, worker: Worker): void {
    for (const other of this.#members) {
      if (other === member || other.worker === null) continue;
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ type: 'connect', thread: other.thread, port: port1 } satisfies ToWorker, [port1]);
      other.worker.postMessage({ type: 'connect', thread: member.thread, port: port2 } satisfies ToWorker, [port2]);
    }
  }

  #tellLost(thread: number): void {
    for (const other of this.#members) other.worker?.postMessage({ type: 'lost', thread } satisfies ToWorker);
  }

  #ended(member: Member): void {
    if (this.#stopping) return;
    member.restarts++;
    this.#options.log.warn({ thread: member.thread, restarts: member.restarts }, 'worker thread ended, replacing it');
    void this.#replace(member, 1);
  }

  /** New epochs first: whatever the dead thread still had on its way to the database is settled or fenced by then. */
  async #replace(member: Member, attempt: number): Promise<void> {
    try {
      const epochs = await this.#options.claim(shardsOfThread(member.thread, this.#options.threads));
      if (this.#stopping) return;
      await this.#launch(member, epochs);
      this.#spare.keep();
      this.#options.log.info({ thread: member.thread }, 'worker thread replaced');
    } catch (error) {
      this.#options.log.error(
        { thread: member.thread, error: error instanceof Error ? error.message : 'unknown' },
        'worker thread not replaced yet',
      );
      setTimeout(
        () => {
          if (!this.#stopping) void this.#replace(member, attempt + 1);
        },
        backoffMs(attempt + BACKOFF_FROM, Math.random()),
      );
    }
  }

  #answer(worker: Worker, message: FromWorker): void {
    if (message.type === 'stats') {
      this.#stats.get(message.id)?.(message.stats);
      this.#stats.delete(message.id);
    } else if (message.type === 'reopen') {
      this.#options.reopen(message.shards).then(
        (holds) => worker.postMessage({ type: 'reopened', id: message.id, holds: [...holds] } satisfies ToWorker),
        () => worker.postMessage({ type: 'reopened', id: message.id, holds: null } satisfies ToWorker),
      );
    }
  }

  #askStats(member: Member): Promise<(WorkerStats & { restarts: number }) | null> {
    const worker = member.worker;
    if (worker === null || !member.listening) return Promise.resolve(null);
    return new Promise((resolve) => {
      const id = ++this.#lastStatsId;
      const timer = setTimeout(() => {
        this.#stats.delete(id);
        resolve(null);
      }, STATS_TIMEOUT_MS);
      this.#stats.set(id, (stats) => {
        clearTimeout(timer);
        resolve({ ...stats, restarts: member.restarts });
      });
      worker.postMessage({ type: 'stats', id } satisfies ToWorker);
    });
  }
}
