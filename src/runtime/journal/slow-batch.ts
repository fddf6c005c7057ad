/**
 * Tells the operator of a batch that takes long, while it does: a database that stands still fails nothing until its time is up, and
 * everybody waits meanwhile. It only looks on. Must never know what is in a batch.
 *
 * Modes: `fine`; `slow` (entered when one batch has been under way for SLOW_MS, left when another one is, or none).
 */

interface Log {
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
}

/** Many times what a batch takes, and less than its time-out. */
const SLOW_MS = 2_000;
/** What counts between two looks at most: when this thread itself stands still, the answer may be here unread. */
const LOOK_MS_MAX = 500;

export class SlowBatch {
  readonly #log: Log;
  /** The batch that was under way at the last look, and for how long it had been. */
  #batch: number | null = null;
  #tookMs = 0;
  #lookedMs = 0;
  #isSlow = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** To be called several times a second. @param batch number of the one under way, null when none is. @param nowMs monotonic */
  look(batch: number | null, nowMs: number): void {
    const sinceMs = Math.min(nowMs - this.#lookedMs, LOOK_MS_MAX);
    this.#lookedMs = nowMs;
    if (batch !== this.#batch) {
      if (this.#isSlow) this.#log.warn({ tookMs: Math.round(this.#tookMs) }, 'the batch that took long is over');
      this.#batch = batch;
      this.#tookMs = 0;
      this.#isSlow = false;
      return;
    }
    if (batch === null) return;
    this.#tookMs += sinceMs;
    if (this.#isSlow || this.#tookMs < SLOW_MS) return;
    this.#isSlow = true;
    this.#log.warn(
      { tookMs: Math.round(this.#tookMs) },
      'the database takes long to store a batch: all answers of this thread wait for it',
    );
  }
}
