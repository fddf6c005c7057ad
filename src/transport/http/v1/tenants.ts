/** Tenants for the platform and for their owners. It must never decide what a tenant may be: the tenant actor does. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tenantRef } from '../../../actors/refs.ts';
import type { TenantSettings, TenantStatus } from '../../../actors/tenant/protocol.ts';
import type { TenantAddress } from '../../../ports.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, replyOf } from '../api/api.ts';
import { uuidOf } from '../idempotency.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem, unwrap } from '../problem.ts';
import { listed, presentTenant, presentTenantAddress } from './present.ts';
import { listOf, page } from './schemas.ts';
import {
  patchOf,
  settingsOf,
  type TenantBody,
  type TenantPatch,
  tenantBody,
  tenantPatch,
  tenantPatchByPlatform,
  tenantReply,
} from './tenant-body.ts';

/** The part of the tenant's state that this file shows. */
interface TenantShown {
  readonly status: TenantStatus;
  readonly settings: TenantSettings | null;
}

const platform = { tag: 'Tenants', scope: 'platform', permission: 'tenants:manage' } as const;
const owner = { tag: 'Own tenant', scope: 'tenant', permission: 'tenant:manage' } as const;
const summary = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    status: z.string(),
    shard: z.int(),
    whatsapp: z.object({ phone_number_id: z.string() }),
  })
  .meta({ id: 'TenantSummary' });

export const tenantRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...platform,
    method: 'POST',
    path: '/v1/tenants',
    operationId: 'createTenant',
    summary: 'Create a tenant',
    body: tenantBody,
    idempotency: 'optional',
    reply: { status: 201, schema: tenantReply },
    errors: ['tenant.slug_taken', 'tenant.phone_number_taken'],
    handle: async (call) => await create(call, call.body),
  }),
  defineRoute({
    ...platform,
    method: 'GET',
    path: '/v1/tenants',
    operationId: 'listTenants',
    summary: 'List tenants',
    query: z.object(page),
    reply: { status: 200, schema: listOf(summary) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, query }) => {
      const list = await fromPort(deps, deps.tenants.list({ limit: query.limit, cursor: query.cursor ?? null }));
      return json(200, listed(list, presentTenantAddress));
    },
  }),
  defineRoute({
    ...platform,
    method: 'GET',
    path: '/v1/tenants/:id',
    operationId: 'getTenant',
    summary: 'Read a tenant',
    reply: { status: 200, schema: tenantReply },
    errors: ['tenant.not_found'],
    handle: async (call) => await show(call, await named(call)),
  }),
  defineRoute({
    ...platform,
    method: 'PATCH',
    path: '/v1/tenants/:id',
    operationId: 'changeTenant',
    summary: 'Change settings of a tenant',
    body: tenantPatchByPlatform,
    reply: { status: 200, schema: tenantReply },
    errors: ['tenant.not_found', 'tenant.closed'],
    handle: async (call) => await change(call, await named(call), call.body),
  }),
  defineRoute({
    ...platform,
    method: 'POST',
    path: '/v1/tenants/:id/suspend',
    operationId: 'suspendTenant',
    summary: 'Suspend a tenant: it takes no orders',
    reply: { status: 200, schema: tenantReply },
    errors: ['tenant.not_found', 'tenant.closed'],
    handle: async (call) => await tell(call, await named(call), { type: 'suspend' }),
  }),
  defineRoute({
    ...platform,
    method: 'POST',
    path: '/v1/tenants/:id/resume',
    operationId: 'resumeTenant',
    summary: 'Resume a suspended tenant',
    reply: { status: 200, schema: tenantReply },
    errors: ['tenant.not_found', 'tenant.closed'],
    handle: async (call) => await tell(call, await named(call), { type: 'resume' }),
  }),
  defineRoute({
    ...owner,
    method: 'GET',
    path: '/v1/tenant',
    operationId: 'getOwnTenant',
    summary: 'Read the settings of the own tenant',
    reply: { status: 200, schema: tenantReply },
    errors: [],
    handle: async (call) => await show(call, call.tenant),
  }),
  defineRoute({
    ...owner,
    method: 'PATCH',
    path: '/v1/tenant',
    operationId: 'changeOwnTenant',
    summary: 'Change the settings of the own tenant',
    body: tenantPatch,
    reply: { status: 200, schema: tenantReply },
    errors: ['tenant.closed'],
    handle: async (call) => await change(call, call.tenant, call.body),
  }),
];

