/** Replays every journal from its first event and compares the projections with the stored read models. For doctor and for tests. */

import { DURABLE_ACTORS } from '../../actors/durable-actors.ts';
import type { Config } from '../../config.ts';
import { movesOn } from '../../persistence/postgres/batch/read-model-statements.ts';
import { createPool, type DatabaseAddress } from '../../persistence/postgres/connect.ts';
import { asOfOneMoment, type TenantMoment } from '../../persistence/postgres/journal/tenant-moment.ts';
import { PersonKeys } from '../../persistence/postgres/seal/person-keys.ts';
import { upcastEvent } from '../../runtime/journal/recovery.ts';
import { RUNTIME_MARKER } from '../../runtime/journal/store.ts';

interface ReplayReport {
  readonly entities: number;
  readonly events: number;
  /** One line an entity that differs; empty when all is well. */
  readonly differences: readonly string[];
}

const KINDS = new Map(DURABLE_ACTORS.map(({ kind, kindCode }) => [kindCode, kind]));
const READERS = 2;
const STATEMENT_TIMEOUT_MS = 600_000;

/** What each read model is expected to hold, by key. */
interface Expected {
  readonly orders: Map<string, string>;
  readonly products: Map<string, number | null>;
  readonly conversations: Map<string, string>;
  /** By customer and what is pointed to: the event that last changed it. */
  readonly pointers: Map<string, string>;
  readonly messages: Map<string, { readonly status: string; readonly whatsappId: string | null }>;
  readonly drivers: Map<string, string>;
}

/** Each tenant as of one moment: it may be worked on meanwhile. */
export async function verifyReplay(
  config: { readonly secrets: Pick<Config['secrets'], 'masterKey'> },
  address: DatabaseAddress,
): Promise<ReplayReport> {
  const directory = createPool({ address, role: 'wakala_directory', statementTimeoutMs: STATEMENT_TIMEOUT_MS }, READERS);
  const keys = new PersonKeys(directory, Buffer.from(config.secrets.masterKey, 'base64'));
  const total = { entities: 0, events: 0, differences: [] as string[] };
  try {
    const tenants = await directory.query<{ tenant_id: number }>('select tenant_id from app.tenants order by tenant_id');
    for (const { tenant_id: tenantId } of tenants.rows) {
      const { entities, events, differences } = await asOfOneMoment(address, tenantId, (moment) => verifyTenant(moment, tenantId, keys));
      total.entities += entities;
      total.events += events;
      total.differences.push(...differences);
    }
    return total;
  } finally {
    await directory.end();
  }
}

async function verifyTenant(moment: TenantMoment, tenantId: number, personal: PersonKeys): Promise<ReplayReport> {
  const differences: string[] = [];
  const expected: Expected = {
    orders: new Map(),
    products: new Map(),
    conversations: new Map(),
    pointers: new Map(),
    messages: new Map(),
    drivers: new Map(),
  };
  let entities = 0;
  let events = 0;
  let state: unknown;
  let current = '';
  let seq = 0;
  for await (const row of moment.journal(personal, KINDS)) {
    const behaviour = DURABLE_ACTORS.find((candidate) => candidate.kindCode === row.kindCode);
    if (behaviour === undefined) continue;
    const ref = { tenantId, kind: behaviour.kind, id: row.entityId, shard: row.shard };
    if (current !== `${behaviour.kind}/${row.entityId}`) {
      current = `${behaviour.kind}/${row.entityId}`;
      state = behaviour.initial(ref);
      seq = 0;
      entities++;
    }
    events++;
    if (row.event.seq !== ++seq) differences.push(`${current}: gap before ${row.event.seq}`);
    if (row.event.type === RUNTIME_MARKER) continue;
    const event = upcastEvent(behaviour, row.event);
    const meta = { ref, seq: row.event.seq, atMs: row.event.atMs };
    state = behaviour.evolve(state, event, meta);
    for (const write of behaviour.project?.(event, state, meta) ?? []) expect(expected, write.op, write.row);
  }
  differences.push(...(await compare(moment, expected)));
  return { entities, events, differences };
}

