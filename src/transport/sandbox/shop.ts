/**
 * The shop's side of the sandbox: the customer's orders and the buttons that move them on. Unlike the phone it
 * asks order actors directly, as the shop's staff do through the API; it must never write anything itself.
 */
import type { OrderTransition, OrderView } from '../../actors/order/protocol.ts';
import { orderRef } from '../../actors/refs.ts';
import type { CustomerDirectory, ReadModels } from '../../ports.ts';
import type { ActorSystem, Answer } from '../../runtime/behaviour.ts';
import type { SandboxTenant } from './tenant.ts';

const MAX_ORDERS = 20;
const ASK_TIMEOUT_MS = 10_000;

export interface ShopDeps {
  readonly system: ActorSystem;
  readonly customers: CustomerDirectory;
  readonly readModels: ReadModels;
  /** Where the customer follows this leg of the delivery. */
  trackingUrl(tenantId: number, orderId: string, leg: number): string;
}

/** Newest first, at most `MAX_ORDERS`, and whether there are older ones; empty for a number that never wrote. */
export async function readOrders(
  deps: ShopDeps,
  tenant: SandboxTenant,
  waId: string,
): Promise<{ readonly items: object[]; readonly hasOlder: boolean }> {
  const customerId = await deps.customers.find(tenant.tenantId, { waId });
  if (customerId === null) return { items: [], hasOlder: false };
  const query = { customerId, status: null, fromMs: null, toMs: null, limit: MAX_ORDERS, cursor: null };
  const { items, nextCursor } = await deps.readModels.orders(tenant.tenantId, query);
  const newestFirst = items.toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  return {
    items: newestFirst.map((order) => ({ ...orderJson(order), tracking_url: trackingUrl(deps, tenant, order) })),
    hasOlder: nextCursor !== null,
  };
}

/** Null while nobody rides for it. */
function trackingUrl(deps: ShopDeps, tenant: SandboxTenant, order: OrderView): string | null {
  const rides = order.status === 'ASSIGNED_TO_DRIVER' || order.status === 'IN_TRANSIT';
  return rides && order.delivery !== null ? deps.trackingUrl(tenant.tenantId, order.id, order.delivery.leg) : null;
}

/** @returns null when the id is not one of ours; otherwise the order actor's answer. */
export async function moveOrder(
  deps: ShopDeps,
  tenant: SandboxTenant,
  orderId: string,
  transition: OrderTransition,
  reason: string | null,
): Promise<Answer<OrderView> | null> {
  const ref = orderRef(tenant.tenantId, orderId);
  if (ref === null) return null;
  const by = { role: 'vendor', id: 'sandbox' } as const;
  return deps.system.ask<OrderView>(ref, { type: 'transition', transition, by, reason }, { deadlineMs: Date.now() + ASK_TIMEOUT_MS });
}

/** An order as the page shows it; money in minor units, times RFC 3339. */
export function orderJson(order: OrderView): object {
  return {
    id: order.id,
    code: order.code,
    status: order.status,
    items: order.quote.lines.map((line) => ({
      product_id: line.productId,
      name: line.name,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      total_minor: line.totalMinor,
    })),
    subtotal_minor: order.quote.subtotalMinor,
    delivery_fee_minor: order.quote.deliveryFeeMinor,
    total_minor: order.quote.totalMinor,
    currency: order.quote.currency,
    distance_m: order.quote.distanceM,
    eta_s: order.quote.etaS,
    payment_method: order.paymentMethod,
    dropoff: order.dropoff,
    version: order.version,
    created_at: new Date(order.createdAtMs).toISOString(),
    updated_at: new Date(order.updatedAtMs).toISOString(),
    history: order.history.map((entry) => ({
      status: entry.status,
      at: new Date(entry.atMs).toISOString(),
      by: entry.by,
      reason: entry.reason,
    })),
  };
}
