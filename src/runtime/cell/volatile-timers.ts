/**
 * Timers that live in memory, keyed by entity and name. One outlives the incarnation that armed it and then reaches the next, so each
 * remembers whom it keeps awake. Must never know what a command means.
 */
import type { Clock } from '../clock.ts';
import { type EntityRef, keyWithin } from '../entity.ts';
import { type Envelope, envelope } from '../envelope.ts';

/** A cell that stays in memory while a timer of its own is armed. */
export interface TimedCell {
  readonly ref: EntityRef;
  countTimer(change: 1 | -1): void;
}

interface Armed {
  readonly cell: TimedCell;
  readonly cancel: () => void;
}

export class VolatileTimers {
  readonly #clock: Clock;
  readonly #deliver: (ref: EntityRef, message: Envelope) => void;
  readonly #armed = new Map<string, Armed>();

  constructor(clock: Clock, deliver: (ref: EntityRef, message: Envelope) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** A name armed again replaces the earlier timer. */
  arm(cell: TimedCell, name: string, dueAtMs: number, command: unknown): void {
    this.cancel(cell.ref, name);
    const key = keyWithin(cell.ref, name);
    const cancel = this.#clock.after(dueAtMs - this.#clock.nowMs(), () => {
      this.#armed.delete(key);
      cell.countTimer(-1);
      this.#deliver(cell.ref, envelope(command, { lane: 'system' }));
    });
    this.#armed.set(key, { cell, cancel });
    cell.countTimer(1);
  }

  cancel(ref: EntityRef, name: string): void {
    const key = keyWithin(ref, name);
    const armed = this.#armed.get(key);
    if (armed === undefined) return;
    armed.cancel();
    this.#armed.delete(key);
    armed.cell.countTimer(-1);
  }

  stop(): void {
    for (const { cancel } of this.#armed.values()) cancel();
    this.#armed.clear();
  }
}
