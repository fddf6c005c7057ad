/** Paging through the lists of the read models against a real database: what a walk shows whatever happens meanwhile, and which cursors are refused. */
import { once } from 'node:events';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { InvalidCursor, type Listed } from '../../../src/ports.ts';
import { commit, message, ScratchDatabase, type Write } from '../scratch-database.ts';
import { allPages } from './all-pages.ts';
import { conversation, driver, order, product } from './projected-rows.ts';

let database: ScratchDatabase;
let writer: pg.Pool;
let keys: PersonKeys;
let reader: pg.Pool;
let models: PostgresReadModels;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  writer = database.pool('wakala_writer');
  keys = database.keys();
  reader = database.pool('wakala_app');
  models = new PostgresReadModels(reader, keys, 2);
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await database.admin.query('truncate app.messages, app.conversations, app.orders, app.drivers, app.products, app.subject_keys');
});

const save = (...writes: Write[]): Promise<void> => commit(writer, keys, writes);

const orders = { status: null, fromMs: null, toMs: null, customerId: null };
const messages = { customerId: null, direction: null, fromMs: null, toMs: null };
const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `x${String(i).padStart(2, '0')}`);

describe('a walk', () => {
  it('shows every item of a list once, in one order, with equal sort keys and rows that arrive meanwhile', async () => {
    const ids = numbered(23);
    await save(
      ...ids.map((id, i) => order(1, id, { createdAtMs: 1_000 + (i % 3) })),
      ...ids.map((id, i) => product(1, id, `Same ${i % 3}`)),
      ...ids.map((id, i) => conversation(1, id, 1_000 + (i % 3))),
      ...ids.map((id, i) => message(1, { messageId: id, atMs: 1_000 + (i % 3), pointer: `out:${i % 2}` }, { seq: i >> 1 })),
    );
    let extra = 0;
    const arrive = (): Promise<void> => save(order(1, `new${extra}`, { createdAtMs: 9_000 + extra++ }));
    const listed = await allPages(async (cursor) => {
      const page = await models.orders(1, { ...orders, limit: 5, cursor });
      await arrive();
      return page;
    });
    expect(new Set(listed.map((item) => item.id)).size).toBe(listed.length);
    expect(listed.map((item) => item.id).sort()).toEqual(ids);
    const products = await allPages((cursor) => models.products(1, { q: null, category: null, limit: 4, cursor }));
    expect(products.map((item) => item.id).sort()).toEqual(ids);
    const conversations = await allPages((cursor) => models.conversations(1, { state: null, limit: 7, cursor }));
    expect(conversations.map((item) => item.openOrderId).sort()).toEqual(ids.map((id) => `ord ${id}`));
    const said = await allPages((cursor) => models.messages(1, { ...messages, limit: 23, cursor }));
    expect(said.map((item) => item.id)).toEqual(
      [...ids].sort((a, b) => (Number(a.slice(1)) % 3) - (Number(b.slice(1)) % 3) || (a < b ? -1 : 1)),
    );
  });

  it('keeps the order of replies of one turn, which have one time', async () => {
    const ids = ['z', 'y', 'x'];
    await save(...ids.map((messageId, i) => message(1, { messageId, pointer: `out:${i}` })));
    const walked = await allPages((cursor) => models.messages(1, { ...messages, limit: 1, cursor }));
    expect(walked.map((item) => item.id)).toEqual(ids);
  });
});

describe('a walk through messages', () => {
  const ids = numbered(6);
  const said = (id: string, atMs: number) => message(1, { messageId: id, atMs });

  it('ends with what was there when it began, however much is written meanwhile', async () => {
    await save(...ids.map((id, i) => said(id, 1_000 + i)));
    let n = 0;
    const walked = await allPages(async (cursor) => {
      const page = await models.messages(1, { ...messages, limit: 2, cursor });
      expect(n).toBeLessThan(100);
      await save(...[1, 2, 3].map(() => said(`new${n}`, 2_000 + n++)));
      return page;
    });
    expect(walked.map((item) => item.id)).toEqual(ids);
  });

  it('is taken up again from the time of its last message, and another page under its cursor shows nothing that came later', async () => {
    await save(...ids.map((id, i) => said(id, 1_000 + i)));
    const { nextCursor } = await models.messages(1, { ...messages, limit: 5, cursor: null });
    await save(said('new', 2_000), message(2, { messageId: 'other', atMs: 2_000 }));
    expect((await models.messages(1, { ...messages, limit: 5, cursor: nextCursor })).items.map((item) => item.id)).toEqual(['x05']);
    const later = await models.messages(1, { ...messages, fromMs: 1_005, limit: 5, cursor: null });
    expect(later.items.map((item) => item.id)).toEqual(['x05', 'new']);
    const earlier = await models.messages(1, { ...messages, fromMs: 1_001, toMs: 1_003, limit: 5, cursor: null });
    expect(earlier.items.map((item) => item.id)).toEqual(['x01', 'x02']);
  });
});

