/** How many messages a socket may send: a bucket of tokens, and when enough is enough. Pure; must never know what is in a message. */

export interface MessageRate {
  readonly perS: number;
  readonly burst: number;
  /** Refused in a row: a phone that does not listen to that is no phone. */
  readonly refusedMax: number;
}

export class MessageBucket {
  readonly #rate: MessageRate;
  #tokens: number;
  #filledAtMs: number;
  #refused = 0;

  constructor(rate: MessageRate, monotonicMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtMs = monotonicMs;
  }

  /** `endless`: refused so often that the socket should end. */
  take(monotonicMs: number): 'ok' | 'refused' | 'endless' {
    const { perS, burst, refusedMax } = this.#rate;
    const elapsedMs = Math.max(0, monotonicMs - this.#filledAtMs);
    this.#filledAtMs = monotonicMs;
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perS) / 1_000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      this.#refused = 0;
      return 'ok';
    }
    this.#refused++;
    return this.#refused > refusedMax ? 'endless' : 'refused';
  }
}
