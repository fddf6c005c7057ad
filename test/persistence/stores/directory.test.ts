/** Tenants and customers against a real database: claims, caches, and who a sender is when threads race. */
import { randomUUID } from 'node:crypto';
import { pack } from 'msgpackr/pack';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlindIndex } from '../../../src/persistence/postgres/seal/blind-index.ts';
import { PostgresCustomerDirectory } from '../../../src/persistence/postgres/stores/customer-directory.ts';
import { PostgresTenantDirectory } from '../../../src/persistence/postgres/stores/tenant-directory.ts';
import { InvalidCursor } from '../../../src/ports.ts';
import { MASTER_KEY, ScratchDatabase, untilBlocked } from '../scratch-database.ts';
import { slowed } from './slow-pool.ts';

let database: ScratchDatabase;
let directoryPool: pg.Pool;
let appPool: pg.Pool;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  directoryPool = database.pool('wakala_directory', 8);
  appPool = database.pool('wakala_app');
});

afterAll(async () => {
  await database.close();
});

function tenants(): PostgresTenantDirectory {
  return new PostgresTenantDirectory({ directoryPool, appPool, cacheMax: 100 });
}

function claimOf(slug: string, phoneNumberId: string) {
  return { uuid: randomUUID(), slug, name: slug, phoneNumberId };
}

/** Counts the queries that reach the pool. */
function counted(pool: pg.Pool): { readonly pool: pg.Pool; count(): number } {
  let count = 0;
  const query = (...args: unknown[]): unknown => {
    count++;
    return Reflect.apply(pool.query, pool, args);
  };
  return { pool: new Proxy(pool, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) }), count: () => count };
}

describe('claiming a tenant', () => {
  it('gives dense numbers to claims that race, and the data shard of the database', async () => {
    const claims = Array.from({ length: 10 }, (_, i) => claimOf(`dense-${i}`, `9${i}`));
    const answers = await Promise.all(claims.map((claim) => tenants().claim(claim)));
    const numbers = answers.flatMap((answer) => (answer.ok ? [answer.address.tenantId] : [])).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { rows } = await database.admin.query(
      'select count(*)::int as wrong from app.tenants where shard <> ((hashint4(tenant_id)::bigint + 2147483648) >> 27)',
    );
    expect(rows).toEqual([{ wrong: 0 }]);
  });

  it('answers the same tenant to a repeated claim while it is provisioning', async () => {
    const first = await tenants().claim(claimOf('again', '81'));
    const second = await tenants().claim(claimOf('again', '81'));
    expect(second).toEqual(first);
    expect(first).toMatchObject({ ok: true, address: { status: 'provisioning', slug: 'again' } });
  });

  it('refuses a slug or phone number that is taken', async () => {
    await tenants().claim(claimOf('taken', '82'));
    await database.admin.query("update app.tenants set status = 'active' where slug = 'taken'");
    expect(await tenants().claim(claimOf('taken', '82'))).toEqual({ ok: false, code: 'tenant.slug_taken' });
    expect(await tenants().claim(claimOf('other', '82'))).toEqual({ ok: false, code: 'tenant.phone_number_taken' });
  });

  it('lets one of two racing claims of a slug win', async () => {
    const answers = await Promise.all([tenants().claim(claimOf('race', '83')), tenants().claim(claimOf('race', '84'))]);
    expect(answers.map((answer) => answer.ok).sort()).toEqual([false, true]);
  });
});

