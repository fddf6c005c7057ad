/** Tenant-scoped lists and their pages, read as the role that sees one tenant. Implements the port of that name; must never write. */
import type pg from 'pg';
import type { ConversationView, OutboundBody } from '../../../actors/conversation/protocol.ts';
import { asOfNow } from '../../../actors/driver/views.ts';
import type { OrderView } from '../../../actors/order/protocol.ts';
import type { DriverPersonal } from '../../../actors/read-models.ts';
import type { Product } from '../../../actors/tenant/protocol.ts';
import type { ConversationItem, DriverItem, Listed, MessageItem, OrderItem, Page, ReadModels } from '../../../ports.ts';
import { rowAad } from '../batch/read-model-statements.ts';
import { type CursorShape, filtersOf, listCursor, pageOf, readListCursor } from '../cursor.ts';
import { decode } from '../encoding.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { RowOpener } from '../seal/row-opener.ts';
import { readAsTenant, readInOrder } from '../tenant-scope.ts';
import { type CartRow, CONTACT_COLUMNS, type Contact, cartOf, contactOf, NOBODY, pointedEvent } from './conversation-person.ts';
import { type Fresh, MARKS, type Marked, type Place, type Walk, walkAt, walkOn } from './conversation-walk.ts';
import { lastHeard } from './heard.ts';
import { listMessages, type MessagesQuery, type MessagesSource, readOutbound } from './messages.ts';
import { orderedFor } from './ordered-for.ts';
import { listProducts, type ProductsQuery } from './products.ts';

const ORDERS: CursorShape = { list: 'orders', parts: ['integer', 'text'] };
const DRIVERS: CursorShape = { list: 'drivers', parts: ['integer', 'text'] };

/** Rows that were projected before orders had deliveries say nothing of one. */
const BEFORE_DELIVERIES: Pick<OrderView, 'delivery'> = { delivery: null };
/** What is left of a person in an order after erasure. */
const ERASED_PARTS: Pick<OrderView, 'customer' | 'dropoff'> = {
  customer: { waId: null, name: null },
  dropoff: { position: null, address: null, note: null },
};
/** What is left of a driver after erasure. */
const ERASED_DRIVER: DriverPersonal = { name: null, phone: null, documents: {} };
const subjectOf = (row: SealedRow): string | null => row.subject_id;
const NOTHING: Listed<never> = { items: [], nextCursor: null };
/** SQL: the mark of a conversation at its place. */
const MARK = `(hashtextextended(customer_id, updated_at_ms) & ${MARKS - 1})`;

interface SealedRow {
  readonly subject_id: string | null;
  readonly personal: Buffer | null;
}

interface OrderRow extends SealedRow {
  readonly order_id: string;
  readonly created_at_ms: string;
  readonly body: Buffer;
}

interface DriverRow extends SealedRow {
  readonly driver_id: string;
  readonly created_at_ms: string;
  readonly updated_at_ms: string;
  readonly body: Buffer;
}

interface ConversationRow extends CartRow {
  readonly state: string;
  readonly step: string | null;
  readonly language: string;
  readonly open_order_id: string | null;
  readonly updated_at_ms: string;
  readonly mark: string;
}

type OrdersQuery = Page & {
  readonly status: string | null;
  /** Inclusive. */
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
  readonly customerId: string | null;
};
type Mark = { readonly isUnreadable?: true };
type DriversQuery = Page & { readonly status: string | null; readonly online: boolean | null };
type ConversationsQuery = Page & { readonly state: string | null };

export class PostgresReadModels implements ReadModels {
  readonly #pool: pg.Pool;
  readonly #nowMs: () => number;
  readonly #personal: PersonalCodec;
  readonly #messages: MessagesSource;

  /** @param pool role wakala_app. @param conversationCode storage code of conversations, whose journal holds the messages' texts. */
  constructor(pool: pg.Pool, personal: PersonalCodec, conversationCode: number, nowMs: () => number = Date.now) {
    this.#pool = pool;
    this.#nowMs = nowMs;
    this.#personal = personal;
    this.#messages = { pool, personal, conversationCode };
  }

