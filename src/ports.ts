/**
 * Ports between the domain's edges: what transport needs of persistence and of the threads, without either
 * importing the other. Implemented in persistence/postgres and node/thread; wired in node/thread.
 */
import type { ConversationView, InboundContent, OutboundBody } from './actors/conversation/protocol.ts';
import type { DriverView } from './actors/driver/protocol.ts';
import type { DriverEntry } from './actors/driver/statement.ts';
import type { DriverProfile } from './actors/market/protocol.ts';
import type { OrderView } from './actors/order/protocol.ts';
import type { Product } from './actors/tenant/protocol.ts';
import type { TenantView } from './actors/tenant/view.ts';
import type { Fix } from './geo/gps/fix.ts';

/** Routing facts of a tenant, cached on every thread. */
export interface TenantAddress {
  readonly tenantId: number;
  readonly uuid: string;
  readonly slug: string;
  readonly dataShard: number;
  readonly phoneNumberId: string;
  readonly status: string;
}

export interface TenantDirectory {
  /** Cached; a miss asks the database at most once a second per key. Rejects when the database is away. */
  byPhoneNumberId(phoneNumberId: string): Promise<TenantAddress | null>;
  byUuid(uuid: string): Promise<TenantAddress | null>;
  /** Takes the next tenant number and the slug and phone number, durable, status `provisioning`. Idempotent for the same slug while provisioning. */
  claim(claim: {
    readonly uuid: string;
    readonly slug: string;
    readonly name: string;
    readonly phoneNumberId: string;
  }): Promise<
    | { readonly ok: true; readonly address: TenantAddress }
    | { readonly ok: false; readonly code: 'tenant.slug_taken' | 'tenant.phone_number_taken' }
  >;
  list(page: Page): Promise<Listed<TenantAddress>>;
  /** The tenant's view, from this thread's cache; null when unknown. Loaded on first use. */
  view(tenantId: number): Promise<TenantView | null>;
  /** Synchronous peek for `decide`; null until `view` has loaded it. */
  peekView(tenantId: number): TenantView | null;
  /**
   * Called on every thread when the tenant changed. Of `stock` alone nobody waits for the new copy: it is a moment old, and what counts
   * is decided by the tenant actor. Default `all`.
   */
  invalidate(tenantId: number, what?: 'all' | 'stock'): void;
}

/** News of a changed number or user id: told again it has the same id. */
export interface Notice {
  readonly id: string;
  readonly atMs: number;
}

/** Who a sender is. Keys are stored as blind indexes (HMAC), values encrypted under the person's key. */
export interface CustomerDirectory {
  /**
   * Finds or creates the customer for the given keys, durable before it resolves. BSUID wins over phone; a new key is attached to the known
   * customer, but a new user id on a number that its customer has left is a new person, who has the number from then on.
   */
  resolve(tenantId: number, contact: { readonly waId: string | null; readonly userId: string | null }): Promise<string>;
  /** Like `resolve`, but nobody becomes known by it: null when neither key is anybody's. */
  known(tenantId: number, contact: { readonly waId: string | null; readonly userId: string | null }): Promise<string | null>;
  /**
   * The person of the keys `from` goes by `to` from now on; null stays as it is. All of it is durable when it resolves, or none; a repeat
   * of the same notice changes nothing, whoever has the old number by then, and one that is told late gives nobody a number back that they
   * have left since, and is about whoever had the number then. @param notice its `atMs`, unix ms, is when it was given, by its own word.
   * @returns whom the notice is about.
   */
  moved(
    tenantId: number,
    from: { readonly waId: string | null; readonly userId: string | null },
    to: { readonly waId: string | null; readonly userId: string | null },
    notice: Notice,
  ): Promise<string>;
  /** @returns null when no such customer exists. */
  find(tenantId: number, key: { readonly waId: string } | { readonly userId: string }): Promise<string | null>;
}

