/** The body of a webhook post that comes in pieces: how long it is waited for, and what is kept of it. */
import type { HttpResponse } from 'uWebSockets.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Body } from '../../../src/transport/whatsapp/webhook/request-body.ts';

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A response that hands on whatever the test says has come. */
function arriving() {
  const heard: string[] = [];
  let onData: (chunk: ArrayBuffer, isLast: boolean) => void = () => undefined;
  let onAborted: () => void = () => undefined;
  const res = {
    onData: (handler: typeof onData) => {
      onData = handler;
    },
    onAborted: (handler: typeof onAborted) => {
      onAborted = handler;
    },
  };
  const body = new Body(res as unknown as HttpResponse, MAX_BYTES, TIMEOUT_MS, {
    complete: (whole) => heard.push(`${whole.length} bytes`),
    tooLarge: () => heard.push('too large'),
    tooSlow: () => heard.push('too slow'),
    aborted: () => heard.push('aborted'),
  });
  return { heard, body, piece: (bytes: number, isLast = false) => onData(new ArrayBuffer(bytes), isLast), abort: () => onAborted() };
}

describe('a body in pieces', () => {
  it('that stops is given up while the library still lets an answer through', () => {
    const { heard, piece } = arriving();
    piece(1_000);
    vi.advanceTimersByTime(7_400);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(heard).toEqual(['too slow']);
  });

  it('that brings a full window in time has the next one, and is whole at its end', () => {
    const { heard, piece } = arriving();
    piece(1_000);
    for (let window = 0; window < 3; window++) {
      vi.advanceTimersByTime(7_000);
      piece(163_840);
    }
    vi.advanceTimersByTime(7_000);
    piece(0, true);
    expect(heard).toEqual(['492520 bytes']);
  });

  it('that comes fast enough for ever is given up at its limit', () => {
    const { heard, piece } = arriving();
    piece(1_000);
    for (let window = 0; window < 4; window++) {
      vi.advanceTimersByTime(7_000);
      piece(163_840);
    }
    vi.advanceTimersByTime(2_001);
    expect(heard).toEqual(['too slow']);
  });

  it.each([
    ['its last piece', ['2 bytes'], ({ piece }) => piece(1, true)],
    ['its client', ['aborted'], ({ abort }) => abort()],
    ['its length', ['too large'], ({ piece }) => piece(MAX_BYTES)],
  ] as [string, string[], (it: ReturnType<typeof arriving>) => void][])('that was ended by %s is no longer waited for', (_, said, end) => {
    const arrival = arriving();
    arrival.piece(1);
    end(arrival);
    vi.advanceTimersByTime(TIMEOUT_MS);
    expect(arrival.heard).toEqual(said);
    expect(vi.getTimerCount()).toBe(0);
  });
});
