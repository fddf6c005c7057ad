/**
 * Positions over HTTP: batches of a driver's app, and the protocols of GPS apps that know no tokens. Each position gets a verdict. It
 * must never know how a position is judged.
 */
import { LOCKED_OUT_CODE } from '../../actors/driver/standing.ts';
import { driverRef } from '../../actors/refs.ts';
import type { TenantAddress, TenantDirectory } from '../../ports.ts';
import type { Clock } from '../../runtime/clock.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import { type DriverSource, driverSource, type ItemVerdict, type Report } from '../../telemetry/protocol.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Authenticator } from '../http/auth.ts';
import { type HttpReply, type HttpRequest, json, jsonBody } from '../http/message.ts';
import { type FieldError, Problem, retryAfterS } from '../http/problem.ts';
import type { HttpApp } from '../http/server/app.ts';
import { type DeviceKeySecret, verifyDeviceKey } from './device-key.ts';
import type { DecodeFault } from './formats/field.ts';
import { type DeviceResult, deviceIdIn, parseOsmand } from './formats/osmand.ts';
import { parseOwnTracks } from './formats/own-tracks.ts';
import { type FixResult, readPositions } from './formats/position-json.ts';
import { parseTraccar } from './formats/traccar.ts';
import { TEXT_FRAME_MAX } from './limits.ts';

/** Field errors in one problem. */
const ERRORS_MAX = 50;
const FORM_TYPE = 'application/x-www-form-urlencoded';

interface PositionsDeps {
  readonly auth: Pick<Authenticator, 'authenticate'>;
  readonly tenants: Pick<TenantDirectory, 'byUuid'>;
  readonly telemetry: Pick<Telemetry, 'report'>;
  readonly clock: Clock;
  readonly deviceKeys: DeviceKeySecret;
}

export function registerPositions(app: HttpApp, deps: PositionsDeps): void {
  app.route('POST', '/v1/driver/positions', (request) => takeBatch(deps, request), { bodyMaxBytes: TEXT_FRAME_MAX });
  app.route('GET', '/v1/gps/osmand', (request) => takeQuery(deps, request.rawQuery));
  app.route('POST', '/v1/gps/osmand', (request) => takeBody(deps, request), { bodyMaxBytes: TEXT_FRAME_MAX });
}

/** 200 with a verdict for each; 202 off duty; 429 when all were too many; 400 when none could be read; 413. */
async function takeBatch(deps: PositionsDeps, request: HttpRequest): Promise<HttpReply> {
  const principal = await deps.auth.authenticate(request.header('authorization'));
  if (!principal.roles.has('driver') || principal.tenantId === null) throw new Problem('auth.forbidden');
  const tenant = await tenantOf(deps, principal.tenantId);
  if (tenant === null) throw new Problem('tenant.not_found');
  const source = sourceOf(tenant, principal.sub, 'http');
  if (source === null) throw new Problem('auth.forbidden');
  const read = readPositions(jsonBody(request));
  if (!read.ok) throw problemOf(read);
  const fixes = read.items.flatMap((item) => (item.ok ? [item.fix] : []));
  if (fixes.length === 0) throw unreadable(read.items);
  const report = await deps.telemetry.report(source, fixes, deps.clock.nowMs());
  if (report.kind !== 'judged') return unjudged(report, () => new Problem('auth.forbidden'));
  limitRate(report.items);
  return json(200, { items: inOrder(read.items, report.items) });
}

/** A query, or a body of the OsmAnd form, the Traccar client or OwnTracks. */
async function takeBody(deps: PositionsDeps, request: HttpRequest): Promise<HttpReply> {
  const { rawQuery } = request;
  if (request.body.length === 0) return await takeQuery(deps, rawQuery);
  const type = request.header('content-type').trim().toLowerCase();
  // A device's key may stand in the address that is typed in once, the position in the form; where both speak of a thing they have to agree.
  if (type.startsWith(FORM_TYPE)) return await takeQuery(deps, `${rawQuery}&${request.body.toString('utf8')}`);
  const body = jsonBody(request);
  const given = (body ?? {}) as { readonly _type?: unknown; readonly device_id?: unknown; readonly location?: unknown };
  if (given._type !== undefined) return await takeOwnTracks(deps, body, deviceIdIn(rawQuery));
  // Clients that post to the address of the query send some body, which says nothing.
  if (given.device_id === undefined && given.location === undefined && rawQuery !== '') return await takeQuery(deps, rawQuery);
  return await takeDevice(deps, parseTraccar(body, deps.clock.nowMs()), typeof given.device_id === 'string' ? given.device_id : '');
}

