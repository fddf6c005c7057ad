/** The filter against injected noise: what passes, what is lost, how far off what it says is. */
import { describe, expect, it } from 'vitest';
import { GpsFilter } from '../../src/geo/gps/filter.ts';
import { errorM, type NoiseOptions, noisyTrack, quantile } from './noise.ts';

const SOURCE = { deviceId: 'phone', sessionSinceMs: 0 };
const FIXES = 8_000;

function judge(options: NoiseOptions) {
  const filter = new GpsFilter();
  const count = { good: 0, bad: 0, badPassed: 0, goodLost: 0, copiesPassed: 0 };
  const rawM: number[] = [];
  const filteredM: number[] = [];
  for (const item of noisyTrack(options)) {
    const verdict = filter.accept(item.fix, SOURCE, item.arrivedAtMs);
    const passed = verdict.kind === 'accepted';
    if (item.kind === 'copy') count.copiesPassed += passed ? 1 : 0;
    if (item.kind === 'bad') {
      count.bad++;
      if (passed) count.badPassed++;
    }
    if (item.kind === 'good') {
      count.good++;
      if (!passed) count.goodLost++;
    }
    if (!passed || item.kind !== 'good') continue;
    rawM.push(errorM(item, item.fix));
    filteredM.push(errorM(item, verdict.position));
  }
  return { ...count, rawM, filteredM };
}

describe('injected noise', () => {
  for (const [intervalS, badShare] of [
    [1, 0.005],
    [2, 0.005],
    [5, 0.005],
    // An outlier of 300 m is a plausible place ten seconds later.
    [10, 0.01],
  ] as const) {
    it(`a fix every ${intervalS} s, 4 to 10 m of noise: at most ${100 * badShare} % of the bad fixes pass, at most 13 % of the good ones are lost`, () => {
      const results = [4, 7, 10].flatMap((sigmaM) =>
        [0, 1].map((withoutAccuracy) => judge({ seed: 7 * sigmaM + intervalS, fixes: FIXES, sigmaM, intervalS, withoutAccuracy })),
      );
      const sum = (key: 'good' | 'bad' | 'badPassed' | 'goodLost' | 'copiesPassed'): number =>
        results.reduce((n, result) => n + result[key], 0);
      expect(sum('bad')).toBeGreaterThan(400);
      expect(sum('badPassed') / sum('bad')).toBeLessThanOrEqual(badShare);
      expect(sum('goodLost') / sum('good')).toBeLessThanOrEqual(0.13);
      expect(sum('copiesPassed')).toBe(0);
    });
  }

  it('what is smoothed is not further off than what was measured, apart from a few metres in turns', () => {
    const { rawM, filteredM } = judge({ seed: 3, fixes: FIXES, sigmaM: 10, intervalS: 1 });
    expect(quantile(filteredM, 0.5)).toBeLessThan(quantile(rawM, 0.5) + 1);
    expect(quantile(filteredM, 0.95)).toBeLessThan(quantile(rawM, 0.95) + 3);
    expect(quantile(filteredM, 0.999)).toBeLessThan(150);
  });
});
