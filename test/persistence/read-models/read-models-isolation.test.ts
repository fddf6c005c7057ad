/** Row-level security of the tables of this area, attacked as every role that the program uses. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../../src/persistence/postgres/connect.ts';
import { inScope, ScratchDatabase } from '../scratch-database.ts';

/** Table, and a row of a tenant as SQL values; $1 is the tenant. */
const ROWS = {
  tenants:
    "(tenant_id, id, slug, name, phone_number_id, shard, status) values ($1, gen_random_uuid(), 's' || $1::int, 'n', 'p' || $1::int, 0, 'active')",
  identities: "(tenant_id, kind, value_hash, customer_id) values ($1, 1, '\\x01', 'c')",
  left_numbers: "(tenant_id, value_hash, customer_id) values ($1, '\\x01', 'c')",
  taken_numbers: "(tenant_id, value_hash, told_at) values ($1, '\\x01', now())",
  subject_keys: "(tenant_id, subject_id, key_id, wrapped_key) values ($1, 'c', 1, '\\x01')",
  messages:
    "(tenant_id, customer_id, message_id, direction, kind, status, at_ms, seq, pointer) values ($1, 'c', 'm', 'in', 'text', 'sent', 1, 1, 'in')",
  conversations: "(tenant_id, customer_id, state, language, updated_at_ms, seq) values ($1, 'c', 'IDLE', 'en', 1, 1)",
  orders:
    "(tenant_id, order_id, code, customer_id, status, total_minor, currency, source, created_at_ms, updated_at_ms, version, body) values ($1, 'o', 'K', 'c', 'CREATED', 1, 'ZAR', 'api', 1, 1, 1, '')",
  drivers:
    "(tenant_id, driver_id, status, online, vehicle, created_at_ms, updated_at_ms, version, body) values ($1, 'd', 'applied', false, 'car', 1, 1, 1, '')",
  products: "(tenant_id, product_id, name, category, price_minor, available, body) values ($1, 'p', 'n', 'c', 1, true, '')",
} as const;
type Table = keyof typeof ROWS;
const TABLES = Object.keys(ROWS) as Table[];
const WRITTEN_BY_BATCHES = ['messages', 'conversations', 'orders', 'drivers', 'products'] as const satisfies readonly Table[];
const DENIED = { code: '42501' };

let database: ScratchDatabase;
const pools = new Map<Role, pg.Pool>();

beforeAll(async () => {
  database = await ScratchDatabase.open();
  for (const role of ['wakala_app', 'wakala_writer', 'wakala_reader', 'wakala_relay', 'wakala_directory'] as const)
    pools.set(role, database.pool(role, 2));
  for (const table of TABLES) for (const tenantId of [1, 2]) await database.admin.query(insert(table).replaceAll('$1', String(tenantId)));
});

afterAll(async () => {
  await database.close();
});

function insert(table: Table): string {
  return `insert into app.${table} ${ROWS[table]}`;
}

function pool(role: Role): pg.Pool {
  return pools.get(role) as pg.Pool;
}

const asApp = <T>(tenantId: number | null, body: (client: pg.PoolClient) => Promise<T>) =>
  inScope(pool('wakala_app'), 'app.tenant_id', tenantId === null ? '' : String(tenantId), body);
const asWriter = <T>(tenants: readonly number[], body: (client: pg.PoolClient) => Promise<T>) =>
  inScope(pool('wakala_writer'), 'app.tenant_ids', `{${tenants.join(',')}}`, body);

async function tenantsSeen(client: pg.PoolClient | pg.Pool, table: Table): Promise<number[]> {
  const { rows } = await client.query<{ tenant_id: number }>(`select tenant_id from app.${table} order by 1`);
  return rows.map((row) => row.tenant_id);
}

