/** Hostile and odd positions, one by one. The number in a title is the case of the specification (docs/specs/gps.md). */
import { describe, expect, it } from 'vitest';
import { distanceM } from '../../../src/geo/distance.ts';
import { GpsFilter } from '../../../src/geo/gps/filter.ts';
import type { Fix, FixSource, Verdict } from '../../../src/geo/gps/fix.ts';

const NOW = Date.UTC(2026, 10, 21, 9);
const HOME = { lat: -26.2485, lng: 27.854 };
const PHONE: FixSource = { deviceId: 'phone', sessionSinceMs: NOW - 3_600_000 };
const M_PER_DEG = 111_195;

function fix(atMs: number, over: Partial<Fix> = {}): Fix {
  return { atMs, ...HOME, accuracyM: 8, speedMps: null, headingDeg: null, ...over };
}

function north(m: number): { lat: number; lng: number } {
  return { lat: HOME.lat + m / M_PER_DEG, lng: HOME.lng };
}

function codeOf(verdict: Verdict): string {
  return verdict.kind === 'accepted' ? 'accepted' : verdict.code;
}

function flagsOf(verdict: Verdict): readonly string[] {
  return verdict.kind === 'duplicate' ? [] : verdict.flags;
}

function accepted(verdict: Verdict) {
  if (verdict.kind !== 'accepted') throw new Error(`expected accepted, got ${verdict.code}`);
  return verdict;
}

/** A filter that stands at HOME since ten seconds, its last fix at NOW. */
function standing(options: ConstructorParameters<typeof GpsFilter>[0] = {}): GpsFilter {
  const filter = new GpsFilter(options);
  for (let s = -10; s <= 0; s++) accepted(filter.accept(fix(NOW + s * 1_000), PHONE, NOW + s * 1_000));
  return filter;
}

const SOUTH_AFRICA = (lat: number, lng: number): boolean => lat > -35 && lat < -22 && lng > 16 && lng < 33;

describe('places', () => {
  it('case 1: exchanged latitude and longitude are out of area, recognised as such, and do not move the driver', () => {
    const filter = standing({ inServiceArea: SOUTH_AFRICA });
    const verdict = filter.accept(fix(NOW + 1_000, { lat: HOME.lng, lng: HOME.lat }), PHONE, NOW + 1_000);
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'gps.out_of_area', isSwapped: true });
    expect(distanceM(filter.state.motion, HOME)).toBeLessThan(1);
    const far = filter.accept(fix(NOW + 2_000, { lat: 52, lng: 13 }), PHONE, NOW + 2_000);
    expect(far).toMatchObject({ code: 'gps.out_of_area', isSwapped: false });
  });

  it('case 2: coordinates that are none are rejected and never reach the track', () => {
    const filter = standing();
    for (const lat of [Number.NaN, Number.POSITIVE_INFINITY, 90.0001, -91]) {
      expect(codeOf(filter.accept(fix(NOW + 1_000, { lat }), PHONE, NOW + 1_000))).toBe('gps.invalid_lat');
    }
    for (const lng of [Number.NaN, Number.NEGATIVE_INFINITY, 180.0001, -181]) {
      expect(codeOf(filter.accept(fix(NOW + 1_000, { lng }), PHONE, NOW + 1_000))).toBe('gps.invalid_lng');
    }
    expect(codeOf(filter.accept(fix(Number.NaN), PHONE, NOW + 1_000))).toBe('gps.invalid_time');
    const next = accepted(filter.accept(fix(NOW + 2_000), PHONE, NOW + 2_000));
    expect([next.position.lat, next.position.lng].every(Number.isFinite)).toBe(true);
  });

  it('case 3: exactly 0,0 is rejected unless it is served; the equator alone and 0.000x are places', () => {
    expect(codeOf(new GpsFilter().accept(fix(NOW, { lat: 0, lng: 0 }), PHONE, NOW))).toBe('gps.null_island');
    expect(codeOf(new GpsFilter({ inServiceArea: () => false }).accept(fix(NOW, { lat: 0, lng: 0 }), PHONE, NOW))).toBe('gps.null_island');
    expect(codeOf(new GpsFilter({ inServiceArea: () => true }).accept(fix(NOW, { lat: 0, lng: 0 }), PHONE, NOW))).toBe('accepted');
    for (const place of [
      { lat: 0, lng: 36.8 },
      { lat: 0.0004, lng: 0 },
      { lat: 51.5, lng: 0 },
      { lat: -0, lng: 36.8 },
    ]) {
      expect(codeOf(new GpsFilter().accept(fix(NOW, place), PHONE, NOW))).toBe('accepted');
    }
  });

  it('case 4: a flipped sign of one coordinate is a teleport', () => {
    const filter = standing();
    expect(codeOf(filter.accept(fix(NOW + 1_000, { lng: -HOME.lng }), PHONE, NOW + 1_000))).toBe('gps.teleport');
    expect(codeOf(filter.accept(fix(NOW + 2_000), PHONE, NOW + 2_000))).toBe('accepted');
  });

  it('case 22: a track goes on across the antimeridian and next to a pole', () => {
    const filter = new GpsFilter();
    for (let s = 0; s < 60; s++) {
      const raw = 179.995 + s * 0.0002;
      const verdict = accepted(filter.accept(fix(NOW + s * 1_000, { lat: -17, lng: raw > 180 ? raw - 360 : raw }), PHONE, NOW + s * 1_000));
      expect(Math.abs(verdict.position.lng)).toBeLessThanOrEqual(180);
    }
    expect(filter.state.motion.lng).toBeCloseTo(-179.9932, 3);
    const polar = new GpsFilter();
    for (let s = 0; s < 20; s++) {
      const verdict = accepted(polar.accept(fix(NOW + s * 1_000, { lat: 90, lng: (s * 77) % 180 }), PHONE, NOW + s * 1_000));
      expect([verdict.position.lat, verdict.position.lng].every(Number.isFinite)).toBe(true);
    }
  });
});

