/** Proof in storage: sealed for the customer, kept once, out of reach of other tenants and roles, gone with the person. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { PostgresProofStore } from '../../../src/persistence/postgres/stores/proof-store.ts';
import { inScope, MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

const DENIED = { code: '42501' };
const TWO_MIB = 2 * 1024 * 1024;

let database: ScratchDatabase;
let writer: pg.Pool;
let app: pg.Pool;
let keys: PersonKeys;
let store: PostgresProofStore;
let next = 0;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  writer = database.pool('wakala_writer', 2);
  app = database.pool('wakala_app', 2);
  keys = database.keys();
  store = newStore();
});

afterAll(async () => {
  await database.close();
});

function newStore(): PostgresProofStore {
  return new PostgresProofStore({ writer, app, personal: keys, masterKey: MASTER_KEY, nowMs: () => 1_000 });
}

function place(bytes: Uint8Array, tenantId = 1) {
  const orderId = `ord_${next++}`;
  return { tenantId, orderId, hash: store.hashOf({ tenantId, orderId }, bytes) };
}

describe('proof', () => {
  it('comes back byte by byte, to another thread too, and lies there sealed', async () => {
    const bytes = randomBytes(TWO_MIB);
    bytes.write('the gate is blue', 1_000);
    const at = place(bytes);
    expect(await store.put(at, 'cus_1', bytes)).toBe('stored');
    const other = new PostgresProofStore({ writer, app, personal: database.keys(), masterKey: MASTER_KEY, nowMs: Date.now });
    expect(Buffer.from((await other.read(at)) ?? []).equals(bytes)).toBe(true);
    const { rows } = await database.admin.query('select sealed from app.delivery_proofs where order_id = $1', [at.orderId]);
    expect(rows[0].sealed.includes('the gate is blue')).toBe(false);
  });

  it('that is put again is kept once, as it was first', async () => {
    const bytes = Buffer.from('note');
    const at = place(bytes);
    expect([await store.put(at, 'cus_1', bytes), await store.put(at, 'cus_1', bytes)]).toEqual(['stored', 'stored']);
    const { rows } = await database.admin.query('select stored_at_ms from app.delivery_proofs where order_id = $1', [at.orderId]);
    expect(rows).toEqual([{ stored_at_ms: '1000' }]);
  });

  it('has a hash that names content, order and tenant, and that nobody makes without the master key', () => {
    const note = Buffer.from('left at the gate');
    const hash = (tenantId: number, orderId: string, bytes = note, of = store) => of.hashOf({ tenantId, orderId }, bytes);
    const otherKey = new PostgresProofStore({ writer, app, personal: keys, masterKey: Buffer.alloc(32, 8), nowMs: Date.now });
    const hashes = [hash(1, 'a'), hash(2, 'a'), hash(1, 'b'), hash(1, 'a', Buffer.from('x')), hash(1, 'a', note, otherKey)];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hash(1, 'a', note, newStore())).toBe(hash(1, 'a'));
  });

  it('of a person who was erased cannot be read, and no more of it is taken', async () => {
    const bytes = Buffer.from('x');
    const at = place(bytes);
    await store.put(at, 'cus_gone', bytes);
    await keys.shred(1, 'cus_gone');
    expect(await store.read(at)).toBe(null);
    expect(await store.put(place(bytes), 'cus_gone', bytes)).toBe('erased');
  });

  it('that was moved to another place opens nothing', async () => {
    const bytes = Buffer.from('x');
    const [at, elsewhere] = [place(bytes), place(bytes)];
    await store.put(at, 'cus_1', bytes);
    await database.admin.query('update app.delivery_proofs set order_id = $2, hash = $3 where order_id = $1', [
      at.orderId,
      elsewhere.orderId,
      Buffer.from(elsewhere.hash, 'base64url'),
    ]);
    await expect(store.read(elsewhere)).rejects.toThrow();
    expect(await store.read(at)).toBe(null);
  });
});

describe('as any role', () => {
  it('a tenant sees its own proof and no other, and without a tenant there is none', async () => {
    const bytes = Buffer.from('x');
    const mine = place(bytes, 1);
    const theirs = { ...mine, tenantId: 2 };
    await store.put(mine, 'cus_1', bytes);
    expect(await store.read(theirs)).toBe(null);
    const seen = await inScope(app, 'app.tenant_id', '2', (client) => client.query('select 1 from app.delivery_proofs'));
    expect(seen.rows).toEqual([]);
    expect((await app.query('select 1 from app.delivery_proofs')).rows).toEqual([]);
  });

  it('the writer writes for tenants of its batch only, reads nothing, changes nothing; others get at nothing', async () => {
    const insert = "insert into app.delivery_proofs values (2, 'x', '', 'c', 1, '')";
    await expect(inScope(writer, 'app.tenant_ids', '{1}', (client) => client.query(insert))).rejects.toMatchObject(DENIED);
    const rest = ['select 1 from app.delivery_proofs', "update app.delivery_proofs set sealed = ''", 'delete from app.delivery_proofs'];
    for (const statement of rest)
      await expect(inScope(writer, 'app.tenant_ids', '{1,2}', (client) => client.query(statement))).rejects.toMatchObject(DENIED);
    for (const statement of [insert, ...rest.slice(1)])
      await expect(inScope(app, 'app.tenant_id', '1', (client) => client.query(statement))).rejects.toMatchObject(DENIED);
    for (const role of ['wakala_reader', 'wakala_relay', 'wakala_directory'] as const)
      await expect(database.pool(role, 1).query('select 1 from app.delivery_proofs')).rejects.toMatchObject(DENIED);
  });
});