describe('a walk through messages that are just being written', () => {
  const fresh = (id: string, atMs: number) => message(1, { messageId: id, atMs });
  const walked = (limit: number, between: (page: number) => Promise<void>) => {
    let page = 0;
    return allPages(async (cursor) => {
      const read = once(reader, 'release');
      const listed = models.messages(1, { ...messages, limit, cursor });
      await read;
      await between(++page);
      return listed;
    });
  };

  it('misses none that was decided before the end of a page and is stored after the page was read', async () => {
    const nowMs = Date.now();
    await save(...numbered(6).map((id, i) => fresh(id, nowMs + 10 * i - 60)));
    const late = async (page: number): Promise<void> => {
      if (page === 1) await save(fresh('late', nowMs - 55));
    };
    expect((await walked(2, late)).map((item) => item.id)).toEqual(['x00', 'late', 'x01', 'x02', 'x03', 'x04', 'x05']);
  });

  it('reads a page again for none that is a second old, for none of its last page, and for no clock that was set back', async () => {
    let reads = 0;
    const count = () => void reads++;
    reader.on('release', count);
    const nowMs = Date.now();
    const ids = numbered(6);
    for (const atMs of [nowMs - 2_000, nowMs + 3_600_000]) {
      await database.admin.query('truncate app.messages');
      await save(...ids.map((id, i) => fresh(id, atMs + i)));
      reads = 0;
      expect((await allPages((cursor) => models.messages(1, { ...messages, limit: 2, cursor }))).map((item) => item.id)).toEqual(ids);
      expect(reads).toBe(3);
    }
    await database.admin.query('truncate app.messages');
    await save(...ids.map((id, i) => fresh(id, Date.now() - 6 + i)));
    reads = 0;
    await models.messages(1, { ...messages, limit: 6, cursor: null });
    expect(reads).toBe(1);
    reader.off('release', count);
  });
});

describe('a walk through conversations', () => {
  const T0 = 1_700_000_000_000;
  const ids = numbered(12);

  /** What was shown, while `between` is done after each page. */
  async function walk(limit: number, between: (page: number, shown: readonly string[]) => Promise<void>, state: string | null = null) {
    const shown: string[] = [];
    let page = 0;
    await allPages(async (cursor) => {
      const listed = await models.conversations(1, { state, limit, cursor });
      shown.push(...listed.items.map((item) => (item.openOrderId ?? '').replace('ord ', '')));
      expect(++page).toBeLessThan(100);
      await between(page, shown);
      return listed;
    });
    return shown;
  }

  it('misses none that was there when it began, however often those that it has not come to change meanwhile', async () => {
    for (const limit of [1, 2, 5]) {
      await database.admin.query('truncate app.conversations');
      await save(...ids.map((id, i) => conversation(1, id, T0 + i * 1_000)));
      let atMs = T0 + 100_000;
      let seq = 2;
      const shown = await walk(limit, async (page, seen) => {
        const unseen = ids.filter((id) => !seen.includes(id));
        // The last of the list, and one that has been shown already.
        const next = page < 9 ? [unseen[0], unseen[1], seen[0]].filter((id) => id !== undefined) : [];
        if (next.length > 0) await save(...[...new Set(next)].map((id) => conversation(1, id, atMs++, 'IDLE', seq++)));
      });
      expect(new Set(shown)).toEqual(new Set(ids));
      expect(shown.slice(0, limit)).toEqual([...ids].reverse().slice(0, limit));
    }
  });

  it('misses none whose change was decided before it began and stored after', async () => {
    await save(...ids.map((id, i) => conversation(1, id, T0 + i * 1_000)));
    const late = async (page: number): Promise<void> => {
      if (page === 2) await save(conversation(1, 'x00', T0 + 10_500, 'IDLE', 2));
    };
    expect(new Set(await walk(3, late))).toEqual(new Set(ids));
  });

  it('shows each once, and ends, where nothing changes or what is new was not there when it began', async () => {
    await save(...ids.map((id, i) => conversation(1, id, T0 + i)));
    expect(await walk(5, async () => undefined)).toEqual([...ids].reverse());
    expect(await walk(12, async () => undefined)).toEqual([...ids].reverse());
    // A rush: thousands that have all just changed.
    await database.admin.query(
      `insert into app.conversations (tenant_id, customer_id, state, language, updated_at_ms, seq) select 1, 'r' || n, 'IDLE', 'en', $1::bigint + n, 1 from generate_series(1, 5000) as n`,
      [T0 + 20],
    );
    expect(await walk(500, async () => undefined)).toHaveLength(ids.length + 5_000);
    await database.admin.query(`delete from app.conversations where customer_id like 'r%'`);
    expect(await walk(4, async (page) => (page === 1 ? save(conversation(1, 'new', T0 + 99)) : undefined))).toEqual([
      ...[...ids].reverse(),
      'new',
    ]);
  });

  it('ends while more changes between two pages than a page has, and shows none more than twice', async () => {
    await save(...ids.map((id, i) => conversation(1, id, T0 + i * 1_000)));
    let n = 0;
    const change = async (): Promise<void> => {
      for (const id of [n, n + 5, n + 7].map((i) => ids[i % ids.length] ?? ''))
        await save(conversation(1, id, T0 + 100_000 + n, 'IDLE', 2 + n++));
    };
    const shown = await walk(2, change);
    expect(new Set(shown)).toEqual(new Set(ids));
    for (const id of ids) expect(shown.filter((other) => other === id).length).toBeLessThanOrEqual(2);
  });

  it('misses none of a state that changes within it', async () => {
    await save(...ids.map((id, i) => conversation(1, id, T0 + i * 1_000, i % 2 === 0 ? 'SUPPORT' : 'IDLE')));
    const shown = await walk(
      2,
      async (page) => (page === 1 ? save(conversation(1, 'x00', T0 + 50_000, 'SUPPORT', 2)) : undefined),
      'SUPPORT',
    );
    expect(shown).toEqual(['x10', 'x08', 'x06', 'x04', 'x02', 'x00']);
  });
});

