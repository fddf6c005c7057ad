/** The driver app's link: it comes back by itself, whatever the phone, its clock and its radio do. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pageModule } from './page-modules.ts';

interface LinkModule {
  Link: new (
    host: object,
  ) => {
    readonly mode: string;
    start(): void;
    stop(): void;
    wake(): void;
  };
}
const { Link } = await pageModule<LinkModule>('session/link');
const HOUR_MS = 3_600_000;
/** Longer than silence and the wait for an answer to a question take together. */
const DEAD_AFTER_MS = 32_000;

/** As much of a browser's socket as a link uses. */
class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 0;
  readonly sent: string[] = [];
  onopen: (event: object) => void = () => undefined;
  onclose: (event: object) => void = () => undefined;
  constructor() {
    FakeSocket.made.push(this);
  }
  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen({});
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
}

const phone = new EventTarget();
let link: InstanceType<LinkModule['Link']>;
const newest = (): FakeSocket => FakeSocket.made.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('addEventListener', phone.addEventListener.bind(phone));
  const ignore = (): void => undefined;
  link = new Link({ url: () => 'ws://test', opened: ignore, heard: ignore, changed: ignore, failed: ignore });
  link.start();
});
afterEach(() => {
  link.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('a driver who looks at the phone again does not wait for the next try', () => {
  for (let tries = 0; tries < 6; tries++) {
    newest().onclose({ code: 1006 });
    vi.advanceTimersToNextTimer();
    while (link.mode === 'waiting') vi.advanceTimersToNextTimer();
  }
  newest().onclose({ code: 1006 });
  const made = FakeSocket.made.length;
  link.wake();
  expect([link.mode, FakeSocket.made.length]).toEqual(['connecting', made + 1]);
});

it('a link that stood while the phone slept is asked at once, and once', () => {
  newest().open();
  link.wake();
  link.wake();
  expect(newest().sent.map((text) => JSON.parse(text).type)).toEqual(['ping']);
});

it('a dead link is found out in half a minute, also when the clock is set back by an hour meanwhile', () => {
  newest().open();
  vi.setSystemTime(Date.now() - HOUR_MS);
  vi.advanceTimersByTime(DEAD_AFTER_MS);
  expect(FakeSocket.made.length).toBeGreaterThan(1);
});

it('after its end it hears nothing more of the network', () => {
  const listeners = (): number => getEventListeners(phone, 'online').length + getEventListeners(phone, 'offline').length;
  expect(listeners()).toBe(2);
  link.stop();
  expect(listeners()).toBe(0);
});
