/**
 * What can be said to a tenant actor: settings, catalogue, stock. One actor a tenant; the only writer of its
 * stock. Money is integer minor units of the tenant's currency.
 */
export const LANGUAGES = ['en', 'zu', 'xh', 'st', 'af'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Tier = 'basic' | 'premium' | 'enterprise';
export type TenantStatus = 'provisioning' | 'trial' | 'active' | 'suspended' | 'closed';

export interface Position {
  readonly lat: number;
  readonly lng: number;
}

interface DeliverySettings {
  readonly baseFeeMinor: number;
  readonly perKmMinor: number;
  readonly freeKm: number;
  readonly maxKm: number;
}

/** `accessToken` and the like are sealed strings (`sealed:…`) everywhere but at the moment of use. */
interface WhatsappSettings {
  readonly phoneNumberId: string;
  readonly wabaId: string;
  readonly accessToken: string | null;
}

export interface TenantSettings {
  readonly slug: string;
  readonly name: string;
  readonly tier: Tier;
  readonly currency: string;
  readonly timezone: string;
  readonly languages: readonly Language[];
  readonly location: Position;
  readonly whatsapp: WhatsappSettings;
  /** Cash at the door is live; settings of gateways are kept, their secrets sealed, and nothing uses them yet. */
  readonly payments: { readonly cod: { readonly enabled: boolean; readonly maxAmountMinor: number } } & Readonly<Record<string, unknown>>;
  readonly delivery: DeliverySettings;
  readonly owner: { readonly name: string; readonly waId: string };
}

/** What is not named stays, within its parts too: two changes at once never undo each other. */
export interface SettingsPatch extends Partial<Omit<TenantSettings, 'whatsapp' | 'payments' | 'delivery' | 'owner'>> {
  readonly whatsapp?: Partial<WhatsappSettings>;
  readonly payments?: PaymentsPatch;
  readonly delivery?: Partial<DeliverySettings>;
  readonly owner?: Partial<TenantSettings['owner']>;
}

/** A gateway that is null goes; `cod` never does. */
export type PaymentsPatch = { readonly cod?: Partial<TenantSettings['payments']['cod']> } & Readonly<Record<string, unknown>>;

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly category: string;
  readonly description: string | null;
  readonly aliases: readonly string[];
  /** Units on the shelf that nobody has reserved; null = not counted. */
  readonly stock: number | null;
  readonly options: readonly unknown[];
  readonly imageUrl: string | null;
  /** False hides it from customers ("out of chips"). */
  readonly available: boolean;
}

export type ProductInput = Omit<Product, 'id' | 'available'>;

export interface LineRequest {
  readonly productId: string;
  readonly quantity: number;
}

export interface PricedLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly totalMinor: number;
}

export interface Quote {
  readonly lines: readonly PricedLine[];
  readonly subtotalMinor: number;
  readonly deliveryFeeMinor: number;
  readonly totalMinor: number;
  readonly currency: string;
  /** Straight-line distance times a road factor, metres; null without a drop-off position. */
  readonly distanceM: number | null;
  readonly etaS: number | null;
}

/**
 * `reserve` answers a `Quote`; `get`, `provision`, `suspend`, `resume` and `change_settings` a `TenantStateView`; product commands the
 * `Product`. Refusals: `tenant.not_found`, `tenant.slug_taken`, `tenant.suspended`, `tenant.closed`, `tenant.too_many_reservations`
 * (details: limit), `product.not_found`, `product.exists`, `product.limit`, `order.out_of_stock` (details: lines[{product_id,
 * available}]), `order.too_far` (details: max_km, distance_m), `order.empty`, `order.quantity_invalid`, `order.product_unavailable`,
 * `order.payment_unavailable`, `order.cod_limit` (details: max_amount_minor, total_minor, currency).
 */
export type TenantCommand =
  | {
      readonly type: 'provision';
      readonly uuid: string;
      readonly dataShard: number;
      readonly settings: TenantSettings;
      readonly at: TenantStatus;
    }
  | { readonly type: 'change_settings'; readonly patch: SettingsPatch }
  | { readonly type: 'suspend' }
  | { readonly type: 'resume' }
  | { readonly type: 'get' }
  | { readonly type: 'add_product'; readonly productId: string; readonly product: ProductInput }
  | { readonly type: 'change_product'; readonly productId: string; readonly patch: Partial<ProductInput & { available: boolean }> }
  | { readonly type: 'remove_product'; readonly productId: string }
  | { readonly type: 'get_product'; readonly productId: string }
  /** Price from our own catalogue, take the stock off the shelf; same `reservationId` answers the same reservation. */
  | {
      readonly type: 'reserve';
      readonly reservationId: string;
      readonly lines: readonly LineRequest[];
      readonly dropoff: Position | null;
      readonly ttlMs: number;
    }
  /** The order exists: the reservation no longer expires. Re-reserves when it had expired; refused when that fails. */
  | { readonly type: 'commit_reservation'; readonly reservationId: string; readonly lines: readonly LineRequest[] }
  /** The order ended without a sale: stock returns. Idempotent, also for an unknown id. */
  | { readonly type: 'release_reservation'; readonly reservationId: string }
  /** The order is delivered: forget the reservation, the stock is gone. Idempotent. */
  | { readonly type: 'settle_reservation'; readonly reservationId: string }
  | { readonly type: 'reservations_due' };
