/**
 * What every API route shares: its dependencies, authentication, the tenant of the caller, validation. It must never
 * know a single route.
 */
import { z } from 'zod';
import type { DriverOffer, DriverView } from '../../../actors/driver/protocol.ts';
import type { OrderTerms, OrderView } from '../../../actors/order/protocol.ts';
import type { LineRequest, Position, Quote } from '../../../actors/tenant/protocol.ts';
import type { TenantView } from '../../../actors/tenant/view.ts';
import type { Log } from '../../../observability/log.ts';
import {
  type CustomerDirectory,
  type DriverLedger,
  InvalidCursor,
  type ProofStore,
  type ReadModels,
  type SecretBox,
  type TenantAddress,
  type TenantDirectory,
  type TrackStore,
} from '../../../ports.ts';
import type { ActorSystem, Answer, Refusal, SendOptions } from '../../../runtime/behaviour.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { type Authenticator, type Permission, type Principal, requirePermission } from '../auth.ts';
import { type IdempotencyKey, idempotencyKey, requiredIdempotencyKey } from '../idempotency.ts';
import { type Gate, type HttpReply, type HttpRequest, json, jsonBody, unambiguousQueryOf } from '../message.ts';
import { Problem, problemOfIssues, unwrap } from '../problem.ts';
import type { HttpApp, Method } from '../server/app.ts';

/** What the routes of drivers and dispatchers need beyond the actors. */
export interface FleetDeps {
  readonly tracks: Pick<TrackStore, 'read'>;
  readonly proofs: ProofStore;
  readonly ledger: DriverLedger;
  /** A signed token of role `driver` whose subject is the driver. */
  mintDriverToken(driverId: string, tenantUuid: string, ttlS: number): Promise<{ readonly token: string; readonly expiresAtMs: number }>;
  /** The `id` of devices that speak the OsmAnd protocol. */
  deviceKeyOf(tenantUuid: string, driverId: string): string;
  /** A link that signs the driver's phone in; the token is in its fragment. */
  driveUrl(token: string): string;
  /** What a driver takes when a dispatcher gives it the order. @returns null when there is nowhere to ride to. */
  offerFor(order: OrderView, driver: DriverView, offerId: string): DriverOffer | null;
}

export interface ApiDeps {
  readonly system: ActorSystem;
  readonly tenants: TenantDirectory;
  readonly customers: CustomerDirectory;
  readonly reads: ReadModels;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly fleet: FleetDeps;
  readonly limits: { readonly importRows: number; readonly apiBodyMaxBytes: number };
  readonly orders: OrderTerms;
  /** Prices a basket from the tenant's view, holding nothing: the tenant's own pure rule. */
  readonly price: (
    view: TenantView,
    lines: readonly LineRequest[],
    dropoff: Position | null,
  ) => { readonly ok: true; readonly quote: Quote } | { readonly ok: false; readonly refusal: Refusal };
}

interface Call<B, Q> {
  readonly deps: ApiDeps;
  readonly request: HttpRequest;
  readonly principal: Principal;
  /** The caller's own tenant, or the one that a platform caller names; for platform routes a stand-in that throws. */
  readonly tenant: TenantAddress;
  readonly body: B;
  readonly query: Q;
  readonly idempotency: IdempotencyKey | null;
}

/** For what does not depend on the route's body and query. */
export type AnyCall = Call<unknown, unknown>;

/** Where a route lives: in the caller's tenant, in any tenant that a platform caller names (`?tenant_id=`), or above all tenants. */
type Scope = 'tenant' | 'any_tenant' | 'platform';

interface RouteSpec<B extends z.ZodType, Q extends z.ZodType> {
  readonly method: Method;
  /** With parameters as `:name`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly scope: Scope;
  readonly permission: Permission;
  /** Does as well. */
  readonly orPermission?: Permission;
  readonly body?: B;
  /** Set for bodies that are not JSON: the handler reads `request.body` itself. */
  readonly bodyType?: 'text/csv';
  /** Set for a body that is JSON or one of these types; the handler reads `request.body` itself. It may be bigger than others, and slower. */
  readonly rawBody?: {
    readonly types: readonly string[];
    readonly json: z.ZodType;
    readonly maxBytes: number;
    /** Whoever sends at this pace or faster is not cut off by the body timeout. */
    readonly minBytesPerS: number;
  };
  readonly query?: Q;
  /** To read besides the common ones; lower case. */
  readonly headers?: readonly string[];
  readonly idempotency?: 'required' | 'optional';
  readonly reply: {
    readonly status: number;
    readonly schema: z.ZodType | null;
    /** Media types that it may have instead of JSON. */
    readonly otherTypes?: readonly string[];
  };
  /** Codes that this route may answer beyond those that follow from the rest of the spec; see `failures` of the contract. */
  readonly errors: readonly string[];
  readonly handle: (call: Call<z.output<B>, z.output<Q>>) => Promise<HttpReply>;
}

/** A route whose types are checked where it is written and erased in the table. */
export type ApiRoute = RouteSpec<z.ZodType, z.ZodType>;

export function defineRoute<B extends z.ZodType, Q extends z.ZodType>(spec: RouteSpec<B, Q>): ApiRoute {
  return spec as unknown as ApiRoute;
}

