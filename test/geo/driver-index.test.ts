/** The nearest drivers are exactly the nearest, in bounded memory. */
import fc from 'fast-check';
import { cellToBoundary, getPentagons, gridDisk, gridDiskDistances, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';
import { CellGrid } from '../../src/geo/index/cell-grid.ts';
import { DriverIndex } from '../../src/geo/index/driver-index.ts';
import { SlotIndex } from '../../src/geo/index/slot-index.ts';

const TOLERANCE_M = 1e-3;
const wrapLng = (lng: number): number => ((((lng + 180) % 360) + 360) % 360) - 180;
const clampLat = (lat: number): number => Math.max(-90, Math.min(90, lat));

/** Distances of the k nearest, from every driver: the oracle. */
function bruteForce(drivers: ReadonlyMap<string, LatLng>, from: LatLng, k: number, maxM = Number.POSITIVE_INFINITY): number[] {
  return [...drivers.values()]
    .map((at) => distanceM(at, from))
    .filter((metres) => metres <= maxM)
    .sort((a, b) => a - b)
    .slice(0, k);
}

function expectExact(found: readonly { distanceM: number }[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((one, i) => {
    // The haversine formula itself loses metres near the far side of the globe.
    expect(Math.abs(one.distanceM - expected[i]!)).toBeLessThan(expected[i]! > 15_000_000 ? 10 : TOLERANCE_M);
  });
}

const [pentagonLat, pentagonLng] = [58.28252559, 11.25];
const awkward: [string, LatLng][] = [
  ['a city', { lat: -26.2485, lng: 27.854 }],
  ['0, 0', { lat: 0, lng: 0 }],
  ['the equator in Kenya', { lat: 0.0001, lng: 37.07 }],
  ['the date line', { lat: -16.8, lng: 179.9995 }],
  ['the north pole', { lat: 89.9995, lng: 12 }],
  ['the south pole', { lat: -90, lng: 0 }],
  ['a pentagon', { lat: pentagonLat, lng: pentagonLng }],
  ...getPentagons(9)
    .slice(0, 4)
    .map((cell, i): [string, LatLng] => {
      const [lat, lng] = cellToBoundary(cell)[0]!;
      return [`a corner of pentagon ${i}`, { lat, lng }];
    }),
];

describe('nearest drivers', () => {
  it.each(awkward)('are exactly those of brute force around %s', (_name, centre) => {
    const offset = fc.tuple(fc.double({ min: -0.03, max: 0.03, noNaN: true }), fc.double({ min: -0.03, max: 0.03, noNaN: true }));
    const near = offset.map(([dLat, dLng]) => ({
      lat: clampLat(centre.lat + dLat),
      lng: wrapLng(centre.lng + dLng / Math.max(0.001, Math.cos((centre.lat * Math.PI) / 180))),
    }));
    fc.assert(
      fc.property(fc.array(near, { maxLength: 400, minLength: 300 }), fc.array(near, { minLength: 5, maxLength: 5 }), (places, queries) => {
        const index = new DriverIndex();
        const truth = new Map<string, LatLng>();
        places.forEach((at, i) => {
          const id = `d${i % 250}`; // some are placed twice
          expect(index.place(id, at.lat, at.lng, i)).toMatch(/^(added|moved|stayed)$/);
          truth.set(id, at);
        });
        for (let i = 0; i < 40; i++) expect(index.remove(`d${i * 5}`)).toBe(truth.delete(`d${i * 5}`));
        for (const from of queries) {
          expectExact(index.nearest(from, { k: 10 }), bruteForce(truth, from, 10));
          expectExact(index.nearest(from, { k: 200, maxDistanceM: 700 }), bruteForce(truth, from, 200, 700));
        }
      }),
      { numRuns: 4 },
    );
  });

  it('are exact over the whole globe, however few and far', () => {
    const anywhere = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lng: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 60 }), anywhere, fc.integer({ min: 0, max: 20 }), (places, from, k) => {
        const index = new DriverIndex();
        const truth = new Map(places.map((at, i) => [`d${i}`, at]));
        for (const [id, at] of truth) index.place(id, at.lat, at.lng, 0);
        expectExact(index.nearest(from, { k }), bruteForce(truth, from, k));
      }),
      { numRuns: 60 },
    );
  });

  it('stay exact when the ring search ends far from dense: a crowd around an empty middle', () => {
    const index = new DriverIndex();
    const truth = new Map<string, LatLng>();
    for (let i = 0; i < 5_000; i++) {
      const angle = i * 2.399963;
      const radius = 0.05 + (i % 100) * 0.0005;
      const at = { lat: -1.28 + radius * Math.cos(angle), lng: 36.8 + radius * Math.sin(angle) };
      index.place(`d${i}`, at.lat, at.lng, 0);
      truth.set(`d${i}`, at);
    }
    for (let i = 0; i < 20; i++) {
      const from = { lat: -1.28 + i * 0.002, lng: 36.8 + i * 0.001 };
      expectExact(index.nearest(from, { k: 12 }), bruteForce(truth, from, 12));
    }
  });

  it('leave out the stale and the refused, and look farther for others', () => {
    const index = new DriverIndex();
    for (let i = 0; i < 50; i++) index.place(`d${i}`, -1.28 + i * 0.001, 36.8, i);
    const found = index.nearest({ lat: -1.28, lng: 36.8 }, { k: 3, freshSinceMs: 10, accept: (id) => id !== 'd11' });
    expect(found.map((one) => one.driverId)).toEqual(['d10', 'd12', 'd13']);
    expect(index.nearest({ lat: -1.28, lng: 36.8 }, { k: 3, accept: () => false })).toEqual([]);
  });

  it('at one stand come in the same order every time', () => {
    const build = (): string[] => {
      const index = new DriverIndex();
      for (let i = 0; i < 10_000; i++) index.place(`d${i}`, -1.28, 36.8, 0);
      return index.nearest({ lat: -1.28, lng: 36.8 }, { k: 20 }).map((one) => one.driverId);
    };
    expect(build()).toEqual(build());
    expect(new Set(build()).size).toBe(20);
  });
});