describe('finding a tenant', () => {
  it('asks once for many callers, and once a second for an unknown key', async () => {
    const { address } = (await tenants().claim(claimOf('found', '85'))) as { address: { uuid: string } };
    const spy = counted(directoryPool);
    const found = new PostgresTenantDirectory({ directoryPool: spy.pool, appPool, cacheMax: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => found.byPhoneNumberId('85')));
    expect(new Set(answers.map((answer) => answer?.slug))).toEqual(new Set(['found']));
    expect(spy.count()).toBe(1);
    for (let i = 0; i < 5; i++) expect(await found.byPhoneNumberId('nobody')).toBeNull();
    expect(spy.count()).toBe(2);
    expect(await found.byUuid(address.uuid.toUpperCase())).toMatchObject({ slug: 'found' });
  });

  it('knows a tenant that another thread made as soon as it is told of it, whoever asked for it before', async () => {
    const found = tenants();
    expect(await found.byPhoneNumberId('885')).toBeNull();
    const claimed = await tenants().claim(claimOf('newcomer', '885'));
    expect(await found.byPhoneNumberId('885')).toBeNull();
    found.invalidate(claimed.ok ? claimed.address.tenantId : 0);
    expect(await found.byPhoneNumberId('885')).toMatchObject({ slug: 'newcomer' });
  });

  it('answers null for what cannot be an id, without asking', async () => {
    const spy = counted(directoryPool);
    const found = new PostgresTenantDirectory({ directoryPool: spy.pool, appPool, cacheMax: 10 });
    expect(await found.byUuid("' or 1=1")).toBeNull();
    expect(await found.byPhoneNumberId('8\0')).toBeNull();
    expect(spy.count()).toBe(0);
  });

  it('shows a change after invalidate, also when an older look-up answers after it', async () => {
    const claimed = await tenants().claim(claimOf('changing', '86'));
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    const slow = slowed(directoryPool);
    const found = new PostgresTenantDirectory({ directoryPool: slow.pool, appPool, cacheMax: 10 });
    const old = found.byPhoneNumberId('86');
    await slow.read;
    await database.admin.query("update app.tenants set status = 'active' where slug = 'changing'");
    found.invalidate(tenantId);
    slow.open();
    expect(await old).toMatchObject({ status: 'provisioning' });
    expect(await found.byPhoneNumberId('86')).toMatchObject({ status: 'active' });
    await database.admin.query("update app.tenants set status = 'suspended' where slug = 'changing'");
    expect(await found.byPhoneNumberId('86')).toMatchObject({ status: 'active' });
    found.invalidate(tenantId);
    expect(await found.byPhoneNumberId('86')).toMatchObject({ status: 'suspended' });
  });

  it('lists all in pages, and refuses cursors that it did not make', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page: Awaited<ReturnType<PostgresTenantDirectory['list']>> = await tenants().list({ limit: 4, cursor });
      seen.push(...page.items.map((item) => item.slug));
      cursor = page.nextCursor;
    }
    const { rows } = await database.admin.query<{ slug: string }>('select slug from app.tenants order by tenant_id');
    expect(seen).toEqual(rows.map((row) => row.slug));
    for (const bad of ['x', Buffer.from('["tenants","1 or 1=1"]').toString('base64url')]) {
      await expect(tenants().list({ limit: 4, cursor: bad })).rejects.toThrow(InvalidCursor);
    }
  });
});

describe('view of a tenant', () => {
  it('is null without settings, then whole; peek sees it once it is loaded; it never goes back', async () => {
    const found = tenants();
    const claimed = await found.claim(claimOf('viewed', '87'));
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    expect(await found.view(tenantId)).toBeNull();
    await database.admin.query('update app.tenants set settings = $2, version = 3 where tenant_id = $1', [
      tenantId,
      pack({ slug: 'viewed' }),
    ]);
    await database.admin.query(
      "insert into app.products (tenant_id, product_id, name, category, price_minor, available, body) values ($1, 'p', 'Pap', 'Food', 1, true, $2)",
      [tenantId, pack({ id: 'p' })],
    );
    expect(found.peekView(tenantId)).toBeNull();
    const view = await found.view(tenantId);
    expect(view).toMatchObject({ tenantId, version: 3, settings: { slug: 'viewed' }, products: [{ id: 'p' }] });
    expect(found.peekView(tenantId)).toBe(view);
    await database.admin.query('update app.tenants set version = 2 where tenant_id = $1', [tenantId]);
    found.invalidate(tenantId);
    await found.view(tenantId);
    expect(found.peekView(tenantId)).toBe(view);
  });

  it('of which only stock changed is read again, and nobody waits for that', async () => {
    const found = tenants();
    const claimed = await found.claim(claimOf('selling', '89'));
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    await database.admin.query('update app.tenants set settings = $2, version = 1 where tenant_id = $1', [tenantId, pack({})]);
    await database.admin.query(
      "insert into app.products (tenant_id, product_id, name, category, price_minor, available, body) values ($1, 'p', 'Pap', 'Food', 1, true, $2)",
      [tenantId, pack({ id: 'p', stock: 2 })],
    );
    const view = await found.view(tenantId);
    await database.admin.query('update app.products set body = $2 where tenant_id = $1', [tenantId, pack({ id: 'p', stock: 1 })]);
    found.invalidate(tenantId, 'stock');
    expect(await found.view(tenantId)).toBe(view);
    await expect.poll(() => found.peekView(tenantId)?.products).toEqual([{ id: 'p', stock: 1 }]);
  });

  it('addresses stay known when only stock changed', async () => {
    let asked = 0;
    const counting = new Proxy(directoryPool, {
      get: (target, key) => {
        if (key === 'query') asked++;
        return Reflect.get(target, key) as unknown;
      },
    });
    const found = new PostgresTenantDirectory({ directoryPool: counting, appPool, cacheMax: 10 });
    const claimed = await found.claim(claimOf('known', '80'));
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    await found.byPhoneNumberId('80');
    const before = asked;
    found.invalidate(tenantId, 'stock');
    await found.byPhoneNumberId('80');
    expect(asked).toBe(before);
    found.invalidate(tenantId);
    await found.byPhoneNumberId('80');
    expect(asked).toBe(before + 1);
  });

  it('keeps the old one readable while the database is away', async () => {
    const own = database.pool('wakala_app', 1);
    const found = new PostgresTenantDirectory({ directoryPool, appPool: own, cacheMax: 10 });
    const claimed = await found.claim(claimOf('away', '88'));
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    await database.admin.query('update app.tenants set settings = $2, version = 1 where tenant_id = $1', [tenantId, pack({})]);
    const view = await found.view(tenantId);
    await own.query('select 1');
    own.connect = (() => Promise.reject(new Error('away'))) as typeof own.connect;
    found.invalidate(tenantId);
    expect(await found.view(tenantId)).toBe(view);
    await expect(found.view(tenantId + 1_000)).rejects.toThrow('away');
  });
});

