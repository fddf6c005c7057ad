/** How often a search of the catalogue goes to the database, against a real one. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import { commit, ScratchDatabase } from '../scratch-database.ts';
import { product } from './projected-rows.ts';

const CONVERSATION = 2;

let database: ScratchDatabase;
let pool: pg.Pool;
let models: PostgresReadModels;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  pool = database.pool('wakala_app');
  const keys = database.keys();
  models = new PostgresReadModels(pool, keys, CONVERSATION);
  const many = Array.from({ length: 1_100 }, (_, i) =>
    product(1, `p${i}`, `Thing ${String(i).padStart(4, '0')}`, 'Food', { aliases: ['Ding'] }),
  );
  await commit(database.pool('wakala_writer'), keys, many);
});

afterAll(async () => {
  await database.close();
});

async function trips(q: string, limit: number): Promise<{ readonly trips: number; readonly found: number }> {
  const connect = vi.spyOn(pool, 'connect');
  const { items } = await models.products(1, { q, category: null, limit, cursor: null });
  const count = connect.mock.calls.length;
  connect.mockRestore();
  return { trips: count, found: items.length };
}

it('a catalogue is searched in one trip, whatever it holds and whether anything is found', async () => {
  expect(await trips('nowhere', 50)).toEqual({ trips: 1, found: 0 });
  expect(await trips('dING', 50)).toEqual({ trips: 1, found: 50 });
  expect(await trips('ding', 500)).toEqual({ trips: 1, found: 500 });
  expect(await trips('thing 0007', 50)).toEqual({ trips: 1, found: 1 });
  expect(await trips('0007\nfood', 50)).toEqual({ trips: 1, found: 0 });
});

it('rows that were written before the search was are found as well', async () => {
  await database.admin.query('update app.products set search = null');
  expect(await trips('thing 1099', 50)).toEqual({ trips: 3, found: 1 });
  expect(await trips('nowhere', 50)).toEqual({ trips: 3, found: 0 });
});