function expect(expected: Expected, op: string, row: Readonly<Record<string, unknown>>): void {
  if (op === 'order.upsert')
    expected.orders.set(String(row.orderId), `${String(row.status)} ${String(row.totalMinor)} v${String(row.version)}`);
  else if (op === 'product.upsert') expected.products.set(String(row.productId), row.stock as number | null);
  else if (op === 'product.delete') expected.products.delete(String(row.productId));
  else if (op === 'conversation.upsert') {
    expected.conversations.set(String(row.customerId), `${String(row.state)} ${String(row.language)} ${String(row.openOrderId)}`);
    if (row.contactSeq !== null) expected.pointers.set(`${String(row.customerId)} contact`, String(row.contactSeq));
    if (row.cartSeq !== null) expected.pointers.set(`${String(row.customerId)} cart`, String(row.cartSeq));
  } else if (op === 'driver.upsert')
    expected.drivers.set(
      String(row.driverId),
      `${String(row.status)} ${String(row.online)} ${String(row.vehicle)} v${String(row.version)}`,
    );
  else if (op === 'message.insert' || op === 'message.status') expectMessage(expected.messages, op, row);
}

/** A status moves along its line only, and one of a message that is not there is nothing. */
function expectMessage(messages: Expected['messages'], op: string, row: Readonly<Record<string, unknown>>): void {
  const key = `${String(row.customerId)}/${String(row.messageId)}`;
  const before = messages.get(key);
  const status = String(row.status);
  const whatsappId = row.whatsappId as string | null;
  if (op === 'message.insert') messages.set(key, before ?? { status, whatsappId });
  else if (before !== undefined)
    messages.set(key, { status: movesOn(before.status, status) ? status : before.status, whatsappId: whatsappId ?? before.whatsappId });
}

async function compare(moment: TenantMoment, expected: Expected): Promise<string[]> {
  const read = async (text: string): Promise<Map<string, string>> => {
    const rows = await moment.read<{ key: string; value: string }>(text);
    return new Map(rows.map((row) => [row.key, row.value]));
  };
  const orders = await read(
    "select order_id as key, status || ' ' || total_minor || ' v' || version as value from app.orders where tenant_id = $1",
  );
  const products = await read("select product_id as key, coalesce(stock::text, 'null') as value from app.products where tenant_id = $1");
  const conversations = await read(
    "select customer_id as key, state || ' ' || language || ' ' || coalesce(open_order_id, 'null') as value from app.conversations where tenant_id = $1",
  );
  // Rows that were not written since migration 012 point to nothing.
  const pointers = await read(
    `select customer_id || ' ' || p.name as key, p.seq::text as value
       from app.conversations, lateral (values ('contact', contact_seq), ('cart', cart_seq)) as p (name, seq)
       where tenant_id = $1 and p.seq is not null`,
  );
  const messages = await read(
    "select customer_id || '/' || message_id as key, status || ' ' || coalesce(whatsapp_id, 'null') as value from app.messages where tenant_id = $1",
  );
  const drivers = await read(
    "select driver_id as key, status || ' ' || online || ' ' || vehicle || ' v' || version as value from app.drivers where tenant_id = $1",
  );
  return [
    ...differ('order', new Map(expected.orders), orders),
    ...differ('product', new Map([...expected.products].map(([key, stock]) => [key, String(stock)])), products),
    ...differ('conversation', new Map(expected.conversations), conversations),
    ...differ('pointer', new Map([...expected.pointers].filter(([key]) => pointers.has(key))), pointers),
    ...differ('driver', new Map(expected.drivers), drivers),
    ...differ(
      'message',
      new Map([...expected.messages].map(([key, { status, whatsappId }]) => [key, `${status} ${whatsappId}`])),
      messages,
    ),
  ];
}

function differ(name: string, expected: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [key, value] of expected)
    if (stored.get(key) !== value) found.push(`${name} ${key}: journal says ${value}, read model ${stored.get(key) ?? 'nothing'}`);
  for (const key of stored.keys()) if (!expected.has(key)) found.push(`${name} ${key}: only in the read model`);
  return found;
}
