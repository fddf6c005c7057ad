/** Parked webhook parts: kept once, bounded, out of reach of tenants. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openValue, parkedPlace } from '../../../src/persistence/postgres/seal/sealed-value.ts';
import { createParking } from '../../../src/persistence/postgres/stores/parking.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

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

  it('is bounded by bytes as well, the newest stays whatever its size', async () => {
    const large = (key: string, kib: number) => ({ ...item(key), body: { key, text: 'x'.repeat(kib * 1024) } });
    const bounds = { maxBytes: 100 * 1024, trimEvery: 1_000, trimEveryBytes: 1 };
    const parking = createParking(directory, MASTER_KEY, bounds);
    for (const key of ['a', 'b', 'c', 'd']) await parking.park(large(key, 40));
    expect(await parkedKeys()).toEqual(['c', 'd']);
    await parking.park(large('huge', 300));
    expect(await parkedKeys()).toEqual(['huge']);
  });

  it('looks at the bounds after so many bytes, not only after so many parts', async () => {
    const large = (key: string) => ({ ...item(key), body: 'x'.repeat(10 * 1024) });
    const parking = createParking(directory, MASTER_KEY, { maxRows: 1, trimEvery: 1_000, trimEveryBytes: 25 * 1024 });
    // The first one looks; then three make more than 25 KiB.
    for (const key of ['a', 'b', 'c']) await parking.park(large(key));
    expect(await parkedKeys()).toEqual(['a', 'b', 'c']);
    await parking.park(large('d'));
    expect(await parkedKeys()).toEqual(['d']);
  });

  it('removes a bounded number of bytes at a time, the oldest first, until the bound is met', async () => {
    const large = (key: string) => ({ ...item(key), body: 'x'.repeat(10 * 1024) });
    const generous = createParking(directory, MASTER_KEY);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await generous.park(large(key));
    const parking = createParking(directory, MASTER_KEY, { maxRows: 1, trimEvery: 1, trimBytes: 15 * 1024 });
    await parking.park(item('g'));
    expect(await parkedKeys()).toEqual(['c', 'd', 'e', 'f', 'g']);
    await parking.park(item('h'));
    await parking.park(item('i'));
    await parking.park(item('j'));
    expect(await parkedKeys()).toEqual(['j']);
  });

  it('takes a missing body', async () => {
    await createParking(directory, MASTER_KEY).park({ ...item('a'), body: undefined });
    expect(await parkedKeys()).toEqual(['a']);
  });

  it.each(['wakala_app', 'wakala_writer', 'wakala_reader', 'wakala_relay'] as const)('cannot be read by %s', async (role) => {
    await expect(database.pool(role, 1).query('select * from ops.parked_webhooks')).rejects.toMatchObject({ code: '42501' });
  });
});