describe('accuracy', () => {
  it('case 5: missing counts as 30 m, not positive as unknown, above 50 m makes no fence, above 100 m no position; all is stored', () => {
    const of = (accuracyM: number | null): Verdict => standing().accept(fix(NOW + 1_000, { accuracyM }), PHONE, NOW + 1_000);
    for (const unknown of [null, 0, -1, Number.POSITIVE_INFINITY]) {
      expect(of(unknown)).toMatchObject({ kind: 'accepted', fence: true, position: { accuracyM: 30 } });
    }
    expect(of(50)).toMatchObject({ kind: 'accepted', fence: true });
    expect(of(50.1)).toMatchObject({ kind: 'accepted', publish: true, fence: false });
    expect(of(100)).toMatchObject({ kind: 'accepted', fence: false });
    expect(of(100.1)).toMatchObject({ kind: 'history', code: 'gps.inaccurate' });
    expect(of(1e6)).toMatchObject({ kind: 'history', code: 'gps.inaccurate', position: { lat: HOME.lat } });
  });

  it('case 6: a cell-tower fix that claims 10 m is a teleport, and the track goes on', () => {
    const filter = standing();
    expect(codeOf(filter.accept(fix(NOW + 1_000, { ...north(1_400), accuracyM: 10 }), PHONE, NOW + 1_000))).toBe('gps.teleport');
    expect(codeOf(filter.accept(fix(NOW + 2_000, north(5)), PHONE, NOW + 2_000))).toBe('accepted');
  });
});

