/** Fixes that arrive together: in any order, with one wrong date among them, sent again. Cases as in docs/specs/gps.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oldestFirst, UPLOADED_MAX } from '../../../src/geo/gps/batch.ts';
import { GpsFilter } from '../../../src/geo/gps/filter.ts';
import type { Fix, FixSource, Verdict } from '../../../src/geo/gps/fix.ts';

const NOW = Date.UTC(2026, 10, 21, 9);
const PHONE: FixSource = { deviceId: 'phone', sessionSinceMs: NOW - 3_600_000 };
const M_PER_DEG = 111_195;
const DAY_MS = 86_400_000;

/** On a road that leads north at 5 m/s. */
function fixAt(atMs: number): Fix {
  return { atMs, lat: -26.2485 + ((atMs - NOW) * 0.005) / M_PER_DEG, lng: 27.854, accuracyM: 8, speedMps: null, headingDeg: null };
}

function atOf(verdict: Verdict): number | string {
  return verdict.kind === 'accepted' || verdict.kind === 'history' ? verdict.position.atMs - NOW : verdict.code;
}

function kindsOf(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
  return counts;
}

describe('the order of a batch', () => {
  it('case 10, case 14: whatever the order and however many have no time, each fix is judged as in a batch of the good ones in order', () => {
    const time = fc.oneof(
      fc.integer({ min: -50, max: 0 }).map((s) => NOW + s * 1_000),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.uniqueArray(time, { maxLength: 40 }), (times) => {
        const fixes = times.map((atMs) => ({ ...fixAt(Number.isFinite(atMs) ? atMs : NOW), atMs }));
        const good = fixes.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
        const expected = new Map(new GpsFilter().acceptAll(good, PHONE, NOW).map((verdict, i) => [good[i]?.atMs, verdict]));
        const verdicts = new GpsFilter().acceptAll(fixes, PHONE, NOW);
        for (const [i, atMs] of times.entries()) {
          if (Number.isFinite(atMs)) expect(verdicts[i]).toEqual(expected.get(atMs));
          else expect(verdicts[i]).toMatchObject({ kind: 'rejected', code: 'gps.invalid_time' });
        }
        expect(oldestFirst(fixes).toSorted((a, b) => a - b)).toEqual(times.map((_, i) => i));
      }),
      { numRuns: 200 },
    );
  });
});

describe('one wrong date in a batch', () => {
  it('case 7: the others keep their times, and nothing is stored as of years ago', () => {
    const good = [-9_000, -5_000, -1_000];
    for (const days of [30, 3_650, 300_000]) {
      const fixes = [...good.map((ms) => fixAt(NOW + ms)), { ...fixAt(NOW), atMs: NOW + days * DAY_MS }];
      const verdicts = new GpsFilter().acceptAll(fixes, PHONE, NOW);
      expect(verdicts.slice(0, 3).map(atOf)).toEqual(good);
      expect(verdicts.every((verdict) => verdict.kind === 'accepted')).toBe(true);
    }
  });

  it('case 7, case 9: a clock that is fast by years is still learned, with a roll-over beside it too', () => {
    const lead = 3_650 * DAY_MS;
    const fast = [-2_000, -1_000, 0].map((ms) => ({ ...fixAt(NOW + ms), atMs: NOW + lead + ms }));
    const rolledOver = { ...fixAt(NOW), atMs: Date.UTC(1980, 0, 6) };
    expect(new GpsFilter().acceptAll([...fast, rolledOver], PHONE, NOW).map(atOf)).toEqual([-2_000, -1_000, 0, 'gps.past']);
  });

  it('case 9: what lies more than a week back once the lead is taken off is past, not history', () => {
    const lead = 3_650 * DAY_MS;
    const filter = new GpsFilter();
    const wrong = [0, 1_000].map((ms) => ({ ...fixAt(NOW), atMs: NOW + lead + ms }));
    const verdicts = filter.acceptAll([fixAt(NOW - 5_000), ...wrong], PHONE, NOW);
    expect(verdicts.map((verdict) => (verdict.kind === 'accepted' ? 'accepted' : verdict.code))).toEqual([
      'gps.past',
      'accepted',
      'accepted',
    ]);
  });
});

describe('an upload that is sent again', () => {
  const upload = Array.from({ length: 500 }, (_, i) => fixAt(NOW - (499 - i) * 2_000));

  it('case 8, case 12: all 500 are duplicates, minutes later and after fixes of that time', () => {
    const filter = new GpsFilter();
    expect(kindsOf(filter.acceptAll(upload, PHONE, NOW))).toEqual({ history: 469, accepted: 31 });
    for (let s = 1; s <= 120; s++) filter.accept(fixAt(NOW + s * 1_000), PHONE, NOW + s * 1_000);
    const again = filter.acceptAll(upload.slice(0, 469), PHONE, NOW + 120_000);
    expect(kindsOf(again)).toEqual({ duplicate: 469 });
    // And once more: being a duplicate is no reason to be forgotten.
    expect(kindsOf(filter.acceptAll(upload.slice(0, 400), PHONE, NOW + 180_000))).toEqual({ duplicate: 400 });
  });

  it('case 8: a jump that was refused as part of it is not taken for history the second time', () => {
    const jump = { ...fixAt(NOW - 501_000), lat: -25 };
    const filter = new GpsFilter();
    const first = filter.acceptAll([...upload, jump], PHONE, NOW);
    expect(first.at(-1)).toMatchObject({ kind: 'rejected', code: 'gps.teleport' });
    expect(kindsOf(filter.acceptAll([...upload.slice(0, 100), jump], PHONE, NOW + 60_000))).toEqual({ duplicate: 101 });
  });

  it('what is remembered of uploads is bounded, the newest times stay', () => {
    const filter = new GpsFilter({ rate: { perS: 1_000, burst: 100_000 } });
    for (let batch = 9; batch >= 0; batch--) {
      const fixes = upload.map((fix) => fixAt(fix.atMs - batch * 1_000_000));
      filter.acceptAll(fixes, PHONE, NOW);
    }
    expect(filter.state.uploaded).toHaveLength(UPLOADED_MAX);
    expect(filter.state.uploaded.at(-1)).toBe(NOW - 62_000);
  });
});