describe('what the index refuses', () => {
  it.each([
    [Number.NaN, 36.8, 0],
    [-1.28, Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0, 0],
    [90.0001, 0, 0],
    [0, -180.1, 0],
    [-1.28, 36.8, Number.NaN],
  ])('lat %d, lng %d at %d changes nothing, for a new driver and a known one', (lat, lng, atMs) => {
    const index = new DriverIndex();
    expect(index.place('new', lat, lng, atMs)).toBe('invalid');
    expect(index.has('new')).toBe(false);
    index.place('known', -1.28, 36.8, 0);
    expect(index.place('known', lat, lng, atMs)).toBe('invalid');
    expect(index.nearest({ lat: -1.28, lng: 36.8 }, { k: 5 })).toEqual([{ driverId: 'known', distanceM: 0 }]);
  });

  it('an older fix does not move a driver; an invalid query finds nobody', () => {
    const index = new DriverIndex();
    index.place('d', -1.28, 36.8, 1_000);
    expect(index.place('d', -1.3, 36.8, 999)).toBe('late');
    expect(index.nearest({ lat: -1.28, lng: 36.8 }, { k: 1 })[0]?.distanceM).toBe(0);
    expect(index.nearest({ lat: Number.NaN, lng: 36.8 }, { k: 1 })).toEqual([]);
    expect(index.nearest({ lat: 0, lng: 0 }, { k: Number.NaN })).toEqual([]);
  });

  it('more drivers than it has slots for; a place that came free is used again', () => {
    const index = new DriverIndex({ slotMax: 2 });
    expect([index.place('a', 0, 0, 0), index.place('b', 0, 0, 0), index.place('c', 0, 0, 0)]).toEqual(['added', 'added', 'full']);
    expect(index.removePlacedBefore(1).sort()).toEqual(['a', 'b']);
    expect([index.place('c', 0, 0, 0), index.count, index.remove('a')]).toEqual(['added', 1, false]);
  });

  it('a resolution at which the ring bound would not hold', () => {
    expect(() => new DriverIndex({ resolution: 5 })).toThrow(RangeError);
  });
});

