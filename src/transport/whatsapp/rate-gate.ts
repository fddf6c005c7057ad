/** Token buckets for one number's throughput and for one pair's pace. In memory of one thread; knows no messages. */
import { LRUCache } from 'lru-cache';

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateGate {
  readonly #buckets: LRUCache<string, Bucket>;
  readonly #perMs: number;
  readonly #burst: number;

  /** @param perSecond steady rate. @param burst how much may be borrowed at once. @param keysMax buckets kept. */
  constructor(perSecond: number, burst: number, keysMax: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#buckets = new LRUCache({ max: keysMax });
  }

  /** Takes one token, in advance when there is none. @returns how long to wait before using it, ms. */
  take(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, atMs: nowMs };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (nowMs - bucket.atMs) * this.#perMs) - 1;
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    return bucket.tokens >= 0 ? 0 : Math.ceil(-bucket.tokens / this.#perMs);
  }
}
