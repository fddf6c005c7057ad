/** Tenant-scoped lists and their pages, read as the role that sees one tenant. Implements the port of that name. */
import type pg from 'pg';
import type { ConversationView, InboundContent, OutboundBody } from '../../actors/conversation/protocol.ts';
import type { OrderView } from '../../actors/order/protocol.ts';
import type { Product } from '../../actors/tenant/protocol.ts';
import type { Listed, MessageItem, Page, ReadModels } from '../../ports.ts';
import { cursorOf, pageOf, readCursor } from './cursor.ts';
import { decode } from './encoding.ts';
import { journalAad } from './journal-statements.ts';
import type { PersonalCodec } from './personal-codec.ts';
import { rowAad } from './read-model-statements.ts';

interface OrderRow {
  readonly order_id: string;
  readonly created_at_ms: string;
  readonly subject_id: string | null;
  readonly body: Buffer;
  readonly personal: Buffer | null;
}

interface ConversationRow {
  readonly customer_id: string;
  readonly state: string;
  readonly step: string | null;
  readonly language: string;
  readonly open_order_id: string | null;
  readonly updated_at_ms: string;
  readonly subject_id: string | null;
  readonly personal: Buffer | null;
}

interface MessageRow {
  readonly message_id: string;
  readonly customer_id: string;
  readonly direction: 'in' | 'out';
  readonly whatsapp_id: string | null;
  readonly kind: string;
  readonly status: string;
  readonly at_ms: string;
  readonly seq: string;
  readonly pointer: string;
  readonly subject_id: string | null;
  readonly journal_personal: Buffer | null;
  readonly conversation_personal: Buffer | null;
}

export class PostgresReadModels implements ReadModels {
  readonly #pool: pg.Pool;
  readonly #personal: PersonalCodec;
  readonly #conversationCode: number;

  /** @param pool role wakala_app. @param conversationCode storage code of conversations, whose journal holds the messages' texts. */
  constructor(pool: pg.Pool, personal: PersonalCodec, conversationCode: number) {
    this.#pool = pool;
    this.#personal = personal;
    this.#conversationCode = conversationCode;
  }

