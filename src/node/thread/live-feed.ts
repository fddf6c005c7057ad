/** The live feed of one thread: its own listeners, and the siblings through the mesh. Must never know what a message means. */
import { LRUCache } from 'lru-cache';
import type { LiveFeed } from '../../ports.ts';

interface ThreadFeedOptions {
  /** Tells every sibling thread; lossy. */
  broadcast(topic: string, message: unknown, retain: boolean): void;
  /** Retained last messages; the least recently used are forgotten. */
  readonly retainedMax: number;
  readonly defect: (error: unknown) => void;
}

export class ThreadFeed implements LiveFeed {
  readonly #options: ThreadFeedOptions;
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  readonly #retained: LRUCache<string, NonNullable<unknown>>;

  constructor(options: ThreadFeedOptions) {
    this.#options = options;
    this.#retained = new LRUCache({ max: options.retainedMax });
  }

  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(topic, listeners);
    }
    listeners.add(listener);
    return () => {
      const known = this.#listeners.get(topic);
      if (known?.delete(listener) === true && known.size === 0) this.#listeners.delete(topic);
    };
  }

  publish(topic: string, message: unknown, retain = false): void {
    this.deliver(topic, message, retain);
    this.#options.broadcast(topic, message, retain);
  }

  last(topic: string): unknown {
    return this.#retained.get(topic) ?? null;
  }

  /** A message of a sibling, or our own. */
  deliver(topic: string, message: unknown, retain: boolean): void {
    if (retain && message !== null && message !== undefined) this.#retained.set(topic, message);
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) {
      try {
        listener(message);
      } catch (error) {
        this.#options.defect(error);
      }
    }
  }
}
