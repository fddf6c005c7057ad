/** The statement over the API: whose it is, which days, page by page, as JSON and as a table. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/actors/driver/state.ts';
import type { DriverEntry } from '../../../src/actors/driver/statement.ts';
import type { DriverLedger } from '../../../src/ports.ts';
import { dayAfter, dayNamer, dayStartMs, localDay } from '../../../src/transport/http/v1/local-day.ts';
import { call, FakeSystem, fakeDeps, fakeFleet, startApi, stopApps, tokenOf } from '../support.ts';
import { asDescribed, DRIVER, driverView } from './fleet.ts';

afterEach(stopApps);

const ZONE = 'Africa/Johannesburg';
const PATH = `/v1/drivers/${DRIVER}/statement`;
/** Half past midnight of 2 November in Johannesburg, still the day before in UTC. */
const NIGHT_MS = Date.parse('2026-11-01T22:30:00Z');

function ridesAt(...atMs: number[]): DriverEntry[] {
  return atMs.map((at, i) => {
    const data = { orderId: `ord_${i}`, outcome: 'delivered', feeMinor: 2_000, platformFeeMinor: 300, cashMinor: 5_000, currency: 'ZAR' };
    return { seq: i + 1, atMs: at, event: { type: 'job_closed', data } as DriverEvent };
  });
}

function start(entries: readonly DriverEntry[], driver = driverView(DRIVER)) {
  const asked: unknown[][] = [];
  const ledger: DriverLedger = {
    money: async (...given) => {
      asked.push(given);
      const [, , fromMs, toMs, limit] = given;
      return entries.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).slice(0, limit);
    },
    offers: async () => [],
  };
  const { tenants } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const view: typeof tenants.view = async (tenantId) => {
    const found = await tenants.view(tenantId);
    return found === null ? null : { ...found, settings: { ...found.settings, timezone: ZONE } };
  };
  const api = startApi(
    ({ to }) =>
      to.tenantId === 1 && to.id === DRIVER ? { ok: true, value: driver } : { ok: false, refusal: { code: 'driver.not_found' } },
    { fleet: fakeFleet({ ledger }), tenants: { ...tenants, view } },
  );
  return { api, asked };
}

async function get({ api }: ReturnType<typeof start>, query = '', role = 'staff', path = PATH, headers: Record<string, string> = {}) {
  return await call(api, 'GET', path + query, { token: await tokenOf(role, undefined, role === 'driver' ? DRIVER : 'tester'), headers });
}

