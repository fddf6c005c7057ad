/** Times of arrival are finite, at least a minute, learned from trips without leaps, and pushed only when they changed enough to matter. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EtaModel, type Leg, MAX_AREAS, newEtaModel, observe, predictEta, type Trip } from '../../src/geo/eta/eta-model.ts';
import { type LegProgress, remainingS } from '../../src/geo/eta/live-eta.ts';
import { gateEta, type PushGateState } from '../../src/geo/eta/push-gate.ts';

const leg: Leg = { from: { lat: -1.28, lng: 36.82 }, distanceM: 5_000, vehicle: 'car', hour: 12 };
const elsewhere = { lat: -1.1, lng: 36.6 };

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Trips on a true line, with noise of +-30 %. */
function learn(
  model: EtaModel,
  trips: number,
  truth: { overheadS: number; paceSPerKm: number },
  base: Partial<Trip> = {},
  seed = 3,
): EtaModel {
  const next = random(seed);
  let learned = model;
  for (let i = 0; i < trips; i++) {
    const distanceM = 1_000 + next() * 8_000;
    const durationS = (truth.overheadS + (truth.paceSPerKm * distanceM) / 1_000) * (0.7 + 0.6 * next());
    learned = observe(learned, { ...leg, ...base, distanceM, durationS });
  }
  return learned;
}

