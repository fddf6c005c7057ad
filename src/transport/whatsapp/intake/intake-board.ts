/**
 * What all workers know of the intake log: whether something of a lane may wait in it, and how much. Memory shared by the threads.
 *
 * A post that is worked on at once must not overtake one that was acknowledged before and waits, on whichever worker. So a worker
 * counts `appended` up after a body is durable and before it is acknowledged, and the one that drains the lane says up to which count
 * it has seen the log empty. Invariant: while `appended` and `emptyAt` of a worker differ, its lanes may hold something.
 */
const FIELDS = 4;
const APPENDED = 0;
const EMPTY_AT = 1;
const MESSAGES = 2;
const UNITS = 3;
/** Bytes are counted in units, so that 32 bits hold a hundred gigabytes. */
const UNIT_BYTES = 64;

export class IntakeBoard {
  readonly #cells: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#cells = new Int32Array(shared);
  }

  /** Until its first look each worker takes its lanes for occupied: what a life before left is older than anything new. */
  static allocate(threads: number): SharedArrayBuffer {
    const shared = new SharedArrayBuffer(threads * FIELDS * Int32Array.BYTES_PER_ELEMENT);
    const cells = new Int32Array(shared);
    for (let thread = 0; thread < threads; thread++) cells[thread * FIELDS + APPENDED] = 1;
    return shared;
  }

  /** Something of this worker's lanes may wait. */
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

  /** The log was empty when it was looked at after `mark`, and nothing of it is in work. */
  sawEmpty(thread: number, mark: number): void {
    Atomics.store(this.#cells, thread * FIELDS + MESSAGES, 0);
    Atomics.store(this.#cells, thread * FIELDS + UNITS, 0);
    Atomics.store(this.#cells, thread * FIELDS + EMPTY_AT, mark);
  }

  /** What was found at the start. */
  found(thread: number, messages: number, bytes: number): void {
    Atomics.store(this.#cells, thread * FIELDS + MESSAGES, messages);
    Atomics.store(this.#cells, thread * FIELDS + UNITS, Math.ceil(bytes / UNIT_BYTES));
  }

  removed(thread: number, messages: number, bytes: number): void {
    this.#add(thread, MESSAGES, -messages);
    this.#add(thread, UNITS, -Math.ceil(bytes / UNIT_BYTES));
  }

  /** About: a bound and a figure, corrected whenever the log is seen empty. */
  waiting(thread: number): { readonly messages: number; readonly bytes: number } {
    return { messages: Math.max(0, this.#load(thread, MESSAGES)), bytes: Math.max(0, this.#load(thread, UNITS)) * UNIT_BYTES };
  }

  #load(thread: number, field: number): number {
    return Atomics.load(this.#cells, thread * FIELDS + field);
  }

  #add(thread: number, field: number, by: number): void {
    Atomics.add(this.#cells, thread * FIELDS + field, by);
  }
}
