/** Arrivals and estimates under injected noise, on seeded trips with stops of minutes, as `wakala replay gps` reports them. */
import { describe, expect, it } from 'vitest';
import { type NoiseOptions, quantile } from './noise.ts';
import { type Figures, judge, noFigures } from './noise-judge.ts';

/** Trips of 20 to 40 minutes, 4 and 10 m of noise in turn. */
function judgeTrips(intervalS: number, more: Partial<NoiseOptions> = {}): Figures {
  const figures = noFigures();
  for (let seed = 1; seed <= 16; seed++) {
    const fixes = Math.round((1_200 + ((seed * 331) % 1_200)) / intervalS);
    judge({ seed: 15_485_863 * seed + 1, fixes, sigmaM: seed % 2 === 0 ? 4 : 10, intervalS, ...more }, figures);
  }
  return figures;
}

describe.each<[string, Partial<NoiseOptions>]>([
  ['with speeds and accuracies', {}],
  ['without speeds', { speed: 'none' }],
  ['without either', { speed: 'none', withoutAccuracy: 1 }],
  ['with errors that change from fix to fix', { correlationS: 0.1 }],
])('trips %s', (_name, more) => {
  it('a fix a second: no stop is missed, at most 0.2 extra arrivals a stop, half of the arrivals within 6 s', () => {
    const figures = judgeTrips(1, more);
    expect(figures.stops).toBeGreaterThan(30);
    expect(figures.missed).toBe(0);
    expect(figures.extraArrivals / figures.stops).toBeLessThanOrEqual(0.2);
    expect(quantile(figures.delaysS, 0.5)).toBeLessThanOrEqual(6);
    expect(quantile(figures.delaysS, 0.05)).toBeGreaterThan(-10);
    expect(Math.max(...figures.pushes)).toBeLessThanOrEqual(3);
  });

  it.each([2, 5, 10])(
    'a fix every %d s: no stop is missed, at most 0.2 extra arrivals a stop, at most three estimates a trip',
    (intervalS) => {
      const figures = judgeTrips(intervalS, more);
      expect(figures.missed).toBe(0);
      expect(figures.extraArrivals / figures.stops).toBeLessThanOrEqual(0.2);
      expect(Math.max(...figures.pushes)).toBeLessThanOrEqual(3);
    },
  );

  // The stop is reached five seconds after its circle, and the next fix comes half an interval later.
  it.each([5, 10])('a fix every %d s: half of the arrivals within 7 s and an interval', (intervalS) => {
    expect(quantile(judgeTrips(intervalS, more).delaysS, 0.5)).toBeLessThanOrEqual(7 + intervalS);
  });
});

it('a slow fix well inside counts alone where fixes are ten seconds apart: half of the arrivals within 13 s', () => {
  expect(quantile(judgeTrips(10).delaysS, 0.5)).toBeLessThanOrEqual(13);
});

it('who has been told that the driver is there hears no more estimates, though the driver goes on', () => {
  const figures = judgeTrips(5);
  const mean = figures.pushes.reduce((sum, pushes) => sum + pushes, 0) / figures.pushes.length;
  expect(mean).toBeLessThanOrEqual(2.2);
});
