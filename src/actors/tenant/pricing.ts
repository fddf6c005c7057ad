/** What a basket costs, from the tenant's own catalogue and delivery settings. Pure; decides nothing about stock. */
import { distanceM } from '../../geo/distance.ts';
import type { Refusal } from '../../runtime/behaviour.ts';
import type { LineRequest, Position, PricedLine, Product, Quote, TenantSettings } from './protocol.ts';

const MAX_LINE_QUANTITY = 50;
const MAX_LINES = 50;
/** Roads are longer than the straight line. */
const ROAD_FACTOR = 1.3;
const PREPARATION_S = 15 * 60;
const SPEED_MPS = 20_000 / 3_600;
const MINUTE_S = 60;

interface PricingInput {
  readonly settings: Pick<TenantSettings, 'currency' | 'delivery' | 'location'>;
  readonly products: readonly Product[];
  readonly lines: readonly LineRequest[];
  readonly dropoff: Position | null;
}

export type Priced = { readonly ok: true; readonly quote: Quote } | { readonly ok: false; readonly refusal: Refusal };

/**
 * Lines of one product are added up. Delivery: the base fee, plus the fee per kilometre for every begun kilometre of
 * road beyond the free ones; the base fee alone without a position.
 * Refuses `order.empty`, `order.quantity_invalid`, `order.product_unavailable`, `product.not_found`, `order.too_far`.
 */
export function priceQuote(input: PricingInput): Priced {
  const merged = mergeLines(input.lines);
  if (!merged.ok) return merged;
  const lines: PricedLine[] = [];
  for (const [productId, quantity] of merged.quantities) {
    const product = input.products.find((candidate) => candidate.id === productId);
    if (product === undefined) return refuse('product.not_found', { product_id: productId });
    if (!product.available) return refuse('order.product_unavailable', { product_id: productId });
    lines.push({ productId, name: product.name, quantity, unitPriceMinor: product.priceMinor, totalMinor: quantity * product.priceMinor });
  }
  const delivery = priceDelivery(input);
  if (!delivery.ok) return delivery;
  const subtotalMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
  const { feeMinor, distance } = delivery;
  return {
    ok: true,
    quote: {
      lines,
      subtotalMinor,
      deliveryFeeMinor: feeMinor,
      totalMinor: subtotalMinor + feeMinor,
      currency: input.settings.currency,
      distanceM: distance === null ? null : Math.round(distance),
      etaS: Math.round((PREPARATION_S + (distance ?? 0) / SPEED_MPS) / MINUTE_S) * MINUTE_S,
    },
  };
}

/** As an order that is paid at the door: cash has to be on, and the total within what the shop takes of it. */
export function priceForCash(input: PricingInput & { readonly settings: Pick<TenantSettings, 'payments'> }): Priced {
  const { enabled, maxAmountMinor } = input.settings.payments.cod;
  const priced = priceQuote(input);
  if (!priced.ok) return priced;
  if (!enabled) return refuse('order.payment_unavailable');
  const { totalMinor, currency } = priced.quote;
  if (totalMinor <= maxAmountMinor) return priced;
  return refuse('order.cod_limit', { max_amount_minor: maxAmountMinor, total_minor: totalMinor, currency });
}

/** Quantity of each product, 1..50. Refuses `order.empty` and `order.quantity_invalid`. */
export function mergeLines(lines: readonly LineRequest[]): { ok: true; quantities: Map<string, number> } | { ok: false; refusal: Refusal } {
  if (lines.length === 0) return refuse('order.empty');
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    const total = (quantities.get(productId) ?? 0) + quantity;
    if (!Number.isInteger(quantity) || quantity < 1 || total > MAX_LINE_QUANTITY)
      return refuse('order.quantity_invalid', { product_id: productId, max: MAX_LINE_QUANTITY });
    quantities.set(productId, total);
  }
  return quantities.size > MAX_LINES ? refuse('order.quantity_invalid', { max_lines: MAX_LINES }) : { ok: true, quantities };
}

/** What bringing it there costs. Refuses `order.too_far`. @returns `distance` in metres by road, null without a position. */
export function priceDelivery({
  settings,
  dropoff,
}: Pick<PricingInput, 'settings' | 'dropoff'>): { ok: true; feeMinor: number; distance: number | null } | { ok: false; refusal: Refusal } {
  const { baseFeeMinor, perKmMinor, freeKm, maxKm } = settings.delivery;
  if (dropoff === null) return { ok: true, feeMinor: baseFeeMinor, distance: null };
  const distance = distanceM(settings.location, dropoff) * ROAD_FACTOR;
  const km = distance / 1_000;
  if (km > maxKm) return refuse('order.too_far', { max_km: maxKm, distance_m: Math.round(distance) });
  return { ok: true, feeMinor: baseFeeMinor + Math.ceil(Math.max(0, km - freeKm)) * perKmMinor, distance };
}

function refuse(code: string, details?: Readonly<Record<string, unknown>>): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: details === undefined ? { code } : { code, details } };
}
