/**
 * Works on what waits in the intake log: reads the lanes of this worker, hands every part over, removes a chunk when all of it
 * is durable elsewhere. A crash at any line repeats work, which command ids make harmless, and loses none.
 *
 * Modes: idle -> looking (the board says that something waits, or a while has passed) -> working (until the chunks read are done)
 * -> looking ... -> idle when the log was seen empty but for what is stalled; stopped ends any.
 * Invariant: the parts of one sender are handed over in the order of the log, the next one only after the one before is durable.
 */
import { LRUCache } from 'lru-cache';
import type { IntakeChunk, IntakeLog } from '../../../ports.ts';
import { backoffMs } from '../../../runtime/cell/supervision.ts';
import { DEADLINE_MS, type Handover, PARTS_IN_FLIGHT_MAX, partsOf } from '../webhook/handover.ts';
import type { WebhookPart } from '../webhook/webhook-parse.ts';
import type { IntakeBoard } from './intake-board.ts';
import { IntakeBurden, type Open, type Post } from './intake-burden.ts';
import { intakeLaneOf, intakeLanesOf, senderOf } from './intake-lane.ts';
import type { StalledSenders } from './stalled-senders.ts';

/** How long a body that another worker wrote may wait until this one looks. */
const POLL_MS = 10;
/** A look without being told: for what was committed after its worker had died. */
const LOOK_EVERY_MS = 5_000;
const CHUNKS_PER_LANE = 2;
const RETRY_MAX_MS = 5_000;
/** Failures in a row, about ten seconds of them, after which a sender's parts are stalled: not counted with those that are worked on. */
const STALLED_AFTER = 10;
/** A log that cannot be read or trimmed, or that holds only what cannot be done now, is left alone for so long. */
const REST_MS = 250;
/** Keys of unreadable chunks that were told to the log. */
const TOLD_MAX = 1_000;

interface IntakeDrainDeps {
  readonly log: IntakeLog;
  readonly board: IntakeBoard;
  readonly handover: Pick<Handover, 'take'>;
  readonly thread: number;
  readonly threads: number;
  nowMs(): number;
  monotonicMs(): number;
  random(): number;
  /** @returns a function that cancels it. */
  after(ms: number, task: () => void): () => void;
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
}

interface Job {
  readonly part: WebhookPart;
  readonly post: Post;
  readonly open: Open;
}

/** What waits of one sender, first one first. */
interface Queue {
  readonly key: string;
  /** Without a sender there is no order to keep. */
  readonly isNamed: boolean;
  readonly jobs: Job[];
  /** Failures in a row. */
  tries: number;
  /** The other workers know that this sender was stalled: its new posts go behind these parts until none is left. */
  isKnown: boolean;
}

export class IntakeDrain {
  readonly #deps: IntakeDrainDeps;
  readonly #lanes: readonly number[];
  readonly #open = new Map<string, Open>();
  readonly #queues = new Map<string, Queue>();
  readonly #told = new LRUCache<string, true>({ max: TOLD_MAX });
  #ready: Queue[] = [];
  #done: Open[] = [];
  readonly #burden = new IntakeBurden();
  #running = 0;
  #unnamed = 0;
  #looking = false;
  #removing = false;
  #stopped = false;
  /** Monotonic, both. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #cancelPoll: () => void = () => undefined;
  readonly #cancelRetries = new Map<Queue | null, () => void>();
  #onQuiet: () => void = () => undefined;

  constructor(deps: IntakeDrainDeps) {
    this.#deps = deps;
    this.#lanes = intakeLanesOf(deps.thread, deps.threads);
  }

  /** Parts read and not durable yet. */
  get inWork(): number {
    return this.#burden.parts;
  }