  async products(tenantId: number, query: ProductsQuery): Promise<Listed<Product>> {
    return unstorable(query.q) || unstorable(query.category) ? NOTHING : listProducts(this.#pool, tenantId, query);
  }

  /** Newest first. */
  async orders(tenantId: number, query: OrdersQuery): Promise<Listed<OrderItem>> {
    const filters = filtersOf(tenantId, query);
    const after = readListCursor(ORDERS, query.cursor, filters);
    if (unstorable(query.status) || unstorable(query.customerId)) return NOTHING;
    // No customer has as many orders as a status: of two indexes it is the customer's that is read.
    const statusColumn = query.customerId === null ? 'status' : "(status || '')";
    const rows = await readInOrder<OrderRow>(
      this.#pool,
      tenantId,
      `select order_id, created_at_ms, subject_id, body, personal from app.orders
       where tenant_id = $1 and ($2::text is null or ${statusColumn} = $2)
         and ($3::bigint is null or created_at_ms >= $3) and ($4::bigint is null or created_at_ms < $4)
         and ($5::text is null or customer_id = $5) and ($6::bigint is null or (created_at_ms, order_id) < ($6, $7))
       order by created_at_ms desc, order_id desc limit $8`,
      [tenantId, query.status, query.fromMs, query.toMs, query.customerId, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    await this.#ensure(tenantId, rows.map(subjectOf));
    const item = (row: OrderRow): OrderItem => {
      const { personal, mark } = this.#open<typeof ERASED_PARTS>(tenantId, row, 'order.upsert', row.order_id);
      return { ...BEFORE_DELIVERIES, ...(decode(row.body) as OrderView), ...(personal ?? ERASED_PARTS), ...mark };
    };
    return pageOf(rows, query.limit, item, (row) => listCursor(ORDERS, [Number(row.created_at_ms), row.order_id], filters));
  }

  /** Newest first. */
  async drivers(tenantId: number, query: DriversQuery): Promise<Listed<DriverItem>> {
    const filters = filtersOf(tenantId, query);
    const after = readListCursor(DRIVERS, query.cursor, filters);
    if (unstorable(query.status)) return NOTHING;
    const rows = await readInOrder<DriverRow>(
      this.#pool,
      tenantId,
      `select driver_id, created_at_ms, updated_at_ms, subject_id, body, personal from app.drivers
       where tenant_id = $1 and ($2::text is null or status = $2) and ($3::boolean is null or online = $3)
         and ($4::bigint is null or (created_at_ms, driver_id) < ($4, $5))
       order by created_at_ms desc, driver_id desc limit $6`,
      [tenantId, query.status, query.online, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    await this.#ensure(tenantId, rows.map(subjectOf));
    const nowMs = this.#nowMs();
    const item = (row: DriverRow): DriverItem => {
      const { personal, mark } = this.#open<DriverPersonal>(tenantId, row, 'driver.upsert', row.driver_id);
      const body = asOfNow(decode(row.body) as DriverItem, Number(row.updated_at_ms), nowMs);
      return { ...driverItem(body, personal ?? ERASED_DRIVER), ...mark };
    };
    return pageOf(rows, query.limit, item, (row) => listCursor(DRIVERS, [Number(row.created_at_ms), row.driver_id], filters));
  }

  /** Most recently changed first; what changes while somebody pages through comes again at the end. */
  async conversations(tenantId: number, query: ConversationsQuery): Promise<Listed<ConversationItem>> {
    const { limit, state } = query;
    const filters = filtersOf(tenantId, query);
    const walk = walkAt(query.cursor, filters);
    if (unstorable(state)) return NOTHING;
    const rows = await this.#conversationRows(tenantId, state, walk, limit + 1);
    const kept = rows.slice(0, limit);
    await this.#ensure(
      tenantId,
      kept.map((row) => row.contact_subject),
    );
    const customerIds = kept.map((row) => row.customer_id);
    const heard = await lastHeard(this.#messages, tenantId, customerIds);
    const openers = kept.map(() => new RowOpener(this.#personal));
    const contacts = await this.#contacts(tenantId, kept, openers);
    const nextCursor = await walkOn(walk, rows.map(markedOf), { limit, filters }, (sinceMs, start) =>
      this.#freshAround(tenantId, state, sinceMs, start),
    );
    const items = kept.map((row, i) => {
      const opener = openers[i] as RowOpener;
      const cart = cartOf(opener, tenantId, row);
      const view = this.#conversation(row, contacts[i] ?? NOBODY, cart, heard.get(row.customer_id) ?? null);
      return opener.isUnreadable ? { ...view, isUnreadable: true as const } : view;
    });
    return { items, nextCursor };
  }

  async orderedFor(tenantId: number, customerId: string): Promise<OrderView['customer'] | null> {
    return (await orderedFor(this.#messages, tenantId, [customerId])).get(customerId) ?? null;
  }

  /** Of each row; of somebody who never wrote, as the orders have it. */
  async #contacts(tenantId: number, rows: readonly ConversationRow[], openers: readonly RowOpener[]): Promise<Contact[]> {
    const written = rows.map((row, i) => contactOf(openers[i] as RowOpener, tenantId, row));
    const silent = rows.filter((_, i) => isNobody(written[i] ?? NOBODY)).map((row) => row.customer_id);
    const ordered = await orderedFor(this.#messages, tenantId, silent);
    return rows.map(({ customer_id: id }, i) => {
      const contact = written[i] ?? NOBODY;
      return isNobody(contact) ? { ...contact, ...ordered.get(id) } : contact;
    });
  }

  async #conversationRows(tenantId: number, state: string | null, walk: Walk, limit: number): Promise<ConversationRow[]> {
    const isOlder = walk.part === 'older';
    const from = isOlder ? walk.after : walk.since;
    const [behind, order] = isOlder ? ['<', 'updated_min desc, updated_at_ms desc, customer_id desc'] : ['>', 'customer_id'];
    // Of a shop's conversations few have changed since a walk began: those are found by their time, and then sorted.
    const read = isOlder ? readInOrder<ConversationRow> : readAsTenant<ConversationRow>;
    return await read(
      this.#pool,
      tenantId,
      `select c.customer_id, state, step, language, open_order_id, updated_at_ms, ${CONTACT_COLUMNS}, c.cart_seq, ${MARK} as mark,
         ${pointedEvent('$7', 'contact_seq')} as contact_event, ${pointedEvent('$7', 'cart_seq')} as cart_event
       from app.conversations c
       where tenant_id = $1 and ($2::text is null or state = $2)
         and ($3::bigint is null or updated_min ${behind}= $3 / 60000 and (updated_at_ms, customer_id) ${behind} ($3, $4))
         and ($6::text is null or customer_id > $6)
       order by ${order} limit $5`,
      [
        tenantId,
        state,
        from?.atMs ?? null,
        from?.customerId ?? null,
        limit,
        isOlder ? null : walk.afterCustomerId,
        this.#messages.conversationCode,
      ],
    );
  }

  async #freshAround(tenantId: number, state: string | null, sinceMs: number, start: Place): Promise<Fresh> {
    const [found] = await readAsTenant<{ marks_before: string; news: string }>(
      this.#pool,
      tenantId,
      `select coalesce(sum(${MARK}) filter (where (updated_at_ms, customer_id) <= ($4::bigint, $5)), 0) % ${MARKS} as marks_before,
         count(*) filter (where (updated_at_ms, customer_id) > ($4::bigint, $5)) as news
       from app.conversations
       where tenant_id = $1 and ($2::text is null or state = $2) and updated_min >= $3::bigint / 60000 and updated_at_ms >= $3`,
      [tenantId, state, sinceMs, start.atMs, start.customerId],
    );
    return { marksBefore: Number(found?.marks_before ?? 0), hasNews: Number(found?.news ?? 0) > 0 };
  }

  async messages(tenantId: number, query: MessagesQuery): Promise<Listed<MessageItem>> {
    return unstorable(query.customerId) ? NOTHING : listMessages(this.#messages, tenantId, query);
  }

  outbound(tenantId: number, customerId: string, messageId: string): Promise<OutboundBody | null> {
    return readOutbound(this.#messages, tenantId, customerId, messageId);
  }

  async taken(tenantId: number, customerId: string, messageId: string): Promise<{ whatsappId: string; status: string } | null> {
    const [found] = await readAsTenant<{ whatsapp_id: string; status: string }>(
      this.#pool,
      tenantId,
      `select whatsapp_id, status from app.messages
       where tenant_id = $1 and customer_id = $2 and message_id = $3 and direction = 'out' and whatsapp_id is not null`,
      [tenantId, customerId, messageId],
    );
    return found === undefined ? null : { whatsappId: found.whatsapp_id, status: found.status };
  }

  #conversation(
    row: ConversationRow,
    { waId, userId, name }: Contact,
    cart: ConversationView['cart'],
    lastInboundAtMs: number | null,
  ): ConversationView {
    return {
      waId,
      userId,
      name,
      cart,
      state: row.state as ConversationView['state'],
      step: row.step,
      language: row.language as ConversationView['language'],
      openOrderId: row.open_order_id,
      lastInboundAtMs,
    };
  }

  async #ensure(tenantId: number, subjectIds: readonly (string | null)[]): Promise<void> {
    const subjects = new Set(subjectIds.filter((subjectId) => subjectId !== null));
    await this.#personal.ensure([...subjects].map((subjectId) => ({ tenantId, subjectId })));
  }

  /** @returns nothing personal for an erased person, nor for one whose key does not open: that row is marked. */
  #open<T>(tenantId: number, row: SealedRow, op: string, key: string): { readonly personal: T | undefined; readonly mark: Mark } {
    if (row.personal === null || row.subject_id === null) return { personal: undefined, mark: {} };
    const opener = new RowOpener(this.#personal);
    const personal = opener.open(tenantId, row.subject_id, row.personal, rowAad(op, tenantId, key)) as T | undefined;
    return { personal, mark: opener.isUnreadable ? { isUnreadable: true } : {} };
  }
}

function isNobody({ waId, userId }: Contact): boolean {
  return waId === null && userId === null;
}

function markedOf({ customer_id: customerId, updated_at_ms: atMs, mark }: ConversationRow): Marked {
  return { atMs: Number(atMs), customerId, mark: Number(mark) };
}

/** PostgreSQL text cannot hold NUL: no row has such a value, and asking would be an error. */
function unstorable(value: string | null): boolean {
  return value?.includes('\0') ?? false;
}

function driverItem(body: DriverItem, { registration, ...personal }: DriverPersonal): DriverItem {
  return { ...body, ...personal, vehicle: { ...body.vehicle, registration: registration ?? body.vehicle.registration } };
}
