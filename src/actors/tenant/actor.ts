/** The tenant actor: binds its pure functions to the runtime and projects its read models. */
import type { DurableBehaviour, EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import { decideTenant } from './decide.ts';
import type { TenantCommand } from './protocol.ts';
import { evolveTenant, initialTenant, productOf, type TenantActorState, type TenantEvent } from './state.ts';
import { viewChange } from './view.ts';

const EVENT_VERSIONS: Readonly<Record<TenantEvent['type'], number>> = {
  tenant_provisioned: 1,
  settings_changed: 1,
  status_changed: 1,
  product_saved: 1,
  product_changed: 1,
  product_removed: 1,
  stock_reserved: 1,
  reservation_committed: 1,
  reservation_ended: 1,
  expiry_moved: 1,
};

export const tenantBehaviour: DurableBehaviour<TenantActorState, TenantCommand, TenantEvent, unknown> = {
  durable: true,
  kind: 'tenant',
  kindCode: 1,
  stateVersion: 1,
  eventVersions: EVENT_VERSIONS,
  initial: initialTenant,
  decide: decideTenant,
  evolve: evolveTenant,
  project: projectTenant,
};

function projectTenant(event: TenantEvent, after: TenantActorState, meta: EventMeta): readonly ReadModelWrite[] {
  const writes: ReadModelWrite[] = [];
  if (event.type === 'product_saved') writes.push(productRow(after, event.data.product.id));
  else if (event.type === 'product_changed') writes.push(productRow(after, event.data.productId));
  else if (event.type === 'product_removed') writes.push(write('product.delete', { productId: event.data.productId }));
  else if (event.type === 'stock_reserved' || event.type === 'reservation_ended') {
    for (const productId of new Set(event.data.moves.map((move) => move.productId))) {
      if (productOf(after, productId) !== null) writes.push(productRow(after, productId));
    }
  }
  // Its version only: settings are long, and a sale changes none of them.
  if (viewChange([event]) !== 'all' || after.settings === null || after.uuid === null) return writes;
  const { settings, uuid, status } = after;
  const row = {
    uuid,
    slug: settings.slug,
    name: settings.name,
    status,
    phoneNumberId: settings.whatsapp.phoneNumberId,
    version: meta.seq,
    settings,
  };
  return [...writes, write('tenant.upsert', row)];
}

function productRow(state: TenantActorState, productId: string): ReadModelWrite {
  const product = productOf(state, productId);
  if (product === null) throw new Error('projected a product that is not there');
  const { name, category, priceMinor, stock, available } = product;
  return write('product.upsert', { productId, name, category, priceMinor, stock, available, body: product });
}
