/**
 * Read-model rows as statements of the group commit: one prepared statement an operation, inserts before
 * updates. Depends on the row shapes of actors/read-models.ts and on nothing else of the actors.
 */
import type { CommitBatch } from '../../../runtime/journal/store.ts';
import { byteaArray, int2Array, int4Array, int8Array, textArray, unnested } from '../binary-arrays.ts';
import { encode } from '../encoding.ts';
import type { Statement } from '../round-trip.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { type Searched, searchText } from './product-search.ts';

type Write = CommitBatch['readModels'][number];
type Row = Readonly<Record<string, unknown>>;

interface Operation {
  readonly text: string;
  /** Which writes of one batch mean the same row. */
  key(row: Row): string;
  /** What two of them make; without it the later one counts. */
  merge?(before: Write, after: Write): Write;
  values(writes: readonly Write[], personal: PersonalCodec): Buffer[];
}

const text = (writes: readonly Write[], column: string): Buffer =>
  textArray(writes.map((write) => (write.row[column] as string | null) ?? null));
const big = (writes: readonly Write[], column: string): Buffer =>
  int8Array(writes.map((write) => (write.row[column] as number | null) ?? null));
const flag = (writes: readonly Write[], column: string): Buffer => int2Array(writes.map((write) => (write.row[column] === true ? 1 : 0)));
const tenant = (writes: readonly Write[]): Buffer => int4Array(writes.map((write) => write.ref.tenantId));
const blob = (writes: readonly Write[], column: string): Buffer => byteaArray(writes.map((write) => encode(write.row[column])));

/** Place of a sealed value of a read-model row. */
export function rowAad(op: string, tenantId: number, key: string): string {
  return `${op}/${tenantId}/${key}`;
}

function sealed(op: string, keyColumn: string, writes: readonly Write[], personal: PersonalCodec): Buffer {
  return byteaArray(
    writes.map((write) => {
      const value = write.row.personal;
      if (value === undefined || value === null || write.subjectId === null) return null;
      return personal.seal(write.ref.tenantId, write.subjectId, value, rowAad(op, write.ref.tenantId, String(write.row[keyColumn])));
    }),
  );
}

const subjects = (writes: readonly Write[]): Buffer => textArray(writes.map((write) => write.subjectId));

/** Delivery moves along this line only; failed counts only while nothing better is known. Other words never move and are never moved. */
const STATUSES = ['queued', 'sent', 'failed', 'delivered', 'read', 'played'] as const;
const RANKS: ReadonlyMap<unknown, number> = new Map(STATUSES.map((status, rank) => [status, rank]));

/** What `isFurther` below says in SQL, for whoever replays the journal: both must change together. */
export function movesOn(from: string, to: string): boolean {
  const before = RANKS.get(from);
  return before !== undefined && (RANKS.get(to) ?? before) > before;
}

const rankSql = (column: string): string => `array_position(array[${STATUSES.map((status) => `'${status}'`).join(', ')}], ${column})`;
/** SQL: the row `m` learns from `n`. Both conditions are false for what is known already, so that a repeated status writes nothing. */
const isFurther = (n: string, m: string): string => `${rankSql(`${n}.status`)} > ${rankSql(`${m}.status`)}`;
const learns = (n: string, m: string): string =>
  `(${isFurther(n, m)} or ${n}.whatsapp_id is distinct from coalesce(${m}.whatsapp_id, '') and ${n}.whatsapp_id is not null)`;
const progress = (n: string, m: string): string =>
  `whatsapp_id = coalesce(${n}.whatsapp_id, ${m}.whatsapp_id), status = case when ${isFurther(n, m)} then ${n}.status else ${m}.status end`;

const INSERT_MESSAGE = `insert into app.messages as m
    (tenant_id, customer_id, message_id, direction, whatsapp_id, kind, status, at_ms, seq, pointer)
  select ${unnested('int', 'text', 'text', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'text')}`;
const messageKey = (row: Row): string => `${row.customerId as string}/${row.messageId as string}`;
const messageValues = (w: readonly Write[]): Buffer[] => [
  tenant(w),
  text(w, 'customerId'),
  text(w, 'messageId'),
  text(w, 'direction'),
  text(w, 'whatsappId'),
  text(w, 'kind'),
  text(w, 'status'),
  big(w, 'atMs'),
  big(w, 'seq'),
  text(w, 'pointer'),
];