export interface Page {
  readonly limit: number;
  readonly cursor: string | null;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface MessageItem {
  readonly id: string;
  readonly whatsappId: string | null;
  readonly direction: 'in' | 'out';
  readonly waId: string | null;
  /** Only where no number is known. */
  readonly userId?: string;
  readonly kind: string;
  /** null when the person's key is destroyed, and where it cannot be opened. */
  readonly content: InboundContent | OutboundBody | null;
  /** Something of it is stored and does not open: the person's key is of another master key, or the bytes were changed. */
  readonly isUnreadable?: true;
  readonly status: string;
  readonly atMs: number;
}

/** A conversation as lists show it. */
export interface ConversationItem extends ConversationView {
  /** As of a message: the person and the cart are stored and do not open. */
  readonly isUnreadable?: true;
}

/** A driver as lists show it: without what it carries at the moment. `name` and `phone` are null after erasure, `documents` empty. */
export type DriverItem = Omit<DriverView, 'offer' | 'jobs' | 'profile'> & {
  readonly profile: Omit<DriverProfile, 'stops'>;
  /** As of a message: what is null is stored and does not open. */
  readonly isUnreadable?: true;
};

/** An order as lists show it. */
export interface OrderItem extends OrderView {
  /** As of a message: customer and address are stored and do not open. */
  readonly isUnreadable?: true;
}

/** Tenant-scoped reads (role with row-level security). Malformed cursors reject with `InvalidCursor`. */
export interface ReadModels {
  products(tenantId: number, query: Page & { readonly q: string | null; readonly category: string | null }): Promise<Listed<Product>>;
  orders(
    tenantId: number,
    query: Page & {
      readonly status: string | null;
      readonly fromMs: number | null;
      readonly toMs: number | null;
      readonly customerId: string | null;
    },
  ): Promise<Listed<OrderItem>>;
  /** Newest first. */
  drivers(tenantId: number, query: Page & { readonly status: string | null; readonly online: boolean | null }): Promise<Listed<DriverItem>>;
  conversations(tenantId: number, query: Page & { readonly state: string | null }): Promise<Listed<ConversationItem>>;
  /** Number and name as the customer's latest order has them; null without an order, or when the person's key is destroyed. */
  orderedFor(tenantId: number, customerId: string): Promise<OrderView['customer'] | null>;
  /** Oldest first, up to what there was at the first page. */
  messages(
    tenantId: number,
    query: Page & {
      readonly customerId: string | null;
      readonly direction: 'in' | 'out' | null;
      readonly fromMs: number | null;
      readonly toMs: number | null;
    },
  ): Promise<Listed<MessageItem>>;
  /** What an outgoing message said; null when it is not known or its person's key is destroyed. */
  outbound(tenantId: number, customerId: string, messageId: string): Promise<OutboundBody | null>;
  /** WhatsApp's id and the status of an outgoing message that WhatsApp has; null while nobody knows that it has it. */
  taken(tenantId: number, customerId: string, messageId: string): Promise<{ readonly whatsappId: string; readonly status: string } | null>;
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

/** Where webhook parts go that no tenant can take (unknown number, unreadable part, unknown field). Durable when it resolves. */
export interface Parking {
  park(item: {
    readonly source: 'whatsapp';
    readonly reason: string;
    readonly tenantId: number | null;
    readonly key: string;
    readonly body: unknown;
  }): Promise<void>;
}

/** Bodies of one lane that were written together, oldest first. */
export interface IntakeChunk {
  readonly lane: number;
  readonly id: string;
  readonly messages: number;
  /** As stored. */
  readonly bytes: number;
  /** null when it was sealed under another key. */
  readonly bodies: readonly Buffer[] | null;
}

/**
 * Verified webhook bodies that are worked on later. A lane keeps its order: what is appended after an earlier append
 * resolved is read after it.
 */
export interface IntakeLog {
  /** Durable when it resolves; rejects when it is not, or may not be. Uses the body before it returns only. */
  append(lane: number, body: Buffer): Promise<void>;
  /** The oldest chunks of these lanes, at most `perLane` of each, those in `except` left out. Always from the start: one that was committed late is not missed. */
  read(lanes: readonly number[], except: readonly string[], perLane: number): Promise<readonly IntakeChunk[]>;
  remove(chunks: readonly { readonly lane: number; readonly id: string }[]): Promise<void>;
  waiting(lanes: readonly number[]): Promise<{ readonly messages: number; readonly bytes: number }>;
}

/** Seals small secrets (access tokens) under the master key: AES-256-GCM, `sealed:v1:<base64url>`. */
export interface SecretBox {
  seal(plain: string, context: string): string;
  /** Throws `secret.unreadable` when the key or the context is wrong. */
  open(sealed: string, context: string): string;
}

/**
 * What changed, for whoever watches now: pushed to every thread of the node, at most once, in the order of publishing per publisher.
 * Topics: `driver/<driver id>` (DriverNews), `order/<order id>` (OrderNews). Nobody is owed a message: a watcher that connects takes a
 * snapshot first.
 */
export interface LiveFeed {
  /** @returns the end of the subscription. The listener must not throw or wait. */
  subscribe(topic: string, listener: (message: unknown) => void): () => void;
  /** @param retain keep it as the topic's last message, for `last`; bounded, the oldest are forgotten. */
  publish(topic: string, message: unknown, retain?: boolean): void;
  /** The last retained message that this thread has heard; null when none or forgotten. */
  last(topic: string): unknown;
}

/** On the topic of an order. `changed`: ask the order again. `position`: retained, at most one a second. */
export type OrderNews =
  | { readonly type: 'changed'; readonly version: number }
  | {
      readonly type: 'position';
      readonly driverId: string;
      readonly lat: number;
      readonly lng: number;
      readonly headingDeg: number | null;
      readonly atMs: number;
      /** Expected arrival at the stop of the present leg; null when nothing is known. */
      readonly etaAtMs: number | null;
      readonly etaLatestAtMs: number | null;
      readonly source: string;
    }
  /** In place of a position while the driver rides for another order first, or stands at another customer's door: retained alike. */
  | {
      readonly type: 'elsewhere';
      readonly driverId: string;
      readonly atMs: number;
      /** By way of the doors that come before. */
      readonly etaAtMs: number | null;
      readonly etaLatestAtMs: number | null;
      readonly source: string;
    }
  | { readonly type: 'alert'; readonly alert: 'off_route' | 'stopped' | 'silent'; readonly atMs: number };

/** One believed position of a driver, in storage. */
export type TrackFix = Omit<Fix, 'isMock'>;

/** A stretch of one driver's track, oldest first. */
export interface TrackChunk {
  readonly tenantId: number;
  readonly driverId: string;
  readonly fixes: readonly TrackFix[];
}

/** History of positions: partitioned by day, dropped after the retention. A kill may lose what was not yet written. */
export interface TrackStore {
  /** Durable when it resolves; a chunk that was written before (same driver and first instant) is kept once. */
  write(chunks: readonly TrackChunk[]): Promise<void>;
  /** Oldest first, at most `limit` fixes. */
  read(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly TrackFix[]>;
  /** Newest stored fix; null when there is none within the retention. */
  latest(tenantId: number, driverId: string): Promise<TrackFix | null>;
  /** Creates the partitions of the coming days and drops those past the retention. @returns how many were dropped. */
  maintain(nowMs: number, retentionDays: number): Promise<number>;
}

/** What a driver's journal says of money, oldest first, `fromMs` included and `toMs` not, at most `limit` entries. Reads all that the driver ever did. */
export interface DriverLedger {
  /** Closed jobs, and cash that was handed in or given back. */
  money(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly DriverEntry[]>;
  /** Offers, and which of them became jobs. */
  offers(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly DriverEntry[]>;
}

/** Where the bytes of one piece of proof lie. */
export interface ProofPlace {
  readonly tenantId: number;
  readonly orderId: string;
  /** Of `hashOf`. */
  readonly hash: string;
}

/** Bytes of what proves deliveries, sealed under the customer's key. */
export interface ProofStore {
  /** Keyed: equal content of one order has equal hashes, and nobody without the master key can guess the content from one. */
  hashOf(place: Pick<ProofPlace, 'tenantId' | 'orderId'>, bytes: Uint8Array): string;
  /** Durable when it resolves with `stored`, also when it was there before; `erased`: the customer's key is destroyed. Rejects when the database is away. */
  put(place: ProofPlace, customerId: string, bytes: Uint8Array): Promise<'stored' | 'erased'>;
  /** @returns null when there is nothing, or nobody can read it any more. Rejects when the database is away. */
  read(place: ProofPlace): Promise<Uint8Array | null>;
}
