/** Travel times by road: asked ahead, kept for a while, never waited for. */
import { describe, expect, it } from 'vitest';
import { KNOWN_FOR_MS, KNOWN_LEGS_MAX, RoadEtas } from '../../src/actors/market/road-etas.ts';
import type { RouteSource, Routing } from '../../src/actors/market/routing.ts';
import type { LatLng } from '../../src/geo/distance.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';

const SHOP = { lat: -26.25, lng: 27.85 };
const NEAR = { lat: -26.255, lng: 27.85 };
const bike = (position: LatLng) => ({ position, vehicle: 'motorbike' as const });

function routingOf(answer: { durationS: number; source: RouteSource }) {
  const asked: LatLng[][] = [];
  const routing: Routing = {
    table: async (from) => {
      asked.push([...from]);
      return { legs: from.map(() => [{ distanceM: 1_000, ...answer }]) };
    },
    route: async () => {
      throw new Error('not asked for');
    },
  };
  return { routing, asked };
}

describe('what a market knows of roads', () => {
  it('is the model until the router was asked, then the router, until it is old', async () => {
    const clock = new VirtualClock(0);
    const { routing, asked } = routingOf({ durationS: 999, source: 'osrm' });
    const roads = new RoadEtas(routing, clock);
    const model = roads.etaS(NEAR, SHOP, 'motorbike');
    expect(model).toBeLessThan(999);
    await roads.learn([bike(NEAR)], SHOP);
    expect(roads.etaS(NEAR, SHOP, 'motorbike')).toBe(999);
    expect(roads.etaS({ lat: NEAR.lat + 0.0001, lng: NEAR.lng }, SHOP, 'motorbike')).toBe(999);
    expect(roads.etaS(NEAR, SHOP, 'car')).not.toBe(999);
    await roads.learn([bike(NEAR)], SHOP);
    expect(asked).toHaveLength(1);
    clock.advance(KNOWN_FOR_MS);
    expect(roads.etaS(NEAR, SHOP, 'motorbike')).toBe(model);
  });

  it('does not keep what the model said for a service that was away', async () => {
    const { routing, asked } = routingOf({ durationS: 5, source: 'model' });
    const roads = new RoadEtas(routing, new VirtualClock(0));
    await roads.learn([bike(NEAR)], SHOP);
    await roads.learn([bike(NEAR)], SHOP);
    expect(asked).toHaveLength(2);
    expect(roads.size).toBe(0);
  });

  it('is bounded', async () => {
    const { routing } = routingOf({ durationS: 5, source: 'osrm' });
    const roads = new RoadEtas(routing, new VirtualClock(0));
    for (let i = 0; i < KNOWN_LEGS_MAX / 20 + 5; i++)
      await roads.learn(
        Array.from({ length: 20 }, (_, n) => bike({ lat: -26 + n * 0.01, lng: 20 + i * 0.001 })),
        SHOP,
      );
    expect(roads.size).toBe(KNOWN_LEGS_MAX);
  });
});
