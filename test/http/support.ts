/** The real app on a free port with hand-written ports, and raw sockets for what `fetch` will not send. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import type { DeliveryView } from '../../src/actors/order/protocol.ts';
import type { TenantSettings } from '../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';
import { createLog } from '../../src/observability/log.ts';
import type { TenantAddress } from '../../src/ports.ts';
import type { Answer, SendOptions } from '../../src/runtime/behaviour.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { ApiDeps, FleetDeps } from '../../src/transport/http/api/api.ts';
import { Authenticator } from '../../src/transport/http/auth.ts';
import { registerApi } from '../../src/transport/http/register-api.ts';
import type { AppOptions, HttpApp } from '../../src/transport/http/server/app.ts';
import { mintToken } from '../../src/transport/http/token.ts';
import { plainApp } from '../support/plain-app.ts';

export const SECRET = 'a-secret-of-at-least-thirty-two-bytes!';
export const TENANT_A = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a01';
export const TENANT_B = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a02';

interface Asked {
  readonly to: EntityRef;
  readonly command: Record<string, unknown> & { type: string };
  readonly options: SendOptions;
}

export type Respond = (asked: Asked) => Answer | Promise<Answer>;

export const quote = {
  lines: [{ productId: 'prd_1', name: 'Kota', quantity: 2, unitPriceMinor: 3500, totalMinor: 7000 }],
  subtotalMinor: 7000,
  deliveryFeeMinor: 1500,
  totalMinor: 8500,
  currency: 'ZAR',
  distanceM: null,
  etaS: null,
};

export function orderView(id: string, status = 'CREATED') {
  return {
    id,
    code: 'K7F',
    status,
    customerId: 'cus_1',
    customer: { waId: '27600000011', name: 'Sipho' },
    quote,
    pickup: { name: 'Shop', position: { lat: -26.25, lng: 27.85 } },
    dropoff: { position: null, address: null, note: null },
    paymentMethod: 'cod',
    source: 'api',
    delivery: null as DeliveryView | null,
    version: 1,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000,
    history: [{ status: 'CREATED', atMs: 1_700_000_000_000, by: 'vendor', byId: null, reason: null }],
  };
}

/** Keeps the runtime's promise about idempotency: the id of what changed something answers the same, another fingerprint is refused. */
export class FakeSystem {
  readonly asked: Asked[] = [];
  readonly told: { to: EntityRef; command: unknown }[] = [];
  readonly #done = new Map<string, { fingerprint: string | undefined; answer: Answer }>();
  respond: Respond;

  constructor(respond: Respond) {
    this.respond = respond;
  }

  tell(to: EntityRef, command: unknown): boolean {
    this.told.push({ to, command });
    return true;
  }

  async ask<R>(to: EntityRef, command: unknown, options: SendOptions = {}): Promise<Answer<R>> {
    const asked = { to, command: command as Asked['command'], options };
    this.asked.push(asked);
    const key = options.commandId === undefined ? null : `${to.kind}/${to.tenantId}/${to.id}/${options.commandId}`;
    const done = key === null ? undefined : this.#done.get(key);
    if (done !== undefined) {
      if (done.fingerprint !== options.fingerprint) return { ok: false, refusal: { code: 'idempotency.key_reused' } };
      return { ...done.answer, duplicate: true } as Answer<R>;
    }
    const answer = await this.respond(asked);
    if (key !== null && answer.ok && asked.command.type !== 'get') this.#done.set(key, { fingerprint: options.fingerprint, answer });
    return answer as Answer<R>;
  }

  types(): string[] {
    return this.asked.map((asked) => asked.command.type);
  }
}

function address(tenantId: number, uuid: string, dataShard: number): TenantAddress {
  return { tenantId, uuid, slug: `shop-${tenantId}`, dataShard, phoneNumberId: `20000000000000${tenantId}`, status: 'active' };
}

