/** Parked webhook parts: kept once, bounded, out of reach of tenants. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openValue, parkedPlace } from '../../src/persistence/postgres/seal/sealed-value.ts';
import { createParking } from '../../src/persistence/postgres/stores/parking.ts';
import { MASTER_KEY, ScratchDatabase } from './scratch-database.ts';

let database: ScratchDatabase;
let directory: pg.Pool;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  directory = database.pool('wakala_directory');
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await database.admin.query('delete from ops.parked_webhooks');
});

const item = (key: string, tenantId: number | null = null) =>
  ({ source: 'whatsapp', reason: 'unknown phone number', tenantId, key, body: { key } }) as const;

async function parkedKeys(): Promise<string[]> {
  const { rows } = await database.admin.query<{ key: string }>('select key from ops.parked_webhooks order by at');
  return rows.map((row) => row.key);
}

describe('parking', () => {
  it('is durable when it resolves, with the body as it came, readable only with the master key', async () => {
    await createParking(directory, MASTER_KEY).park(item('a'));
    const { rows } = await database.admin.query<{ reason: string; body: Buffer }>('select reason, body from ops.parked_webhooks');
    const open = (row: { body: Buffer }, key: Buffer) => openValue(key, row.body, parkedPlace('whatsapp', 'a'));
    expect(rows.map((row) => [row.reason, open(row, MASTER_KEY)])).toEqual([['unknown phone number', { key: 'a' }]]);
    expect(rows[0]?.body.includes('key')).toBe(false);
    expect(() => open(rows[0]!, Buffer.alloc(32, 9))).toThrow();
  });

  it('keeps one of the same part, but not one of two tenants', async () => {
    const parking = createParking(directory, MASTER_KEY);
    for (const tenantId of [null, null, 1, 1, 2]) await parking.park(item('a', tenantId));
    expect(await parkedKeys()).toEqual(['a', 'a', 'a']);
  });

  it('removes the oldest above the bound', async () => {
    const parking = createParking(directory, MASTER_KEY, { maxRows: 3, trimEvery: 1 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await parking.park(item(key));
    expect(await parkedKeys()).toEqual(['c', 'd', 'e']);
  });

  it('looks at the bound at once after a restart', async () => {
    for (const key of ['a', 'b', 'c']) await createParking(directory, MASTER_KEY, { maxRows: 2, trimEvery: 1_000 }).park(item(key));
    expect(await parkedKeys()).toEqual(['b', 'c']);
  });

  it('takes a missing body', async () => {
    await createParking(directory, MASTER_KEY).park({ ...item('a'), body: undefined });
    expect(await parkedKeys()).toEqual(['a']);
  });

  it.each(['wakala_app', 'wakala_writer', 'wakala_reader', 'wakala_relay'] as const)('cannot be read by %s', async (role) => {
    await expect(database.pool(role, 1).query('select * from ops.parked_webhooks')).rejects.toMatchObject({ code: '42501' });
  });
});