describe('a statement', () => {
  it('is of the days of the shop, both included', async () => {
    const shop = start(ridesAt(NIGHT_MS, NIGHT_MS + 3_600_000));
    const reply = await get(shop, '?from=2026-11-02&to=2026-11-02');
    expect(reply.status).toBe(200);
    expect(asDescribed('getDriverStatement', reply.body)).toEqual(reply.body);
    expect(reply.body).toMatchObject({ timezone: ZONE, currency: 'ZAR', totals: { rides: 2, balance_minor: -6_600 }, next_cursor: null });
    expect(reply.body.days.map(({ day }: { day: string }) => day)).toEqual(['2026-11-02']);
    expect(shop.asked[0]).toEqual([1, DRIVER, Date.parse('2026-11-01T22:00:00Z'), Date.parse('2026-11-02T22:00:00Z'), 20_001]);
    expect((await get(shop, '?from=2026-11-01&to=2026-11-01')).body).toMatchObject({ items: [], days: [], totals: { rides: 0 } });
  });

  it('is of the last week when no day is named, and of 92 days at most', async () => {
    const shop = start([]);
    const today = localDay(Date.now(), ZONE);
    expect((await get(shop)).body).toMatchObject({ from: dayAfter(today, -6), to: today });
    expect((await get(shop, '?from=2026-01-01&to=2026-04-02')).status).toBe(200);
    for (const query of ['?from=2026-01-01&to=2026-04-03', '?from=2026-02-01&to=2026-01-01', '?from=yesterday', '?cursor=-1', '?limit=501'])
      expect([query, (await get(shop, query)).body.code]).toEqual([query, 'request.invalid']);
  });

  it('is of no day that has no beginning', async () => {
    const shop = start([]);
    for (const query of ['?from=9999-12-31&to=9999-12-31', '?to=0000-01-01', '?to=0999-01-01'])
      expect([query, (await get(shop, query)).body.code]).toEqual([query, 'request.invalid']);
    expect((await get(shop, '?from=2999-12-31&to=2999-12-31')).status).toBe(200);
    expect((await get(shop, '?to=2000-01-01')).status).toBe(200);
  });

  it('comes page by page, each ride once, with the totals of the whole on every page', async () => {
    const shop = start(ridesAt(...Array.from({ length: 7 }, (_, i) => NIGHT_MS + i)));
    const seen: string[] = [];
    let next: string | null = `${PATH}?from=2026-11-01&to=2026-11-30&limit=3`;
    while (next !== null) {
      const page = await get(shop, '', 'staff', next);
      expect(page.body.totals.rides).toBe(7);
      seen.push(...page.body.items.map(({ order_id }: { order_id: string }) => order_id));
      next = /<(.*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
      expect(page.body.next_cursor === null).toBe(next === null);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `ord_${i}`));
  });

  it('is a table for whoever asks for one', async () => {
    const shop = start(ridesAt(NIGHT_MS, NIGHT_MS + 1));
    const reply = await get(shop, '?from=2026-11-02&to=2026-11-02&limit=1', 'staff', PATH, { accept: 'text/csv, */*;q=0.1' });
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="statement-${DRIVER}-2026-11-02-2026-11-02.csv"`);
    const [head, line, ...rest] = reply.text.split('\r\n');
    expect(head).toMatch(/^order_id,outcome,started_at,closed_at,.*,fee_minor,platform_fee_minor,cash_minor$/);
    expect(line).toBe('ord_0,delivered,,2026-11-01T22:30:00.000Z,,,1200,0,800,0,2000,300,5000');
    expect([rest, reply.headers.get('link')]).toEqual([[''], expect.stringContaining('cursor=1')]);
  });

  it('is for the shop and for the driver himself, and of nobody else', async () => {
    const shop = start(ridesAt(NIGHT_MS));
    const own = await get(shop, '?from=2026-11-02&to=2026-11-02', 'driver', '/v1/driver/me/statement');
    expect(own.body).toMatchObject({ driver_id: DRIVER, totals: { rides: 1 } });
    expect((await get(shop, '', 'driver')).status).toBe(403);
    expect((await get(shop, '', 'staff', '/v1/driver/me/statement')).status).toBe(403);
    expect((await get(shop, '', 'staff', '/v1/drivers/drv_30other/statement')).body.code).toBe('driver.not_found');
  });

  it('of a driver that is locked out is for the shop alone', async () => {
    const shop = start([], driverView(DRIVER, { status: 'suspended', online: false }));
    expect((await get(shop, '', 'driver', '/v1/driver/me/statement')).body.code).toBe('driver.suspended');
    expect((await get(shop)).status).toBe(200);
  });
});

describe('a day of a place', () => {
  it('begins at its own midnight, also where clocks change', () => {
    for (const [day, zone, start] of [
      ['2026-11-02', ZONE, '2026-11-01T22:00:00Z'],
      ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
      ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
      ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
      ['2026-11-02', 'Asia/Kolkata', '2026-11-01T18:30:00Z'],
      // Midnight twice, and no such day.
      ['2021-10-29', 'Asia/Amman', '2021-10-28T21:00:00Z'],
      ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
    ] as const)
      expect([day, zone, new Date(dayStartMs(day, zone)).toISOString()]).toEqual([day, zone, new Date(start).toISOString()]);
  });

  it('has the same name one by one and in a long row, in whatever order', () => {
    const at = fc.integer({ min: Date.parse('2011-12-01'), max: Date.parse('2027-01-01') });
    for (const zone of [ZONE, 'Europe/Berlin', 'America/Santiago', 'Asia/Amman', 'Pacific/Apia']) {
      const nameOf = dayNamer(zone);
      fc.assert(
        fc.property(at, fc.integer({ min: 0, max: 90_000_000 }), (atMs, laterMs) => {
          for (const one of [atMs, atMs + laterMs]) expect(nameOf(one)).toBe(localDay(one, zone));
        }),
      );
    }
  });

  it('holds its first instant and not the one before, every day of a year', () => {
    for (const zone of [ZONE, 'Europe/Berlin', 'America/Santiago', 'Australia/Sydney', 'Pacific/Apia'])
      for (let day = '2026-01-01'; day < '2027-01-01'; day = dayAfter(day, 1)) {
        const startMs = dayStartMs(day, zone);
        expect([localDay(startMs, zone), localDay(startMs - 1, zone)]).toEqual([day, dayAfter(day, -1)]);
      }
  });
});
