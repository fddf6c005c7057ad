/** Read-model statements against a real database: what a batch leaves in the tables, whatever it held. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readModelStatements } from '../../../src/persistence/postgres/batch/read-model-statements.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { commit, message, row, ScratchDatabase, status, type Write } from '../scratch-database.ts';
import { conversation, order, product } from './projected-rows.ts';

let database: ScratchDatabase;
let writer: pg.Pool;
let keys: PersonKeys;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  writer = database.pool('wakala_writer');
  keys = database.keys();
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await database.admin.query('truncate app.messages, app.conversations, app.orders, app.products, app.journal, app.subject_keys');
});

const save = (...writes: Write[]): Promise<void> => commit(writer, keys, writes);

async function storedMessage(id: string): Promise<unknown> {
  const { rows } = await database.admin.query('select status, whatsapp_id, pointer from app.messages where message_id = $1', [id]);
  return rows[0];
}

describe('message status', () => {
  /** From the contract: the only steps that change what is shown. */
  const FORWARD: Readonly<Record<string, readonly string[]>> = {
    queued: ['sent', 'failed', 'delivered', 'read', 'played'],
    sent: ['failed', 'delivered', 'read', 'played'],
    failed: ['delivered', 'read', 'played'],
    delivered: ['read', 'played'],
    read: ['played'],
    played: [],
    received: [],
  };
  const ALL = ['queued', 'sent', 'failed', 'delivered', 'read', 'played', 'invented'];
  const CASES = Object.entries(FORWARD).flatMap(([from, steps]) => ALL.map((to) => [from, to, steps.includes(to) ? to : from] as const));

  it('moves forward only, one batch after the other', async () => {
    await save(...CASES.map(([from], i) => message(1, { messageId: `m${i}`, status: from })));
    await save(...CASES.map(([, to], i) => status(1, `m${i}`, to)));
    for (const [i, [from, to, expected]] of CASES.entries())
      expect(await storedMessage(`m${i}`), `${from} to ${to}`).toMatchObject({ status: expected });
  });

  it('moves forward only, insert and status in one batch', async () => {
    await save(...CASES.flatMap(([from, to], i) => [message(1, { messageId: `m${i}`, status: from }), status(1, `m${i}`, to, `w${i}`)]));
    for (const [i, [from, to, expected]] of CASES.entries())
      expect(await storedMessage(`m${i}`), `${from} to ${to}`).toMatchObject({ status: expected, whatsapp_id: `w${i}` });
  });

  it('ends at the furthest of several in one batch, whatever their order, with the WhatsApp id that one of them brought', async () => {
    await save(message(1, { messageId: 'a' }), message(1, { messageId: 'b' }));
    await save(
      status(1, 'a', 'delivered'),
      status(1, 'a', 'sent', 'wa'),
      status(1, 'b', 'sent', 'wb'),
      status(1, 'b', 'read'),
      status(1, 'b', 'delivered'),
    );
    expect(await storedMessage('a')).toMatchObject({ status: 'delivered', whatsapp_id: 'wa' });
    expect(await storedMessage('b')).toMatchObject({ status: 'read', whatsapp_id: 'wb' });
  });

  it('is one write when the insert is in the same batch', () => {
    const statements = readModelStatements([message(1, { messageId: 'a' }), status(1, 'a', 'sent')], keys);
    expect(statements.map((statement) => statement.name)).toEqual(['rm_message.insert_moved']);
  });

  it('is not lost when the message of the same batch was there already', async () => {
    await save(message(1, { messageId: 'a', pointer: 'out:0' }));
    await save(message(1, { messageId: 'a', pointer: 'out:1' }), status(1, 'a', 'delivered', 'w'));
    await save(message(1, { messageId: 'a' }), status(1, 'a', 'sent'));
    expect(await storedMessage('a')).toEqual({ status: 'delivered', whatsapp_id: 'w', pointer: 'out:0' });
  });

  it('writes nothing when it says nothing new', async () => {
    await save(message(1, { messageId: 'a' }), status(1, 'a', 'delivered', 'w'));
    const place = 'select xmin::text, ctid::text from app.messages';
    const before = (await database.admin.query(place)).rows;
    await save(status(1, 'a', 'sent', 'w'), status(1, 'a', 'delivered'));
    expect((await database.admin.query(place)).rows).toEqual(before);
  });

  it('of an unknown message is nothing', async () => {
    await save(status(1, 'nobody', 'sent'));
    expect(await storedMessage('nobody')).toBeUndefined();
  });
});

