/** The newest fixes of a driver of whom nobody has said yet whether it is on shift. Bounded; it must never know who is asked. */
import type { Fix } from '../geo/gps/fix.ts';
import type { DriverSource } from './protocol.ts';

interface WaitingBatch {
  readonly source: DriverSource;
  readonly fixes: readonly Fix[];
  readonly receivedAtMs: number;
  readonly fromThread: number;
}

export class WaitingFixes {
  readonly #max: number;
  #batches: WaitingBatch[] = [];
  #fixes = 0;

  /** @param max fixes; a single batch may be longer, whoever sends it bounds it */
  constructor(max: number) {
    this.#max = max;
  }

  /** @returns how many of the oldest had to go for it */
  push(batch: WaitingBatch): number {
    this.#batches.push(batch);
    this.#fixes += batch.fixes.length;
    let dropped = 0;
    while (this.#fixes > this.#max && this.#batches.length > 1) {
      const oldest = this.#batches.shift()?.fixes.length ?? 0;
      this.#fixes -= oldest;
      dropped += oldest;
    }
    return dropped;
  }

  /** Oldest first; none wait any more. */
  takeAll(): readonly WaitingBatch[] {
    const batches = this.#batches;
    this.drop();
    return batches;
  }

  /** @returns how many fixes went */
  drop(): number {
    const dropped = this.#fixes;
    this.#batches = [];
    this.#fixes = 0;
    return dropped;
  }
}