async function create(call: AnyCall, body: TenantBody): Promise<HttpReply> {
  const { deps, idempotency } = call;
  const uuid = idempotency === null ? randomUUID() : uuidOf(idempotency);
  const address = await claimed(call, body, uuid);
  const settings = settingsOf(body, address.uuid, deps.secrets);
  const key = { commandId: `provision:${address.uuid}`, ...(idempotency === null ? {} : { fingerprint: idempotency.fingerprint }) };
  const command = { type: 'provision', uuid: address.uuid, dataShard: address.dataShard, settings, at: 'active' };
  const provisioned = await deps.system.ask<TenantShown>(tenantRef(address.tenantId, address.dataShard), command, askOptions(call, key));
  const isOurs = idempotency !== null && address.uuid === uuid;
  const isSecond = provisioned.ok ? provisioned.duplicate === true : 'refusal' in provisioned;
  // Both claimed before either was provisioned: the settings of the first one stand.
  if (isSecond && !isOurs) throw new Problem('tenant.slug_taken');
  deps.tenants.invalidate(address.tenantId);
  return replyOf(provisioned, 201, (made) => present(address, made), { location: `/v1/tenants/${address.uuid}` });
}

/** @throws Problem `tenant.slug_taken`, `tenant.phone_number_taken`, or `idempotency.key_reused` when the key made another tenant */
async function claimed(call: AnyCall, body: TenantBody, uuid: string): Promise<TenantAddress> {
  const { deps } = call;
  const claim = { uuid, slug: body.slug, name: body.name, phoneNumberId: body.whatsapp.phone_number_id };
  // The claim comes first: an id that is looked up too early is remembered as unknown.
  const made = await fromPort(deps, deps.tenants.claim(claim)).catch((error: unknown) => ({ ok: false, error }) as const);
  if (made.ok) return made.address;
  const known = call.idempotency === null ? null : await fromPort(deps, deps.tenants.byUuid(uuid));
  if (known === null) throw 'code' in made ? new Problem(made.code) : made.error;
  if (known.slug !== claim.slug || known.phoneNumberId !== claim.phoneNumberId) throw new Problem('idempotency.key_reused');
  return known;
}

async function named(call: AnyCall): Promise<TenantAddress> {
  const id = z.uuid().safeParse(call.request.params.id);
  const address = id.success ? await fromPort(call.deps, call.deps.tenants.byUuid(id.data)) : null;
  if (address === null) throw new Problem('tenant.not_found');
  return address;
}

async function show(call: AnyCall, address: TenantAddress): Promise<HttpReply> {
  const answer = await call.deps.system.ask<TenantShown>(tenantRef(address.tenantId, address.dataShard), { type: 'get' }, askOptions(call));
  return json(200, present(address, unwrap(answer)));
}

/** @throws Problem `tenant.not_found` for one that was claimed and never provisioned */
function present(address: TenantAddress, { status, settings }: TenantShown): unknown {
  if (settings === null) throw new Problem('tenant.not_found');
  return presentTenant(address, status, settings);
}

async function change(call: AnyCall, address: TenantAddress, body: TenantPatch): Promise<HttpReply> {
  return await tell(call, address, { type: 'change_settings', patch: patchOf(body, address.uuid, call.deps.secrets) });
}

async function tell(call: AnyCall, address: TenantAddress, command: unknown): Promise<HttpReply> {
  unwrap(await call.deps.system.ask(tenantRef(address.tenantId, address.dataShard), command, askOptions(call)));
  call.deps.tenants.invalidate(address.tenantId);
  return await show(call, address);
}
