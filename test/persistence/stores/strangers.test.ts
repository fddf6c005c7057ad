/** Asking who is known, against a real database: nobody becomes known by it. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BlindIndex } from '../../../src/persistence/postgres/seal/blind-index.ts';
import { PostgresCustomerDirectory } from '../../../src/persistence/postgres/stores/customer-directory.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

let database: ScratchDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  pool = database.pool('wakala_directory', 4);
});

afterAll(async () => {
  await database.close();
});

const customers = (): PostgresCustomerDirectory => new PostgresCustomerDirectory(pool, new BlindIndex(MASTER_KEY), database.keys());

async function written(tenantId: number): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>(
    'select (select count(*) from app.identities where tenant_id = $1)::int + (select count(*) from app.subject_keys where tenant_id = $1)::int as n',
    [tenantId],
  );
  return rows[0]!.n;
}

it.each([
  ['a number', 41, { waId: '1', userId: null }],
  ['a user id', 42, { waId: null, userId: 'ZA.1' }],
  ['both', 43, { waId: '1', userId: 'ZA.1' }],
])('a stranger by %s stays one, and is a customer as soon as they write', async (_name, tenantId, keys) => {
  const one = customers();
  expect(await one.known(tenantId, keys)).toBeNull();
  expect(await written(tenantId)).toBe(0);
  const id = await one.resolve(tenantId, keys);
  expect(await one.known(tenantId, keys)).toBe(id);
  expect(await customers().known(tenantId, keys)).toBe(id);
});

it('who is known by one key is known with a second, which becomes theirs', async () => {
  const id = await customers().resolve(60, { waId: '1', userId: null });
  expect(await customers().known(60, { waId: '1', userId: 'ZA.1' })).toBe(id);
  expect(await customers().find(60, { userId: 'ZA.1' })).toBe(id);
});

it('asked together with an introduction it waits for that one, and an introduction never ends as a stranger', async () => {
  const one = customers();
  const keys = { waId: '1', userId: null };
  const [first, id, last] = await Promise.all([one.known(61, keys), one.resolve(61, keys), one.known(61, keys)]);
  expect(id).toMatch(/^cus_/);
  expect(last).toBe(id);
  expect([null, id]).toContain(first);
});

it('without any key it is refused', async () => {
  await expect(customers().known(62, { waId: null, userId: null })).rejects.toThrow(TypeError);
});