export function fakeDeps(system: FakeSystem, overrides: Partial<ApiDeps> = {}): ApiDeps {
  const tenants = [address(1, TENANT_A, 3), address(2, TENANT_B, 4)];
  const empty = async () => ({ items: [], nextCursor: null });
  const none = async () => null;
  return {
    system,
    tenants: {
      byUuid: async (uuid) => tenants.find((tenant) => tenant.uuid === uuid) ?? null,
      byPhoneNumberId: none,
      claim: async (claim) => {
        if (claim.slug === 'taken') return { ok: false, code: 'tenant.slug_taken' };
        const made = { ...address(9, claim.uuid, 7), slug: claim.slug, phoneNumberId: claim.phoneNumberId };
        tenants.push(made);
        return { ok: true, address: made };
      },
      list: async () => ({ items: tenants, nextCursor: null }),
      view: async (tenantId) => tenantView(tenantId),
      peekView: () => null,
      invalidate: () => undefined,
    },
    customers: {
      resolve: async (_tenantId, contact) =>
        `cus_${createHash('sha256')
          .update(contact.waId ?? '')
          .digest('hex')
          .slice(0, 8)}`,
      known: none,
      moved: async () => 'cus_1',
      find: async (_tenantId, key) => ('waId' in key && key.waId === '27600000011' ? 'cus_1' : null),
    },
    reads: {
      products: empty,
      orders: empty,
      drivers: empty,
      conversations: empty,
      messages: empty,
      outbound: async () => null,
      taken: async () => null,
      orderedFor: async () => null,
    },
    secrets: {
      seal: (plain, context) => `sealed:v1:${Buffer.from(`${context}|${plain}`).toString('base64url')}`,
      open: (sealed) => sealed,
    },
    fleet: fakeFleet(),
    clock: systemClock,
    auth: new Authenticator({ secret: SECRET, jwksUrl: null, cacheMax: 100, nowMs: Date.now }),
    log: createLog({ level: 'silent', destination: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    limits: { importRows: 10, apiBodyMaxBytes: 1024 * 1024 },
    orders: { acceptWithinMs: 600_000, reservationTtlMs: 900_000 },
    price: () => ({ ok: true, quote }),
    ...overrides,
  };
}

/** What the pricing and placing of orders read of a tenant. */
function tenantView(tenantId: number): TenantView {
  const settings = { name: 'Shop', location: { lat: -26.25, lng: 27.85 } } as TenantSettings;
  return { tenantId, uuid: TENANT_A, dataShard: 3, status: 'active', version: 1, settings, products: [] };
}

const noProofs: FleetDeps['proofs'] = { hashOf: () => 'hash', put: async () => 'stored', read: async () => null };

export function fakeFleet(overrides: Partial<FleetDeps> = {}): FleetDeps {
  return {
    tracks: { read: async () => [] },
    proofs: noProofs,
    ledger: { money: async () => [], offers: async () => [] },
    mintDriverToken: async (driverId, tenantUuid, ttlS) => ({ token: `${tenantUuid}.${driverId}.${ttlS}`, expiresAtMs: 1_700_000_000_000 }),
    deviceKeyOf: (tenantUuid, driverId) => `${tenantUuid}.${driverId}.mac`,
    driveUrl: (token) => `https://shop.example/drive#token=${token}`,
    offerFor: () => null,
    ...overrides,
  };
}

interface Running {
  readonly app: HttpApp;
  readonly port: number;
  readonly url: string;
  readonly defects: unknown[];
}

const running: Running[] = [];

export function startApp(setUp: (app: HttpApp) => void, options: Partial<AppOptions> = {}): Running {
  const { app, defects } = plainApp({ requestTimeoutMs: 5_000, ...options });
  setUp(app);
  const port = app.listen('127.0.0.1', 0);
  const started = { app, port, url: `http://127.0.0.1:${port}`, defects };
  running.push(started);
  return started;
}

export function startApi(
  respond: Respond = () => ({ ok: true, value: null }),
  overrides: Partial<ApiDeps> = {},
  options: Partial<AppOptions> = {},
) {
  const system = new FakeSystem(respond);
  return { system, ...startApp((app) => registerApi(app, fakeDeps(system, overrides)), options) };
}

export async function stopApps(): Promise<void> {
  await Promise.all(running.splice(0).map(({ app }) => app.drain(0)));
}

export async function tokenOf(role: string, tenantId: string | null = TENANT_A, sub = 'tester'): Promise<string> {
  const tenant = tenantId === null ? {} : { tenantId };
  return await mintToken({ secret: SECRET, sub, roles: [role], ttlS: 60, nowMs: Date.now(), ...tenant });
}

export async function call(
  api: Running,
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined || typeof options.body === 'string' ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into documents of many shapes.
  const body: any = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body, text };
}

/** Writes the text as it is and resolves to all that comes back until the server closes, or until `enough` is seen. */
export function raw(port: number, text: string, enough: RegExp | null = null): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (enough?.test(got)) socket.destroy();
    });
    socket.on('close', () => resolve(got));
    socket.on('error', (error) => (got === '' ? reject(error) : resolve(got)));
  });
}

/** A promise with its resolver outside. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** The least that a shop is provisioned with. */
export const TENANT_BODY = {
  slug: 'mama-thandi',
  name: "Mama Thandi's Kitchen",
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phone_number_id: '200000000000001', waba_id: '100000000000001' },
  delivery: { base_fee_minor: 1500, per_km_minor: 500, free_km: 2, max_km: 10 },
  owner: { name: 'Thandi', wa_id: '27600000010' },
};
