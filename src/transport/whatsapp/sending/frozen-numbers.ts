/**
 * Business numbers for which Meta sends nothing while a person has not put their account right: what would go out waits, and one
 * message in a while finds out whether it may again. In memory of one thread; knows no messages.
 *
 * Modes of a number: open -> frozen by a refusal (`freeze`), which every further one prolongs -> open by a message that Meta took (`thaw`).
 */

/** Numbers remembered as frozen on one thread; the oldest is forgotten and found out again by one call. */
const FROZEN_MAX = 10_000;

export class FrozenNumbers {
  /** When the next message may ask. */
  readonly #askAtMs = new Map<string, number>();
  readonly #askEveryMs: number;

  constructor(askEveryMs: number) {
    this.#askEveryMs = askEveryMs;
  }

  get size(): number {
    return this.#askAtMs.size;
  }

  /** Meta refused a message because of the number's account. @returns false when that was known already. */
  freeze(phoneNumberId: string, monotonicMs: number): boolean {
    const isNews = !this.#askAtMs.has(phoneNumberId);
    for (const oldest of this.#askAtMs.keys()) {
      if (!isNews || this.#askAtMs.size < FROZEN_MAX) break;
      this.#askAtMs.delete(oldest);
    }
    this.#askAtMs.set(phoneNumberId, monotonicMs + this.#askEveryMs);
    return isNews;
  }

  /** @returns whether it was frozen. */
  thaw(phoneNumberId: string): boolean {
    return this.#askAtMs.delete(phoneNumberId);
  }

  /** @returns whether a message may go to Meta: of a frozen number the one whose turn it is to ask, which is then over for the others. */
  admits(phoneNumberId: string, monotonicMs: number): boolean {
    const askAtMs = this.#askAtMs.get(phoneNumberId);
    if (askAtMs === undefined) return true;
    if (monotonicMs < askAtMs) return false;
    this.#askAtMs.set(phoneNumberId, monotonicMs + this.#askEveryMs);
    return true;
  }
}
