/**
 * Looks at all of a growing and shrinking map again and again, a few items at a time so that nobody waits for it long. It must never
 * know what it looks at.
 *
 * Modes: `resting` (no timer; entered new, by `end`, and when a sweep finds nothing to look at; left by `start`) · `waiting` for the next
 * sweep · `under way` (steps follow each other until all has been looked at).
 */
import type { Clock } from '../runtime/clock.ts';

interface SweepPlan<T> {
  readonly clock: Clock;
  /** Owned by the caller, who may add and take away at any time. */
  readonly items: ReadonlyMap<unknown, T>;
  /** From the beginning of one sweep to that of the next. */
  readonly everyMs: number;
  /** Between two steps of one sweep. */
  readonly stepMs: number;
  /** A sweep begins. */
  begin(): void;
  visit(item: T, nowMs: number): void;
}

export class PacedSweep<T> {
  readonly #plan: SweepPlan<T>;
  /** What the sweep under way has not looked at; null between two. */
  #left: Iterator<T> | null = null;
  /** Monotonic. */
  #nextAtMs = 0;
  #cancel: (() => void) | null = null;

  constructor(plan: SweepPlan<T>) {
    this.#plan = plan;
  }

  /** There is something to look at. Does nothing when not resting. */
  start(): void {
    this.#cancel ??= this.#plan.clock.after(this.#plan.everyMs, () => this.#step());
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#left = null;
  }

  /** Some of the items, and the others in the steps that follow; the next sweep begins when it would have begun anyway. */
  #step(): void {
    const { clock, items, everyMs, stepMs } = this.#plan;
    const nowMs = clock.monotonicMs();
    if (this.#left === null) this.#begin(nowMs);
    this.#look(Math.ceil((items.size * stepMs) / everyMs), nowMs);
    if (items.size === 0) {
      this.end();
      return;
    }
    const waitMs = this.#left === null ? Math.max(0, this.#nextAtMs - nowMs) : stepMs;
    this.#cancel = clock.after(waitMs, () => this.#step());
  }

  #begin(nowMs: number): void {
    this.#left = this.#plan.items.values();
    this.#nextAtMs = nowMs + this.#plan.everyMs;
    this.#plan.begin();
  }

  #look(itemsMax: number, nowMs: number): void {
    for (let looked = 0; looked < itemsMax && this.#left !== null; looked++) {
      const next = this.#left.next();
      if (next.done === true) this.#left = null;
      else this.#plan.visit(next.value, nowMs);
    }
  }
}
