/** Tracks and the fairness report, as they are read over the API. */
import { afterEach, expect, test } from 'vitest';
import type { DriverItem, TrackFix } from '../../../src/ports.ts';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { call, fakeFleet, startApi, stopApps, tokenOf } from '../support.ts';
import { asDescribed, DRIVER, driverView } from './fleet.ts';

afterEach(stopApps);

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const FIXES_MAX = 10_000;

function fixAt(atMs: number): TrackFix {
  return { atMs, lat: -26.25, lng: 27.85, accuracyM: 5, speedMps: 8, headingDeg: null };
}

function tracking(fixes: readonly TrackFix[]) {
  const read: unknown[] = [];
  const tracks = {
    read: async (...asked: [number, string, number, number, number]) => {
      read.push(asked);
      return fixes.slice(0, asked[4]);
    },
  };
  const api = startApi(({ to }) => ({ ok: true, value: driverView(to.id) }), {
    fleet: fakeFleet({ tracks }),
    clock: new VirtualClock(NOW_MS),
  });
  return { api, read };
}

test('a track is read in its tenant for the time that was named, by default the last day', async () => {
  const { api, read } = tracking([fixAt(NOW_MS - 5000)]);
  const token = await tokenOf('auditor');
  const reply = await call(api, 'GET', `/v1/drivers/${DRIVER}/track`, { token });
  expect(asDescribed('getDriverTrack', reply.body)).toEqual(reply.body);
  expect(reply.body).toEqual({
    items: [{ at: '2026-03-01T11:59:55.000Z', lat: -26.25, lng: 27.85, accuracy_m: 5, speed_mps: 8, heading_deg: null }],
    next_from: null,
  });
  await call(api, 'GET', `/v1/drivers/${DRIVER}/track?from=2026-02-01T00:00:00Z&to=2026-02-02`, { token });
  expect(read).toEqual([
    [1, DRIVER, NOW_MS - 24 * HOUR_MS, NOW_MS, FIXES_MAX + 1],
    [1, DRIVER, Date.parse('2026-02-01T00:00:00Z'), Date.parse('2026-02-02T00:00:00Z'), FIXES_MAX + 1],
  ]);
  expect((await call(api, 'GET', `/v1/drivers/${DRIVER}/track?format=kml`, { token })).body.errors[0].path).toBe('format');
});

test('a track comes as GPX and as GeoJSON, to be kept as a file', async () => {
  const { api } = tracking([fixAt(NOW_MS - 5000)]);
  const token = await tokenOf('staff');
  const gpx = await call(api, 'GET', `/v1/drivers/${DRIVER}/track?format=gpx`, { token });
  expect(gpx.headers.get('content-type')).toBe('application/gpx+xml');
  expect(gpx.headers.get('content-disposition')).toBe(`attachment; filename="${DRIVER}-2026-02-28.gpx"`);
  expect(gpx.text).toContain('<trkpt lat="-26.2500000" lon="27.8500000"><time>2026-03-01T11:59:55.000Z</time>');
  const geojson = await call(api, 'GET', `/v1/drivers/${DRIVER}/track?format=geojson`, { token });
  expect(geojson.headers.get('content-type')).toBe('application/geo+json');
  expect(geojson.body).toMatchObject({ type: 'FeatureCollection', features: [{ geometry: { coordinates: [27.85, -26.25] } }] });
});

test('a track that is too long for one answer says where it goes on, in every format, and loses no fix', async () => {
  const fixes = Array.from({ length: FIXES_MAX + 1 }, (_, i) => fixAt(NOW_MS - HOUR_MS + i));
  const { api } = tracking(fixes);
  const token = await tokenOf('staff');
  const next = new Date(fixes[FIXES_MAX]!.atMs).toISOString();
  for (const format of ['json', 'gpx', 'geojson']) {
    const reply = await call(api, 'GET', `/v1/drivers/${DRIVER}/track?format=${format}&to=2026-03-01T12:00:00Z`, { token });
    const link = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1];
    const url = new URL(link ?? '', 'http://x');
    expect(url.pathname).toBe(`/v1/drivers/${DRIVER}/track`);
    expect(Object.fromEntries(url.searchParams)).toEqual({ from: next, to: '2026-03-01T12:00:00.000Z', format });
    if (format === 'json') expect([reply.body.items.length, reply.body.next_from]).toEqual([FIXES_MAX, next]);
  }
});

