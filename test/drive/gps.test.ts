/** The phone's receiver: it comes back when the driver allows it again, and a fix is as old as it is here, whatever clock stamped it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pageModule } from './page-modules.ts';

interface GpsModule {
  PhoneGps: new () => { start(onFix: (fix: object) => void, onFault: (fault: string) => void): void; stop(): void };
}
const { PhoneGps } = await pageModule<GpsModule>('device/gps');
/** Longer than a silent receiver is left alone. */
const ASKED_WITHIN_MS = 20_000;
const POSITION = { timestamp: 1, coords: { latitude: -26, longitude: 27, accuracy: 8 } };

type Took = (position: object) => void;
type Failed = (error: { readonly code: number }) => void;

/** A receiver as browsers have it: what watched when it was forbidden watches no more. */
class FakeReceiver {
  isAllowed = true;
  readonly watches = new Map<number, Took>();
  #count = 0;
  watchPosition(took: Took, failed: Failed): number {
    const id = ++this.#count;
    if (this.isAllowed) this.watches.set(id, took);
    else failed({ code: 1 });
    this.#failures.set(id, failed);
    return id;
  }
  readonly #failures = new Map<number, Failed>();
  clearWatch(id: number): void {
    this.watches.delete(id);
    this.#failures.delete(id);
  }
  getCurrentPosition(took: Took, failed: Failed): void {
    if (this.isAllowed) took(POSITION);
    else failed({ code: 1 });
  }
  forbid(): void {
    this.isAllowed = false;
    this.watches.clear();
    for (const failed of [...this.#failures.values()]) failed({ code: 1 });
  }
}

let receiver: FakeReceiver;
beforeEach(() => {
  vi.useFakeTimers();
  receiver = new FakeReceiver();
  vi.stubGlobal('navigator', { geolocation: receiver });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each([
  ['withdrawn in the middle of a shift', true],
  ['refused at its start', false],
])('a permission that was %s and is given again brings back every fix, and not one in ten seconds', (_, isAllowed) => {
  receiver.isAllowed = isAllowed;
  const gps = new PhoneGps();
  const faults: string[] = [];
  let fixes = 0;
  gps.start(
    () => fixes++,
    (fault) => faults.push(fault),
  );
  if (isAllowed) receiver.forbid();
  vi.advanceTimersByTime(ASKED_WITHIN_MS);
  expect([fixes, new Set(faults)]).toEqual([0, new Set(['denied'])]);
  receiver.isAllowed = true;
  vi.advanceTimersByTime(ASKED_WITHIN_MS);
  expect(fixes).toBeGreaterThan(0);
  expect(receiver.watches.size).toBe(1);
  gps.stop();
  expect(receiver.watches.size).toBe(0);
});

it('what the receiver still had to say when it was stopped is nobody’s', () => {
  let say: Took = () => undefined;
  receiver.getCurrentPosition = (took) => {
    say = took;
  };
  const gps = new PhoneGps();
  let fixes = 0;
  gps.start(
    () => fixes++,
    () => undefined,
  );
  vi.advanceTimersByTime(ASKED_WITHIN_MS);
  gps.stop();
  say(POSITION);
  expect([fixes, receiver.watches.size]).toEqual([0, 0]);
});
