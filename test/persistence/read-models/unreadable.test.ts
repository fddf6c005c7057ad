/** A page of many people when one person's key does not open: the others are told, and that one is marked. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { journalAad } from '../../../src/persistence/postgres/batch/encoded-row.ts';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import { presentConversation, presentMessage } from '../../../src/transport/http/v1/present.ts';
import { presentListedDriver } from '../../../src/transport/http/v1/present-driver.ts';
import { conversation as conversationSchema, message as messageSchema } from '../../../src/transport/http/v1/schemas.ts';
import { commit, message, ScratchDatabase } from '../scratch-database.ts';
import { conversation, driver, order } from './projected-rows.ts';

const CONVERSATION = 2;
const ANY = { customerId: null, direction: null, fromMs: null, toMs: null, limit: 10, cursor: null };

const EVENT = { content: { kind: 'text', text: 'hi' }, set: { contact: { waId: '27600000001', userId: null, name: 'Ann' } } };

let database: ScratchDatabase;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  const [writer, keys] = [database.pool('wakala_writer'), database.keys()];
  for (const [i, customerId] of ['cus_well', 'cus_ill', 'cus_erased'].entries()) {
    await keys.ensure([{ tenantId: 1, subjectId: customerId }]);
    const said = keys.seal(1, customerId, EVENT, journalAad(1, 'conversation', customerId, 1));
    await database.admin.query(
      `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, subject_id, personal)
       values (1, $1, $2, 1, 0, $3, 1, 'turned', 1, 1, $2, $4)`,
      [CONVERSATION, customerId, i + 1, said],
    );
    const values = {
      messageId: `m_${customerId}`,
      customerId,
      direction: 'in',
      status: 'received',
      pointer: 'in',
      atMs: 1_000 + i,
    } as const;
    await commit(writer, keys, [
      message(1, values),
      conversation(1, customerId, 1_000 + i, 'IDLE', 1, { contactSeq: 1 }),
      order(1, `ord_${customerId}`, { customerId, createdAtMs: 1_000 + i }),
      // Under the same person's key: whose it is says nothing here.
      driver(1, customerId, { createdAtMs: 1_000 + i }),
    ]);
  }
  await keys.shred(1, 'cus_erased');
  await database.admin.query("update app.subject_keys set wrapped_key = reverse(wrapped_key) where subject_id = 'cus_ill'");
});

afterAll(async () => {
  await database.close();
});

it('a page of messages gives what can be read, and marks whose key does not open; an erased one is not marked', async () => {
  // Keys as a thread has them that has just begun.
  const models = new PostgresReadModels(database.pool('wakala_app'), database.keys(), CONVERSATION);
  const { items } = await models.messages(1, ANY);
  const shown = items.map((item) => messageSchema.parse(presentMessage(item)));
  expect(shown.map(({ id, text, unreadable }) => [id, text, unreadable])).toEqual([
    ['m_cus_well', 'hi', undefined],
    ['m_cus_ill', null, true],
    ['m_cus_erased', null, undefined],
  ]);
});

it('a page of conversations does the same', async () => {
  const models = new PostgresReadModels(database.pool('wakala_app'), database.keys(), CONVERSATION);
  const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
  const shown = items.map((item) => conversationSchema.parse(presentConversation(item)));
  expect(shown.map(({ wa_id, unreadable }) => [wa_id, unreadable])).toEqual([
    [null, undefined],
    [null, true],
    ['27600000001', undefined],
  ]);
});

it('a page of orders does the same', async () => {
  const models = new PostgresReadModels(database.pool('wakala_app'), database.keys(), CONVERSATION);
  const { items } = await models.orders(1, { status: null, fromMs: null, toMs: null, customerId: null, limit: 10, cursor: null });
  expect(items.map(({ id, customer, dropoff, isUnreadable }) => [id, customer.name, dropoff.address, isUnreadable])).toEqual([
    ['ord_cus_erased', null, null, undefined],
    ['ord_cus_ill', null, null, true],
    ['ord_cus_well', 'Ann', 'here', undefined],
  ]);
});

it('a page of drivers does the same', async () => {
  const models = new PostgresReadModels(database.pool('wakala_app'), database.keys(), CONVERSATION);
  const { items } = await models.drivers(1, { status: null, online: null, limit: 10, cursor: null });
  const shown = items.map((item) => presentListedDriver(item, 2_000) as { id: string; name: string | null; unreadable?: true });
  expect(shown.map(({ id, name, unreadable }) => [id, name, unreadable])).toEqual([
    ['cus_erased', null, undefined],
    ['cus_ill', null, true],
    ['cus_well', 'Bongani', undefined],
  ]);
});
