/** The built-in estimate, alone. */
import { describe, expect, test } from 'vitest';
import { distanceM } from '../../src/geo/distance.ts';
import { newEtaModel, observe, predictEta } from '../../src/geo/eta/eta-model.ts';
import { AT_MS, CBD, KASARANI, routingFor, WESTLANDS } from './harness.ts';

const HOUR_MS = 3_600_000;

describe('the road model', () => {
  test('a leg is the learned driving time, and a way longer than the bird flies', async () => {
    const { routing } = routingFor({});
    const { legs } = await routing.table([WESTLANDS], [CBD], 'motorbike', AT_MS);
    const crowM = distanceM(WESTLANDS, CBD);
    const { drivingS } = predictEta(newEtaModel(), { from: WESTLANDS, distanceM: crowM, vehicle: 'motorbike', hour: 6 });
    expect(legs).toEqual([[{ distanceM: crowM * 1.47, durationS: drivingS, source: 'model' }]]);
  });

  test('what is learned counts from the next call on, by the local hour', async () => {
    let etaModel = newEtaModel();
    const { routing } = routingFor({}, { etaModel: () => etaModel, hourOf: (atMs) => (Math.floor(atMs / HOUR_MS) + 3) % 24 });
    const now = async (atMs: number) => (await routing.route([WESTLANDS, CBD], 'car', atMs)).best.durationS;
    const before = await now(AT_MS);
    const teach = (hour: number, overheadS: number, paceSPerKm: number, km: number): void => {
      const durationS = overheadS + km * paceSPerKm;
      etaModel = observe(etaModel, { from: WESTLANDS, distanceM: km * 1_000, vehicle: 'car', hour, durationS });
    };
    for (let i = 0; i < 40; i++) {
      for (const km of [2, 8]) {
        teach(9, 600, 400, km);
        teach(15, 300, 100, km);
      }
    }
    const atNine = await now(AT_MS);
    expect(atNine).toBeGreaterThan(before);
    expect(await now(AT_MS + 6 * HOUR_MS)).toBeLessThan(atNine);
  });

  test('a route is its legs, its sums and its stops', async () => {
    const { routing } = routingFor({});
    const stops = [WESTLANDS, CBD, KASARANI];
    const { best, others } = await routing.route(stops, 'car', AT_MS);
    expect(best.legs).toHaveLength(2);
    expect(best.durationS).toBe(best.legs[0]!.durationS + best.legs[1]!.durationS);
    expect(best.line).toEqual(stops);
    expect(others).toEqual([]);
  });

  test('a moment that is none changes nothing, and the same place is no way', async () => {
    const { routing } = routingFor({});
    const { legs } = await routing.table([CBD], [CBD], 'truck', Number.NaN);
    expect(legs).toEqual([[{ distanceM: 0, durationS: 0, source: 'model' }]]);
  });
});