describe('time', () => {
  it('case 7: up to 60 s ahead counts as now; more is flagged, ordered by server time, and the lead is learned', () => {
    const near = accepted(standing().accept(fix(NOW + 31_000), PHONE, NOW + 1_000));
    expect(near.position.atMs).toBe(NOW + 1_000);
    expect(near.flags).toEqual([]);

    const filter = standing();
    const lead = 7_200_000;
    const first = accepted(filter.accept(fix(NOW + 1_000 + lead), PHONE, NOW + 1_000));
    expect(first.flags).toEqual(['clock_skew']);
    expect(first.position.atMs).toBe(NOW + 1_000);
    // Sent after 2 s, arrived after 5: the lead that was learned gives the time of the measurement, not of the arrival.
    const delayed = accepted(filter.accept(fix(NOW + 3_000 + lead), PHONE, NOW + 6_000));
    expect(delayed.position.atMs).toBe(NOW + 3_000);
    // The clock is set right: at once believed again.
    const right = accepted(filter.accept(fix(NOW + 7_000), PHONE, NOW + 7_000));
    expect(right.position.atMs).toBe(NOW + 7_000);
    expect(right.flags).toEqual([]);
  });

  it('case 7: a batch from a fast clock keeps its spacing', () => {
    const filter = new GpsFilter();
    const fixes = [0, 1, 2, 3, 4].map((s) => fix(NOW + 30_000 + s * 1_000));
    const verdicts = filter.acceptAll(fixes, PHONE, NOW);
    expect(verdicts.map((verdict) => accepted(verdict).position.atMs - NOW)).toEqual([-4_000, -3_000, -2_000, -1_000, 0]);
  });

  it('case 8: a buffered upload of 500 goes to history in order; only its last minute moves the driver', () => {
    const filter = new GpsFilter();
    const fixes = Array.from({ length: 500 }, (_, i) => fix(NOW - (499 - i) * 2_000, north(i * 20)));
    const verdicts = filter.acceptAll(fixes, PHONE, NOW);
    const stale = verdicts.filter((verdict) => verdict.kind === 'history' && verdict.code === 'gps.stale');
    expect(stale).toHaveLength(469);
    expect(verdicts.slice(469).every((verdict) => verdict.kind === 'accepted' && verdict.publish)).toBe(true);
    const times = verdicts.map((verdict) =>
      verdict.kind === 'accepted' || verdict.kind === 'history' ? verdict.position.atMs : Number.NaN,
    );
    expect(times).toEqual(fixes.map((one) => one.atMs));
  });

  it('case 9: times of a roll-over are rejected as past', () => {
    const filter = standing();
    for (const at of [0, Date.UTC(1980, 0, 6), Date.UTC(1999, 7, 22), Date.UTC(2007, 3, 7), Date.UTC(2019, 3, 7)]) {
      expect(codeOf(filter.accept(fix(at), PHONE, NOW + 1_000))).toBe('gps.past');
    }
  });

  it('case 10: of two that arrive in the wrong order the later one is current and the earlier is stored', () => {
    const filter = standing();
    accepted(filter.accept(fix(NOW + 8_000, north(40)), PHONE, NOW + 8_000));
    const late = filter.accept(fix(NOW + 3_000, north(15)), PHONE, NOW + 8_500);
    expect(late).toMatchObject({ kind: 'history', code: 'gps.late', position: { atMs: NOW + 3_000, lat: north(15).lat } });
    expect(filter.state.motion.atMs).toBe(NOW + 8_000);
    // An outlier does not get into the record by being late.
    expect(codeOf(filter.accept(fix(NOW + 4_000, north(5_000)), PHONE, NOW + 9_000))).toBe('gps.teleport');
  });

  it('case 11: the same fix again is a duplicate, also when it was late; with a better accuracy it refines', () => {
    const filter = standing();
    const one = fix(NOW + 5_000, { ...north(30), accuracyM: 40 });
    expect(codeOf(filter.accept(one, PHONE, NOW + 5_000))).toBe('accepted');
    expect(codeOf(filter.accept(one, PHONE, NOW + 6_000))).toBe('gps.duplicate');
    const before = distanceM(filter.state.motion, north(30));
    const better = accepted(filter.accept({ ...one, ...north(34), accuracyM: 5 }, PHONE, NOW + 6_000));
    expect(better.flags).toEqual(['refined']);
    expect(better.position.atMs).toBe(one.atMs);
    expect(distanceM(filter.state.motion, north(34))).toBeLessThan(before);
    expect(codeOf(filter.accept({ ...one, ...north(90), accuracyM: 20 }, PHONE, NOW + 6_000))).toBe('gps.duplicate');
    const late = fix(NOW + 2_500);
    expect(codeOf(filter.accept(late, PHONE, NOW + 7_000))).toBe('gps.late');
    expect(codeOf(filter.accept(late, PHONE, NOW + 7_000))).toBe('gps.duplicate');
  });

  it('case 25: what is older than a minute on arrival is never current', () => {
    expect(codeOf(standing().accept(fix(NOW + 1_000), PHONE, NOW + 61_000))).toBe('accepted');
    expect(codeOf(standing().accept(fix(NOW + 1_000), PHONE, NOW + 61_001))).toBe('gps.stale');
  });

  it('case 26: a server clock that is set back five minutes loses no fix', () => {
    const filter = standing();
    const step = 300_000;
    for (let s = 1; s <= 20; s++) {
      const verdict = accepted(filter.accept(fix(NOW + s * 1_000), PHONE, NOW + s * 1_000 - step));
      expect(verdict.position.atMs).toBeLessThanOrEqual(NOW + s * 1_000 - step);
    }
  });
});

