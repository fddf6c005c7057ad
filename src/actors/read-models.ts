/**
 * The rows that actors project, one shape an operation. persistence/postgres has one statement for each `op`;
 * a row's `personal` object is encrypted under the subject's key. All ops carry the tenant from the entity.
 * The actors' `project` functions and persistence both depend on this file; it must stay free of logic.
 */
import type { ReadModelWrite } from '../runtime/behaviour.ts';
import type { DriverStatus, DriverView } from './driver/protocol.ts';
import type { DriverProfile } from './market/protocol.ts';

/** What a driver's row seals under the driver's own key. */
export type DriverPersonal = Pick<DriverView, 'name' | 'phone' | 'documents'> & {
  /** The vehicle's plate; absent in rows from before it was sealed. */
  readonly registration?: string | null;
};

/**
 * The open part of a driver's row. Offer, jobs and stops stay out: they hold addresses of customers, whose keys are others. `never`
 * makes the compiler refuse a whole view or profile here.
 */
type DriverBody = Omit<DriverView, keyof DriverPersonal | 'offer' | 'jobs' | 'profile'> & {
  readonly [K in keyof DriverPersonal | 'offer' | 'jobs']?: never;
} & { readonly profile: Omit<DriverProfile, 'stops'> & { readonly stops?: never } };

export interface ReadModelRows {
  /** One message; text and body live in the journal row (entity, seq) that this row points to. Insert-once by (customer, message id). */
  'message.insert': {
    messageId: string;
    customerId: string;
    direction: 'in' | 'out';
    whatsappId: string | null;
    kind: string;
    status: string;
    atMs: number;
    /** The event that has the content: an earlier one when the message waited before it was shown. */
    seq: number;
    /** Where in the event the content is: 'in' = event.personal.content (InboundContent), 'out:<n>' = event.personal.out[n] (OutboundBody). */
    pointer: string;
  };
  /** Status moves forward only: queued < sent < delivered < read < played; failed only from queued or sent. */
  'message.status': { messageId: string; customerId: string; whatsappId: string | null; status: string; atMs: number };
  'conversation.upsert': {
    customerId: string;
    state: string;
    step: string | null;
    language: string;
    openOrderId: string | null;
    updatedAtMs: number;
    /** The event that last changed who they are: its `personal.set.contact`. Null: as before. */
    contactSeq: number | null;
    /** The event that last changed the cart: its `personal.set.cart`. Null: as before. */
    cartSeq: number | null;
  };
  'order.upsert': {
    orderId: string;
    code: string;
    customerId: string;
    status: string;
    totalMinor: number;
    currency: string;
    source: string;
    createdAtMs: number;
    updatedAtMs: number;
    version: number;
    /** OrderView without its personal parts. */
    body: unknown;
    personal: { customer: unknown; dropoff: unknown; customerRating?: unknown };
  };
  /** The subject is the driver: `subject` of the actor answers its own id. */
  'driver.upsert': {
    driverId: string;
    status: DriverStatus;
    online: boolean;
    /** Type of the vehicle. */
    vehicle: string;
    createdAtMs: number;
    updatedAtMs: number;
    version: number;
    body: DriverBody;
    personal: DriverPersonal;
  };
  'product.upsert': {
    productId: string;
    name: string;
    category: string;
    priceMinor: number;
    stock: number | null;
    available: boolean;
    body: unknown;
  };
  'product.delete': { productId: string };
  /** Settings with sealed secrets; also keeps app.tenants (slug, phone number, status) true. */
  'tenant.upsert': { uuid: string; slug: string; name: string; status: string; phoneNumberId: string; version: number; settings: unknown };
}

/** Typed constructor of a read-model write. */
export function write<K extends keyof ReadModelRows>(op: K, row: ReadModelRows[K]): ReadModelWrite {
  return { op, row: row as unknown as Readonly<Record<string, unknown>> };
}
