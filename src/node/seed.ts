/** The demo shop, made once through the same commands that the API uses. Knows the data only by its file. */
import { randomUUID } from 'node:crypto';
import { newDriverRef, tenantRef } from '../actors/refs.ts';
import { DEMO_DRIVERS, DEMO_PRODUCTS, DEMO_TENANT } from '../demo/demo-tenant.ts';
import type { TenantAddress } from '../ports.ts';
import type { Answer } from '../runtime/behaviour.ts';
import type { ApiDeps } from '../transport/http/api/api.ts';

export const DEMO_SLUG = DEMO_TENANT.slug;

/** Safe to run at every start, and after a kill in the middle of an earlier run. @throws Error when the shop could not be made. */
export async function seedDemoTenant(deps: Pick<ApiDeps, 'tenants' | 'system'>): Promise<void> {
  const claim = { uuid: randomUUID(), slug: DEMO_TENANT.slug, name: DEMO_TENANT.name, phoneNumberId: DEMO_TENANT.whatsapp.phoneNumberId };
  const claimed = await deps.tenants.claim(claim);
  // Taken: it was seeded before, and may have been changed by its owner since.
  if (!claimed.ok) return;
  const { address } = claimed;
  const ref = tenantRef(address.tenantId, address.dataShard);
  // The catalogue first: the tenant becomes active, and so is never seeded again, only when all of it is there.
  const provision = { type: 'provision', uuid: address.uuid, dataShard: address.dataShard, settings: DEMO_TENANT, at: 'provisioning' };
  expectOk(await deps.system.ask(ref, provision, { commandId: `seed:${address.uuid}` }));
  for (const { id, ...product } of DEMO_PRODUCTS) {
    const answer = await deps.system.ask(ref, { type: 'add_product', productId: id, product }, { commandId: `seed:${address.uuid}:${id}` });
    if (!answer.ok && 'refusal' in answer && answer.refusal.code === 'product.exists') continue;
    expectOk(answer);
  }
  await seedDrivers(deps, address);
  expectOk(await deps.system.ask(ref, { type: 'resume' }, { commandId: `seed:${address.uuid}:open` }));
  deps.tenants.invalidate(address.tenantId);
}

async function seedDrivers(deps: Pick<ApiDeps, 'system'>, { tenantId, dataShard, uuid }: TenantAddress): Promise<void> {
  for (const { unique, ...driver } of DEMO_DRIVERS) {
    const ref = newDriverRef(tenantId, dataShard, unique);
    expectOk(await deps.system.ask(ref, { type: 'register', driver }, { commandId: `seed:${uuid}:${unique}` }));
    expectOk(await deps.system.ask(ref, { type: 'approve', by: 'demo' }, { commandId: `seed:${uuid}:${unique}:approve` }));
  }
}

function expectOk(answer: Answer): void {
  if (answer.ok) return;
  throw new Error(`demo tenant: ${'refusal' in answer ? answer.refusal.code : answer.fault.code}`);
}