describe('floods', () => {
  it('case 12: one fix a thousand times moves once, then the device has to wait; another driver notices nothing', () => {
    const filter = new GpsFilter();
    const codes = Array.from({ length: 1_000 }, () => filter.accept(fix(NOW), PHONE, NOW)).map(codeOf);
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(codes.filter((code) => code === 'gps.duplicate')).toHaveLength(599);
    expect(filter.accept(fix(NOW), PHONE, NOW)).toMatchObject({ code: 'gps.rate_limited', retryAfterMs: 100 });
    expect(codeOf(filter.accept(fix(NOW + 1_000), PHONE, NOW + 1_000))).toBe('accepted');
    const second: FixSource = { ...PHONE, deviceId: 'second' };
    expect(codeOf(filter.accept(fix(NOW + 2_000), second, NOW + 2_000))).toBe('accepted');
  });

  it('case 13: of 10 Hz one a second is published, and the device is told to slow down, once in a while', () => {
    const filter = new GpsFilter();
    let published = 0;
    const advice: number[] = [];
    for (let i = 0; i < 600; i++) {
      const at = NOW + i * 100;
      const verdict = accepted(filter.accept(fix(at, north(i * 1.2)), PHONE, at));
      if (verdict.publish) published++;
      else expect(verdict.fence).toBe(false);
      if (verdict.adviceIntervalMs !== null) advice.push(verdict.adviceIntervalMs);
    }
    expect(published).toBeGreaterThanOrEqual(59);
    expect(published).toBeLessThanOrEqual(61);
    expect(advice).toEqual([1_000, 1_000]);
  });

  it('case 13: a device at 1 Hz with jitter is published whole', () => {
    const filter = new GpsFilter();
    for (let i = 0; i < 300; i++) {
      const at = NOW + i * 1_000 + ((i * 37) % 160);
      expect(accepted(filter.accept(fix(at), PHONE, at)).publish).toBe(true);
    }
  });
});

