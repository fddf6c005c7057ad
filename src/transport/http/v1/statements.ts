/** A driver's payout statement, as JSON or as a table. It must never judge what a ride is worth: the journal says what was paid. */
import { z } from 'zod';
import type { DriverView } from '../../../actors/driver/protocol.ts';
import { isRide, ridesOf, type StatementRide, type StatementSums, sumsOf } from '../../../actors/driver/statement.ts';
import { type AnyCall, type ApiRoute, defineRoute, fromPort } from '../api/api.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem } from '../problem.ts';
import { readDriver, readOwnDriver } from './drivers.ts';
import { dayAfter, dayNamer, dayStartMs, localDay } from './local-day.ts';
import { time, timeOrNull } from './present.ts';
import { isoTime, page } from './schemas.ts';

const STATEMENT_DAYS_MAX = 92;
const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;
const DAY_FIRST = '2000-01-01';
const DAY_LAST = '2999-12-31';
/** Lines of one statement: more than 200 a day for a quarter. */
const ENTRIES_MAX = 20_000;
/** Offers between the first and the last ride of a page. */
const OFFERS_MAX = 20_000;
/** No ride takes longer than this from the offer to the door. */
const RIDE_MAX_MS = DAY_MS;
const CSV = 'text/csv';

const amount = z.int();
const sums = z.object({
  rides: z.int(),
  fee_minor: amount,
  platform_fee_minor: amount,
  cash_collected_minor: amount,
  cash_handed_in_minor: amount,
  cash_returned_minor: amount,
  balance_minor: amount,
});
const ride = z.object({
  order_id: z.string(),
  outcome: z.enum(['delivered', 'cancelled', 'released']),
  started_at: isoTime.nullable(),
  closed_at: isoTime,
  duration_s: z.int().nullable(),
  distance_m: z.int().nullable(),
  base_minor: amount,
  distance_minor: amount,
  other_minor: amount,
  surge_minor: amount,
  fee_minor: amount,
  platform_fee_minor: amount,
  cash_minor: amount,
});
const statement = z
  .object({
    driver_id: z.string(),
    /** Days of the shop's time zone, both included. */
    from: z.iso.date(),
    to: z.iso.date(),
    timezone: z.string(),
    currency: z.string().nullable(),
    /** Of the whole time, on every page. */
    totals: sums,
    days: z.array(sums.extend({ day: z.iso.date() })),
    items: z.array(ride),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'Statement' });
/** Far from these, days have names that are not of four digits for the year, and no beginning that can be told. */
const day = z.iso.date().refine((named) => named >= DAY_FIRST && named <= DAY_LAST, `from ${DAY_FIRST} to ${DAY_LAST}`);
const statementQuery = z.object({
  from: day.optional().describe('First day, in the time zone of the shop'),
  to: day.optional().describe('Last day, itself included'),
  limit: page.limit,
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .optional()
    .describe('`next_cursor` of the page before'),
});
type StatementQuery = z.output<typeof statementQuery>;

const common = {
  method: 'GET',
  query: statementQuery,
  headers: ['accept'],
  reply: { status: 200, schema: statement, otherTypes: [CSV] },
  errors: ['driver.not_found'],
} as const;

export const statementRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...common,
    tag: 'Drivers',
    scope: 'any_tenant',
    permission: 'drivers:read',
    path: '/v1/drivers/:id/statement',
    operationId: 'getDriverStatement',
    summary: `Payout statement of a driver, oldest ride first, at most ${STATEMENT_DAYS_MAX} days; the last ${DEFAULT_DAYS} when none are named`,
    handle: async (call) => await answer(call, call.query, readDriver(call)),
  }),
  defineRoute({
    ...common,
    tag: 'Drivers',
    scope: 'tenant',
    permission: 'driver:self',
    path: '/v1/driver/me/statement',
    operationId: 'getOwnStatement',
    summary: 'Payout statement of the driver that the token is for',
    errors: ['driver.not_found', 'driver.suspended'],
    handle: async (call) => await answer(call, call.query, readOwnDriver(call)),
  }),
];