/** The identifier is in the query: the one in the body names nobody. Its clients read the answer as a list of commands. */
async function takeOwnTracks(deps: PositionsDeps, body: unknown, key: string): Promise<HttpReply> {
  const read = parseOwnTracks(body, deps.clock.nowMs());
  if (read.ok && read.kind === 'ignored') {
    await deviceSource(deps, key);
    return json(200, []);
  }
  const taken = await takeDevice(deps, read.ok ? { ok: true, deviceId: key, fix: read.fix, batteryPct: null } : read, key);
  return taken.status === 200 ? json(200, []) : taken;
}

function takeQuery(deps: PositionsDeps, query: string): Promise<HttpReply> {
  const { deviceId, report } = parseOsmand(query, deps.clock.nowMs());
  return takeDevice(deps, report, deviceId);
}

/** Who it is comes first: what is wrong with a position is told only to a device that is ours. A rejected one is 200, or it would be sent for ever. */
async function takeDevice(deps: PositionsDeps, read: DeviceResult, key: string): Promise<HttpReply> {
  const source = await deviceSource(deps, read.ok ? read.deviceId : key);
  if (!read.ok) throw problemOf(read);
  const report = await deps.telemetry.report(source, [read.fix], deps.clock.nowMs());
  if (report.kind !== 'judged') return unjudged(report, notOurs);
  limitRate(report.items);
  const item = report.items[0];
  return json(200, item === undefined ? {} : wireItem(item));
}

/** An unknown tenant costs a forger nothing to find out: without the key's mac no directory is asked. */
async function deviceSource(deps: PositionsDeps, key: string): Promise<DriverSource> {
  const named = verifyDeviceKey(deps.deviceKeys, key);
  const tenant = named === null ? null : await tenantOf(deps, named.tenantUuid);
  const source = tenant === null || named === null ? null : sourceOf(tenant, named.driverId, 'device');
  if (source === null) throw notOurs();
  return source;
}

function notOurs(): Problem {
  return new Problem('auth.invalid_token', { detail: 'The device key is none of ours.' });
}

/** Sessions without a beginning: a phone that has a socket is believed before them. */
function sourceOf(tenant: TenantAddress, driverId: string, deviceId: string): DriverSource | null {
  const ref = driverRef(tenant.tenantId, driverId);
  return ref !== null && dataShardOf(ref.shard) === tenant.dataShard ? driverSource(tenant.tenantId, driverId, deviceId, 0) : null;
}

async function tenantOf(deps: PositionsDeps, uuid: string): Promise<TenantAddress | null> {
  try {
    return await deps.tenants.byUuid(uuid);
  } catch {
    throw new Problem('runtime.unavailable');
  }
}

function unjudged(report: Exclude<Report, { kind: 'judged' }>, unknown: () => Problem): HttpReply {
  if (report.kind === 'off_duty') return json(202, { ignored: 'off_duty' });
  if (report.kind === 'locked_out') throw new Problem(LOCKED_OUT_CODE);
  throw report.kind === 'unknown' ? unknown() : new Problem('runtime.unavailable');
}

/** @throws Problem 429 when nothing got through */
function limitRate(items: readonly ItemVerdict[]): void {
  if (items.length === 0 || !items.every((item) => item.code === 'gps.rate_limited')) return;
  throw new Problem('gps.rate_limited', { headers: { 'retry-after': retryAfterS(Math.max(...items.map((item) => item.retryAfterMs))) } });
}

function inOrder(read: readonly FixResult[], judged: readonly ItemVerdict[]) {
  let next = 0;
  return read.map((item) => {
    if (!item.ok) return { verdict: 'rejected', code: item.code, ...(item.field === null ? {} : { field: item.field }) };
    const verdict = judged[next++];
    return verdict === undefined ? { verdict: 'rejected', code: 'runtime.unavailable' } : wireItem(verdict);
  });
}

function wireItem(item: ItemVerdict) {
  return { verdict: item.verdict, ...(item.code === null ? {} : { code: item.code }) };
}

function problemOf(fault: DecodeFault): Problem {
  return new Problem(fault.code, fault.field === null ? {} : { errors: [{ path: fault.field, message: fault.code }] });
}

function unreadable(items: readonly FixResult[]): Problem {
  const errors: FieldError[] = [];
  for (const [index, item] of items.entries()) {
    if (errors.length === ERRORS_MAX) break;
    if (!item.ok) errors.push({ path: `positions[${index}]${item.field === null ? '' : `.${item.field}`}`, message: item.code });
  }
  return new Problem('gps.invalid_field', { errors });
}