  start(): void {
    if (this.#lanes.length === 0) return;
    this.#poll();
  }

  /** Something may wait. */
  wake(): void {
    if (this.#stopped || this.#looking || this.#lanes.length === 0) return;
    if (this.#burden.isFull || this.#deps.monotonicMs() < this.#restUntilMs) return;
    void this.#look();
  }

  /** Starts nothing more; resolves when what is under way has ended. What is left stays in the log. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelPoll();
    for (const cancel of this.#cancelRetries.values()) cancel();
    this.#cancelRetries.clear();
    this.#ready = [];
    if (this.#running > 0 || this.#looking || this.#removing) await new Promise<void>((resolve) => (this.#onQuiet = resolve));
    await this.#remove();
  }

  #poll(): void {
    const { board, thread } = this.#deps;
    if (board.occupied(thread) || this.#deps.monotonicMs() - this.#lookedMs >= LOOK_EVERY_MS) this.wake();
    this.#cancelPoll = this.#deps.after(POLL_MS, () => this.#poll());
  }

  /** Total. */
  async #look(): Promise<void> {
    const { board, log, thread } = this.#deps;
    this.#looking = true;
    this.#lookedMs = this.#deps.monotonicMs();
    const mark = board.mark(thread);
    try {
      const chunks = await log.read(this.#lanes, [...this.#open.keys()], CHUNKS_PER_LANE);
      // After the stop nobody is told any more who is stalled.
      if (chunks.length === 0 && this.#burden.isAllStalled && !this.#stopped) board.sawEmpty(thread, mark, this.#burden.stalled);
      else if (chunks.length === 0) this.#rest();
      // Not taken after the stop: nobody would work on them.
      if (!this.#stopped) for (const chunk of chunks) this.#take(chunk);
    } catch (error) {
      this.#deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'intake log not read');
      this.#rest();
    }
    this.#looking = false;
    this.#pump();
  }

  #take(chunk: IntakeChunk): void {
    const open = this.#burden.opened(chunk);
    this.#open.set(chunk.id, open);
    if (chunk.bodies === null) {
      // Stays open and in the log: nobody may throw away what was acknowledged.
      if (!this.#told.has(chunk.id)) this.#deps.warn({ id: chunk.id, messages: chunk.messages }, 'intake chunk sealed under another key');
      this.#told.set(chunk.id, true);
      return;
    }
    for (const body of chunk.bodies) {
      const post = { text: body.toString('utf8'), stalled: 0 };
      for (const part of partsOf(body, post.text, this.#deps.nowMs()))
        if (intakeLaneOf(part) === chunk.lane) this.#enqueue({ part, post, open });
    }
    if (open.left === 0) this.#finished(open);
  }

  #enqueue(job: Job): void {
    this.#burden.part(job.open, 1);
    const sender = senderOf(job.part);
    const key = sender ?? `#${this.#unnamed++}`;
    const queue = this.#queues.get(key);
    if (queue !== undefined) {
      queue.jobs.push(job);
      if (isStalled(queue)) this.#stall([job], 1);
      return;
    }
    const fresh: Queue = { key, isNamed: sender !== null, jobs: [job], tries: 0, isKnown: false };
    this.#queues.set(key, fresh);
    this.#ready.push(fresh);
  }

  #pump(): void {
    while (!this.#stopped && this.#running < PARTS_IN_FLIGHT_MAX && this.#ready.length > 0) {
      const some = this.#ready.splice(0, PARTS_IN_FLIGHT_MAX - this.#running);
      for (const queue of some) void this.#run(queue);
    }
    if (this.#done.length > 0 && !this.#removing && !this.#stopped && !this.#cancelRetries.has(null)) void this.#remove();
    if (!this.#stopped) this.#stalled.isFull = this.#burden.isFullOfStalled;
    if (this.#deps.board.occupied(this.#deps.thread)) this.wake();
    if (this.#stopped && this.#running === 0 && !this.#looking && !this.#removing) this.#onQuiet();
  }

  /** Hands the first part of a sender over. Total. */
  async #run(queue: Queue): Promise<void> {
    this.#running++;
    const job = queue.jobs[0] as Job;
    const durable = await this.#deps.handover.take(job.part, job.post.text, this.#deps.nowMs() + DEADLINE_MS);
    this.#running--;
    if (!durable) this.#retryLater(queue);
    else {
      if (isStalled(queue)) this.#stall(queue.jobs, -1);
      queue.jobs.shift();
      queue.tries = 0;
      this.#burden.part(job.open, -1);
      if (job.open.left === 0) this.#finished(job.open);
      if (queue.jobs.length > 0) this.#ready.push(queue);
      else this.#forget(queue);
    }
    this.#pump();
  }

  /** This sender waits; nobody else does. */
  #retryLater(queue: Queue): void {
    if (++queue.tries === STALLED_AFTER) {
      this.#stall(queue.jobs, 1);
      // Before the lanes are said to be empty but for what is stalled.
      if (queue.isNamed && !queue.isKnown && !this.#stopped) this.#stalled.add(queue.key);
      queue.isKnown = queue.isNamed;
    }
    this.#pause(queue, Math.min(RETRY_MAX_MS, backoffMs(queue.tries, this.#deps.random())), () => {
      this.#ready.push(queue);
      this.#pump();
    });
  }

  #forget(queue: Queue): void {
    this.#queues.delete(queue.key);
    // Stopped, what is known belongs to whoever comes after.
    if (queue.isKnown && !this.#stopped) this.#stalled.remove(queue.key);
  }

  #stall(jobs: readonly Job[], change: 1 | -1): void {
    for (const { open, post } of jobs) this.#burden.stall(open, post, change);
  }

  get #stalled(): StalledSenders {
    return this.#deps.board.stalled(this.#deps.thread);
  }

  #rest(): void {
    this.#restUntilMs = this.#deps.monotonicMs() + REST_MS;
  }

  #finished(open: Open): void {
    this.#done.push(open);
  }

  /** One delete for all that is done. Total. */
  async #remove(): Promise<void> {
    const done = this.#done;
    if (done.length === 0) return;
    this.#done = [];
    this.#removing = true;
    try {
      await this.#deps.log.remove(done.map(({ chunk }) => chunk));
      // There is room again.
      this.#restUntilMs = Number.NEGATIVE_INFINITY;
      for (const open of done) {
        const { chunk } = open;
        this.#open.delete(chunk.id);
        this.#burden.closed(open);
        this.#deps.board.removed(this.#deps.thread, chunk.messages, chunk.bytes);
      }
    } catch (error) {
      this.#deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'intake log not trimmed');
      this.#done.push(...done);
      this.#removing = false;
      this.#pause(null, REST_MS, () => this.#pump());
      if (this.#stopped) this.#pump();
      return;
    }
    this.#removing = false;
    this.#pump();
  }

  #pause(owner: Queue | null, ms: number, task: () => void): void {
    if (this.#stopped) return;
    this.#cancelRetries.set(
      owner,
      this.#deps.after(ms, () => {
        this.#cancelRetries.delete(owner);
        task();
      }),
    );
  }
}

function isStalled({ tries }: Queue): boolean {
  return tries >= STALLED_AFTER;
}
