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

export class RecoveryPatience {
  readonly #dir: string;
  readonly #stallMs: number;
  readonly #untilMs: number;
  #lookMs: number;
  #progressMs: number;
  #work = 0;

  /** @param stallMs how long it may do nothing, or not recover at all */
  constructor(dir: string, stallMs: number) {
    const nowMs = performance.now();
    this.#dir = dir;
    this.#stallMs = stallMs;
    this.#untilMs = nowMs + RECOVERY_MAX_MS;
    this.#lookMs = nowMs;
    this.#progressMs = nowMs;
  }

  /** To be asked again and again; looks itself every so often. */
  get isOver(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#lookMs) {
      this.#lookMs = nowMs + LOOK_MS;
      this.#look(nowMs);
    }
    return nowMs > this.#progressMs + this.#stallMs || nowMs > this.#untilMs;
  }

  #look(nowMs: number): void {
    if (readPostmaster(this.#dir)?.starting !== true) return;
    const work = workOf(processesIn(this.#dir));
    if (work > this.#work) this.#progressMs = nowMs;
    this.#work = work;
  }
}
