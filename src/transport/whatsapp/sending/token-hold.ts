/**
 * Access tokens that Meta refuses: what would be sent with one waits for another token instead of dying message by message.
 * Must never hold a token in the clear; a sealed one is name enough.
 */
import { setTimeout as wait } from 'node:timers/promises';

/** Refused tokens remembered on one thread; the oldest is forgotten and found out again by one call. */
const REFUSED_MAX = 1_000;

export class TokenHold {
  readonly #refused = new Set<string>();
  readonly #lookEveryMs: number;

  /** @param lookEveryMs how often a waiting message looks whether the shop has another token. */
  constructor(lookEveryMs: number) {
    this.#lookEveryMs = lookEveryMs;
  }

  /** @returns false when it was known already. */
  refuse(sealed: string): boolean {
    if (this.#refused.has(sealed)) return false;
    for (const oldest of this.#refused) {
      if (this.#refused.size < REFUSED_MAX) break;
      this.#refused.delete(oldest);
    }
    this.#refused.add(sealed);
    return true;
  }

  isRefused(sealed: string): boolean {
    return this.#refused.has(sealed);
  }

  /**
   * Waits while `current` answers the refused token. @returns whether there is another; false after `patienceMs`, when one call may
   * find out whether Meta takes the old one again. @throws when `signal` is aborted.
   */
  async replaced(sealed: string, current: () => Promise<string | null>, patienceMs: number, signal: AbortSignal): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += this.#lookEveryMs) {
      await wait(this.#lookEveryMs, undefined, { signal });
      if ((await current()) !== sealed) return true;
    }
    this.#refused.delete(sealed);
    return false;
  }
}
