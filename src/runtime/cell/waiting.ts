/** What waits for a decision that is on its way to the store: reads of state that is not durable yet, and doubts. Knows no store. */
import type { JournalRow } from '../journal/store.ts';

export interface Waiting {
  readonly done: (() => void)[];
  readonly lost: (() => void)[];
  /** Where the decision stands in the journal, known once it is written. */
  rows: readonly JournalRow[];
}

const NO_ROWS: readonly JournalRow[] = [];

export function newWaiting(): Waiting {
  return { done: [], lost: [], rows: NO_ROWS };
}

/**
 * Runs `done` when everything decided so far is durable, `lost` when it never will be.
 *
 * @param last what waits for the entity's latest decision; null when all of them are settled, then `done` runs at once
 */
export function afterSettled(last: Waiting | null, done: () => void, lost: () => void): void {
  if (last === null) {
    done();
    return;
  }
  last.done.push(done);
  last.lost.push(lost);
}

/** Rejects when the batch was lost. */
export function settled(last: Waiting | null): Promise<void> {
  return new Promise((resolve, reject) => afterSettled(last, resolve, () => reject(new Error('batch lost'))));
}