async function answer(call: AnyCall, query: StatementQuery, reading: Promise<DriverView>): Promise<HttpReply> {
  const { deps, request, tenant } = call;
  const { ledger } = deps.fleet;
  const [driver, view] = await Promise.all([reading, fromPort(deps, deps.tenants.view(tenant.tenantId))]);
  if (view === null) throw new Problem('tenant.not_found');
  const { timezone } = view.settings;
  const { from, to } = rangeOf(query, localDay(deps.clock.nowMs(), timezone));
  const [fromMs, toMs] = [dayStartMs(from, timezone), dayStartMs(dayAfter(to, 1), timezone)];
  const entries = await fromPort(deps, ledger.money(tenant.tenantId, driver.id, fromMs, toMs, ENTRIES_MAX + 1));
  if (entries.length > ENTRIES_MAX) throw invalid('to', 'too much happened in this time: ask for fewer days');
  const after = Number(query.cursor ?? 0);
  const left = entries.filter((entry) => entry.seq > after && isRide(entry));
  const closed = left.slice(0, query.limit);
  const offersFromMs = (closed[0]?.atMs ?? toMs) - RIDE_MAX_MS;
  const offersToMs = (closed.at(-1)?.atMs ?? offersFromMs) + 1;
  const offers =
    closed.length === 0 ? [] : await fromPort(deps, ledger.offers(tenant.tenantId, driver.id, offersFromMs, offersToMs, OFFERS_MAX));
  const rides = ridesOf(closed, offers);
  const nextCursor = left.length > closed.length ? String(closed.at(-1)?.seq) : null;
  const headers =
    nextCursor === null ? {} : { link: `<${nextPage(request.path, request.rawQuery, { from, to, cursor: nextCursor })}>; rel="next"` };
  if (wantsCsv(request.header('accept'))) return table(`${driver.id}-${from}-${to}`, rides, headers);
  const { total, days } = sumsOf(entries, dayNamer(timezone));
  const body: z.input<typeof statement> = {
    driver_id: driver.id,
    from,
    to,
    timezone,
    currency: driver.earnings.currency,
    totals: presentSums(total),
    days: days.map(({ day, ...of }) => ({ day, ...presentSums(of) })),
    items: rides.map(presentRide),
    next_cursor: nextCursor,
  };
  return json(200, body, headers);
}

function rangeOf(query: StatementQuery, today: string): { readonly from: string; readonly to: string } {
  const to = query.to ?? today;
  const from = query.from ?? dayAfter(to, 1 - DEFAULT_DAYS);
  if (from > to) throw invalid('from', 'must not be after `to`');
  if (from < dayAfter(to, 1 - STATEMENT_DAYS_MAX)) throw invalid('from', `at most ${STATEMENT_DAYS_MAX} days`);
  return { from, to };
}

function invalid(path: string, message: string): Problem {
  return new Problem('request.invalid', { errors: [{ path, message }] });
}

function nextPage(path: string, rawQuery: string, fixed: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(rawQuery);
  for (const [name, value] of Object.entries(fixed)) query.set(name, value);
  return `${path}?${query.toString()}`;
}

/** Whatever else a client would take as well: who names the table wants it. */
function wantsCsv(accept: string): boolean {
  return /(^|,)\s*text\/csv\s*(;|,|$)/i.test(accept);
}

/** Nothing in it needs quotes: ids, times, numbers. */
function table(name: string, rides: readonly StatementRide[], headers: Readonly<Record<string, string>>): HttpReply {
  const columns = Object.keys(ride.shape) as (keyof z.input<typeof ride>)[];
  const lines = rides.map((one) => {
    const shown = presentRide(one);
    return columns.map((column) => shown[column] ?? '').join(',');
  });
  const disposition = `attachment; filename="statement-${name}.csv"`;
  return {
    status: 200,
    headers: { 'content-type': `${CSV}; charset=utf-8`, 'content-disposition': disposition, vary: 'accept', ...headers },
    body: [columns.join(','), ...lines, ''].join('\r\n'),
  };
}

function presentSums(of: StatementSums): z.input<typeof sums> {
  return {
    rides: of.rides,
    fee_minor: of.feeMinor,
    platform_fee_minor: of.platformFeeMinor,
    cash_collected_minor: of.cashCollectedMinor,
    cash_handed_in_minor: of.cashHandedInMinor,
    cash_returned_minor: of.cashReturnedMinor,
    balance_minor: of.balanceMinor,
  };
}

function presentRide(of: StatementRide): z.input<typeof ride> {
  return {
    order_id: of.orderId,
    outcome: of.outcome,
    started_at: timeOrNull(of.startedAtMs),
    closed_at: time(of.closedAtMs),
    duration_s: of.startedAtMs === null ? null : Math.round((of.closedAtMs - of.startedAtMs) / 1_000),
    distance_m: of.distanceM,
    base_minor: of.baseMinor,
    distance_minor: of.distanceMinor,
    other_minor: of.otherMinor,
    surge_minor: of.surgeMinor,
    fee_minor: of.feeMinor,
    platform_fee_minor: of.platformFeeMinor,
    cash_minor: of.cashMinor,
  };
}
