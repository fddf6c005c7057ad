/** Places that break indexes and zones. `case n` is one of docs/specs/gps.md. */
import { cellToBoundary, getPentagons, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';
import { DriverIndex } from '../../src/geo/index/driver-index.ts';
import { MAX_POLYGON_VERTICES, makePolygon, polygonContains } from '../../src/geo/polygon.ts';
import { off } from '../telemetry/support.ts';

/** Ids by distance, read off every driver. */
function nearestOf(drivers: ReadonlyMap<string, LatLng>, from: LatLng, k: number): string[] {
  const all = [...drivers].map(([id, at]) => ({ id, metres: distanceM(from, at) }));
  return all
    .sort((a, b) => a.metres - b.metres)
    .slice(0, k)
    .map((one) => one.id);
}

describe('the index of drivers', () => {
  it('case 23: around a pentagon the nearest are the nearest', () => {
    const pentagon = getPentagons(9)[0] as string;
    const [lat, lng] = cellToBoundary(pentagon)[0] as [number, number];
    const centre = { lat, lng };
    const drivers = new Map<string, LatLng>();
    const index = new DriverIndex({ resolution: 9, slotMax: 1_000 });
    for (let i = 0; i < 300; i++) {
      const at = off(centre, ((i * 37) % 61) * 40 - 1_200, ((i * 53) % 67) * 40 - 1_300);
      drivers.set(`drv_${i}`, at);
      index.place(`drv_${i}`, at.lat, at.lng, i);
    }
    for (let i = 0; i < 20; i++) {
      const from = off(centre, i * 90 - 900, 450 - i * 40);
      expect(index.nearest(from, { k: 10 }).map((one) => one.driverId)).toEqual(nearestOf(drivers, from, 10));
    }
  });

  it('case 24: a driver who trembles on the edge of a cell is found every time, at the true distance', () => {
    const [lat, lng] = cellToBoundary(latLngToCell(-26.2485, 27.854, 9))[0] as [number, number];
    const edge = { lat, lng };
    const index = new DriverIndex({ resolution: 9, slotMax: 10 });
    const cells = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const at = off(edge, (i % 7) - 3, (i % 5) - 2);
      cells.add(latLngToCell(at.lat, at.lng, 9));
      index.place('drv_a', at.lat, at.lng, i);
      const [found] = index.nearest(edge, { k: 1 });
      expect(found?.driverId).toBe('drv_a');
      expect(found?.distanceM).toBeCloseTo(distanceM(edge, at), 3);
    }
    expect(cells.size).toBeGreaterThan(1);
    expect(index.count).toBe(1);
  });

  it('case 25: who was last heard of before a minute ago is no candidate', () => {
    const index = new DriverIndex({ resolution: 9, slotMax: 10 });
    index.place('drv_old', -26.25, 27.85, 1_000);
    index.place('drv_new', -26.26, 27.86, 62_000);
    const found = index.nearest({ lat: -26.25, lng: 27.85 }, { k: 5, freshSinceMs: 2_000 });
    expect(found.map((one) => one.driverId)).toEqual(['drv_new']);
  });
});

describe('a zone', () => {
  const square = [
    { lat: 0, lng: 0 },
    { lat: 0, lng: 10 },
    { lat: 10, lng: 10 },
    { lat: 10, lng: 0 },
  ];

  it('case 31: open, clockwise and with a hole it is closed and even-odd; crossing itself or too long it is refused', () => {
    const hole = [
      { lat: 4, lng: 4 },
      { lat: 6, lng: 4 },
      { lat: 6, lng: 6 },
      { lat: 4, lng: 6 },
    ];
    for (const outer of [square, square.toReversed(), [...square, square[0] as LatLng]]) {
      const made = makePolygon([outer, hole]);
      if (!made.ok) throw new Error(made.fault);
      expect(polygonContains(made.polygon, { lat: 2, lng: 5 })).toBe(true);
      expect(polygonContains(made.polygon, { lat: 5, lng: 5 })).toBe(false);
      expect(polygonContains(made.polygon, { lat: 11, lng: 5 })).toBe(false);
    }
    const bowTie = [square[0], square[2], square[1], square[3]] as LatLng[];
    expect(makePolygon([bowTie])).toMatchObject({ ok: false, fault: 'self_intersecting' });
    const long = Array.from({ length: MAX_POLYGON_VERTICES + 2 }, (_, i) => ({ lat: Math.sin(i), lng: Math.cos(i) }));
    expect(makePolygon([long])).toMatchObject({ ok: false, fault: 'too_many_vertices' });
  });
});
