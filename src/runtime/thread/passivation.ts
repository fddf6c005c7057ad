/** Who of a thread's cells leaves memory next: the idle ones, and sooner those whose story is over. Must never know what a cell means. */
import type { Cell } from '../cell/cell.ts';
import { Recency } from './recency.ts';

/** Cells looked at in one sweep: bounds the pause. */
const SWEEP_CELLS = 2_000;
/** Idle time of a cell whose story is over: late questions and confirmations still find it awake. */
const OVER_IDLE_MS = 15_000;

interface PassivationLimits {
  /** Live cells of the thread; the least recently used above it leave at once. */
  readonly entityMax: number;
  readonly idleMs: number;
}

export class Passivation {
  readonly #going = new Recency();
  readonly #over = new Recency();

  /** Marks a cell as just used, in the list that fits its state. */
  touch(cell: Cell): void {
    const over = cell.isOver();
    if (over !== cell.retired) {
      this.forget(cell);
      cell.retired = over;
    }
    this.#listOf(cell).touch(cell);
  }

  forget(cell: Cell): void {
    this.#listOf(cell).remove(cell);
  }

  /** Puts to sleep whoever may. @param live how many cells there are at the moment */
  sweep(nowMs: number, limits: PassivationLimits, live: () => number, sleep: (cell: Cell) => void): void {
    const { entityMax, idleMs } = limits;
    let left = SWEEP_CELLS;
    const sweep = (list: Recency, idleSinceMs: number): void => {
      for (let cell = list.oldest; cell !== null && left > 0; left--) {
        const newer: Cell | null = cell.newer;
        if (live() <= entityMax && cell.lastActiveMs > idleSinceMs) return;
        if (cell.canPassivate()) sleep(cell);
        // A busy one is not idle: out of the way of those behind it.
        else list.touch(cell);
        cell = newer;
      }
    };
    sweep(this.#over, nowMs - Math.min(OVER_IDLE_MS, idleMs));
    sweep(this.#going, nowMs - idleMs);
  }

  #listOf(cell: Cell): Recency {
    return cell.retired ? this.#over : this.#going;
  }
}
