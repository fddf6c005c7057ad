/** Tracks on their way into storage while the database comes and goes. */
import { describe, expect, it } from 'vitest';
import type { TrackChunk } from '../../src/ports.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { CHUNK_MAX_AGE_MS, CHUNK_MAX_FIXES, CHUNK_MAX_SPAN_MS, newChunk, TrackWriter } from '../../src/telemetry/track-writer.ts';
import { fixAt, SHOP, START_MS, settled } from './support.ts';

const DAY_MS = 86_400_000;

class Store {
  readonly chunks: TrackChunk[] = [];
  isAway = false;
  tries = 0;

  async write(chunks: readonly TrackChunk[]): Promise<void> {
    this.tries++;
    if (this.isAway) throw new Error('away');
    this.chunks.push(...chunks);
  }
}

function open(waitingMax?: number) {
  const clock = new VirtualClock(START_MS);
  const store = new Store();
  return { clock, store, writer: new TrackWriter(store, clock, waitingMax) };
}

describe('chunks', () => {
  it('end after 64 fixes or 30 seconds, whichever comes first', async () => {
    const { clock, store, writer } = open();
    const chunk = newChunk(1, 'drv_a');
    for (let i = 0; i < CHUNK_MAX_FIXES + 1; i++) writer.add(chunk, fixAt(SHOP, START_MS + i));
    await settled();
    expect(store.chunks.map((one) => one.fixes.length)).toEqual([CHUNK_MAX_FIXES]);
    writer.age(chunk);
    clock.advance(CHUNK_MAX_AGE_MS);
    writer.age(chunk);
    await settled();
    expect(store.chunks.map((one) => one.fixes.length)).toEqual([CHUNK_MAX_FIXES, 1]);
    expect(writer.counters).toEqual({ writtenFixes: CHUNK_MAX_FIXES + 1, lostFixes: 0, failures: 0 });
  });

  it('are oldest first, lie within an hour and within one day', async () => {
    const { store, writer } = open();
    const chunk = newChunk(1, 'drv_a');
    const midnightMs = Math.ceil(START_MS / DAY_MS) * DAY_MS;
    for (const atMs of [midnightMs + 5, midnightMs - 5, midnightMs + CHUNK_MAX_SPAN_MS + 5, midnightMs - 10])
      writer.add(chunk, fixAt(SHOP, atMs));
    writer.cut(chunk);
    await settled();
    expect(store.chunks.map((one) => one.fixes.map((fix) => fix.atMs - midnightMs))).toEqual([[-10, -5], [5], [CHUNK_MAX_SPAN_MS + 5]]);
  });
});

describe('while the database is away', () => {
  it('they wait, are tried again later and later, and written once when it is back, in order', async () => {
    const { clock, store, writer } = open();
    store.isAway = true;
    for (let i = 0; i < 3; i++) {
      const chunk = newChunk(1, `drv_${i}`);
      writer.add(chunk, fixAt(SHOP, START_MS + i));
      writer.cut(chunk);
    }
    for (let i = 0; i < 60; i++) {
      clock.advance(1_000);
      await settled();
    }
    expect(store.tries).toBeLessThan(10);
    store.isAway = false;
    for (let i = 0; i < 31; i++) {
      clock.advance(1_000);
      await settled();
    }
    expect(store.chunks.map((chunk) => chunk.driverId)).toEqual(['drv_0', 'drv_1', 'drv_2']);
  });

  it('memory is bounded: the oldest are given up and counted', async () => {
    const { store, writer } = open(5);
    store.isAway = true;
    for (let i = 0; i < 20; i++) {
      const chunk = newChunk(1, `drv_${i}`);
      writer.add(chunk, fixAt(SHOP, START_MS));
      writer.cut(chunk);
      await settled();
    }
    expect(writer.waiting).toBeLessThanOrEqual(5);
    store.isAway = false;
    await writer.close();
    expect(store.chunks.at(-1)?.driverId).toBe('drv_19');
    expect(store.chunks.length + writer.counters.lostFixes).toBe(20);
  });

  it('the end of the thread does not wait for ever', async () => {
    const { clock, store, writer } = open();
    store.isAway = true;
    const chunk = newChunk(1, 'drv_a');
    writer.add(chunk, fixAt(SHOP, START_MS));
    writer.cut(chunk);
    await writer.close();
    expect(writer.counters.lostFixes).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
