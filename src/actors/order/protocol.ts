/**
 * What can be said to an order actor. The order is the single owner of its status and of its history.
 */
import type { Language, LineRequest, Position, Quote } from '../tenant/protocol.ts';

/** F1. Payment and driver states are in the table from the start; the commands that lead there come with their features. */
export const ORDER_STATUSES = [
  'CREATED',
  'PAYMENT_PENDING',
  'PAID',
  'CONFIRMED',
  'PREPARING',
  'READY_FOR_PICKUP',
  'ASSIGNED_TO_DRIVER',
  'IN_TRANSIT',
  'DELIVERED',
  'CANCELLED',
  'REFUNDED',
  'EXPIRED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export type OrderActorRole = 'customer' | 'vendor' | 'driver' | 'platform' | 'system';

export interface Dropoff {
  readonly position: Position | null;
  readonly address: string | null;
  readonly note: string | null;
}

export interface PlaceOrder {
  readonly type: 'place';
  readonly customerId: string;
  readonly customer: { readonly waId: string | null; readonly name: string | null; readonly language: Language };
  readonly lines: readonly LineRequest[];
  /** As priced by the tenant actor when it reserved. */
  readonly quote: Quote;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  /** How long the vendor has to accept before the order expires. */
  readonly acceptWithinMs: number;
}

export type OrderTransition = 'accept' | 'reject' | 'prepare' | 'ready' | 'deliver' | 'cancel' | 'expire' | 'refund';

export type OrderCommand =
  | PlaceOrder
  | {
      readonly type: 'transition';
      readonly transition: OrderTransition;
      readonly by: { readonly role: OrderActorRole; readonly id: string | null };
      readonly reason: string | null;
    }
  | { readonly type: 'get' }
  | { readonly type: 'accept_due' }
  | { readonly type: 'stock_committed'; readonly result: unknown }
  | { readonly type: 'stock_returned'; readonly result: unknown }
  | { readonly type: 'customer_told'; readonly result: unknown };

export interface OrderHistoryEntry {
  readonly status: OrderStatus;
  readonly atMs: number;
  readonly by: OrderActorRole;
  readonly byId: string | null;
  readonly reason: string | null;
}

/** Reply of `place`, `transition` and `get`. */
export interface OrderView {
  readonly id: string;
  /** Short human code, upper case, like `K7F`, derived from the id. */
  readonly code: string;
  readonly status: OrderStatus;
  readonly customerId: string;
  readonly customer: { readonly waId: string | null; readonly name: string | null };
  readonly quote: Quote;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly history: readonly OrderHistoryEntry[];
}

/** Refusals: `order.illegal_transition` (details: status, transition), `order.not_found`. */