describe('the model of arrival', () => {
  it('begins with the prior: an overhead and a pace, not a pace alone', () => {
    const eta = predictEta(newEtaModel(), leg);
    expect(eta.p50S).toBeCloseTo((760 + 128 * 5) * 0.95);
    expect(eta.p80S).toBeCloseTo((760 + 128 * 5) * 1.4);
    expect(predictEta(newEtaModel(), { ...leg, distanceM: 0 }).p50S).toBeGreaterThan(600);
  });

  it('learns the line of an area', () => {
    const model = learn(newEtaModel(), 400, { overheadS: 300, paceSPerKm: 200 });
    for (const distanceM of [2_000, 5_000, 8_000]) {
      const trueS = 300 + 0.2 * distanceM;
      expect(Math.abs(predictEta(model, { ...leg, distanceM }).p50S - trueS) / trueS).toBeLessThan(0.12);
    }
  });

  it('shrinks: a few trips change their own hour most, then the area, then another area', () => {
    const before = predictEta(newEtaModel(), leg).p50S;
    const model = { ...learn(newEtaModel(), 15, { overheadS: 2_000, paceSPerKm: 300 }), quantiles: newEtaModel().quantiles };
    const vehicles = newEtaModel().vehicles;
    const change = (one: Partial<Leg>): number => predictEta({ ...model, vehicles }, { ...leg, ...one }).p50S - before;
    expect(change({})).toBeGreaterThan(change({ hour: 3 }));
    expect(change({ hour: 3 })).toBeGreaterThan(change({ from: elsewhere }));
    expect(change({ from: elsewhere })).toBeGreaterThan(0);
    expect(change({})).toBeLessThan(2_000 + 300 * 5 - before);
  });

  it('learns that a vehicle is slower than a car', () => {
    let model = learn(newEtaModel(), 200, { overheadS: 400, paceSPerKm: 120 });
    const carS = predictEta(model, leg).p50S;
    model = learn(model, 200, { overheadS: 800, paceSPerKm: 240 }, { vehicle: 'bicycle' }, 9);
    expect(predictEta(model, { ...leg, vehicle: 'bicycle' }).p50S / predictEta(model, leg).p50S).toBeGreaterThan(1.5);
    expect(Math.abs(predictEta(model, leg).p50S - carS) / carS).toBeLessThan(0.25);
  });

  it('half of the trips end before P50 and four fifths before P80', () => {
    let model = learn(newEtaModel(), 500, { overheadS: 500, paceSPerKm: 150 });
    const next = random(77);
    let [below50, below80] = [0, 0];
    for (let i = 0; i < 1_000; i++) {
      const distanceM = 1_000 + next() * 8_000;
      const durationS = (500 + 0.15 * distanceM) * (0.7 + 0.6 * next());
      const eta = predictEta(model, { ...leg, distanceM });
      if (durationS <= eta.p50S) below50++;
      if (durationS <= eta.p80S) below80++;
      model = observe(model, { ...leg, distanceM, durationS });
    }
    expect(below50).toBeGreaterThan(450);
    expect(below50).toBeLessThan(550);
    expect(below80).toBeGreaterThan(760);
    expect(below80).toBeLessThan(840);
  });

  it.each([
    ['shorter than a minute', { durationS: 59 }],
    ['faster than 100 km/h', { durationS: 170 }],
    ['longer than four hours', { durationS: 14_401 }],
    ['NaN seconds', { durationS: Number.NaN }],
    ['NaN metres', { distanceM: Number.NaN }],
    ['no position', { from: { lat: Number.NaN, lng: 0 } }],
    ['hour 24', { hour: 24 }],
  ])('a trip of %s teaches nothing', (_name, wrong) => {
    const model = newEtaModel();
    expect(observe(model, { ...leg, durationS: 1_500, ...wrong })).toBe(model);
  });

  it('is finite, ordered and a minute at least, whatever it was taught and asked; it survives JSON', () => {
    const wild = fc.double({ min: -1e9, max: 1e9 });
    const trip: fc.Arbitrary<Trip> = fc.record({
      from: fc.record({ lat: fc.double({ min: -91, max: 91 }), lng: fc.double({ min: -181, max: 181 }) }),
      distanceM: fc.oneof(wild, fc.double({ min: 0, max: 30_000, noNaN: true })),
      durationS: fc.oneof(wild, fc.double({ min: 60, max: 9_000, noNaN: true })),
      vehicle: fc.constantFrom('bicycle', 'motorbike', 'car', 'bakkie', 'truck'),
      hour: fc.integer({ min: -1, max: 24 }),
    });
    fc.assert(
      fc.property(fc.array(trip, { maxLength: 30 }), trip, (trips, asked) => {
        const model = trips.reduce(observe, newEtaModel());
        const eta = predictEta(model, asked);
        expect(Number.isFinite(eta.p80S)).toBe(true);
        expect(eta.p50S).toBeGreaterThanOrEqual(60);
        expect(eta.p80S).toBeGreaterThanOrEqual(eta.p50S);
        expect(JSON.parse(JSON.stringify(model))).toEqual(model);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps a bounded number of areas, and forgets the one it knows least about', () => {
    let model = learn(newEtaModel(), 5, { overheadS: 300, paceSPerKm: 100 });
    const [known] = Object.keys(model.areas);
    for (let i = 0; i < MAX_AREAS + 20; i++) {
      model = observe(model, { ...leg, from: { lat: -20 + Math.floor(i / 40) * 0.1, lng: 20 + (i % 40) * 0.1 }, durationS: 1_500 });
    }
    expect(Object.keys(model.areas).length).toBe(MAX_AREAS);
    expect(model.areas[known!]).toBeDefined();
  });
});

describe('what remains of a leg', () => {
  const progress: LegProgress = { startedAtMs: 0, startRemainingM: 6_000, priorDrivingS: 1_000 };

  it('a stop of two minutes at a light changes the arrival by less than five minutes', () => {
    const before = remainingS(progress, 3_600, 400_000);
    const after = remainingS(progress, 3_600, 520_000) + 120;
    expect(after - before).toBeLessThan(300);
  });

  it('a trip that is slow all along gains a say of a half and no more', () => {
    expect(remainingS(progress, 6_000, 60_000)).toBeLessThan(1_100);
    const slow = remainingS(progress, 4_000, 1_800_000); // 1.1 m/s against 6
    expect(slow).toBeGreaterThan(4_000 / 6);
    expect(slow).toBeLessThan((4_000 / 6) * 2);
  });

  it('is never below a minute and always finite', () => {
    const any = fc.oneof(fc.double(), fc.constant(Number.NaN));
    fc.assert(
      fc.property(any, any, any, any, (startRemainingM, priorDrivingS, remainingM, nowMs) => {
        const left = remainingS({ startedAtMs: 0, startRemainingM, priorDrivingS }, remainingM, nowMs);
        expect(left).toBeGreaterThanOrEqual(60);
        expect(Number.isFinite(left)).toBe(true);
      }),
    );
  });
});

describe('the gate of pushes', () => {
  const MINUTE = 60_000;
  /** Readings of [minute, arrival minute, source]. @returns the minutes of pushes. */
  function pushes(readings: readonly (readonly [number, number, string?, boolean?])[]): number[] {
    let state: PushGateState | null = null;
    const at: number[] = [];
    for (const [minute, arrival, source = 'model', stateChanged = false] of readings) {
      const answer = gateEta(state, { atMs: minute * MINUTE, arrivalAtMs: arrival * MINUTE, source, stateChanged });
      state = answer.state;
      if (answer.push) at.push(minute);
    }
    return at;
  }

  it.each([
    ['the first estimate is told', [[0, 30]], [0]],
    [
      'five minutes are not more than five',
      [
        [0, 30],
        [2, 35],
        [3, 35],
        [4, 35],
        [5, 35],
      ],
      [0],
    ],
    [
      'the third fix in a row confirms',
      [
        [0, 30],
        [2, 36],
        [3, 36],
        [4, 36],
        [5, 36],
      ],
      [0, 4],
    ],
    [
      'a fix in between begins anew',
      [
        [0, 30],
        [2, 36],
        [3, 36],
        [4, 31],
        [5, 36],
        [6, 36],
      ],
      [0],
    ],
    [
      'swinging six minutes to and fro is never told',
      [
        [0, 30],
        [2, 36],
        [3, 24],
        [4, 36],
        [5, 24],
        [6, 36],
        [7, 24],
      ],
      [0],
    ],
    [
      'a fix in the other direction begins anew, at once',
      [
        [0, 30],
        [2, 24],
        [3, 24],
        [4, 36],
        [5, 36],
        [6, 36],
      ],
      [0, 6],
    ],
    [
      'not within a minute of the last',
      [
        [0, 30],
        [0.2, 37],
        [0.4, 37],
        [0.6, 37],
        [0.8, 37],
        [1, 37],
      ],
      [0, 1],
    ],
    [
      'another source alone is no news',
      [
        [0, 30],
        [2, 50, 'osrm'],
        [3, 50, 'osrm'],
        [4, 50, 'osrm'],
        [5, 50, 'osrm'],
      ],
      [0],
    ],
    [
      'but what changes after it is',
      [
        [0, 30],
        [2, 50, 'osrm'],
        [3, 56, 'osrm'],
        [4, 56, 'osrm'],
        [5, 56, 'osrm'],
      ],
      [0, 5],
    ],
    [
      'a change of state is always told',
      [
        [0, 30],
        [0.1, 30, 'model', true],
      ],
      [0, 0.1],
    ],
    [
      'not a number is ignored',
      [
        [0, 30],
        [2, Number.NaN],
        [3, Number.POSITIVE_INFINITY],
      ],
      [0],
    ],
  ] as [string, [number, number, string?, boolean?][], number[]][])('%s', (_name, readings, expected) => {
    expect(pushes(readings)).toEqual(expected);
  });

  it('every change above five minutes against what was told last is told, until three messages are spent', () => {
    const drifting = Array.from({ length: 60 }, (_, minute) => [minute, 30 + minute * 0.5] as const);
    const at = pushes(drifting);
    // Five minutes and a half after eleven minutes of drift, two more to bear it out; the third and last twelve later.
    expect(at).toEqual([0, 13, 26]);
  });

  it('noise around the threshold spends nothing, and one dip below it does not begin anew', () => {
    const noisy = (arrivals: readonly number[]) => pushes(arrivals.map((arrival, i) => [i / 60, arrival] as const));
    const gusts = Array.from({ length: 300 }, (_, second) => (second % 40 < 20 ? 36 : 33));
    expect(noisy([30, ...gusts])).toEqual([0]);
    const dipping = Array.from({ length: 120 }, (_, second) => (second % 10 === 9 ? 34.5 : 36));
    expect(noisy([30, ...dipping])).toHaveLength(2);
    // Borne out before a minute has passed since the last message: told with the first reading that is above five minutes.
    const dip = Array.from({ length: 70 }, (_, second) => (second >= 45 && second < 65 ? 34.5 : 36));
    expect(noisy([30, ...dip])).toEqual([0, 66 / 60]);
  });

  it('whatever the readings: at most three messages, each but the first above five minutes from the one before', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 240 }), fc.integer({ min: -600, max: 3_600 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let state: PushGateState | null = null;
        const told: number[] = [];
        let atMs = 0;
        for (const [gapS, arrivalS] of steps) {
          atMs += gapS * 1_000;
          const answer = gateEta(state, { atMs, arrivalAtMs: arrivalS * 1_000, source: 'model' });
          state = answer.state;
          if (answer.push) told.push(arrivalS);
        }
        expect(told.length).toBeLessThanOrEqual(3);
        for (let i = 1; i < told.length; i++) expect(Math.abs(told[i]! - told[i - 1]!)).toBeGreaterThan(300);
      }),
    );
  });

  it('at most one push a minute without a change of state', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.integer({ min: 0, max: 90 })), { maxLength: 100 }), (steps) => {
        let second = 0;
        const at = pushes(
          steps.map(([gap, arrival]) => {
            second += gap;
            return [second / 60, arrival] as const;
          }),
        );
        for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeGreaterThanOrEqual(1 - 1e-9);
      }),
    );
  });
});
