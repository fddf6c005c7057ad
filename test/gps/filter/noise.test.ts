/** The filter against injected noise: what passes, what is lost, how far off what it says is. Every trip is seeded. */
import { describe, expect, it } from 'vitest';
import { GpsFilter } from '../../../src/geo/gps/filter.ts';
import { type NoiseOptions, quantile } from './noise.ts';
import { offset, START } from './noise-drive.ts';
import { type Figures, judge, noFigures } from './noise-judge.ts';

const TRIP_S = 1_800;

/** Trips of half an hour, 4 and 10 m of noise in turn. */
function judgeTrips(trips: number, intervalS: number, more: Partial<NoiseOptions> = {}): Figures {
  const figures = noFigures();
  for (let seed = 1; seed <= trips; seed++)
    judge({ seed: 104_729 * seed + 7, fixes: TRIP_S / intervalS, sigmaM: seed % 2 === 0 ? 4 : 10, intervalS, ...more }, figures);
  return figures;
}

function expectBounds(figures: Figures, badShare: number): void {
  expect(figures.bad).toBeGreaterThan(150);
  expect(figures.badPassed / figures.bad).toBeLessThanOrEqual(badShare);
  expect(figures.goodLost / figures.good).toBeLessThanOrEqual(0.13);
  // A copy of a fix that was not believed may be, once there is more to judge it by.
  expect(figures.copiesPassed / figures.good).toBeLessThanOrEqual(0.001);
}

const KINDS: readonly [string, Partial<NoiseOptions>][] = [
  ['outliers, 0,0 and cell towers, all with the accuracy of a good fix', {}],
  ['no speeds', { speed: 'none' }],
  ['neither speeds nor accuracies', { speed: 'none', withoutAccuracy: 1 }],
  ['a speed that is always 0', { speed: 'zero' }],
  ['speeds made of the noisy positions', { speed: 'derived' }],
  ['three outliers in a row, each elsewhere', { outlierRun: 3 }],
  ['three outliers in a row in one place', { outlierRun: 3, outlierPlace: 'same' }],
  ['five fixes in a row from one tower', { towerRun: 5 }],
];

describe('injected noise: at most 13 % of the good fixes are lost, late ones included, and of the bad ones passes', () => {
  for (const [name, more] of KINDS) {
    it(`at most 0.5 % at a fix a second: ${name}`, () => expectBounds(judgeTrips(8, 1, more), 0.005));
    it(`at most 0.5 % at a fix every two seconds: ${name}`, () => expectBounds(judgeTrips(14, 2, more), 0.005));
  }

  for (const [name, more] of KINDS.slice(0, 5)) {
    it(`at most 0.5 % at a fix every five seconds: ${name}`, () => expectBounds(judgeTrips(40, 5, more), 0.005));
    it(`at most 0.5 % at a fix every ten seconds: ${name}`, () => expectBounds(judgeTrips(60, 10, more), 0.005));
    // What is two hundred metres off is a plausible place fifteen seconds later.
    it(`at most 2 % at a fix every fifteen seconds: ${name}`, () => expectBounds(judgeTrips(60, 15, more), 0.02));
  }

  it.each([
    [1, 8],
    [10, 40],
  ])('nine of ten wrong first fixes are refuted by the next ones: a fix every %d s', (intervalS, trips) => {
    const [right, wrong] = [judgeTrips(trips, intervalS), judgeTrips(trips, intervalS, { isFirstWrong: true })];
    expect(wrong.bad).toBeGreaterThan(right.bad);
    expect(wrong.badPassed).toBeLessThanOrEqual(right.badPassed + trips / 10);
    expect(wrong.goodLost / wrong.good).toBeLessThanOrEqual(0.13);
  });

  it('leaving a street canyon, or a sharp turn, costs no run of fixes', () => {
    const figures = judgeTrips(16, 1, { outliers: 0, towers: 0, late: 0 });
    expect(figures.goodLost / figures.good).toBeLessThanOrEqual(0.0025);
  });
});

it('what is smoothed is not further off than what was measured, apart from a few metres in turns', () => {
  const { rawM, filteredM } = judgeTrips(4, 1, { sigmaM: 10 });
  expect(quantile(filteredM, 0.5)).toBeLessThan(quantile(rawM, 0.5) + 1);
  expect(quantile(filteredM, 0.95)).toBeLessThan(quantile(rawM, 0.95) + 3);
  expect(quantile(filteredM, 0.999)).toBeLessThan(150);
});

/** A phone of a new driver. @returns what becomes of a fix at so many seconds and metres from the start */
function sender() {
  const filter = new GpsFilter();
  return (atS: number, eastM: number, northM: number) => {
    const atMs = START.atMs + atS * 1_000;
    const fix = { atMs, ...offset(START, eastM, northM), accuracyM: 8, speedMps: null, headingDeg: null };
    return filter.accept(fix, { deviceId: 'phone', sessionSinceMs: 0 }, atMs);
  };
}

/** North at 10 m/s for thirty fixes, then fixes so many metres to the east of the way. @returns `A` for each of these that was believed */
function aside(intervalS: number, metres: readonly number[], speedMps: number | null): string {
  const filter = new GpsFilter();
  const believed = [...Array.from({ length: 30 }, () => 0), ...metres].map((eastM, i) => {
    const atMs = START.atMs + i * intervalS * 1_000;
    const fix = { atMs, ...offset(START, eastM, 10 * i * intervalS), accuracyM: 8, speedMps, headingDeg: null };
    return filter.accept(fix, { deviceId: 'phone', sessionSinceMs: 0 }, atMs).kind === 'accepted' ? 'A' : '-';
  });
  return believed.slice(30).join('');
}

describe('a fix aside of the way', () => {
  it('that is doubtful is held back until the next bears it out; one on the way loses nothing by it', () => {
    expect(aside(10, [150, 300, 450], null)).toBe('-AA');
    expect(aside(10, [200, 0, 0], null)).toBe('-AA');
  });

  it('that is doubtful stays so when a copy of it comes', () => {
    const send = sender();
    for (let atS = 0; atS < 300; atS += 10) send(atS, 0, 10 * atS);
    const kinds = [send(300, 150, 3_000), send(300, 150, 3_000), send(310, 300, 3_100)].map((verdict) => verdict.kind);
    expect(kinds).toEqual(['rejected', 'rejected', 'accepted']);
  });

  it('that was the first is refuted by those that bear each other out, however near it was', () => {
    for (const wrongM of [260, 300, 350, 450, 600]) {
      const send = sender();
      send(0, wrongM, 0);
      const next = [10, 20, 30, 40].map((atS) => send(atS, 0, 0)).find((verdict) => verdict.kind === 'accepted');
      expect(next?.flags).toEqual(['reanchored']);
    }
  });

  it('that hops and then goes on beside the way waits for a third', () => {
    expect(aside(10, [200, 200, 200], null)).toBe('--A');
  });

  it('that the stated speeds do not explain is not made better by a second one', () => {
    expect(aside(10, [200, 200, 200], 10)).toBe('---');
  });

  it('that was a jump does not become part of the track because time passes; two on the way do', () => {
    expect(aside(5, [300, 301, 299, 300, 301, 300, 299, 0, 0], null)).toBe('--------A');
  });

  it('and seven like it are a track at last', () => {
    expect(aside(1, [900, 901, 899, 900, 901, 900, 899, 900], null)).toBe('-------A');
  });
});
