/**
 * The order's life as one table: every status, every transition, who may. Total by type; pure. The way through the hands of a driver
 * (assigned, in transit, delivered at the door) is deliver.ts's.
 */
import type { OrderActorRole, OrderStatus, OrderTransition } from './protocol.ts';

type Cell = { readonly to: OrderStatus; readonly by: readonly OrderActorRole[] } | null;

const STAFF: readonly OrderActorRole[] = ['vendor', 'platform'];
const SYSTEM: readonly OrderActorRole[] = ['system'];
const EARLY: readonly OrderActorRole[] = ['customer', 'vendor', 'platform', 'system'];
const LATE: readonly OrderActorRole[] = ['vendor', 'platform', 'system'];
/** A driver delivers at the door, by `driver_step`, with the customer's code. */
const DELIVERERS: readonly OrderActorRole[] = ['vendor', 'platform', 'system'];
const to = (status: OrderStatus, by: readonly OrderActorRole[]): Cell => ({ to: status, by });

/** Nothing more happens by itself: what is still asked for, or a refund, is rare, and the order need not wait in memory for it. */
const OVER: ReadonlySet<OrderStatus> = new Set(['DELIVERED', 'CANCELLED', 'REFUNDED', 'EXPIRED'] as const);

export function isOver(status: OrderStatus): boolean {
  return OVER.has(status);
}

export const TABLE: Readonly<Record<OrderStatus, Readonly<Record<OrderTransition, Cell>>>> = {
  CREATED: {
    accept: to('CONFIRMED', STAFF),
    reject: to('CANCELLED', STAFF),
    prepare: null,
    ready: null,
    deliver: null,
    cancel: to('CANCELLED', EARLY),
    expire: to('EXPIRED', SYSTEM),
    refund: null,
  },
  PAYMENT_PENDING: {
    accept: null,
    reject: to('CANCELLED', STAFF),
    prepare: null,
    ready: null,
    deliver: null,
    cancel: to('CANCELLED', EARLY),
    expire: to('EXPIRED', SYSTEM),
    refund: null,
  },
  PAID: {
    accept: to('CONFIRMED', STAFF),
    reject: to('CANCELLED', STAFF),
    prepare: null,
    ready: null,
    deliver: null,
    cancel: to('CANCELLED', EARLY),
    expire: null,
    refund: null,
  },
  CONFIRMED: {
    accept: null,
    reject: to('CANCELLED', STAFF),
    prepare: to('PREPARING', STAFF),
    ready: null,
    deliver: null,
    cancel: to('CANCELLED', EARLY),
    expire: null,
    refund: null,
  },
  PREPARING: {
    accept: null,
    reject: null,
    prepare: null,
    ready: to('READY_FOR_PICKUP', STAFF),
    deliver: null,
    cancel: to('CANCELLED', LATE),
    expire: null,
    refund: null,
  },
  READY_FOR_PICKUP: {
    accept: null,
    reject: null,
    prepare: null,
    ready: null,
    deliver: to('DELIVERED', DELIVERERS),
    cancel: to('CANCELLED', LATE),
    expire: null,
    refund: null,
  },
  ASSIGNED_TO_DRIVER: {
    accept: null,
    reject: null,
    prepare: null,
    ready: null,
    deliver: null,
    cancel: to('CANCELLED', LATE),
    expire: null,
    refund: null,
  },
  // The goods have left the shop: whoever cancels now writes them off.
  IN_TRANSIT: {
    accept: null,
    reject: null,
    prepare: null,
    ready: null,
    deliver: to('DELIVERED', DELIVERERS),
    cancel: to('CANCELLED', STAFF),
    expire: null,
    refund: null,
  },
  // Cash that was paid at the door can be given back.
  DELIVERED: {
    accept: null,
    reject: null,
    prepare: null,
    ready: null,
    deliver: null,
    cancel: null,
    expire: null,
    refund: to('REFUNDED', STAFF),
  },
  CANCELLED: { accept: null, reject: null, prepare: null, ready: null, deliver: null, cancel: null, expire: null, refund: null },
  REFUNDED: { accept: null, reject: null, prepare: null, ready: null, deliver: null, cancel: null, expire: null, refund: null },
  EXPIRED: { accept: null, reject: null, prepare: null, ready: null, deliver: null, cancel: null, expire: null, refund: null },
};
