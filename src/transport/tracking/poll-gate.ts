/** A token bucket per link: how often one link may be asked. In memory of one thread; knows no content. */
import { LRUCache } from 'lru-cache';

interface Bucket {
  tokens: number;
  atMs: number;
}

export class PollGate {
  readonly #buckets: LRUCache<string, Bucket>;
  readonly #perMs: number;
  readonly #burst: number;

  /** @param keysMax links remembered; the longest unused is forgotten and starts full again. */
  constructor(perSecond: number, burst: number, keysMax: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#buckets = new LRUCache({ max: keysMax });
  }

  /** Takes one token. @returns 0, or after how many ms there will be one; then none was taken. */
  take(key: string, monotonicMs: number): number {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, atMs: monotonicMs };
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + Math.max(0, monotonicMs - bucket.atMs) * this.#perMs);
    bucket.atMs = monotonicMs;
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perMs);
    bucket.tokens -= 1;
    return 0;
  }
}