describe('jumps', () => {
  it('case 15: two phones 5 km apart: the third alternation pins the newest login and is flagged', () => {
    const filter = new GpsFilter();
    const old: FixSource = { deviceId: 'old', sessionSinceMs: NOW - 7_200_000 };
    const fresh: FixSource = { deviceId: 'fresh', sessionSinceMs: NOW - 60_000 };
    const codes: string[] = [];
    let flagged = -1;
    for (let s = 0; s < 20; s++) {
      const at = NOW + s * 1_000;
      const verdict = s % 2 === 0 ? filter.accept(fix(at), old, at) : filter.accept(fix(at, north(5_000)), fresh, at);
      codes.push(codeOf(verdict));
      if (flagged < 0 && flagsOf(verdict).includes('ping_pong')) flagged = s;
    }
    expect(flagged).toBe(5);
    expect(codes.slice(0, 6)).toEqual(['accepted', 'gps.teleport', 'accepted', 'gps.teleport', 'accepted', 'accepted']);
    expect(new Set(codes.slice(6))).toEqual(new Set(['gps.other_device', 'accepted']));
    expect(distanceM(filter.state.motion, north(5_000))).toBeLessThan(20);
    // The pinned phone is silent for more than five minutes: the other may move the driver again.
    const later = NOW + 20_000 + 301_000;
    expect(codeOf(filter.accept(fix(later), old, later))).not.toBe('gps.other_device');
  });

  it('case 15: when the older login is the jumper, it is the one that is not believed', () => {
    const filter = new GpsFilter();
    const old: FixSource = { deviceId: 'old', sessionSinceMs: NOW - 7_200_000 };
    const fresh: FixSource = { deviceId: 'fresh', sessionSinceMs: NOW - 60_000 };
    for (let s = 0; s < 12; s++) {
      const at = NOW + s * 1_000;
      const verdict = s % 2 === 0 ? filter.accept(fix(at), fresh, at) : filter.accept(fix(at, north(5_000)), old, at);
      if (s >= 5) expect(codeOf(verdict)).toBe(s % 2 === 0 ? 'accepted' : 'gps.other_device');
    }
  });

  it('case 15: a driver who changes phones is no quarrel', () => {
    const filter = standing();
    const other: FixSource = { deviceId: 'other', sessionSinceMs: NOW };
    const verdicts = [1, 2, 3, 4].map((s) => filter.accept(fix(NOW + s * 1_000, north(3_000 + s)), other, NOW + s * 1_000));
    expect(verdicts.map(codeOf)).toEqual(['gps.teleport', 'gps.teleport', 'accepted', 'accepted']);
    expect(verdicts.flatMap(flagsOf)).toEqual(['reanchored']);
  });

  it('case 16: after a gap a far place is believed if it could be reached: a ferry at once, a flight after ten minutes', () => {
    const following = (gapMs: number, m: number): Verdict => standing().accept(fix(NOW + gapMs, north(m)), PHONE, NOW + gapMs);
    expect(flagsOf(following(120_000, 3_000))).toEqual(['reinitialised']);
    expect(flagsOf(following(7_200_000, 1_200_000))).toEqual(['reinitialised']);
    expect(codeOf(following(90_000, 50_000))).toBe('gps.teleport');
    expect(codeOf(following(7_200_000, 9_000_000))).toBe('gps.teleport');
  });

  it('case 17: a wrong first fix is given up when three fixes agree on another place', () => {
    const filter = new GpsFilter();
    expect(accepted(filter.accept(fix(NOW, north(9_000)), PHONE, NOW)).flags).toEqual(['unconfirmed']);
    const verdicts = [1, 2, 3, 4].map((s) => filter.accept(fix(NOW + s * 1_000, north(s * 10)), PHONE, NOW + s * 1_000));
    expect(verdicts.map(codeOf)).toEqual(['gps.teleport', 'gps.teleport', 'accepted', 'accepted']);
    expect(flagsOf(verdicts[2]!)).toEqual(['reanchored']);
    expect(distanceM(filter.state.motion, north(40))).toBeLessThan(15);
  });

  it('case 17: the same wrong fix three times, or three within a second, are one witness', () => {
    const filter = standing();
    const wrong = fix(NOW + 1_000, north(9_000));
    for (let i = 0; i < 10; i++) expect(codeOf(filter.accept(wrong, PHONE, NOW + 1_000 + i))).toBe('gps.teleport');
    const burst = standing();
    for (let i = 1; i <= 8; i++) {
      expect(codeOf(burst.accept(fix(NOW + 100 * i, north(9_000)), PHONE, NOW + 100 * i))).toBe('gps.teleport');
    }
    expect(codeOf(burst.accept(fix(NOW + 1_000), PHONE, NOW + 1_000))).toBe('accepted');
  });

  it('case 17: three outliers that do not agree with each other move nobody', () => {
    const filter = standing();
    for (let i = 1; i <= 12; i++) {
      const verdict = filter.accept(fix(NOW + i * 1_000, north(i % 2 === 0 ? 4_000 : -4_000)), PHONE, NOW + i * 1_000);
      expect(codeOf(verdict)).toBe('gps.teleport');
    }
  });
});

describe('honesty', () => {
  it('case 18: speed without a changed digit for ten minutes is frozen; standing still is not', () => {
    const run = (speedMps: number | null): boolean[] => {
      const filter = new GpsFilter();
      return Array.from({ length: 130 }, (_, i) => {
        const at = NOW + i * 5_000;
        return flagsOf(filter.accept(fix(at, { speedMps }), PHONE, at)).includes('frozen');
      });
    };
    expect(run(6).indexOf(true)).toBe(120);
    expect(run(6).at(-1)).toBe(true);
    expect(run(0)).not.toContain(true);
    expect(run(null)).not.toContain(true);
  });

  it('case 19: a mocked position is tracked and flagged, and arrives nowhere', () => {
    const verdict = accepted(standing().accept(fix(NOW + 1_000, { isMock: true }), PHONE, NOW + 1_000));
    expect(verdict).toMatchObject({ publish: true, fence: false, flags: ['mock'] });
  });
});

it('a filter goes on where the plain state of another one was left', () => {
  const one = standing();
  const state = JSON.parse(JSON.stringify(one.state)) as typeof one.state;
  const other = new GpsFilter({}, state);
  for (let s = 1; s < 20; s++) {
    const next = fix(NOW + s * 1_000, north(s === 7 ? 5_000 : s * 9));
    expect(other.accept(next, PHONE, NOW + s * 1_000)).toEqual(one.accept(next, PHONE, NOW + s * 1_000));
  }
});