const INSERT = 'message.insert';
/** An insert with the status that the same batch brought: the same row, and a row that was there before moves on. */
const INSERT_MOVED = 'message.insert_moved';
const STATUS = 'message.status';
const PRODUCT = 'product.upsert';
const PRODUCT_DELETE = 'product.delete';

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'tenant.upsert': {
    text: `update app.tenants t set slug = n.slug, name = n.name, status = n.status, phone_number_id = n.phone, version = n.version, settings = n.settings
      from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[])
        as n (tenant_id, slug, name, status, phone, version, settings)
      where t.tenant_id = n.tenant_id and t.version < n.version`,
    key: () => 'self',
    values: (w) => [
      tenant(w),
      text(w, 'slug'),
      text(w, 'name'),
      text(w, 'status'),
      text(w, 'phoneNumberId'),
      big(w, 'version'),
      blob(w, 'settings'),
    ],
  },
  [PRODUCT]: {
    text: `insert into app.products (tenant_id, product_id, name, category, price_minor, stock, available, body, search)
      select p.t, p.id, p.name, p.category, p.price, p.stock::int, p.available = 1, p.body, p.search
      from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::smallint[], $8::bytea[], $9::text[])
        as p (t, id, name, category, price, stock, available, body, search)
      on conflict (tenant_id, product_id) do update set name = excluded.name, category = excluded.category, price_minor = excluded.price_minor,
        stock = excluded.stock, available = excluded.available, body = excluded.body, search = excluded.search`,
    key: (row) => String(row.productId),
    values: (w) => [
      tenant(w),
      text(w, 'productId'),
      text(w, 'name'),
      text(w, 'category'),
      big(w, 'priceMinor'),
      big(w, 'stock'),
      flag(w, 'available'),
      blob(w, 'body'),
      textArray(w.map(({ row }) => searchText(row.body as Partial<Searched>))),
    ],
  },
  [PRODUCT_DELETE]: {
    text: `delete from app.products p using unnest($1::int[], $2::text[]) as k (tenant_id, product_id)
      where (p.tenant_id, p.product_id) = (k.tenant_id, k.product_id)`,
    key: (row) => String(row.productId),
    values: (w) => [tenant(w), text(w, 'productId')],
  },
  // A message comes once, by its command id; a speculative insert would cost half as much again only to doubt that.
  [INSERT]: { text: INSERT_MESSAGE, key: messageKey, merge: (before) => before, values: messageValues },
  [INSERT_MOVED]: {
    text: `${INSERT_MESSAGE} on conflict (tenant_id, customer_id, message_id) do update set ${progress('excluded', 'm')} where ${learns('excluded', 'm')}`,
    key: messageKey,
    values: messageValues,
  },
  [STATUS]: {
    text: `update app.messages m set ${progress('n', 'm')}
      from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[]) as n (tenant_id, customer_id, message_id, whatsapp_id, status)
      where (m.tenant_id, m.customer_id, m.message_id) = (n.tenant_id, n.customer_id, n.message_id) and ${learns('n', 'm')}`,
    key: messageKey,
    merge: furthest,
    values: (w) => [tenant(w), text(w, 'customerId'), text(w, 'messageId'), text(w, 'whatsappId'), text(w, 'status')],
  },
  'conversation.upsert': {
    text: `insert into app.conversations as c
        (tenant_id, customer_id, state, step, language, open_order_id, updated_at_ms, subject_id, seq, contact_seq, cart_seq)
      select ${unnested('int', 'text', 'text', 'text', 'text', 'text', 'bigint', 'text', 'bigint', 'bigint', 'bigint')}
      on conflict (tenant_id, customer_id) do update set state = excluded.state, step = excluded.step, language = excluded.language,
        open_order_id = excluded.open_order_id, updated_at_ms = excluded.updated_at_ms, subject_id = excluded.subject_id, seq = excluded.seq,
        contact_seq = coalesce(excluded.contact_seq, c.contact_seq), cart_seq = coalesce(excluded.cart_seq, c.cart_seq)
        where c.seq <= excluded.seq`,
    key: (row) => row.customerId as string,
    merge: lastPointers,
    values: (w) => [
      tenant(w),
      text(w, 'customerId'),
      text(w, 'state'),
      text(w, 'step'),
      text(w, 'language'),
      text(w, 'openOrderId'),
      big(w, 'updatedAtMs'),
      subjects(w),
      int8Array(w.map((write) => write.seq)),
      big(w, 'contactSeq'),
      big(w, 'cartSeq'),
    ],
  },
  'order.upsert': {
    text: `insert into app.orders as o (tenant_id, order_id, code, customer_id, status, total_minor, currency, source, created_at_ms, updated_at_ms, version,
        subject_id, body, personal)
      select ${unnested('int', 'text', 'text', 'text', 'text', 'bigint', 'text', 'text', 'bigint', 'bigint', 'bigint', 'text', 'bytea', 'bytea')}
      on conflict (tenant_id, order_id) do update set status = excluded.status, total_minor = excluded.total_minor,
        updated_at_ms = excluded.updated_at_ms, version = excluded.version, subject_id = excluded.subject_id,
        body = excluded.body, personal = excluded.personal where o.version <= excluded.version`,
    key: (row) => String(row.orderId),
    values: (w, personal) => [
      tenant(w),
      text(w, 'orderId'),
      text(w, 'code'),
      text(w, 'customerId'),
      text(w, 'status'),
      big(w, 'totalMinor'),
      text(w, 'currency'),
      text(w, 'source'),
      big(w, 'createdAtMs'),
      big(w, 'updatedAtMs'),
      big(w, 'version'),
      subjects(w),
      blob(w, 'body'),
      sealed('order.upsert', 'orderId', w, personal),
    ],
  },
  'driver.upsert': {
    text: `insert into app.drivers as d (tenant_id, driver_id, status, online, vehicle, created_at_ms, updated_at_ms, version, subject_id, body, personal)
      select n.t, n.id, n.status, n.online = 1, n.vehicle, n.created, n.updated, n.version, n.subject, n.body, n.personal
      from unnest($1::int[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[],
          $10::bytea[], $11::bytea[])
        as n (t, id, status, online, vehicle, created, updated, version, subject, body, personal)
      on conflict (tenant_id, driver_id) do update set status = excluded.status, online = excluded.online, vehicle = excluded.vehicle,
        updated_at_ms = excluded.updated_at_ms, version = excluded.version, subject_id = excluded.subject_id,
        body = excluded.body, personal = excluded.personal where d.version <= excluded.version`,
    key: (row) => String(row.driverId),
    values: (w, personal) => [
      tenant(w),
      text(w, 'driverId'),
      text(w, 'status'),
      flag(w, 'online'),
      text(w, 'vehicle'),
      big(w, 'createdAtMs'),
      big(w, 'updatedAtMs'),
      big(w, 'version'),
      subjects(w),
      blob(w, 'body'),
      sealed('driver.upsert', 'driverId', w, personal),
    ],
  },
};