describe('a batch', () => {
  it('inserts a message once: the first counts, and a batch that brings it again is refused whole', async () => {
    await save(message(1, { messageId: 'a', pointer: 'out:0' }), message(1, { messageId: 'a', pointer: 'out:1' }));
    await expect(save(message(1, { messageId: 'b' }), message(1, { messageId: 'a', pointer: 'out:2' }))).rejects.toMatchObject({
      code: '23505',
    });
    expect(await storedMessage('b')).toBeUndefined();
    expect(await storedMessage('a')).toMatchObject({ pointer: 'out:0' });
  });

  it('keeps the last of several upserts of one row, and does not confuse tenants', async () => {
    await save(
      order(1, 'ord_1', { version: 1 }),
      order(2, 'ord_1', { status: 'EXPIRED' }),
      order(1, 'ord_1', { version: 2, status: 'CONFIRMED' }),
    );
    const { rows } = await database.admin.query('select tenant_id, status from app.orders order by tenant_id');
    expect(rows).toEqual([
      { tenant_id: 1, status: 'CONFIRMED' },
      { tenant_id: 2, status: 'EXPIRED' },
    ]);
  });

  it('never puts an older version of an order or a conversation over a newer one', async () => {
    await save(order(1, 'ord_1', { version: 5, status: 'CONFIRMED' }), conversation(1, 'cus_a', 9, 'SUPPORT', 9));
    await save(order(1, 'ord_1', { version: 4, status: 'CREATED' }), conversation(1, 'cus_a', 8, 'IDLE', 8));
    const { rows } = await database.admin.query(
      'select (select status from app.orders) as status, (select state from app.conversations) as state',
    );
    expect(rows).toEqual([{ status: 'CONFIRMED', state: 'SUPPORT' }]);
  });

  it.each([
    ['deleted then added', (): Write[] => [row(1, 'product.delete', { productId: 'p' }), product(1, 'p', 'New')], ['New']],
    ['added then deleted', (): Write[] => [product(1, 'p', 'New'), row(1, 'product.delete', { productId: 'p' })], []],
  ])('of a product %s ends as the last word says', async (_, writes, names) => {
    await save(product(1, 'p', 'Old'), product(2, 'p', 'Other'));
    await save(...writes());
    const { rows } = await database.admin.query<{ name: string }>('select name from app.products where tenant_id = 1');
    expect(rows.map((found) => found.name)).toEqual(names);
    expect((await database.admin.query('select 1 from app.products where tenant_id = 2')).rows).toHaveLength(1);
  });

  it('uses one statement an operation whatever its size, inserts before updates', () => {
    const writes = [status(1, 'x', 'sent'), message(1, { messageId: 'a' }), message(1, { messageId: 'b' }), product(1, 'p', 'P')];
    expect(readModelStatements(writes, keys).map((statement) => statement.name)).toEqual([
      'rm_product.upsert',
      'rm_message.insert',
      'rm_message.status',
    ]);
    expect(readModelStatements([], keys)).toEqual([]);
  });

  it.each(['nothing.known', 'message.insert_moved'])('with the operation %s is a defect', (op) => {
    expect(() => readModelStatements([{ ...message(1, { messageId: 'a' }), op }], keys)).toThrow(op);
  });

  it('updates the tenant forward only and never makes one', async () => {
    const upsert = (tenantId: number, version: number, name: string): Write =>
      row(tenantId, 'tenant.upsert', { uuid: '', slug: 'shop', name, status: 'active', phoneNumberId: '1', version, settings: { name } });
    await database.admin.query(
      "insert into app.tenants (tenant_id, id, slug, name, phone_number_id, shard, status) values (1, gen_random_uuid(), 'shop', 'first', '1', 0, 'provisioning')",
    );
    await save(upsert(1, 2, 'second'));
    await save(upsert(1, 1, 'late'), upsert(2, 1, 'nobody'));
    const { rows } = await database.admin.query('select tenant_id, name, status from app.tenants');
    expect(rows).toEqual([{ tenant_id: 1, name: 'second', status: 'active' }]);
  });
});

describe('a page of the table', () => {
  const pages = async (table: string, key: string): Promise<unknown[]> =>
    (await database.admin.query(`select ${key} as key, (ctid::text::point)[0]::int as page from app.${table} order by ${key}`)).rows;

  it('has room for the statuses of its messages, so that no index is written', async () => {
    await save(...Array.from({ length: 200 }, (_, i) => message(1, { messageId: `m${1_000 + i}` })));
    const before = await pages('messages', 'message_id');
    expect(new Set(before.map((entry) => (entry as { page: number }).page)).size).toBeGreaterThan(2);
    await save(...Array.from({ length: 100 }, (_, i) => status(1, `m${1_000 + 2 * i}`, 'sent', `wamid.${i}`)));
    expect(await pages('messages', 'message_id')).toEqual(before);
  });
});
