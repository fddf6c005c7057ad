/** The way of the phone's positions: what a dying link swallows goes out again, and what has arrived does not. */
import { afterEach, expect, it, vi } from 'vitest';
import { type CodecModule, pageModule } from './page-modules.ts';

interface PositionsModule {
  Positions: new (
    host: object,
  ) => {
    readonly waiting: number;
    load(): Promise<void>;
    take(fix: object): void;
    opened(): void;
    closed(): void;
    answer(answer: object): void;
    forget(): void;
    keep(): void;
    stop(): void;
  };
}
const { Positions } = await pageModule<PositionsModule>('session/positions');
const { decodeFixes, encodeFixes } = await pageModule<CodecModule>('session/codec');
/** What the server knows again: an upload of two frames, and the last positions of a ride. */
const UPLOAD_MAX = 500;
const RIDE_MAX = 32;

afterEach(() => void vi.useRealTimers());

type Frame = ArrayBuffer | { readonly type: string; readonly id: string };

const fixAt = (atMs: number) => ({ atMs, lat: -26, lng: 27, accuracyM: 8, speedMps: null, headingDeg: null });

/** A phone on its network; `sent` holds the times of each frame, `asked` the ids of its questions. */
function phone(holds: readonly number[] = []) {
  const sent: number[][] = [];
  const asked: string[] = [];
  let disk: ArrayBuffer | null = holds.length === 0 ? null : encodeFixes(holds.map(fixAt));
  let nowMs = 1_000_000;
  const positions = new Positions({
    store: {
      backlog: async () => disk,
      putBacklog: async (buffer: ArrayBuffer) => {
        disk = buffer;
      },
    },
    send: (frame: Frame) => {
      if (frame instanceof ArrayBuffer) sent.push(decodeFixes(frame).map(({ atMs }) => atMs));
      else asked.push(frame.id);
      return true;
    },
    nowMs: () => nowMs,
  });
  const ride = (seconds: number): number[] =>
    Array.from({ length: seconds }, () => {
      nowMs += 1_000;
      positions.take(fixAt(nowMs));
      return nowMs;
    });
  const answer = (more: object = { ok: true, code: null }) => positions.answer({ id: asked.at(-1), ...more });
  return { positions, sent, asked, ride, answer, onDisk: () => (disk === null ? [] : decodeFixes(disk).map(({ atMs }) => atMs)) };
}

it('what is not proven when the link breaks goes out again on the next one, the newest first', async () => {
  const { positions, sent, ride } = phone();
  await positions.load();
  positions.opened();
  const way = ride(3);
  positions.closed();
  expect(positions.waiting).toBe(3);
  positions.opened();
  expect(sent.slice(3)).toEqual([[way[2]], way.slice(0, 2)]);
  positions.stop();
});

it('what is proven does not: of an hour’s ride no more goes out again than the server knows from before', async () => {
  const { positions, asked, ride, answer } = phone();
  await positions.load();
  positions.opened();
  for (let second = 0; second < 3_600; second++) {
    const before = asked.length;
    ride(1);
    if (asked.length > before) answer();
  }
  positions.closed();
  expect(positions.waiting).toBeLessThanOrEqual(RIDE_MAX);
  expect(asked.length).toBeLessThanOrEqual(3_600 / 10);
  positions.stop();
});

it('an answer proves what went before its question, and a server that was too busy for it proves nothing', async () => {
  const { positions, asked, ride, answer } = phone();
  await positions.load();
  positions.opened();
  ride(10);
  expect(asked.length).toBe(1);
  ride(2);
  answer({ ok: false, code: 'gps.rate_limited' });
  ride(1);
  expect(asked.length).toBe(2);
  const after = ride(2);
  answer({ ok: false, code: 'driver.unknown_type' });
  positions.closed();
  expect(positions.waiting).toBe(after.length);
  positions.stop();
});

it('an answer from the link before proves nothing', async () => {
  const { positions, ride, answer } = phone();
  await positions.load();
  positions.opened();
  ride(10);
  positions.closed();
  answer();
  expect(positions.waiting).toBe(10);
  positions.stop();
});

it('of a long backlog no more is under way than the server knows again, and all of it goes out as it is proven', async () => {
  vi.useFakeTimers();
  const holds = Array.from({ length: 1_800 }, (_, second) => 1_000 * second);
  const { positions, sent, answer } = phone(holds);
  await positions.load();
  positions.opened();
  vi.advanceTimersByTime(60_000);
  expect(sent.flat().length).toBeGreaterThan(1);
  let proven = 0;
  while (positions.waiting > 0) {
    expect(sent.flat().length - proven).toBeLessThanOrEqual(UPLOAD_MAX);
    proven = sent.flat().length;
    answer();
    vi.advanceTimersByTime(5_000);
    expect(sent.flat().length).toBeGreaterThan(proven);
  }
  expect(sent.flat().toSorted((a, b) => a - b)).toEqual(holds);
  positions.stop();
});

it('is on the disk until it is proven, and off it after', async () => {
  const { positions, ride, answer, onDisk } = phone([1, 2]);
  await positions.load();
  positions.opened();
  positions.keep();
  expect(onDisk()).toEqual([2, 1]);
  ride(8);
  answer();
  positions.keep();
  expect(onDisk()).toEqual([]);
  positions.stop();
});

it('off duty nothing of it goes out again', async () => {
  const { positions, ride } = phone();
  await positions.load();
  positions.opened();
  ride(5);
  positions.forget();
  positions.closed();
  expect(positions.waiting).toBe(0);
  positions.stop();
});

it('nothing is written over what is still unread', async () => {
  const { positions, ride, onDisk } = phone([1, 2]);
  ride(3);
  positions.keep();
  expect(onDisk()).toEqual([1, 2]);
  await positions.load();
  positions.keep();
  expect(onDisk().length).toBe(5);
  positions.stop();
});