  async products(tenantId: number, query: Page & { readonly q: string | null; readonly category: string | null }): Promise<Listed<Product>> {
    const after = readCursor(query.cursor, 2);
    const rows = await this.#read<{ product_id: string; name: string; body: Buffer }>(
      tenantId,
      `select product_id, name, body from app.products
       where tenant_id = $1 and ($2::text is null or category = $2) and ($3::text is null or strpos(lower(name), lower($3)) > 0 or strpos(lower(category), lower($3)) > 0)
         and ($4::text is null or (name, product_id) > ($4, $5)) order by name, product_id limit $6`,
      [tenantId, query.category, query.q, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    return pageOf(rows, query.limit, (row) => decode(row.body) as Product, (row) => cursorOf([row.name, row.product_id]));
  }

  /** Newest first. */
  async orders(
    tenantId: number,
    query: Page & { readonly status: string | null; readonly fromMs: number | null; readonly toMs: number | null; readonly customerId: string | null },
  ): Promise<Listed<OrderView>> {
    const after = readCursor(query.cursor, 2);
    const rows = await this.#read<OrderRow>(
      tenantId,
      `select order_id, created_at_ms, subject_id, body, personal from app.orders
       where tenant_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or created_at_ms >= $3) and ($4::bigint is null or created_at_ms < $4)
         and ($5::text is null or customer_id = $5) and ($6::bigint is null or (created_at_ms, order_id) < ($6, $7))
       order by created_at_ms desc, order_id desc limit $8`,
      [tenantId, query.status, query.fromMs, query.toMs, query.customerId, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    await this.#ensure(tenantId, rows);
    const item = (row: OrderRow): OrderView => {
      const personal = this.#open(tenantId, row, 'order.upsert', row.order_id) as { customer: OrderView['customer']; dropoff: OrderView['dropoff'] } | undefined;
      const erased = { customer: { waId: null, name: null }, dropoff: { position: null, address: null, note: null } };
      return { ...(decode(row.body) as OrderView), ...(personal ?? erased) };
    };
    return pageOf(rows, query.limit, item, (row) => cursorOf([Number(row.created_at_ms), row.order_id]));
  }

  /** Most recently changed first. */
  async conversations(tenantId: number, query: Page & { readonly state: string | null }): Promise<Listed<ConversationView>> {
    const after = readCursor(query.cursor, 2);
    const rows = await this.#read<ConversationRow>(
      tenantId,
      `select customer_id, state, step, language, open_order_id, updated_at_ms, subject_id, personal from app.conversations
       where tenant_id = $1 and ($2::text is null or state = $2) and ($3::bigint is null or (updated_at_ms, customer_id) < ($3, $4))
       order by updated_at_ms desc, customer_id desc limit $5`,
      [tenantId, query.state, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    await this.#ensure(tenantId, rows);
    const item = (row: ConversationRow): ConversationView => {
      const personal = this.#open(tenantId, row, 'conversation.upsert', row.customer_id) as Partial<ConversationView> | undefined;
      return {
        waId: personal?.waId ?? null, userId: personal?.userId ?? null, name: personal?.name ?? null, cart: personal?.cart ?? [],
        state: row.state as ConversationView['state'], step: row.step, language: row.language as ConversationView['language'],
        openOrderId: row.open_order_id, lastInboundAtMs: Number(row.updated_at_ms),
      };
    };
    return pageOf(rows, query.limit, item, (row) => cursorOf([Number(row.updated_at_ms), row.customer_id]));
  }

  async messages(tenantId: number, query: Page & { readonly customerId: string | null; readonly direction: 'in' | 'out' | null }): Promise<Listed<MessageItem>> {
    const after = readCursor(query.cursor, 2);
    const rows = await this.#read<MessageRow>(
      tenantId,
      `select m.*, j.subject_id, j.personal as journal_personal, c.personal as conversation_personal from app.messages m
       left join app.journal j on j.tenant_id = m.tenant_id and j.entity_type = $2 and j.entity_id = m.customer_id and j.seq = m.seq
       left join app.conversations c on c.tenant_id = m.tenant_id and c.customer_id = m.customer_id
       where m.tenant_id = $1 and ($3::text is null or m.customer_id = $3) and ($4::text is null or m.direction = $4)
         and ($5::bigint is null or (m.at_ms, m.message_id) > ($5, $6))
       order by m.at_ms, m.message_id limit $7`,
      [tenantId, this.#conversationCode, query.customerId, query.direction, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
    );
    await this.#ensure(tenantId, rows);
    return pageOf(rows, query.limit, (row) => this.#message(tenantId, row), (row) => cursorOf([Number(row.at_ms), row.message_id]));
  }

  #message(tenantId: number, row: MessageRow): MessageItem {
    const place = journalAad(tenantId, 'conversation', row.customer_id, Number(row.seq));
    const personal =
      row.journal_personal === null || row.subject_id === null ? undefined : (this.#personal.open(tenantId, row.subject_id, row.journal_personal, place) as JournaledMessage | undefined);
    const contact =
      row.conversation_personal === null || row.subject_id === null
        ? undefined
        : (this.#personal.open(tenantId, row.subject_id, row.conversation_personal, rowAad('conversation.upsert', tenantId, row.customer_id)) as { waId: string | null } | undefined);
    const content = row.pointer === 'in' ? personal?.content : personal?.out?.[Number(row.pointer.slice('out:'.length))];
    return {
      id: row.message_id, whatsappId: row.whatsapp_id, direction: row.direction, waId: contact?.waId ?? null, kind: row.kind,
      content: content ?? null, status: row.status, atMs: Number(row.at_ms),
    };
  }

  async #ensure(tenantId: number, rows: readonly { readonly subject_id: string | null }[]): Promise<void> {
    const subjects = new Set(rows.flatMap((row) => (row.subject_id === null ? [] : [row.subject_id])));
    await this.#personal.ensure([...subjects].map((subjectId) => ({ tenantId, subjectId })));
  }

  #open(tenantId: number, row: { readonly subject_id: string | null; readonly personal: Buffer | null }, op: string, key: string): unknown {
    return row.personal === null || row.subject_id === null ? undefined : this.#personal.open(tenantId, row.subject_id, row.personal, rowAad(op, tenantId, key));
  }

  async #read<R extends object>(tenantId: number, text: string, values: unknown[]): Promise<R[]> {
    const client = await this.#pool.connect();
    try {
      await client.query('begin read only');
      await client.query("select set_config('app.tenant_id', $1, true)", [String(tenantId)]);
      const { rows } = await client.query<R & pg.QueryResultRow>(text, values);
      await client.query('commit');
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

interface JournaledMessage {
  readonly content?: InboundContent;
  readonly out?: readonly OutboundBody[];
}
