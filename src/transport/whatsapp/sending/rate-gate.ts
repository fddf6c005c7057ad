/** Token buckets for one number's throughput and for one pair's pace. In memory of one thread; knows no messages. */
import { LRUCache } from 'lru-cache';

interface Bucket {
  tokens: number;
  atMs: number;
  /** Nothing passes before. */
  pausedUntilMs: number;
  /** Half the pace until then. */
  slowUntilMs: number;
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
  take(key: string, monotonicMs: number): number {
    const bucket = this.#bucket(key, monotonicMs);
    const perMs = monotonicMs < bucket.slowUntilMs ? this.#perMs / 2 : this.#perMs;
    // Nothing is saved up in a pause: what came meanwhile would all leave at its end.
    const fromMs = Math.max(monotonicMs, bucket.pausedUntilMs);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + Math.max(0, monotonicMs - bucket.atMs) * perMs) - 1;
    bucket.atMs = fromMs;
    const waitMs = bucket.tokens >= 0 ? 0 : Math.ceil(-bucket.tokens / perMs);
    return fromMs - monotonicMs + waitMs;
  }

  /** Lets nothing of this key pass for a while. */
  pause(key: string, monotonicMs: number, forMs: number): void {
    const bucket = this.#bucket(key, monotonicMs);
    bucket.pausedUntilMs = Math.max(bucket.pausedUntilMs, monotonicMs + forMs);
  }

  /** Halves the pace of this key for a while; what was saved up is gone. */
  slow(key: string, monotonicMs: number, forMs: number): void {
    const bucket = this.#bucket(key, monotonicMs);
    bucket.tokens = Math.min(bucket.tokens, 0);
    bucket.slowUntilMs = Math.max(bucket.slowUntilMs, monotonicMs + forMs);
  }

  #bucket(key: string, monotonicMs: number): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: this.#burst, atMs: monotonicMs, pausedUntilMs: 0, slowUntilMs: 0 };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}
