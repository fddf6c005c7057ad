/** Which shop the sandbox phone talks to. It must never know more of a tenant than its address and its name. */
import type { TenantAddress, TenantDirectory } from '../../ports.ts';

export interface SandboxTenant {
  readonly tenantId: number;
  readonly uuid: string;
  readonly slug: string;
  readonly phoneNumberId: string;
  readonly wabaId: string;
  readonly name: string;
  readonly currency: string;
}

const PAGE_SIZE = 200;
const MAX_PAGES = 50;

/**
 * Finds shops by id, or the demo shop by its slug. The directory has no look-up by slug, so the demo shop's id
 * is searched once and kept; a shop that is not there yet is searched again next time.
 */
export function createTenantFinder(
  tenants: TenantDirectory,
  demoSlug: string,
): (uuid: string | undefined) => Promise<SandboxTenant | null> {
  let demoUuid: string | null = null;
  return async (uuid) => {
    if (uuid === undefined && demoUuid === null) demoUuid = (await findBySlug(tenants, demoSlug))?.uuid ?? null;
    const wanted = uuid ?? demoUuid;
    const address = wanted === null ? null : await tenants.byUuid(wanted);
    return address === null ? null : describe(tenants, address);
  };
}

async function findBySlug(tenants: TenantDirectory, slug: string): Promise<TenantAddress | null> {
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const listed = await tenants.list({ limit: PAGE_SIZE, cursor });
    const found = listed.items.find((address) => address.slug === slug);
    if (found !== undefined) return found;
    cursor = listed.nextCursor;
    if (cursor === null) return null;
  }
  return null;
}

/** @returns null for a shop that has an access token: its customers are real, and nobody signs in to a sandbox. */
async function describe(tenants: TenantDirectory, address: TenantAddress): Promise<SandboxTenant | null> {
  const settings = (await tenants.view(address.tenantId))?.settings;
  if (settings !== undefined && settings.whatsapp.accessToken !== null) return null;
  return {
    tenantId: address.tenantId,
    uuid: address.uuid,
    slug: address.slug,
    phoneNumberId: address.phoneNumberId,
    wabaId: settings?.whatsapp.wabaId ?? '0',
    name: settings?.name ?? address.slug,
    currency: settings?.currency ?? 'ZAR',
  };
}
