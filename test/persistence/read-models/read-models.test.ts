/** The lists of the read models against a real database: what they show, in which order, page by page. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { InvalidCursor } from '../../../src/ports.ts';
import { commit, message, ScratchDatabase, status, type Write } from '../scratch-database.ts';
import { allPages } from './all-pages.ts';
import { conversation, driver, journaled, order, product } from './projected-rows.ts';

const CONVERSATION = 2;
const KOTA = { productId: 'p', quantity: 2 };

let database: ScratchDatabase;
let writer: pg.Pool;
let keys: PersonKeys;
let models: PostgresReadModels;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  writer = database.pool('wakala_writer');
  keys = database.keys();
  models = new PostgresReadModels(database.pool('wakala_app'), keys, CONVERSATION);
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await database.admin.query(
    'truncate app.messages, app.conversations, app.orders, app.drivers, app.products, app.journal, app.subject_keys',
  );
});

const journal = (tenantId: number, customerId: string, seq: number, personal: unknown): Promise<void> =>
  journaled(database, keys, { tenantId, customerId, seq }, personal);

const save = (...writes: Write[]): Promise<void> => commit(writer, keys, writes);

describe('products', () => {
  it('are found by a part of name or category in any case, within the category, by name', async () => {
    await save(
      product(1, 'a', 'Chicken Feet'),
      product(1, 'b', 'Bunny chow'),
      product(1, 'c', 'Cola', 'Drinks'),
      product(2, 'd', 'Chicken'),
    );
    const names = async (q: string | null, category: string | null): Promise<string[]> =>
      (await models.products(1, { q, category, limit: 10, cursor: null })).items.map((item) => item.name);
    expect(await names(null, null)).toEqual(['Bunny chow', 'Chicken Feet', 'Cola']);
    expect(await names('CHI', null)).toEqual(['Chicken Feet']);
    expect(await names('drink', null)).toEqual(['Cola']);
    expect(await names(null, 'Food')).toEqual(['Bunny chow', 'Chicken Feet']);
    expect(await names('%', null)).toEqual([]);
    expect(await names('chow\0', null)).toEqual([]);
  });

  it('are found by an alias, in any case also beyond ASCII, and by nothing else that is written of them', async () => {
    await save(
      product(1, 'a', 'Vetkoek', 'Food', { aliases: ['Magwinya', 'Fat cake'], description: 'warm' }),
      product(1, 'b', 'Röster', 'Café', { aliases: [] }),
      product(2, 'c', 'Bread', 'Food', { aliases: ['magwinya'] }),
    );
    const names = async (q: string, category: string | null = null): Promise<string[]> =>
      (await models.products(1, { q, category, limit: 10, cursor: null })).items.map((item) => item.name);
    expect(await names('mAGWin')).toEqual(['Vetkoek']);
    expect(await names('magwinya', 'Café')).toEqual([]);
    expect(await names('RÖST')).toEqual(['Röster']);
    expect(await names('CAFE\u0301')).toEqual(['Röster']);
    for (const q of ['warm', 'aliases', 'magwinya, fat']) expect(await names(q)).toEqual([]);
  });

  it('are searched to the end of a catalogue that is longer than one trip, page by page', async () => {
    const many = Array.from({ length: 1_100 }, (_, i) => product(1, `p${i}`, `Thing ${String(i).padStart(4, '0')}`));
    await save(
      ...many,
      product(1, 'x', 'Thing 0003b', 'Food', { aliases: ['rare'] }),
      product(1, 'y', 'Zulu', 'Food', { aliases: ['RARE'] }),
    );
    const found = await allPages((cursor) => models.products(1, { q: 'rare', category: null, limit: 1, cursor }));
    expect(found.map((item) => item.id)).toEqual(['x', 'y']);
  });
});

describe('orders', () => {
  it('come whole again, newest first, by status, time and customer', async () => {
    await save(
      order(1, 'ord_1', { createdAtMs: 1_000 }),
      order(1, 'ord_2', { createdAtMs: 2_000, status: 'CONFIRMED' }),
      order(1, 'ord_3', { createdAtMs: 3_000, customerId: 'cus_b' }),
      order(2, 'ord_4', { createdAtMs: 4_000 }),
    );
    const ids = async (filter: object): Promise<string[]> =>
      (await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 10, cursor: null, ...filter })).items.map(
        (item) => item.id,
      );
    expect(await ids({})).toEqual(['ord_3', 'ord_2', 'ord_1']);
    expect(await ids({ status: 'CONFIRMED' })).toEqual(['ord_2']);
    expect(await ids({ fromMs: 2_000, toMs: 3_000 })).toEqual(['ord_2']);
    expect(await ids({ customerId: 'cus_b' })).toEqual(['ord_3']);
    const [first] = (await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 1, cursor: null })).items;
    expect(first).toMatchObject({ id: 'ord_3', customer: { waId: '276', name: 'Ann' }, dropoff: { address: 'here' } });
  });

  it('keep their public part when the person is erased', async () => {
    await save(order(1, 'ord_1'));
    await keys.shred(1, 'cus_a');
    const { items } = await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 1, cursor: null });
    expect(items).toEqual([
      expect.objectContaining({
        id: 'ord_1',
        customer: { waId: null, name: null },
        dropoff: { position: null, address: null, note: null },
      }),
    ]);
    keys.forget(1, 'cus_a');
  });

  it('with a personal part that was moved from another order show nobody and say so', async () => {
    await save(order(1, 'ord_1'), order(1, 'ord_2'));
    await database.admin.query(
      "update app.orders set personal = (select personal from app.orders where order_id = 'ord_1') where order_id = 'ord_2'",
    );
    const { items } = await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 5, cursor: null });
    expect(items.map(({ id, customer, isUnreadable }) => [id, customer.name, isUnreadable])).toEqual([
      ['ord_2', null, true],
      ['ord_1', 'Ann', undefined],
    ]);
  });

  it('hold nothing personal in the clear', async () => {
    await save(order(1, 'ord_1'));
    const { rows } = await database.admin.query<{ body: Buffer; order: Buffer }>('select body, o.personal as order from app.orders o');
    for (const bytes of [rows[0]?.body, rows[0]?.order]) expect(bytes?.includes('Ann')).toBe(false);
  });
});

describe('drivers', () => {
  const all = { status: null, online: null, limit: 10, cursor: null };

  it('come whole again, newest first, by status and whether they are online, page by page', async () => {
    await save(
      driver(1, 'drv_1', { createdAtMs: 1_000, online: true }),
      driver(1, 'drv_2', { createdAtMs: 2_000, status: 'applied' }),
      driver(1, 'drv_3', { createdAtMs: 2_000 }),
      driver(2, 'drv_4', { createdAtMs: 4_000, online: true }),
    );
    const ids = async (filter: object): Promise<string[]> => (await models.drivers(1, { ...all, ...filter })).items.map((item) => item.id);
    expect(await ids({})).toEqual(['drv_3', 'drv_2', 'drv_1']);
    expect(await ids({ status: 'approved' })).toEqual(['drv_3', 'drv_1']);
    expect(await ids({ online: true })).toEqual(['drv_1']);
    expect(await ids({ status: 'approved', online: false })).toEqual(['drv_3']);
    expect(await ids({ status: 'a\0' })).toEqual([]);
    expect((await allPages((cursor) => models.drivers(1, { ...all, limit: 1, cursor }))).map((item) => item.id)).toEqual(await ids({}));
    const [first] = (await models.drivers(1, all)).items;
    expect(first).toMatchObject({
      name: 'Bongani',
      phone: '27821234567',
      vehicle: { type: 'motorbike', registration: 'CA 1' },
      documents: { licence: { number: 'LIC-1' } },
      profile: { rating: 5 },
    });
  });

  it('do not have yesterday counted as today, whatever was written then', async () => {
    await save(driver(1, 'drv_1', { earnedMinor: 900 }));
    const on = async (nowMs: number) =>
      (await new PostgresReadModels(database.pool('wakala_app'), keys, CONVERSATION, () => nowMs).drivers(1, all)).items[0];
    expect(await on(2_000)).toMatchObject({ earnings: { todayMinor: 900 }, profile: { earnedTodayMinor: 900 } });
    expect(await on(86_400_000)).toMatchObject({ earnings: { todayMinor: 0 }, profile: { earnedTodayMinor: 0 } });
  });

  it('follow their versions: a newer row replaces, an older one changes nothing', async () => {
    await save(driver(1, 'drv_1', { version: 2, online: true }));
    await save(driver(1, 'drv_1', { version: 1, online: false, status: 'suspended' }));
    expect((await models.drivers(1, all)).items).toMatchObject([{ online: true, status: 'approved', version: 2 }]);
    await save(driver(1, 'drv_1', { version: 3, status: 'suspended' }));
    expect((await models.drivers(1, all)).items).toMatchObject([{ online: false, status: 'suspended', version: 3 }]);
  });

  it('lose name, phone, papers and plate with their key, and nothing else', async () => {
    await save(driver(1, 'drv_1'));
    await keys.shred(1, 'drv_1');
    const [erased] = (await models.drivers(1, all)).items;
    expect(erased).toMatchObject({
      id: 'drv_1',
      name: null,
      phone: null,
      documents: {},
      vehicle: { registration: null },
      status: 'approved',
    });
    keys.forget(1, 'drv_1');
  });

  it('hold nothing personal in the clear', async () => {
    await save(driver(1, 'drv_1'));
    const { rows } = await database.admin.query<{ body: Buffer; personal: Buffer }>('select body, personal from app.drivers');
    for (const bytes of [rows[0]?.body, rows[0]?.personal])
      for (const word of ['Bongani', '27821234567', 'LIC-1', 'CA 1']) expect(bytes?.includes(word)).toBe(false);
  });

  it("refuse another list's cursor", async () => {
    await save(order(1, 'ord_1', { createdAtMs: 1 }), order(1, 'ord_2', { createdAtMs: 2 }));
    const orders = await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 1, cursor: null });
    await expect(models.drivers(1, { ...all, cursor: orders.nextCursor })).rejects.toThrow(InvalidCursor);
  });
});

describe('conversations', () => {
  it('come last changed first, by state, with the time of the last message of the customer', async () => {
    for (const id of ['cus_a', 'cus_b'])
      await journal(1, id, 3, { set: { contact: { waId: `wa ${id}`, userId: null, name: 'Ann' }, cart: { version: 1, lines: [KOTA] } } });
    await save(
      conversation(1, 'cus_a', 1_000, 'IDLE', 3, { contactSeq: 3, cartSeq: 3 }),
      conversation(1, 'cus_b', 2_000, 'SUPPORT', 3, { contactSeq: 3, cartSeq: 3 }),
      message(1, { messageId: 'in1', direction: 'in', atMs: 700, status: 'received' }),
      message(1, { messageId: 'in2', direction: 'in', atMs: 900, status: 'received' }),
      message(1, { messageId: 'out', atMs: 999 }),
    );
    const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
    expect(items).toEqual([
      {
        waId: 'wa cus_b',
        userId: null,
        name: 'Ann',
        state: 'SUPPORT',
        step: null,
        language: 'zu',
        cart: [KOTA],
        openOrderId: 'ord cus_b',
        lastInboundAtMs: null,
      },
      {
        waId: 'wa cus_a',
        userId: null,
        name: 'Ann',
        state: 'IDLE',
        step: null,
        language: 'zu',
        cart: [KOTA],
        openOrderId: 'ord cus_a',
        lastInboundAtMs: 900,
      },
    ]);
    expect((await models.conversations(1, { state: 'SUPPORT', limit: 10, cursor: null })).items).toHaveLength(1);
    await keys.shred(1, 'cus_a');
    expect((await models.conversations(1, { state: 'IDLE', limit: 1, cursor: null })).items[0]).toMatchObject({
      waId: null,
      name: null,
      cart: [],
    });
    keys.forget(1, 'cus_a');
  });

  describe('of whom and with what cart', () => {
    const contact = (name: string) => ({ set: { contact: { waId: '276', userId: null, name } } });
    const cart = (quantity: number) => ({ set: { cart: { version: 1, lines: [{ ...KOTA, quantity }] } } });
    const shown = async () =>
      (await models.conversations(1, { state: null, limit: 10, cursor: null })).items.map((item) => [item.name, item.cart]);

    it('is what the events say that last changed either, wherever they came', async () => {
      await journal(1, 'cus_a', 1, contact('Ann'));
      await journal(1, 'cus_a', 2, cart(2));
      await journal(1, 'cus_a', 5, cart(3));
      // One batch of three decisions, then two more: what a later one says nothing of stays.
      await save(
        conversation(1, 'cus_a', 1, 'GREETING', 1, { contactSeq: 1 }),
        conversation(1, 'cus_a', 2, 'GREETING', 2, { cartSeq: 2 }),
        conversation(1, 'cus_a', 3, 'SUPPORT', 3),
      );
      expect(await shown()).toEqual([['Ann', [{ ...KOTA, quantity: 2 }]]]);
      await save(conversation(1, 'cus_a', 4, 'IDLE', 4));
      expect(await shown()).toEqual([['Ann', [{ ...KOTA, quantity: 2 }]]]);
      await save(conversation(1, 'cus_a', 5, 'IDLE', 5, { cartSeq: 5 }));
      expect(await shown()).toEqual([['Ann', [{ ...KOTA, quantity: 3 }]]]);
    });

    it('is what the row itself holds, sealed, where it was written before rows pointed to events', async () => {
      await save(conversation(1, 'cus_a', 1));
      const before = { waId: '276', userId: null, name: 'Ann', cart: [KOTA] };
      const sealed = keys.seal(1, 'cus_a', before, 'conversation.upsert/1/cus_a');
      await database.admin.query("update app.conversations set personal = $1 where customer_id = 'cus_a'", [sealed]);
      expect(await shown()).toEqual([['Ann', [KOTA]]]);
      await journal(1, 'cus_a', 2, cart(9));
      await save(conversation(1, 'cus_a', 2, 'IDLE', 2, { cartSeq: 2 }));
      expect(await shown()).toEqual([['Ann', [{ ...KOTA, quantity: 9 }]]]);
      await journal(1, 'cus_a', 3, contact('Bo'));
      await save(conversation(1, 'cus_a', 3, 'IDLE', 3, { contactSeq: 3 }));
      expect(await shown()).toEqual([['Bo', [{ ...KOTA, quantity: 9 }]]]);
    });
  });
});

describe('messages', () => {
  it('show the content that their event holds, oldest first, by customer and direction', async () => {
    const content = { kind: 'text', text: 'sawubona' };
    const out = [
      { kind: 'text', text: 'one' },
      { kind: 'text', text: 'two' },
    ];
    await journal(1, 'cus_a', 6, { set: { contact: { waId: 'wa cus_a', userId: 'ZA.9', name: 'Ann' } } });
    await journal(1, 'cus_a', 7, { content, out });
    await save(
      conversation(1, 'cus_a', 1, 'IDLE', 6, { contactSeq: 6 }),
      message(1, { messageId: 'b', pointer: 'out:1', atMs: 2 }, { seq: 7 }),
      message(1, { messageId: 'a', pointer: 'in', direction: 'in', status: 'received', whatsappId: 'wamid', atMs: 1 }, { seq: 7 }),
      message(1, { messageId: 'c', pointer: 'out:2', atMs: 3 }, { seq: 7 }),
      message(1, { messageId: 'd', pointer: 'in', atMs: 4, customerId: 'cus_b' }, { seq: 8 }),
    );
    const list = async (filter: object) =>
      (await models.messages(1, { customerId: null, direction: null, fromMs: null, toMs: null, limit: 10, cursor: null, ...filter })).items;
    const all = await list({});
    expect(all.map((item) => [item.id, item.content, item.waId])).toEqual([
      ['a', content, 'wa cus_a'],
      ['b', out[1], 'wa cus_a'],
      ['c', null, 'wa cus_a'],
      ['d', null, null],
    ]);
    expect(all[0]).toEqual({
      id: 'a',
      whatsappId: 'wamid',
      direction: 'in',
      waId: 'wa cus_a',
      kind: 'text',
      content,
      status: 'received',
      atMs: 1,
    });
    expect((await list({ customerId: 'cus_b' })).map((item) => item.id)).toEqual(['d']);
    await journal(1, 'cus_b', 6, { set: { contact: { waId: null, userId: 'ZA.1', name: 'Bo' } } });
    await save(conversation(1, 'cus_b', 1, 'IDLE', 6, { contactSeq: 6 }));
    expect((await list({ customerId: 'cus_b' }))[0]).toMatchObject({ waId: null, userId: 'ZA.1' });
    expect((await list({ customerId: 'cus_a' })).some((item) => 'userId' in item)).toBe(false);
    expect((await list({ direction: 'in' })).map((item) => item.id)).toEqual(['a']);
    expect(await list({ customerId: 'cus\0' })).toEqual([]);
    const said = (customerId: string, id: string, tenantId = 1) => models.outbound(tenantId, customerId, id);
    expect(await said('cus_a', 'b')).toEqual(out[1]);
    for (const [customerId, id, tenantId] of [
      ['cus_a', 'a'],
      ['cus_a', 'c'],
      ['cus_b', 'b'],
      ['cus_a', 'b', 2],
    ] as const)
      expect([customerId, id, await said(customerId, id, tenantId)]).toEqual([customerId, id, null]);
    expect(
      (await models.messages(2, { customerId: null, direction: null, fromMs: null, toMs: null, limit: 10, cursor: null })).items,
    ).toEqual([]);
    expect(await models.taken(1, 'cus_a', 'b')).toBeNull();
    await save(status(1, 'b', 'delivered', 'wamid.b'));
    expect(await models.taken(1, 'cus_a', 'b')).toEqual({ whatsappId: 'wamid.b', status: 'delivered' });
    expect(await models.taken(2, 'cus_a', 'b')).toBeNull();
    // What came in has an id of WhatsApp's, too.
    expect(await models.taken(1, 'cus_a', 'a')).toBeNull();
    await keys.shred(1, 'cus_a');
    expect(await said('cus_a', 'b')).toBeNull();
    expect((await list({})).map((item) => [item.id, item.content, item.waId])).toEqual([
      ['a', null, null],
      ['b', null, null],
      ['c', null, null],
      ['d', null, null],
    ]);
    keys.forget(1, 'cus_a');
  });
});