function reporting(pages: readonly (readonly DriverItem[])[]) {
  const seen: unknown[] = [];
  const api = startApi(undefined, {
    clock: new VirtualClock(NOW_MS),
    reads: {
      drivers: async (_tenantId: number, query: { cursor: string | null }) => {
        seen.push(query);
        const page = Number(query.cursor ?? 0);
        return { items: pages[page % pages.length] ?? [], nextCursor: page + 1 < pages.length ? String(page + 1) : null };
      },
      // biome-ignore lint/suspicious/noExplicitAny: no other list is read here.
    } as any,
  });
  return { api, seen };
}

function earning(id: string, earnedTodayMinor: number, hours: number): DriverItem {
  const view = driverView(id, { online: true });
  return { ...view, profile: { ...view.profile, driverId: id, earnedTodayMinor, onlineSinceMs: NOW_MS - hours * HOUR_MS } };
}

test('the fairness report compares what drivers who are online earn in an hour, from all pages', async () => {
  const { api, seen } = reporting([[earning('drv_a', 1000, 1), earning('drv_b', 6000, 2)], [earning('drv_c', 4000, 2)]]);
  const reply = await call(api, 'GET', '/v1/reports/fairness', { token: await tokenOf('tenant_owner') });
  expect(asDescribed('reportFairness', reply.body)).toEqual(reply.body);
  // Per hour 1000, 3000 and 2000: the mean difference of all pairs over twice the mean is 2/9.
  expect(reply.body.gini_of_earnings_per_hour).toBeCloseTo(2 / 9, 10);
  expect(reply.body).toMatchObject({ at: '2026-03-01T12:00:00.000Z', drivers: 3, mean_earned_per_hour_minor: 2000, truncated: false });
  expect(reply.body.items).toEqual([
    { driver_id: 'drv_a', online_s: 3600, earned_today_minor: 1000, earned_per_hour_minor: 1000, refusals: {} },
    { driver_id: 'drv_b', online_s: 7200, earned_today_minor: 6000, earned_per_hour_minor: 3000, refusals: {} },
    { driver_id: 'drv_c', online_s: 7200, earned_today_minor: 4000, earned_per_hour_minor: 2000, refusals: {} },
  ]);
  expect(seen).toEqual([
    { limit: 500, cursor: null, status: null, online: true },
    { limit: 500, cursor: '1', status: null, online: true },
  ]);
});

test('a fairness report reads a bounded number of drivers and says so', async () => {
  const { api, seen } = reporting(Array.from({ length: 12 }, () => [earning('drv_a', 1, 1)]));
  const reply = await call(api, 'GET', '/v1/reports/fairness', { token: await tokenOf('staff') });
  expect([seen.length, reply.body.drivers, reply.body.truncated]).toEqual([10, 10, true]);
  const nobody = await call(reporting([[]]).api, 'GET', '/v1/reports/fairness', { token: await tokenOf('staff') });
  expect(nobody.body).toMatchObject({ drivers: 0, gini_of_earnings_per_hour: 0, items: [], truncated: false });
});

test('a fairness report counts the reasons of refusals, of each driver and together', async () => {
  const refusing = (id: string, refusals: DriverItem['refusals']): DriverItem => ({ ...earning(id, 0, 1), refusals: refusals ?? {} });
  const { refusals: _none, ...old } = earning('drv_old', 0, 1);
  const { api } = reporting([[refusing('drv_a', { too_far: 2, unsafe: 1 }), refusing('drv_b', { too_far: 1 }), old]]);
  const reply = await call(api, 'GET', '/v1/reports/fairness', { token: await tokenOf('tenant_owner') });
  expect(asDescribed('reportFairness', reply.body)).toEqual(reply.body);
  expect(reply.body.refusals).toEqual({ too_far: 3, unsafe: 1 });
  expect(reply.body.items.map((item: { refusals: unknown }) => item.refusals)).toEqual([{ too_far: 2, unsafe: 1 }, { too_far: 1 }, {}]);
});
