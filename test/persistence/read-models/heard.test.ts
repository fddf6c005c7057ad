/** When a customer last wrote, as the list of conversations says it, read from the newest event back. */
import { pack } from 'msgpackr/pack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import { commit, message, ScratchDatabase, type Write } from '../scratch-database.ts';
import { conversation } from './projected-rows.ts';

const CONVERSATION = 2;

let database: ScratchDatabase;
let models: PostgresReadModels;
let save: (...writes: Write[]) => Promise<void>;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  const [writer, keys] = [database.pool('wakala_writer'), database.keys()];
  save = (...writes) => commit(writer, keys, writes);
  models = new PostgresReadModels(database.pool('wakala_app'), keys, CONVERSATION);
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await database.admin.query('truncate app.messages, app.conversations, app.journal, app.subject_keys');
});

describe('conversations', () => {
  it('say when the customer wrote as the conversation does: by the time on the message, also of one that came late', async () => {
    const wrote = async (customerId: string, seq: number, sentAtMs: number, atMs: number): Promise<void> => {
      await database.admin.query(
        `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, data)
         values (1, $1, $2, $3, 0, 1, 1, 'turned', 1, $4, $5)`,
        [CONVERSATION, customerId, seq, atMs, pack({ inbound: { whatsappId: `w${seq}`, kind: 'text', sentAtMs } })],
      );
      await save(message(1, { messageId: `${customerId}${seq}`, customerId, direction: 'in', atMs, status: 'received' }, { seq }));
    };
    await save(conversation(1, 'cus_a', 3_000), conversation(1, 'cus_b', 2_000), conversation(1, 'cus_c', 1_000));
    await wrote('cus_a', 1, 500, 900);
    await wrote('cus_b', 1, 800, 810);
    for (let seq = 2; seq < 9; seq++) await wrote('cus_b', seq, 100 + seq, 899 + seq);
    await wrote('cus_c', 1, 99_999, 700);
    const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
    expect(items.map((item) => item.lastInboundAtMs)).toEqual([500, 800, 700]);
  });

  it.each([
    ['one message', [[1, 500, 510]], 500],
    [
      'one of before that came in time, and one that came late',
      [
        [1, 840, 850],
        [100, 100, 900],
      ],
      840,
    ],
    [
      'one that came late, and one of before that',
      [
        [1, 300, 310],
        [100, 500, 900],
      ],
      500,
    ],
    [
      'fifty that came late at once, behind one that came in time',
      [[1, 840, 850], ...Array.from({ length: 50 }, (_, i) => [200 + i, 100 + i, 900 + i])],
      840,
    ],
  ] as const)('say when the customer wrote however much else happened since: %s', async (_name, messages, lastMs) => {
    const events = new Map<number, Buffer>(
      messages.map(([seq, sentAtMs]) => [seq as number, pack({ inbound: { whatsappId: `w${seq}`, sentAtMs } })]),
    );
    const arrived = new Map(messages.map(([seq, _sent, atMs]) => [seq as number, atMs as number]));
    let atMs = 0;
    for (let seq = 1; seq <= 400; seq++) {
      atMs = Math.max(atMs, arrived.get(seq) ?? 0);
      await database.admin.query(
        `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, data)
         values (1, $1, 'cus_a', $2, 0, 1, 1, 'turned', 1, $3, $4)`,
        [CONVERSATION, seq, atMs, events.get(seq) ?? pack({ settled: { id: seq === 399 ? 'inbound' : 'out', status: 'sent' } })],
      );
    }
    await save(conversation(1, 'cus_a', 3_000));
    const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
    expect(items.map((item) => item.lastInboundAtMs)).toEqual([lastMs]);
  });

  it('say it of one whose messages were stored without a journal', async () => {
    await save(conversation(1, 'cus_a', 1_000));
    await save(message(1, { messageId: 'm', customerId: 'cus_a', direction: 'in', atMs: 600, status: 'received' }, { seq: 1 }));
    await save(message(1, { messageId: 'n', customerId: 'cus_a', direction: 'out', atMs: 700, status: 'read' }, { seq: 2 }));
    const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
    expect(items.map((item) => item.lastInboundAtMs)).toEqual([600]);
  });
});
