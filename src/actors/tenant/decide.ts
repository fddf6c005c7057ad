/** What a tenant answers to each command. Pure; never changes the state it is given. */
import type { DecideContext, Decision, Refusal } from '../../runtime/behaviour.ts';
import { completed } from './patch.ts';
import { priceForCash } from './pricing.ts';
import type { Product, ProductInput, TenantCommand, Tier } from './protocol.ts';
import { productOf, type TenantActorState, type TenantEvent, type TenantStateView, viewOfTenant } from './state.ts';
import { commitReservation, endReservation, expireReservations, reserve } from './stock.ts';

const PRODUCTS_MAX: Readonly<Record<Tier, number>> = { basic: 100, premium: 1_000, enterprise: 10_000 };

type TenantDecision = Decision<TenantEvent>;

export function decideTenant(state: TenantActorState, command: TenantCommand, context: DecideContext): TenantDecision {
  if (command.type === 'provision') return provision(state, command, context);
  const view = viewOfTenant(state);
  if (view === null) return refuse('tenant.not_found');
  switch (command.type) {
    case 'get':
      return { ok: true, events: [], reply: view };
    case 'change_settings': {
      if (view.status === 'closed') return refuse('tenant.closed');
      const patch = completed(command.patch, view.settings);
      return {
        ok: true,
        events: [{ type: 'settings_changed', data: { patch } }],
        reply: { ...view, version: context.seq, settings: { ...view.settings, ...patch } },
      };
    }
    case 'suspend':
      return setStatus(view, 'suspended', context.seq);
    case 'resume':
      return setStatus(view, 'active', context.seq);
    case 'add_product':
      return addProduct(state, command.productId, command.product);
    case 'change_product': {
      const { productId, patch } = command;
      const product = productOf(state, productId);
      if (product === null) return refuse('product.not_found');
      return {
        ok: true,
        events: [{ type: 'product_changed', data: { productId, patch } }],
        reply: { ...product, ...patch, id: product.id },
      };
    }
    case 'remove_product':
      if (productOf(state, command.productId) === null) return refuse('product.not_found');
      return { ok: true, events: [{ type: 'product_removed', data: { productId: command.productId } }], reply: null };
    case 'get_product': {
      const product = productOf(state, command.productId);
      return product === null ? refuse('product.not_found') : { ok: true, events: [], reply: product };
    }
    case 'reserve':
      if (view.status !== 'active' && view.status !== 'trial') return refuse('tenant.suspended');
      return reserve(state, command, context.nowMs, (lines) =>
        priceForCash({ settings: view.settings, products: productsOf(state, lines), lines, dropoff: command.dropoff }),
      );
    case 'commit_reservation':
      return commitReservation(state, command);
    case 'release_reservation':
      return endReservation(state, command.reservationId, 'released');
    case 'settle_reservation':
      return endReservation(state, command.reservationId, 'settled');
    case 'reservations_due':
      return expireReservations(state, context.nowMs);
    default:
      return assertNever(command);
  }
}

function provision(
  state: TenantActorState,
  command: Extract<TenantCommand, { type: 'provision' }>,
  context: DecideContext,
): TenantDecision {
  const known = viewOfTenant(state);
  if (known !== null) return known.uuid === command.uuid ? { ok: true, events: [], reply: known } : refuse('tenant.slug_taken');
  const { uuid, dataShard, settings, at } = command;
  const reply = { uuid, dataShard, settings, status: at, version: context.seq, createdAtMs: context.nowMs };
  return { ok: true, events: [{ type: 'tenant_provisioned', data: { uuid, dataShard, settings, status: at } }], reply };
}

function setStatus(view: TenantStateView, status: 'active' | 'suspended', seq: number): TenantDecision {
  if (view.status === 'closed') return refuse('tenant.closed');
  // A shop on trial is open: there is nothing to resume, and the trial does not end by it.
  if (view.status === status || (status === 'active' && view.status === 'trial')) return { ok: true, events: [], reply: view };
  return { ok: true, events: [{ type: 'status_changed', data: { status } }], reply: { ...view, status, version: seq } };
}

function addProduct(state: TenantActorState, productId: string, input: ProductInput): TenantDecision {
  if (productOf(state, productId) !== null) return refuse('product.exists');
  const limit = PRODUCTS_MAX[state.settings?.tier ?? 'basic'];
  if (Object.keys(state.products).length >= limit) return refuse('product.limit', { limit });
  const product: Product = { ...input, id: productId, available: true };
  return { ok: true, events: [{ type: 'product_saved', data: { product } }], reply: product };
}

function productsOf(state: TenantActorState, lines: readonly { readonly productId: string }[]): Product[] {
  return lines.flatMap((line) => productOf(state, line.productId) ?? []);
}

function refuse(code: string, details?: Readonly<Record<string, unknown>>): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: details === undefined ? { code } : { code, details } };
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
