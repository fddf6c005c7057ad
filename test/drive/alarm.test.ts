/** What wakes a driver: the screen stays on for as long as the shift and no longer, and an offer rings again after a call. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pageModule } from './page-modules.ts';

interface AlarmModule {
  keepAwake(on: boolean): Promise<void>;
  isAwake(): boolean;
  unlockSound(): void;
  nudge(): void;
}

/** A phone whose locks are granted when the test lets it. */
class FakePhone {
  asked = 0;
  held = 0;
  isLowOnBattery = false;
  #grants: (() => void)[] = [];
  readonly wakeLock = {
    request: async () => {
      this.asked++;
      if (this.isLowOnBattery) throw new Error('NotAllowedError');
      await new Promise<void>((resolve) => this.#grants.push(resolve));
      this.held++;
      const lock = {
        released: false,
        release: async () => {
          if (!lock.released) this.held--;
          lock.released = true;
        },
      };
      return lock;
    },
  };
  grant(): void {
    for (const give of this.#grants.splice(0)) give();
  }
}

let phone: FakePhone;
let alarm: AlarmModule;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.resetModules();
  alarm = await pageModule<AlarmModule>('device/alarm');
  phone = new FakePhone();
  vi.stubGlobal('navigator', phone);
  vi.stubGlobal('document', { visibilityState: 'visible' });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('the screen is held on once, however often it is drawn before the phone has answered, and let go with the shift', async () => {
  const drawings = [alarm.keepAwake(true), alarm.keepAwake(true), alarm.keepAwake(true)];
  phone.grant();
  await Promise.all(drawings);
  expect([phone.asked, phone.held, alarm.isAwake()]).toEqual([1, 1, true]);
  await alarm.keepAwake(false);
  expect([phone.held, alarm.isAwake()]).toEqual([0, false]);
});

it('a lock that comes after the shift is given back', async () => {
  const asking = alarm.keepAwake(true);
  await alarm.keepAwake(false);
  phone.grant();
  await asking;
  expect([phone.held, alarm.isAwake()]).toEqual([0, false]);
});

it('a phone that refuses is asked again after some seconds, not at every drawing', async () => {
  phone.isLowOnBattery = true;
  for (let drawing = 0; drawing < 20; drawing++) await alarm.keepAwake(true);
  expect(phone.asked).toBe(1);
  vi.advanceTimersByTime(10_000);
  await alarm.keepAwake(true);
  expect(phone.asked).toBe(2);
});

it('a sound that a call took away is asked back by whatever sounds next', async () => {
  let started = 0;
  class Part {
    gain = { setTargetAtTime: () => undefined };
    connect = (next: unknown) => next;
    start = () => void started++;
    stop = () => undefined;
  }
  class Audio {
    static newest: Audio;
    state = 'running';
    currentTime = 0;
    constructor() {
      Audio.newest = this;
    }
    async resume() {
      this.state = 'running';
    }
  }
  for (const [name, value] of Object.entries({ AudioContext: Audio, OscillatorNode: Part, GainNode: Part })) vi.stubGlobal(name, value);
  alarm.unlockSound();
  Audio.newest.state = 'interrupted';
  alarm.nudge();
  await expect.poll(() => started).toBeGreaterThan(0);
});
