/** How often an actor may restart, and how long it waits before it does. Pure arithmetic; knows no actor. */

const RESTART_WINDOW_MS = 60_000;
export const QUARANTINE_MS = 60_000;
const BACKOFF_FIRST_MS = 10;
const BACKOFF_MAX_MS = 30_000;

/** Exponential backoff with full jitter in its upper half. @param attempt 1 for the first retry. @param random 0 <= r < 1 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return ceiling / 2 + (random * ceiling) / 2;
}

export class RestartBudget {
  readonly #perMinute: number;
  #restartsMs: number[] = [];

  /** @param perMinute restarts within a minute after which an actor is quarantined */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a restart. @returns its number within the window, or null when the budget is spent. */
  spend(nowMs: number): number | null {
    this.#restartsMs = this.#restartsMs.filter((atMs) => nowMs - atMs < RESTART_WINDOW_MS);
    this.#restartsMs.push(nowMs);
    return this.#restartsMs.length > this.#perMinute ? null : this.#restartsMs.length;
  }
}
