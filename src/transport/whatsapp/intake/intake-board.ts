/**
 * What all workers know of the intake log: whether something of a lane may wait in it, and how much. Memory shared by the threads.
 *
 * A post that is worked on at once must not overtake one that was acknowledged before and waits, on whichever worker. So a worker
 * counts `appended` up after a body is durable and before it is acknowledged, and the one that drains the lane says up to which count
 * it has seen the log empty but for what is stalled. Invariant: while `appended` and `emptyAt` of a worker differ, its lanes may hold
 * something of anybody; while they do not, of its stalled senders only.
 */
import { STALLED_SENDERS_FIELDS, StalledSenders } from './stalled-senders.ts';

const FIELDS = 4;
const APPENDED = 0;
const EMPTY_AT = 1;
const MESSAGES = 2;
const UNITS = 3;
/** Bytes are counted in units, so that 32 bits hold a hundred gigabytes. */
const UNIT_BYTES = 64;
const NOTHING: Waiting = { messages: 0, bytes: 0 };

/** What a worker's lanes hold, about. */
export interface Waiting {
  readonly messages: number;
  readonly bytes: number;
}

export class IntakeBoard {
  readonly #cells: Int32Array;
  readonly #stalled: readonly StalledSenders[];

  constructor(shared: SharedArrayBuffer) {
    this.#cells = new Int32Array(shared);
    const threads = this.#cells.length / (FIELDS + STALLED_SENDERS_FIELDS);
    const first = threads * FIELDS;
    this.#stalled = Array.from({ length: threads }, (_, thread) => {
      const from = first + thread * STALLED_SENDERS_FIELDS;
      return new StalledSenders(this.#cells.subarray(from, from + STALLED_SENDERS_FIELDS));
    });
  }

  /** Until its first look each worker takes its lanes for occupied: what a life before left is older than anything new. */
  static allocate(threads: number): SharedArrayBuffer {
    const shared = new SharedArrayBuffer(threads * (FIELDS + STALLED_SENDERS_FIELDS) * Int32Array.BYTES_PER_ELEMENT);
    const cells = new Int32Array(shared);
    for (let thread = 0; thread < threads; thread++) cells[thread * FIELDS + APPENDED] = 1;
    return shared;
  }

  /** Senders of this worker's lanes whose parts are stalled. */
  stalled(thread: number): StalledSenders {
    return this.#stalled[thread] as StalledSenders;
  }

  get anyStalled(): boolean {
    return this.#stalled.some(({ any }) => any);
  }

  /** Something of this worker's lanes may wait that is not stalled. */
  occupied(thread: number): boolean {
    return this.#load(thread, APPENDED) !== this.#load(thread, EMPTY_AT);
  }

  /** Durable; to be called before it is acknowledged. */
  appended(thread: number, bytes: number): void {
    this.#add(thread, MESSAGES, 1);
    this.#add(thread, UNITS, Math.ceil(bytes / UNIT_BYTES));
    this.#add(thread, APPENDED, 1);
  }

  /** To be taken before a look into the log, for `sawEmpty` after it. */
  mark(thread: number): number {
    return this.#load(thread, APPENDED);
  }

  /** But for what is stalled the log was empty when it was looked at after `mark`, and nothing of it is in work. */
  sawEmpty(thread: number, mark: number, stalled: Waiting = NOTHING): void {
    this.#holds(thread, stalled);
    Atomics.store(this.#cells, thread * FIELDS + EMPTY_AT, mark);
  }

  /** What a worker found at its start. What is stalled is not known yet, so all that waits may be anybody's. */
  found(thread: number, waiting: Waiting): void {
    this.#holds(thread, waiting);
    this.#add(thread, APPENDED, 1);
    this.stalled(thread).clear();
  }

  removed(thread: number, messages: number, bytes: number): void {
    this.#add(thread, MESSAGES, -messages);
    this.#add(thread, UNITS, -Math.ceil(bytes / UNIT_BYTES));
  }

  /** About: a bound and a figure, corrected whenever the log is seen empty. */
  waiting(thread: number): Waiting {
    return { messages: Math.max(0, this.#load(thread, MESSAGES)), bytes: Math.max(0, this.#load(thread, UNITS)) * UNIT_BYTES };
  }

  #holds(thread: number, { messages, bytes }: Waiting): void {
    Atomics.store(this.#cells, thread * FIELDS + MESSAGES, messages);
    Atomics.store(this.#cells, thread * FIELDS + UNITS, Math.ceil(bytes / UNIT_BYTES));
  }

  #load(thread: number, field: number): number {
    return Atomics.load(this.#cells, thread * FIELDS + field);
  }

  #add(thread: number, field: number, by: number): void {
    Atomics.add(this.#cells, thread * FIELDS + field, by);
  }
}