const OP_ORDER = Object.keys(OPERATIONS);

type Group = Map<string, Write>;

/**
 * Statements of one batch, at most one an operation. Of several writes to one row the last counts, for a conversation with what the
 * earlier ones pointed to; of several inserts of one message the first (insert-once); of several statuses the furthest.
 * @throws Error for an operation that does not exist: a defect of an actor's projection.
 */
export function readModelStatements(writes: CommitBatch['readModels'], personal: PersonalCodec): Statement[] {
  const groups = new Map<string, Group>();
  for (const write of writes) {
    const operation = OPERATIONS[write.op];
    if (operation === undefined || write.op === INSERT_MOVED) throw new Error(`no read model ${write.op}`);
    let group = groups.get(write.op);
    if (group === undefined) {
      group = new Map();
      groups.set(write.op, group);
    }
    const key = `${write.ref.tenantId}/${operation.key(write.row)}`;
    const before = group.get(key);
    group.set(key, before === undefined || operation.merge === undefined ? write : operation.merge(before, write));
    // A product that is deleted and added again in one batch, or the other way round: the later word counts.
    if (write.op === PRODUCT) groups.get(PRODUCT_DELETE)?.delete(key);
    else if (write.op === PRODUCT_DELETE) groups.get(PRODUCT)?.delete(key);
  }
  mergeStatuses(groups);
  const statements: Statement[] = [];
  for (const op of OP_ORDER) {
    const group = groups.get(op);
    if (group === undefined || group.size === 0) continue;
    const operation = OPERATIONS[op] as Operation;
    statements.push({ name: `rm_${op}`, text: operation.text, values: operation.values([...group.values()], personal) });
  }
  return statements;
}

/** A message that is inserted and moves on in one batch is written once. */
function mergeStatuses(groups: Map<string, Group>): void {
  const inserts = groups.get(INSERT);
  const statuses = groups.get(STATUS);
  if (inserts === undefined || statuses === undefined) return;
  const moved: Group = new Map();
  for (const [key, status] of statuses) {
    const insert = inserts.get(key);
    if (insert === undefined) continue;
    inserts.delete(key);
    statuses.delete(key);
    const { row } = status;
    const moves = rankOf(insert) !== UNRANKED && rankOf(status) > rankOf(insert);
    const merged = { ...insert.row, status: moves ? row.status : insert.row.status, whatsappId: row.whatsappId ?? insert.row.whatsappId };
    moved.set(key, { ...insert, row: merged });
  }
  groups.set(INSERT_MOVED, moved);
}

const UNRANKED = -1;

function rankOf(write: Write): number {
  return RANKS.get(write.row.status) ?? UNRANKED;
}

/** Of two writes of one conversation the later, which says nothing of what only the earlier changed. */
function lastPointers(before: Write, after: Write): Write {
  const contactSeq = after.row.contactSeq ?? before.row.contactSeq;
  const cartSeq = after.row.cartSeq ?? before.row.cartSeq;
  return { ...after, row: { ...after.row, contactSeq, cartSeq } };
}

/** Of two status writes in one batch the one further on, with the latest WhatsApp id. */
function furthest(before: Write, after: Write): Write {
  const winner = rankOf(after) > rankOf(before) ? after : before;
  return { ...winner, row: { ...winner.row, whatsappId: after.row.whatsappId ?? before.row.whatsappId } };
}
