/** From domain objects to the wire: names, times, redaction. It must never add a fact that the object does not hold. */
import type { CartLine, InboundContent, OutboundBody } from '../../../actors/conversation/protocol.ts';
import type { DeliveryView, OrderHistoryEntry } from '../../../actors/order/protocol.ts';
import type { Product, Quote, TenantSettings } from '../../../actors/tenant/protocol.ts';
import type { ConversationItem, Listed, MessageItem, OrderItem, TenantAddress } from '../../../ports.ts';
import { snakeKeys } from '../problem.ts';

const REDACTED = '…redacted';
const SEALED_PREFIX = 'sealed:';

export function listed<T>(list: Listed<T>, present: (item: T) => unknown): { items: unknown[]; next_cursor: string | null } {
  return { items: list.items.map(present), next_cursor: list.nextCursor };
}

export function presentProduct(product: Product): unknown {
  return {
    id: product.id,
    name: product.name,
    price_minor: product.priceMinor,
    category: product.category,
    description: product.description,
    aliases: product.aliases,
    stock: product.stock,
    options: product.options,
    image_url: product.imageUrl,
    available: product.available,
  };
}

export function presentQuote(quote: Quote): Record<string, unknown> {
  return {
    items: quote.lines.map((line) => ({
      product_id: line.productId,
      name: line.name,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      total_minor: line.totalMinor,
    })),
    subtotal_minor: quote.subtotalMinor,
    delivery_fee_minor: quote.deliveryFeeMinor,
    total_minor: quote.totalMinor,
    currency: quote.currency,
    distance_m: quote.distanceM,
    eta_s: quote.etaS,
  };
}

export function presentOrder(order: OrderItem): unknown {
  return {
    id: order.id,
    code: order.code,
    status: order.status,
    customer_id: order.customerId,
    customer: { wa_id: order.customer.waId, user_id: order.customer.userId ?? null, name: order.customer.name },
    ...presentQuote(order.quote),
    delivery: {
      location: order.dropoff.position,
      address: order.dropoff.address,
      note: order.dropoff.note,
      ...presentDelivery(order.delivery),
    },
    payment_method: order.paymentMethod,
    source: order.source,
    version: order.version,
    created_at: time(order.createdAtMs),
    updated_at: time(order.updatedAtMs),
    ...(order.isUnreadable === true ? { unreadable: true } : {}),
  };
}

/** The delivery of an order beside its address; all null before a driver was looked for. Never the code at the door. */
function presentDelivery(delivery: DeliveryView | null): Record<string, unknown> {
  const driver = delivery?.driver ?? null;
  return {
    phase: delivery?.phase ?? null,
    driver: driver === null ? null : { id: driver.id, name: driver.name, vehicle: driver.vehicle, registration: driver.registration },
    problem: delivery?.problem ?? null,
    alerts: (delivery?.alerts ?? []).map(({ alert, stop, atMs }) => ({ alert, stop, at: time(atMs) })),
    fee_minor: delivery?.feeMinor ?? null,
    otp_verified: delivery?.otpVerified ?? false,
    seeking_since: timeOrNull(delivery?.seekingSinceMs),
    assigned_at: timeOrNull(delivery?.assignedAtMs),
    arrived_pickup_at: timeOrNull(delivery?.arrivedPickupAtMs),
    picked_up_at: timeOrNull(delivery?.pickedUpAtMs),
    arrived_dropoff_at: timeOrNull(delivery?.arrivedDropoffAtMs),
    delivered_at: timeOrNull(delivery?.deliveredAtMs),
  };
}

export function presentHistory(entry: OrderHistoryEntry): unknown {
  return { status: entry.status, at: time(entry.atMs), by: entry.by, by_id: entry.byId, reason: entry.reason };
}

export function presentConversation(view: ConversationItem): unknown {
  return {
    wa_id: view.waId,
    user_id: view.userId,
    name: view.name,
    state: view.state,
    step: view.step,
    language: view.language,
    cart: view.cart.map(presentCartLine),
    open_order_id: view.openOrderId,
    last_inbound_at: view.lastInboundAtMs === null ? null : time(view.lastInboundAtMs),
    ...(view.isUnreadable === true ? { unreadable: true } : {}),
    ...(view.unreachable === undefined ? {} : { unreachable: view.unreachable }),
  };
}

function presentCartLine(line: CartLine): unknown {
  return { product_id: line.productId, name: line.name, quantity: line.quantity, price_minor: line.priceMinor };
}

export function presentMessage(item: MessageItem): unknown {
  return {
    id: item.id,
    whatsapp_id: item.whatsappId,
    direction: item.direction,
    wa_id: item.waId,
    ...(item.userId === undefined ? {} : { user_id: item.userId }),
    kind: item.kind,
    text: item.content === null ? null : textOf(item.content),
    status: item.status,
    at: time(item.atMs),
    ...(item.isUnreadable === true ? { unreadable: true } : {}),
    ...changedBy(item.content),
  };
}

/** Words that were changed or taken back say little without the message that they were in. */
function changedBy(content: MessageItem['content']): Record<string, unknown> {
  const changes = content !== null && (content.kind === 'edit' || content.kind === 'revoke') && content.originalId !== '';
  return changes ? { original_whatsapp_id: content.originalId } : {};
}

/** What a person would read; null where there are no words. */
function textOf(content: InboundContent | OutboundBody): string | null {
  switch (content.kind) {
    case 'text':
    case 'buttons':
    case 'list':
    case 'location_request':
    case 'edit':
    case 'revoke':
      return content.text;
    case 'reply':
      return content.title;
    case 'location':
      return content.address ?? content.name;
    case 'cart':
      return content.note;
    case 'media':
      return content.caption;
    case 'reaction':
      return content.emoji;
    case 'system':
    case 'other':
      return null;
  }
}

/** Settings with every sealed secret replaced. */
export function presentTenant(address: TenantAddress, status: string, settings: TenantSettings): unknown {
  return {
    id: address.uuid,
    status,
    shard: address.dataShard,
    slug: settings.slug,
    name: settings.name,
    tier: settings.tier,
    currency: settings.currency,
    timezone: settings.timezone,
    languages: settings.languages,
    location: settings.location,
    whatsapp: redacted(snakeKeys({ ...settings.whatsapp })),
    payments: redacted(snakeKeys(settings.payments)),
    delivery: snakeKeys({ ...settings.delivery }),
    owner: snakeKeys({ ...settings.owner }),
  };
}

export function presentTenantAddress(address: TenantAddress): unknown {
  return {
    id: address.uuid,
    slug: address.slug,
    status: address.status,
    shard: address.dataShard,
    whatsapp: { phone_number_id: address.phoneNumberId },
  };
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(SEALED_PREFIX) ? REDACTED : value;
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redacted(part)]));
}

export function time(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : time(ms);
}