describe('the bounds', () => {
  it('cells that nobody is in are forgotten, and nobody is lost by that', () => {
    const index = new SlotIndex({ resolution: 9, slotMax: 1_000, cellMax: 50, ringCellMax: 100 });
    const truth = new Map<number, LatLng>();
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let i = 0; i < 30; i++) {
      const at = { lat: random() * 0.2, lng: random() * 0.2 };
      truth.set(index.add(at.lat, at.lng, 0) as number, at);
    }
    for (let i = 1; i < 500; i++) {
      const slot = i % 30;
      const at = { lat: random() * 0.2, lng: random() * 0.2 };
      expect(index.move(slot, at.lat, at.lng, i)).toBe('moved');
      truth.set(slot, at);
      expect(index.cellCount).toBeLessThan(300);
      const from = { lat: random() * 0.2, lng: random() * 0.2 };
      expectExact(index.nearest(from, { k: 5 }), bruteForce(new Map([...truth].map(([s, p]) => [`${s}`, p])), from, 5));
    }
  });

  it('a driver costs at most 64 bytes of the arrays', () => {
    const index = new SlotIndex({ resolution: 9, slotMax: 100_000, cellMax: 1_000, ringCellMax: 1_000 });
    for (let i = 0; i < 100_000; i++) index.add(0, 0, 0);
    expect(index.slotBytes / index.count).toBeLessThanOrEqual(64);
  });

  // Faces of the icosahedron, their edges and corners distort cells; the origins are spread over all of them.
  it('no point beyond ring k is nearer than the ring bound, anywhere, at any resolution that is allowed', () => {
    const origin = fc.oneof(
      fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true })).map(([sine, lng]) => ({
        lat: (Math.asin(sine) * 180) / Math.PI,
        lng,
      })),
      fc.constantFrom(...awkward.map(([, at]) => at)),
    );
    fc.assert(
      fc.property(origin, fc.constantFrom(7, 8, 9, 10), fc.constantFrom(0, 1, 2, 5, 12, 40, 62), (at, resolution, ring) => {
        const grid = new CellGrid(resolution, 1_000_000);
        const name = latLngToCell(at.lat, at.lng, resolution);
        const cell = grid.intern(name);
        const [x, y, z] = [0, 1, 2].map((i) => grid.centres[cell * 3 + i]!) as [number, number, number];
        const centre = { lat: (Math.asin(z) * 180) / Math.PI, lng: (Math.atan2(y, x) * 180) / Math.PI };
        const beyond = gridDiskDistances(name, ring + 1)[ring + 1]!;
        const nearestM = Math.min(...beyond.flatMap((other) => cellToBoundary(other).map(([lat, lng]) => distanceM(centre, { lat, lng }))));
        expect(grid.coveredM(cell, ring)).toBeLessThanOrEqual(nearestM);
      }),
      { numRuns: 400 },
    );
  });

  it('rings are those of H3 around a pentagon, whatever the cache forgot', () => {
    const pentagon = getPentagons(9)[0]!;
    const grid = new CellGrid(9, 20);
    for (const name of gridDisk(pentagon, 2)) {
      const cell = grid.intern(name);
      for (let ring = 0; ring < 6; ring++) {
        const names = [...grid.ring(cell, ring)].map((one) => grid.nameOf(one));
        expect(names.sort()).toEqual(gridDiskDistances(name, ring)[ring]!.sort());
      }
    }
  });

  it('a point inside the inscribed circle is in the cell', () => {
    fc.assert(
      fc.property(fc.constantFrom(...awkward.map(([, at]) => at)), fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), (at, angle) => {
        const index = new SlotIndex({ resolution: 9, slotMax: 10, cellMax: 1_000, ringCellMax: 1_000 });
        const slot = index.add(at.lat, at.lng, 0) as number;
        let here = latLngToCell(at.lat, at.lng, 9);
        for (let step = 1; step < 60; step++) {
          const lat = clampLat(at.lat + step * 1e-4 * Math.cos(angle));
          const lng = wrapLng(at.lng + (step * 1e-4 * Math.sin(angle)) / Math.max(0.0001, Math.cos((lat * Math.PI) / 180)));
          const next = latLngToCell(lat, lng, 9);
          expect(index.move(slot, lat, lng, step)).toBe(next === here ? 'stayed' : 'moved');
          here = next;
        }
      }),
      { numRuns: 100 },
    );
  });
});