/** Adds the routes to the app. */
export function addRoutes(app: HttpApp, deps: ApiDeps, routes: readonly ApiRoute[]): void {
  for (const route of routes)
    app.gatedRoute(route.method, route.path, gateOf(deps, route), {
      bodyMaxBytes: route.rawBody?.maxBytes ?? deps.limits.apiBodyMaxBytes,
      ...(route.rawBody === undefined ? {} : { bodyMinBytesPerS: route.rawBody.minBytesPerS }),
      ...(route.headers === undefined ? {} : { headers: route.headers }),
    });
}

/** The caller is judged by the token at the head: a stranger's body is never read, and a token may run out during a long upload. */
function gateOf(deps: ApiDeps, route: ApiRoute): Gate {
  return async (head) => {
    const principal = await deps.auth.authenticate(head.header('authorization'));
    requirePermission(principal, route.permission, route.orPermission);
    return (request) => serve(deps, route, request, principal);
  };
}

async function serve(deps: ApiDeps, route: ApiRoute, request: HttpRequest, principal: Principal): Promise<HttpReply> {
  const given = unambiguousQueryOf(request);
  const tenant = route.scope === 'platform' ? NO_TENANT : await tenantOf(deps, route.scope, principal, given.tenant_id);
  const query = route.query === undefined ? undefined : validated(route.query, given);
  const body = route.body === undefined ? undefined : validated(route.body, emptyAsObject(request) ? {} : jsonBody(request));
  const source = route.bodyType === undefined ? body : request.body.toString('latin1');
  const idempotency =
    route.idempotency === 'required'
      ? requiredIdempotencyKey(request, source)
      : route.idempotency === 'optional'
        ? idempotencyKey(request, source)
        : null;
  return await route.handle({ deps, request, principal, tenant, body, query, idempotency });
}

/** A transition without a body is as good as one with `{}`. */
function emptyAsObject(request: HttpRequest): boolean {
  return request.body.length === 0;
}

const uuid = z.uuid();

const NO_TENANT = new Proxy({} as TenantAddress, {
  get: () => {
    throw new Error('a platform route has no tenant of its own');
  },
});

/** @param named the tenant that the query names */
async function tenantOf(
  deps: ApiDeps,
  scope: 'tenant' | 'any_tenant',
  principal: Principal,
  named: string | undefined,
): Promise<TenantAddress> {
  if (scope === 'tenant') return await ownTenant(deps, principal);
  if (named === principal.tenantId) return await ownTenant(deps, principal);
  const choosing = principal.permissions.has('tenants:manage');
  if (named === undefined && !(choosing && principal.tenantId === null)) return await ownTenant(deps, principal);
  // Of another tenant nothing exists, also for a caller who knows its id.
  if (!choosing) throw new Problem('tenant.not_found');
  const id = uuid.safeParse(named);
  if (!id.success) throw problemOfIssues(id.error, 'tenant_id');
  return await addressOf(deps, id.data);
}

async function ownTenant(deps: ApiDeps, principal: Principal): Promise<TenantAddress> {
  if (principal.tenantId === null) throw new Problem('auth.forbidden', { detail: 'The token belongs to no tenant.' });
  return await addressOf(deps, principal.tenantId);
}

async function addressOf(deps: ApiDeps, tenantUuid: string): Promise<TenantAddress> {
  const address = await fromPort(deps, deps.tenants.byUuid(tenantUuid));
  if (address === null) throw new Problem('tenant.not_found');
  return address;
}

function validated(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problemOfIssues(parsed.error);
}

/** Waits for a port. A bad cursor is the caller's fault; any other rejection means that storage is away. */
export async function fromPort<T>(deps: Pick<ApiDeps, 'log'>, pending: Promise<T>): Promise<T> {
  try {
    return await pending;
  } catch (error) {
    if (error instanceof InvalidCursor) throw new Problem('request.invalid_cursor');
    if (error instanceof Problem || error instanceof TypeError || error instanceof ReferenceError) throw error;
    deps.log.warn({ err: error }, 'storage unavailable');
    throw new Problem('runtime.unavailable');
  }
}

/** Options of an ask on behalf of a request. */
export function askOptions(
  call: Pick<AnyCall, 'request'>,
  key: { readonly commandId: string; readonly fingerprint?: string } | null = null,
): SendOptions {
  return {
    deadlineMs: call.request.deadlineMs,
    correlationId: call.request.requestId,
    ...(key === null ? {} : { commandId: key.commandId, ...(key.fingerprint === undefined ? {} : { fingerprint: key.fingerprint }) }),
  };
}

/** For a command that may change nothing: under a key its answer is kept all the same, because by the time of a late repeat it would change something. */
export function kept({ idempotency }: Pick<AnyCall, 'idempotency'>): { readonly isKept?: true } {
  return idempotency === null ? {} : { isKept: true };
}

/** A JSON reply made from an answer; says when it is the stored one. @throws Problem */
export function replyOf<R>(
  answer: Answer<R>,
  status: number,
  present: (value: R) => unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const value = unwrap(answer);
  // Done before, and the answer to it went with the person's key.
  if (answer.ok && answer.duplicate === true && (value === undefined || value === null)) throw new Problem('privacy.subject_erased');
  return json(status, present(value), answer.ok && answer.duplicate === true ? { ...headers, 'idempotency-replayed': 'true' } : headers);
}
