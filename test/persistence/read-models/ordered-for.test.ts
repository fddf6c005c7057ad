/** Of whom a conversation is when only orders know: read from a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { commit, ScratchDatabase, type Write } from '../scratch-database.ts';
import { conversation, journaled, order } from './projected-rows.ts';

const CONVERSATION = 2;

let database: ScratchDatabase;
let keys: PersonKeys;
let models: PostgresReadModels;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  keys = database.keys();
  models = new PostgresReadModels(database.pool('wakala_app'), keys, CONVERSATION);
});

afterAll(async () => {
  await database.close();
});

const journal = (tenantId: number, customerId: string, seq: number, personal: unknown): Promise<void> =>
  journaled(database, keys, { tenantId, customerId, seq }, personal);

describe('conversations', () => {
  it('say of somebody who never wrote for which number the latest order was, and nothing after erasure', async () => {
    const ordered = (customerId: string, orderId: string, waId: string, createdAtMs: number): Write => {
      const { row: before, ...write } = order(1, orderId, { customerId, createdAtMs });
      const dropoff = { position: null, address: null, note: null };
      return { ...write, row: { ...before, personal: { customer: { waId, name: `N${waId}` }, dropoff } } };
    };
    await journal(1, 'cus_wrote', 1, { set: { contact: { waId: null, userId: 'ZA.1', name: null } } });
    await commit(database.pool('wakala_writer'), keys, [
      ...['cus_b', 'cus_gone', 'cus_none', 'cus_wrote'].map((id, i) =>
        conversation(1, id, 9 - i, 'IDLE', 1, id === 'cus_wrote' ? { contactSeq: 1 } : {}),
      ),
      ordered('cus_b', 'ord_1', '271', 1),
      ordered('cus_b', 'ord_2', '272', 3),
      ordered('cus_gone', 'ord_3', '273', 2),
      ordered('cus_wrote', 'ord_4', '274', 2),
    ]);
    await keys.shred(1, 'cus_gone');
    const { items } = await models.conversations(1, { state: null, limit: 10, cursor: null });
    expect(items.map(({ waId, userId, name }) => [waId, userId, name])).toEqual([
      ['272', null, 'N272'],
      [null, null, null],
      [null, null, null],
      [null, 'ZA.1', null],
    ]);
    expect(await models.orderedFor(1, 'cus_b')).toEqual({ waId: '272', name: 'N272' });
    expect([await models.orderedFor(1, 'cus_gone'), await models.orderedFor(2, 'cus_b')]).toEqual([null, null]);
    keys.forget(1, 'cus_gone');
  });
});