describe('a cursor', () => {
  it('goes on with what it was given for, with pages of any size, and is refused under every other filter', async () => {
    const n = [1, 2, 3, 4];
    await save(
      ...n.map((i) => order(1, `ord_${i}`, { createdAtMs: i })),
      ...n.map((i) => driver(1, `drv_${i}`, { createdAtMs: i })),
      ...n.map((i) => product(1, `p${i}`, `Name ${i}`)),
      ...n.map((i) => conversation(1, `cus_${i}`, i)),
      ...n.map((i) => message(1, { messageId: `m${i}`, atMs: i })),
    );
    const refusedUnder = async <Q extends object>(
      list: (tenantId: number, query: Q & { limit: number; cursor: string | null }) => Promise<Listed<unknown>>,
      query: Q,
      others: readonly Partial<Q>[],
    ): Promise<void> => {
      const { nextCursor: cursor } = await list(1, { ...query, limit: 1, cursor: null });
      expect((await list(1, { ...query, limit: 2, cursor })).items).toHaveLength(2);
      for (const other of others) await expect(list(1, { ...query, ...other, limit: 1, cursor })).rejects.toThrow(InvalidCursor);
      await expect(list(2, { ...query, limit: 1, cursor })).rejects.toThrow(InvalidCursor);
    };
    await refusedUnder((...asked) => models.orders(...asked), orders as Parameters<typeof models.orders>[1], [
      { status: 'CREATED' },
      { fromMs: 0 },
      { toMs: 9 },
      { customerId: 'cus_a' },
    ]);
    await refusedUnder((...asked) => models.drivers(...asked), { status: null, online: null } as Parameters<typeof models.drivers>[1], [
      { status: 'approved' },
      { online: false },
    ]);
    await refusedUnder((...asked) => models.products(...asked), { q: null, category: null } as Parameters<typeof models.products>[1], [
      { q: 'name' },
      { category: 'Food' },
    ]);
    await refusedUnder((...asked) => models.conversations(...asked), { state: null } as Parameters<typeof models.conversations>[1], [
      { state: 'IDLE' },
    ]);
    await refusedUnder((...asked) => models.messages(...asked), messages as Parameters<typeof models.messages>[1], [
      { direction: 'out' },
      { customerId: 'cus_a' },
      { fromMs: 0 },
      { toMs: 9 },
    ]);
  });

  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each<[string, (parts: unknown[]) => unknown]>([
    ['no array', () => ({ a: 1 })],
    ['of another list', ([, ...parts]) => ['orders', ...parts]],
    ['a part too few', (parts) => parts.slice(0, -1)],
    ['a part too many', (parts) => [...parts, 'b']],
    ['text for a number', ([list, mark, at, ...parts]) => [list, mark, String(at), ...parts]],
    ['a number for text', (parts) => [...parts.slice(0, -1), 2]],
    ['no whole number', ([list, mark, , ...parts]) => [list, mark, 1.5, ...parts]],
    ['a number too large', ([list, mark, , ...parts]) => [list, mark, 1e300, ...parts]],
    ['NUL', (parts) => [...parts.slice(0, -1), 'a\0']],
    ['null parts', (parts) => parts.map(() => null)],
  ])('that we did not make is refused: %s', async (_, spoil) => {
    await save(message(1, { messageId: 'a', atMs: 1 }), message(1, { messageId: 'b', atMs: 2 }));
    const ask = (cursor: string | null) => models.messages(1, { ...messages, limit: 1, cursor });
    const parts = JSON.parse(Buffer.from((await ask(null)).nextCursor ?? '', 'base64url').toString()) as unknown[];
    await expect(ask(encoded(parts))).resolves.toMatchObject({ items: [{ id: 'b' }] });
    await expect(ask(encoded(spoil(parts)))).rejects.toThrow(InvalidCursor);
  });

  it.each(['x', ''])('that is garbage is refused: %j', async (cursor) => {
    await expect(models.messages(1, { ...messages, limit: 5, cursor })).rejects.toThrow(InvalidCursor);
  });
});
