/**
 * Whose parts of one worker's lanes are stalled: their own posts must not overtake those, and nobody else is to wait for them.
 * Memory shared by the threads. A sender is counted in a cell that others may share, so it may be said of somebody whose parts are
 * not stalled, never the other way round.
 */
import { fnv1a } from '../../../runtime/fnv1a.ts';

/** A power of two. With a thousand stalled senders a stranger is taken for one of them once in sixteen times. */
const CELLS = 16_384;
const TOTAL = CELLS;
const IS_FULL = CELLS + 1;
/** Of the memory that one worker's senders take. */
export const STALLED_SENDERS_FIELDS = CELLS + 2;

export class StalledSenders {
  readonly #cells: Int32Array;

  /** @param cells `STALLED_SENDERS_FIELDS` of them, zero at first. */
  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  get any(): boolean {
    return Atomics.load(this.#cells, TOTAL) > 0;
  }

  /** Whether as much is stalled as may be before its senders are told to come again. */
  get isFull(): boolean {
    return Atomics.load(this.#cells, IS_FULL) > 0;
  }

  set isFull(full: boolean) {
    Atomics.store(this.#cells, IS_FULL, full ? 1 : 0);
  }

  has(sender: string): boolean {
    return Atomics.load(this.#cells, cellOf(sender)) > 0;
  }

  add(sender: string): void {
    Atomics.add(this.#cells, cellOf(sender), 1);
    Atomics.add(this.#cells, TOTAL, 1);
  }

  remove(sender: string): void {
    Atomics.sub(this.#cells, TOTAL, 1);
    Atomics.sub(this.#cells, cellOf(sender), 1);
  }

  /** The worker that counted has died; the next one counts anew. */
  clear(): void {
    this.#cells.fill(0);
  }
}

function cellOf(sender: string): number {
  const hash = fnv1a(sender);
  return (hash ^ (hash >>> 16)) & (CELLS - 1);
}
