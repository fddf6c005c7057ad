/** One thread's way to the store: what it refuses, and what it must not take afterwards. */
import { describe, expect, it } from 'vitest';
import { type Entry, GroupCommit, type ShardHold } from '../../src/runtime/journal/group-commit.ts';
import type { CommitBatch } from '../../src/runtime/journal/store.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ref } from '../support/runtime.ts';

const a = ref('a');

describe('a decision that is refused while the shards are not proven', () => {
  it('is not followed into the store by one of the same actor that builds on it, although the shards were proven meanwhile', async () => {
    const store = new MemoryStore();
    const tasks: (() => void)[] = [];
    let reopened: (holds: ReadonlyMap<number, ShardHold>) => void = () => undefined;
    const journal = new GroupCommit({
      store,
      batchMax: 10,
      flushMs: 0,
      reopen: () => new Promise((resolve) => (reopened = resolve)),
      fenced: () => undefined,
      schedule: (task) => void tasks.push(task),
      after: (_ms, task) => void tasks.push(task),
      retryLater: (task) => void tasks.push(task),
    });
    journal.hold(a.shard, { epoch: 1, lastPos: 0 });
    const ends: string[] = [];
    const entry = (seq: number): Entry => ({
      ref: a,
      rows: [rowOf(seq)],
      processed: null,
      timers: [],
      readModels: [],
      committed: () => void ends.push(`${seq} stored`),
      failed: (reason) => void ends.push(`${seq} ${reason}`),
    });
    const run = async (): Promise<void> => {
      for (const task of tasks.splice(0)) task();
      await new Promise(setImmediate);
    };

    store.onCommit = () => Promise.reject(new Error('connection lost'));
    journal.append(entry(1));
    await run();
    store.onCommit = () => 'ok';
    journal.append(entry(1));
    reopened(new Map([[a.shard, { epoch: 1, lastPos: 0 }]]));
    await new Promise(setImmediate);
    expect(journal.writable).toBe(true);
    // The actor has not heard of the refusal yet.
    journal.append(entry(2));
    await run();
    expect(ends).toEqual(['1 unavailable', '1 unavailable', '2 unavailable']);
    expect(store.rows.size).toBe(0);

    journal.append(entry(1));
    await run();
    expect(ends.at(-1)).toBe('1 stored');
  });
});

function rowOf(seq: number): CommitBatch['rows'][number] {
  return { ref: a, kindCode: 50, seq, pos: 0, atMs: 0, type: 'added', version: 1, data: null, personal: null, subjectId: null, meta: {} };
}
