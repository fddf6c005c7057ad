/** What drivers did: their tracks, and how evenly they earn. It must never decide anything from it. */
import { z } from 'zod';
import { DECLINE_REASONS, type DeclineReason } from '../../../actors/driver/protocol.ts';
import { fairnessReport } from '../../../actors/market/dispatch/fairness.ts';
import type { DriverItem, Listed, TrackFix } from '../../../ports.ts';
import { toGeoJson, toGpx } from '../../gps/export.ts';
import { type AnyCall, type ApiDeps, type ApiRoute, defineRoute, fromPort } from '../api/api.ts';
import { type HttpReply, json } from '../message.ts';
import { fairness, trackFix } from './driver-schemas.ts';
import { readDriver } from './drivers.ts';
import { time } from './present.ts';
import { presentFix } from './present-driver.ts';
import { instant } from './schemas.ts';

const DEFAULT_SPAN_MS = 86_400_000;
/** Fixes in one answer: nearly three hours at one a second, about 4 MB as GPX. */
const FIXES_MAX = 10_000;
const DRIVERS_PAGE = 500;
/** Drivers in one report: ten pages. */
const REPORT_PAGES_MAX = 10;
const MS_PER_HOUR = 3_600_000;

const GPX = 'application/gpx+xml';
const GEOJSON = 'application/geo+json';
const reading = { tag: 'Drivers', scope: 'any_tenant', permission: 'drivers:read' } as const;
const trackQuery = z.object({
  from: instant.optional(),
  to: instant.optional(),
  format: z.enum(['json', 'geojson', 'gpx']).default('json'),
});
type TrackQuery = z.output<typeof trackQuery>;

export const driverReportRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/drivers/:id/track',
    operationId: 'getDriverTrack',
    summary: 'Read where a driver was, oldest first; the last day when no time is named. A Link header leads to what did not fit',
    query: trackQuery,
    reply: {
      status: 200,
      schema: z.object({ items: z.array(trackFix), next_from: z.iso.datetime().nullable() }),
      otherTypes: [GEOJSON, GPX],
    },
    errors: ['driver.not_found'],
    handle: async (call) => await track(call, call.query),
  }),
  defineRoute({
    ...reading,
    tag: 'Reports',
    method: 'GET',
    path: '/v1/reports/fairness',
    operationId: 'reportFairness',
    summary: 'How evenly the drivers who are online earn',
    reply: { status: 200, schema: fairness },
    errors: [],
    handle: async ({ deps, tenant }) => json(200, await reportFairness(deps, tenant.tenantId)),
  }),
];

async function track(call: AnyCall, query: TrackQuery): Promise<HttpReply> {
  const { deps, tenant, request } = call;
  const { id } = await readDriver(call);
  const toMs = query.to ?? deps.clock.nowMs();
  const fromMs = query.from ?? toMs - DEFAULT_SPAN_MS;
  const found = await fromPort(deps, deps.fleet.tracks.read(tenant.tenantId, id, fromMs, toMs, FIXES_MAX + 1));
  const fixes = found.slice(0, FIXES_MAX);
  const nextMs = found[FIXES_MAX]?.atMs ?? null;
  const headers = nextMs === null ? {} : { link: `<${nextPage(request.path, query, nextMs, toMs)}>; rel="next"` };
  if (query.format === 'json')
    return json(200, { items: fixes.map(presentFix), next_from: nextMs === null ? null : time(nextMs) }, headers);
  return file(query.format, `${id}-${time(fromMs).slice(0, 10)}`, fixes, headers);
}

function nextPage(path: string, query: TrackQuery, fromMs: number, toMs: number): string {
  return `${path}?${new URLSearchParams({ from: time(fromMs), to: time(toMs), format: query.format }).toString()}`;
}

function file(format: 'geojson' | 'gpx', name: string, fixes: readonly TrackFix[], headers: Readonly<Record<string, string>>): HttpReply {
  const [type, pieces] = format === 'gpx' ? [GPX, toGpx(name, fixes)] : [GEOJSON, toGeoJson(name, fixes)];
  const disposition = `attachment; filename="${name}.${format}"`;
  return { status: 200, headers: { 'content-type': type, 'content-disposition': disposition, ...headers }, body: [...pieces].join('') };
}

async function reportFairness(deps: ApiDeps, tenantId: number): Promise<z.input<typeof fairness>> {
  const { drivers, truncated } = await onlineDrivers(deps, tenantId);
  const nowMs = deps.clock.nowMs();
  const profiles = drivers.map(({ profile }) => ({ ...profile, stops: [] }));
  const report = fairnessReport(profiles, nowMs, new Map());
  return {
    at: time(nowMs),
    drivers: report.drivers,
    gini_of_earnings_per_hour: report.giniOfEarningsPerHour,
    mean_earned_per_hour_minor: report.meanEarnedPerHourMinor,
    lowest_fifth_share: report.lowestFifthShare,
    refusals: sumOf(drivers.map((driver) => driver.refusals ?? {})),
    items: drivers.map(({ profile: { driverId, onlineSinceMs, earnedTodayMinor }, refusals }) => {
      const onlineMs = Math.max(0, nowMs - onlineSinceMs);
      return {
        driver_id: driverId,
        online_s: Math.floor(onlineMs / 1000),
        earned_today_minor: earnedTodayMinor,
        earned_per_hour_minor: onlineMs === 0 ? null : earnedTodayMinor / (onlineMs / MS_PER_HOUR),
        refusals: refusals ?? {},
      };
    }),
    truncated,
  };
}

function sumOf(counts: readonly NonNullable<DriverItem['refusals']>[]): NonNullable<DriverItem['refusals']> {
  const sum: Partial<Record<DeclineReason, number>> = {};
  for (const reason of DECLINE_REASONS) {
    const total = counts.reduce((so, one) => so + (one[reason] ?? 0), 0);
    if (total > 0) sum[reason] = total;
  }
  return sum;
}

async function onlineDrivers(deps: ApiDeps, tenantId: number): Promise<{ drivers: readonly DriverItem[]; truncated: boolean }> {
  const drivers: DriverItem[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < REPORT_PAGES_MAX; pages++) {
    const list: Listed<DriverItem> = await fromPort(
      deps,
      deps.reads.drivers(tenantId, { limit: DRIVERS_PAGE, cursor, status: null, online: true }),
    );
    drivers.push(...list.items);
    cursor = list.nextCursor;
    if (cursor === null) break;
  }
  return { drivers, truncated: cursor !== null };
}