describe('customers', () => {
  const customers = (pool = directoryPool): PostgresCustomerDirectory =>
    new PostgresCustomerDirectory(pool, new BlindIndex(MASTER_KEY), database.keys());

  it('have an id of their own, a key from the first statement on, and no clear text anywhere', async () => {
    const id = await customers().resolve(1, { waId: '27600000001', userId: 'ZA.1' });
    expect(id).toMatch(/^cus_[0-9a-hjkmnp-tv-z]{20}$/);
    const keys = await database.admin.query('select subject_id from app.subject_keys where tenant_id = 1 and wrapped_key is not null');
    expect(keys.rows).toEqual([{ subject_id: id }]);
    const stored = await database.admin.query<{ value_hash: Buffer }>('select value_hash from app.identities where tenant_id = 1');
    expect(stored.rows.map((row) => row.value_hash.length)).toEqual([32, 32]);
    expect(await customers().resolve(1, { waId: '27600000001', userId: 'ZA.1' })).toBe(id);
  });

  it('are found by either key, by nobody else and in no other tenant', async () => {
    const id = await customers().resolve(2, { waId: '1', userId: 'ZA.1' });
    expect(await customers().find(2, { waId: '1' })).toBe(id);
    expect(await customers().find(2, { userId: 'ZA.1' })).toBe(id);
    expect(await customers().find(2, { userId: '1' })).toBeNull();
    expect(await customers().find(3, { waId: '1' })).toBeNull();
    expect(await customers().resolve(3, { waId: '1', userId: null })).not.toBe(id);
  });

  it.each([
    ['phone first', { waId: '1', userId: null }],
    ['user id first', { waId: null, userId: 'ZA.1' }],
  ])('keep their id when the other key appears: %s', async (title, first) => {
    const tenantId = title === 'phone first' ? 10 : 11;
    const id = await customers().resolve(tenantId, first);
    expect(await customers().resolve(tenantId, { waId: '1', userId: 'ZA.1' })).toBe(id);
    expect(await customers().resolve(tenantId, { waId: '1', userId: null })).toBe(id);
    expect(await customers().resolve(tenantId, { waId: null, userId: 'ZA.1' })).toBe(id);
  });

  it('are who the user id says when the keys disagree, and the phone follows', async () => {
    const byPhone = await customers().resolve(12, { waId: '1', userId: null });
    const byUser = await customers().resolve(12, { waId: '2', userId: 'ZA.2' });
    expect(byPhone).not.toBe(byUser);
    expect(await customers().resolve(12, { waId: '1', userId: 'ZA.2' })).toBe(byUser);
    expect(await customers().find(12, { waId: '1' })).toBe(byUser);
    expect(await customers().find(12, { waId: '2' })).toBe(byUser);
  });

  it('asked for in one turn cost one query, and one more when some are new; the same one again costs none', async () => {
    const spy = counted(directoryPool);
    const one = customers(spy.pool);
    const all = await Promise.all(Array.from({ length: 150 }, (_, i) => one.resolve(13, { waId: `${i % 75}`, userId: null })));
    expect(new Set(all).size).toBe(75);
    expect(spy.count()).toBe(2);
    await one.resolve(13, { waId: '0', userId: null });
    expect(spy.count()).toBe(2);
    const elsewhere = customers(spy.pool);
    const again = await Promise.all(Array.from({ length: 150 }, (_, i) => elsewhere.resolve(13, { waId: `${i % 75}`, userId: null })));
    expect(again).toEqual(all);
    expect(spy.count()).toBe(3);
  });

  it('are one when the same keys come in different combinations in one group', async () => {
    const one = customers();
    const ids = await Promise.all([
      one.resolve(14, { waId: '1', userId: null }),
      one.resolve(14, { waId: '1', userId: 'ZA.1' }),
      one.resolve(14, { waId: '2', userId: 'ZA.1' }),
      one.resolve(14, { waId: '2', userId: null }),
      one.resolve(14, { waId: null, userId: 'ZA.1' }),
    ]);
    expect(new Set(ids).size).toBe(1);
    const keys = await database.admin.query('select subject_id from app.subject_keys where tenant_id = 14');
    expect(keys.rows).toEqual([{ subject_id: ids[0] }]);
  });

  it('are one each when threads race for the same senders, whatever the order and the keys', async () => {
    const senders = Array.from({ length: 200 }, (_, i) => i);
    const shapes = [
      (i: number) => ({ waId: `${i}`, userId: `ZA.${i}` }),
      (i: number) => ({ waId: `${i}`, userId: null }),
      (i: number) => ({ waId: null, userId: `ZA.${i}` }),
      (i: number) => ({ waId: `${i}`, userId: `ZA.${i}` }),
    ];
    for (let round = 0; round < 5; round++) {
      const tenantId = 20 + round;
      const threads = Array.from({ length: 4 }, () => customers());
      // The phone and the user id belong together only once somebody has said both: so the full contact is among the racers.
      await Promise.all(
        threads.flatMap((thread, t) => {
          const order = t % 2 === 0 ? senders : [...senders].reverse();
          return order.map((i) =>
            thread.resolve(tenantId, (shapes[(t * (round + 1)) % 4] as (i: number) => { waId: string | null; userId: string | null })(i)),
          );
        }),
      );
      const settled = customers();
      for (const i of senders.filter((sender) => sender % 20 === 0)) {
        const both = await settled.resolve(tenantId, { waId: `${i}`, userId: `ZA.${i}` });
        expect(await settled.find(tenantId, { waId: `${i}` })).toBe(both);
        expect(await settled.find(tenantId, { userId: `ZA.${i}` })).toBe(both);
      }
    }
  });

  it('get the same answer in every thread that races with the full contact', async () => {
    const senders = Array.from({ length: 300 }, (_, i) => i);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, t) => {
        const thread = customers();
        const order = t % 2 === 0 ? senders : [...senders].reverse();
        return Promise.all(order.map(async (i) => [i, await thread.resolve(30, { waId: `${i}`, userId: `ZA.${i}` })] as const));
      }),
    );
    const ids = answers.map((answer) => new Map(answer));
    for (const i of senders) expect(new Set(ids.map((map) => map.get(i))).size, `sender ${i}`).toBe(1);
    const { rows } = await database.admin.query(
      'select count(distinct customer_id)::int as people from app.identities where tenant_id = 30',
    );
    expect(rows).toEqual([{ people: 300 }]);
  });

  it.each([
    ['phones', 1, (value: string) => ({ waId: value, userId: null })],
    ['user ids', 2, (value: string) => ({ waId: null, userId: value })],
  ] as const)('are locked in one order by their %s, so that groups that meet cannot wait in a circle', async (_, kind, contact) => {
    const index = new BlindIndex(MASTER_KEY);
    const sorted = Array.from({ length: 9 }, (__, i) => `${i}`).sort((a, b) =>
      Buffer.compare(index.hash(17, kind, a), index.hash(17, kind, b)),
    );
    await database.admin.query('begin');
    await database.admin.query('insert into app.identities values (17, $1, $2, $3)', [
      kind,
      index.hash(17, kind, sorted[4] as string),
      'held',
    ]);
    const one = customers();
    const asked = Promise.all([...sorted].reverse().map((value) => one.resolve(17, contact(value))));
    await untilBlocked(database.admin, 'wakala_directory');
    // It waits in the middle: the last must still be free.
    const other = database.pool('wakala_directory', 1);
    await other.query("begin; set local lock_timeout = '2s'");
    await other.query('insert into app.identities values (17, $1, $2, $3)', [kind, index.hash(17, kind, sorted[8] as string), 'free']);
    await other.query('rollback');
    await database.admin.query('rollback');
    expect(new Set(await asked).size).toBe(9);
  });

  it('without any key are refused alone, and nobody else with them', async () => {
    const one = customers();
    const [bad, good] = await Promise.allSettled([
      one.resolve(15, { waId: null, userId: null }),
      one.resolve(15, { waId: '1', userId: null }),
    ]);
    expect([bad?.status, good?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('can be asked for again after the database was away', async () => {
    let away = true;
    const flaky = new Proxy(directoryPool, {
      get: (target, key) =>
        key === 'query'
          ? (...args: unknown[]) => (away ? Promise.reject(new Error('away')) : Reflect.apply(target.query, target, args))
          : Reflect.get(target, key),
    });
    const one = customers(flaky);
    await expect(one.resolve(16, { waId: '1', userId: null })).rejects.toThrow('away');
    away = false;
    expect(await one.resolve(16, { waId: '1', userId: null })).toMatch(/^cus_/);
  });
});
