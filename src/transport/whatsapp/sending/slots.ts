/**
 * A counting semaphore with turns: how many may do a thing at once. Whoever waits gives a key, and the keys have the slots in turn, one
 * each, however many wait under one of them; under one key the longest waiter is first. Knows nothing of the thing.
 */
interface Line {
  readonly waiters: (() => void)[];
  /** Of `waiters`, who is next; those before have their slot. */
  next: number;
}

/** Waiters that have their slot are let go of in such batches: taken off one by one, each would move all the others. */
const SERVED_MAX = 64;

export class Slots {
  #free: number;
  /** In the order of their turns; none is empty. While somebody waits, no slot is free. */
  readonly #lines = new Map<string, Line>();

  constructor(max: number) {
    this.#free = max;
  }

  /**
   * Whoever took a slot must give it back by `release`, once. O(1).
   * @param key whose turn it is
   * @returns null when there was a slot; else what resolves when there is
   */
  take(key: string): Promise<void> | null {
    if (this.#free > 0) {
      this.#free--;
      return null;
    }
    return new Promise((resolve) => {
      const line = this.#lines.get(key);
      if (line === undefined) this.#lines.set(key, { waiters: [resolve], next: 0 });
      else line.waiters.push(resolve);
    });
  }

  /** The key whose turn it is has the slot next, and goes behind all others that wait. */
  release(): void {
    for (const [key, line] of this.#lines) {
      const next = line.waiters[line.next++] as () => void;
      this.#lines.delete(key);
      if (line.next < line.waiters.length) this.#lines.set(key, shortened(line));
      next();
      return;
    }
    this.#free++;
  }
}

function shortened(line: Line): Line {
  if (line.next < SERVED_MAX || 2 * line.next < line.waiters.length) return line;
  return { waiters: line.waiters.slice(line.next), next: 0 };
}
