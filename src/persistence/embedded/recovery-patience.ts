/**
 * How long a server that is not ready is waited for: one that recovers, as long as it gets on. Must never know who waits.
 * What it has done is the CPU time of its processes; on other systems than Linux nothing is known of it, and only the first bound counts.
 */
import { performance } from 'node:perf_hooks';
import { processesIn, readPostmaster, workOf } from './postmaster.ts';

/** A recovery reads at most `max_wal_size` of write-ahead log or a little more, minutes even on a slow disk. */
const RECOVERY_MAX_MS = 600_000;
/** How often it is looked at what a recovering server has done. */
const LOOK_MS = 100;
/**
 * Of the time between two looks, what counts as a time in which it did nothing: this share of all that it may do nothing, and no less than
 * two looks. Whoever looks later was kept from running itself, by a frozen container or a machine with more work than processors, and so
 * was the server. Whoever asks a silent server looks every 2 s: an eighth of 20 s is more.
 */
const LOOK_SHARE = 1 / 8;

export class RecoveryPatience {
  readonly #dir: string;
  readonly #stallMs: number;
  readonly #lookMaxMs: number;
  readonly #untilMs: number;
  #lookedMs: number;
  #idleMs = 0;
  #work = 0;

  /** @param stallMs how long it may do nothing, or not recover at all */
  constructor(dir: string, stallMs: number) {
    const nowMs = performance.now();
    this.#dir = dir;
    this.#stallMs = stallMs;
    this.#lookMaxMs = Math.max(2 * LOOK_MS, stallMs * LOOK_SHARE);
    this.#untilMs = nowMs + RECOVERY_MAX_MS;
    this.#lookedMs = nowMs;
  }

  /** To be asked again and again; looks itself every so often. */
  get isOver(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#lookedMs + LOOK_MS) {
      this.#idleMs = this.#hasGotOn() ? 0 : this.#idleMs + Math.min(nowMs - this.#lookedMs, this.#lookMaxMs);
      this.#lookedMs = nowMs;
    }
    return this.#idleMs > this.#stallMs || nowMs > this.#untilMs;
  }

  #hasGotOn(): boolean {
    if (readPostmaster(this.#dir)?.starting !== true) return false;
    const before = this.#work;
    this.#work = workOf(processesIn(this.#dir));
    return this.#work > before;
  }
}
