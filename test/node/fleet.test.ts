/** Worker threads that die are replaced, by one that waits when there is one. */
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { WorkerStart } from '../../src/node/control.ts';
import { Fleet } from '../../src/node/fleet.ts';
import { SHARDS } from '../../src/runtime/entity.ts';

interface Heard {
  readonly is: 'loaded' | 'started' | 'lost';
  readonly threadId: number;
  readonly thread?: number;
}

const LONG_MS = 60_000;
const warned: string[] = [];
const log = { info: () => undefined, warn: (_facts: object, text: string) => void warned.push(text), error: () => undefined };
const epochs = async (): Promise<ReadonlyMap<number, number>> => new Map(Array.from({ length: SHARDS }, (_, shard) => [shard, 1]));

/** What the threads of one fleet tell, in order. */
class Ear {
  readonly #channel = new BroadcastChannel('fleet-thread');
  readonly #heard: Heard[] = [];
  readonly #news = new EventTarget();

  constructor() {
    this.#channel.onmessage = (event) => {
      this.#heard.push((event as { readonly data: unknown }).data as Heard);
      this.#news.dispatchEvent(new Event('news'));
    };
  }

  /** @returns the first `count` that said so, as soon as they did. */
  async hear(is: Heard['is'], count: number): Promise<number[]> {
    for (;;) {
      const found = this.#heard.filter((heard) => heard.is === is).map(({ threadId }) => threadId);
      if (found.length >= count) return found.slice(0, count);
      await once(this.#news, 'news');
    }
  }

  tellToDie(threadId: number): void {
    this.#channel.postMessage({ die: threadId });
  }

  close(): void {
    this.#channel.close();
  }
}

let ear: Ear;
let fleet: Fleet;

/** @param isDoomed whether this start of the thread ends before it serves, counted from 1 */
async function start(spareAfterMs: number, threads = 1, isDoomed: (thread: number, time: number) => boolean = () => false): Promise<void> {
  const times: number[] = [];
  warned.length = 0;
  ear = new Ear();
  fleet = new Fleet({
    entry: new URL('../support/fleet-thread.mjs', import.meta.url),
    threads,
    start: (thread) => {
      const time = (times[thread] ?? 0) + 1;
      times[thread] = time;
      return { thread, isDoomed: isDoomed(thread, time) } as unknown as WorkerStart;
    },
    claim: epochs,
    reopen: async () => new Map(),
    spareAfterMs,
    log,
  });
  await fleet.start(await epochs());
}

afterEach(async () => {
  await fleet.stop(LONG_MS);
  ear.close();
});

describe('a thread that dies', () => {
  it('is told of to its siblings, also when it has never served: what they have sent it since it was linked nobody answers', async () => {
    await start(LONG_MS, 2, (thread, time) => thread === 1 && time === 2);
    await ear.hear('started', 2);
    fleet.crash(1);
    const told = await ear.hear('lost', 2);
    expect(new Set(told).size).toBe(1);
    expect(await ear.hear('started', 3)).toHaveLength(3);
  });

  it('is replaced by one that had loaded before, and the next one loads', async () => {
    await start(0);
    const [first, spare] = await ear.hear('loaded', 2);
    expect(await ear.hear('started', 1)).toEqual([first]);
    fleet.crash(0);
    expect(await ear.hear('started', 2)).toEqual([first, spare]);
    expect(new Set(await ear.hear('loaded', 3)).size).toBe(3);
  });

  it('is replaced by a new one while none waits', async () => {
    await start(LONG_MS);
    fleet.crash(0);
    const [first, second] = await ear.hear('started', 2);
    expect(second).not.toBe(first);
    expect(await ear.hear('loaded', 2)).toEqual([first, second]);
  });

  it('while it waits is loaded again, and nobody is replaced by it', async () => {
    await start(0);
    const [first, spare] = await ear.hear('loaded', 2);
    ear.tellToDie(spare ?? 0);
    const [, , next] = await ear.hear('loaded', 3);
    fleet.crash(0);
    expect(await ear.hear('started', 2)).toEqual([first, next]);
    expect(fleet.threads[0]?.restarts).toBe(1);
    expect(warned.filter((text) => text.startsWith('spare worker thread ended'))).toHaveLength(1);
  });
});