it('is forced on every table that has a tenant, so that a new one cannot be forgotten', async () => {
  const { rows } = await database.admin.query(
    `select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and c.relnamespace in ('app'::regnamespace, 'ops'::regnamespace)
       and not (c.relrowsecurity and c.relforcerowsecurity)`,
  );
  expect(rows).toEqual([]);
});

describe.each(TABLES)('%s, as the role of one tenant', (table) => {
  it('shows nothing without a tenant, and only its own rows with one, whatever the statement asks for', async () => {
    expect(await asApp(null, (client) => tenantsSeen(client, table))).toEqual([]);
    expect(await tenantsSeen(pool('wakala_app'), table)).toEqual([]);
    expect(await asApp(1, (client) => tenantsSeen(client, table))).toEqual([1]);
    const other = await asApp(1, (client) => client.query(`select * from app.${table} where tenant_id = 2 or true`));
    expect(other.rows.map((row: { tenant_id: number }) => row.tenant_id)).toEqual([1]);
  });

  it('forgets the tenant with the transaction', async () => {
    const single = database.pool('wakala_app', 1);
    await inScope(single, 'app.tenant_id', '1', (client) => tenantsSeen(client, table));
    expect(await tenantsSeen(single, table)).toEqual([]);
  });

  it('can write nothing, not even for its own tenant', async () => {
    await expect(asApp(1, (client) => client.query(insert(table), [1]))).rejects.toMatchObject(DENIED);
    await expect(asApp(1, (client) => client.query(`update app.${table} set tenant_id = 1`))).rejects.toMatchObject(DENIED);
    await expect(asApp(1, (client) => client.query(`delete from app.${table}`))).rejects.toMatchObject(DENIED);
  });

  it('cannot turn the policies off', async () => {
    await expect(
      asApp(1, async (client) => client.query('set local row_security = off').then(() => tenantsSeen(client, table))),
    ).rejects.toMatchObject(DENIED);
    await expect(asApp(1, (client) => client.query(`alter table app.${table} disable row level security`))).rejects.toMatchObject(DENIED);
  });
});

describe.each(WRITTEN_BY_BATCHES)('%s, as the writer of a batch', (table) => {
  it('shows and takes rows of the declared tenants only', async () => {
    expect(await asWriter([], (client) => tenantsSeen(client, table))).toEqual([]);
    expect(await asWriter([2], (client) => tenantsSeen(client, table))).toEqual([2]);
    await expect(asWriter([1], (client) => client.query(insert(table), [3]))).rejects.toMatchObject(DENIED);
    await asWriter([1, 3], (client) => client.query(insert(table), [3]));
  });

  it('cannot touch a row of another tenant, nor move one there, nor learn by collision that it exists', async () => {
    const touched = await asWriter([1], async (client) => {
      const updated = await client.query(`update app.${table} set tenant_id = tenant_id where tenant_id = 2`);
      const deleted = await client.query(`delete from app.${table} where tenant_id = 2`);
      return [updated.rowCount, deleted.rowCount];
    });
    expect(touched).toEqual([0, 0]);
    await expect(
      asWriter([1], (client) => client.query(`update app.${table} set tenant_id = 2 where tenant_id = 1`)),
    ).rejects.toMatchObject(DENIED);
    await expect(asWriter([1], (client) => client.query(insert(table), [2]))).rejects.toMatchObject(DENIED);
  });
});

describe('tenants, as the writer of a batch', () => {
  it('can be changed within the batch only, and never made or removed', async () => {
    const { rowCount } = await asWriter([1], (client) => client.query("update app.tenants set name = 'x'"));
    expect(rowCount).toBe(1);
    await expect(asWriter([9], (client) => client.query(insert('tenants'), [9]))).rejects.toMatchObject(DENIED);
    await expect(asWriter([1], (client) => client.query('delete from app.tenants'))).rejects.toMatchObject(DENIED);
  });
});

describe('routing', () => {
  it('sees every tenant, identity and key', async () => {
    for (const table of ['tenants', 'identities', 'subject_keys'] as const)
      expect(await tenantsSeen(pool('wakala_directory'), table)).toEqual([1, 2]);
  });

  it.each([...WRITTEN_BY_BATCHES, 'journal', 'processed_commands', 'timers'])('cannot read %s', async (table) => {
    await expect(pool('wakala_directory').query(`select * from app.${table}`)).rejects.toMatchObject(DENIED);
  });

  it('reads no content of snapshots, and removes no tenant, identity or key', async () => {
    await expect(pool('wakala_directory').query('select body from app.snapshots')).rejects.toMatchObject(DENIED);
    await expect(pool('wakala_directory').query("update app.tenants set status = 'active'")).rejects.toMatchObject(DENIED);
    for (const table of ['tenants', 'identities', 'subject_keys']) {
      await expect(pool('wakala_directory').query(`delete from app.${table}`)).rejects.toMatchObject(DENIED);
    }
  });
});

describe.each(['wakala_reader', 'wakala_relay'] as const)('%s', (role) => {
  it.each(TABLES)('has no right on %s', async (table) => {
    for (const sql of [`select * from app.${table}`, `delete from app.${table}`])
      await expect(pool(role).query(sql)).rejects.toMatchObject(DENIED);
  });
});

describe.each(['wakala_writer', 'wakala_app', 'wakala_reader', 'wakala_relay'] as const)('%s', (role) => {
  it.each([
    ["app.claim_tenant(gen_random_uuid(), 'a', 'a', 'a')"],
    ["app.ensure_subject_keys('{1}', '{c}', '{}')"],
    ["app.shred_subject(1, 'c')"],
    ["app.resolve_customers('{1}', '{}', '{}', '{}', '{}')"],
    ["app.move_customer(1, '', '', '', '', '', 'c', '', now())"],
    ["app.way_on(1, 'c', '')"],
    ["app.join_way(1, 'c', 'd', '')"],
  ])('cannot call %s', async (call) => {
    await expect(pool(role).query(`select * from ${call}`)).rejects.toMatchObject(DENIED);
  });
});

describe('the schema', () => {
  const names = TABLES.map((table) => `'app.${table}'::regclass`).join(', ');

  it('forces row-level security on every table here, and gives nobody in general a policy', async () => {
    const { rows } = await database.admin.query(
      `select c.relname from pg_class c where c.oid in (${names}, 'ops.parked_webhooks'::regclass) and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
    const open = await database.admin.query(
      "select tablename from pg_policies where schemaname in ('app', 'ops') and 'public' = any (roles)",
    );
    expect(open.rows).toEqual([]);
  });

  it('has the tenant, an int, in every unique index, no identity column and no trigger', async () => {
    const { rows } = await database.admin.query(
      `select i.indexrelid::regclass::text as problem from pg_index i
         where i.indrelid in (${names}) and i.indrelid <> 'app.tenants'::regclass and i.indisunique
           and (select attname from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[0]) <> 'tenant_id'
       union all select attrelid::regclass::text from pg_attribute where attrelid in (${names}) and (attidentity <> '' or (attname = 'tenant_id' and atttypid <> 'int'::regtype))
       union all select tgrelid::regclass::text from pg_trigger where tgrelid in (${names}) and not tgisinternal`,
    );
    expect(rows).toEqual([]);
  });

  it('lets no runtime role log in, bypass the policies or own anything', async () => {
    const { rows } = await database.admin.query(
      `select r.rolname, (r.rolcanlogin or r.rolsuper or r.rolbypassrls) as strong,
         exists (select 1 from pg_class c where c.relowner = r.oid) or exists (select 1 from pg_proc p where p.proowner = r.oid) as owns
       from pg_roles r where r.rolname in ('wakala_writer', 'wakala_reader', 'wakala_app', 'wakala_relay', 'wakala_directory') order by 1`,
    );
    expect(rows).toHaveLength(5);
    for (const role of rows) expect(role).toMatchObject({ strong: false, owns: false });
  });
});
