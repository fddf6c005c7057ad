/**
 * One large shop beside small ones: a page of a list, a look of recovery or of retention reads what it shows and not all that there is,
 * whether the database has statistics or, as after a flood, none. Counted in pages of the database, as it counts them itself.
 */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresJournalStore } from '../../../src/persistence/postgres/journal/journal-store.ts';
import { PostgresReadModels } from '../../../src/persistence/postgres/read-models/read-models.ts';
import { createRetention } from '../../../src/persistence/postgres/stores/retention.ts';
import type { WriterConnection } from '../../../src/persistence/postgres/writer-connection.ts';
import type { Listed } from '../../../src/ports.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

const LARGE = 1;
const MAILED = 201;
const CONVERSATION = 2;
const SHARD = 7;
const PAGE = 5;
/** A few look-ups a row that is shown. What follows reads at least twice as much when it reads all. */
const PAGES_MAX = 150;
const START_MS = 1_000_000_000_000;

const FILL = [
  `insert into app.messages select 1, 'cus_' || e % 5000, 'm' || e, case when e % 2 = 0 then 'in' else 'out' end, null, 'text', 'read',
     ${START_MS} + e * 1000, 1 + e / 5000, case when e % 2 = 0 then 'in' else 'out:0' end from generate_series(1, 40000) e`,
  `insert into app.messages select t, 'cus', 'm' || e, 'in', null, 'text', 'read', ${START_MS} + e * 1000, 1, 'in'
     from generate_series(2, 200) t, generate_series(1, 20) e`,
  `insert into app.conversations (tenant_id, customer_id, state, language, updated_at_ms, seq)
     select 1, 'cus_' || c, 'IDLE', 'en', ${START_MS} + c * 7000::bigint, 1 from generate_series(1, 20000) c`,
  // One of whom much is known, and who wrote much: each event has { inbound: {} }.
  `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, data, effects)
     select 1, 2, 'cus_20000', e, 7, e, 1, 'message_received', 1, ${START_MS} + e * 1000, '\\x81a7696e626f756e6480', '\\x90' from generate_series(1, 10000) e`,
  `insert into app.messages select 1, 'cus_20000', 'much' || e, 'in', null, 'text', 'read', ${START_MS} + e * 1000, e, 'in' from generate_series(1, 10000) e`,
  // Few write to a shop that wrote to many.
  `insert into app.messages select ${MAILED}, 'cus_' || e, 'm' || e, case when e % 10000 = 0 then 'in' else 'out' end, null, 'text', 'read',
     ${START_MS} + e * 1000, 1, case when e % 10000 = 0 then 'in' else 'out:0' end from generate_series(9994, 19999) e`,
  `insert into app.messages select ${MAILED}, 'cus_' || e, 'm' || e, 'in', null, 'text', 'read', ${START_MS} + e * 1000, 1, 'in'
     from generate_series(20000, 20020) e`,
  `insert into app.orders select 1, 'ord_' || o, 'C', 'cus_' || o % 10, case when o % 9 = 0 then 'cancelled' else 'delivered' end, 1, 'ZAR', 'api',
     ${START_MS} + o * 1000, 0, 1, null, '\\x81a178da0190'::bytea || convert_to(repeat('x', 400), 'UTF8'), null from generate_series(1, 10000) o`,
  `insert into app.timers select 1, 2, 'cus_' || c, 'idle', 7, ${START_MS} + c, '\\x80' from generate_series(1, 20000) c`,
  // Five thousand with two promises each, far from each other.
  `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, effects)
     select 1, 3, 'ord_' || e % 5000, e, 8, e, 1, 'placed', 1, ${START_MS} + e * 1000, '\\x90' from generate_series(1, 10000) e`,
  `insert into app.relay_offset (consumer, shard, pos, epoch) values ('effects', 7, 9990, 1), ('effects', 8, 10000, 1)`,
];

let database: ScratchDatabase;
let models: PostgresReadModels;
let journal: PostgresJournalStore;
let relay: pg.Pool;
/** Of each statement that was run its plan, and the pages that it read. */
const plans: string[] = [];
const pages: number[] = [];

/** A pool whose connections say what each statement read. */
function telling(pool: pg.Pool): pg.Pool {
  pool.on('connect', (client) => {
    client.on('notice', ({ message }) => {
      const plan = /plan:\n(?<plan>\{.*\})/s.exec(message ?? '')?.groups?.plan;
      if (plan === undefined) return;
      const { Plan: top } = JSON.parse(plan) as { readonly Plan: Readonly<Record<string, number>> };
      plans.push(plan);
      pages.push((top['Shared Hit Blocks'] ?? 0) + (top['Shared Read Blocks'] ?? 0));
    });
  });
  return pool;
}

beforeAll(async () => {
  database = await ScratchDatabase.open();
  const { admin } = database;
  for (const statement of FILL) await admin.query(statement);
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
  };
  for (const [name, value] of Object.entries(settings)) await admin.query(`alter database postgres set ${name} = '${value}'`);
  const app = telling(database.pool('wakala_app', 1));
  relay = telling(database.pool('wakala_relay', 1));
  models = new PostgresReadModels(app, database.keys(), CONVERSATION);
  const kinds = new Map([['conversation', CONVERSATION]]);
  const writer = undefined as unknown as WriterConnection;
  journal = new PostgresJournalStore({
    writer,
    readerPool: app,
    relayPool: relay,
    personal: database.keys(),
    masterKey: MASTER_KEY,
    kinds,
  });
});

afterAll(async () => {
  await database.close();
});

async function pagesOf<T>(look: () => Promise<T>): Promise<{ readonly found: T; readonly most: number }> {
  plans.length = 0;
  pages.length = 0;
  const found = await look();
  expect(pages.length).toBeGreaterThan(0);
  return { found, most: Math.max(...pages) };
}

/** The first page and the one behind it. */
async function firstPages<T>(list: (cursor: string | null) => Promise<Listed<T>>): Promise<number> {
  const first = await pagesOf(() => list(null));
  expect(first.found.items).toHaveLength(PAGE);
  const second = await pagesOf(() => list(first.found.nextCursor));
  expect(second.found.items).toHaveLength(PAGE);
  return Math.max(first.most, second.most);
}

const MESSAGES = { limit: PAGE, customerId: null, direction: null, fromMs: null, toMs: null };
const ORDERS = { limit: PAGE, customerId: null, status: null, fromMs: null, toMs: null };

describe.each(['without statistics', 'with statistics'])('%s', (statistics) => {
  beforeAll(async () => {
    if (statistics === 'with statistics') await database.admin.query('analyze');
  });

  it('a page of a customer’s messages reads those, and not what the shop wrote to others', async () => {
    const { found, most } = await pagesOf(() => models.messages(LARGE, { ...MESSAGES, customerId: 'cus_77', cursor: null }));
    expect(found.items).toHaveLength(PAGE);
    expect(most).toBeLessThan(PAGES_MAX);
  });

  it.each([
    ['all', {}],
    ['one direction', { direction: 'in' }],
    ['from a day on', { fromMs: START_MS + 20_000_000 }],
    ['a span of time', { fromMs: START_MS + 1_000_000, toMs: START_MS + 30_000_000 }],
  ] as const)('a page of messages reads little more than it shows: %s', async (_name, filter) => {
    expect(await firstPages((cursor) => models.messages(LARGE, { ...MESSAGES, ...filter, cursor }))).toBeLessThan(PAGES_MAX);
  });

  it('what was written to a shop is found behind its mailing without a look at each that was sent', async () => {
    const query = { ...MESSAGES, direction: 'in', fromMs: START_MS + 10_001 * 1_000, cursor: null } as const;
    const { found, most } = await pagesOf(() => models.messages(MAILED, query));
    expect(found.items.map(({ id }) => id)).toEqual(['m20000', 'm20001', 'm20002', 'm20003', 'm20004']);
    expect(most).toBeLessThan(PAGES_MAX);
  });

  it.each([
    ['all', {}],
    ['a status', { status: 'delivered' }],
    ['a customer', { customerId: 'cus_3' }],
    ['a customer and a status', { customerId: 'cus_3', status: 'delivered' }],
    ['until a day', { toMs: START_MS + 5_000_000 }],
  ] as const)('a page of orders reads little more than it shows: %s', async (_name, filter) => {
    expect(await firstPages((cursor) => models.orders(LARGE, { ...ORDERS, ...filter, cursor }))).toBeLessThan(PAGES_MAX);
  });

  it('a page of conversations reads little more than it shows', async () => {
    expect(await firstPages((cursor) => models.conversations(LARGE, { limit: PAGE, state: null, cursor }))).toBeLessThan(PAGES_MAX);
  });

  it('whom to wake is read in stretches: no page reads what is behind it', async () => {
    const woken = new Set<string>();
    let read = 0;
    for (let pos = 0; ; ) {
      const { found, most } = await pagesOf(() => journal.entitiesAfter(SHARD + 1, pos, 100));
      read += most;
      if (found.length === 0) break;
      for (const { ref } of found) woken.add(ref.id);
      expect(Math.max(...found.map(({ lastPos }) => lastPos))).toBe(pos + 100);
      pos += 100;
    }
    expect(woken.size).toBe(5_000);
    // A hundred looks, each at a hundred rows that stand beside each other.
    expect(read).toBeLessThan(1_000);
  });

  it('of reminders that are all due the first are read, and not the others', async () => {
    const { found, most } = await pagesOf(() => journal.dueTimers([SHARD, SHARD + 1], START_MS + 30_000, PAGE));
    expect(found.map(({ dueAtMs }) => dueAtMs - START_MS)).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBeLessThan(PAGES_MAX);
  });

  it('the oldest unfinished promise is looked for above the checkpoint only', async () => {
    const { found, most } = await pagesOf(() => createRetention(relay, 'effects').horizon());
    expect(found.unfinishedMs).toBe(START_MS + 9_991 * 1_000);
    expect(most).toBeLessThan(1_024 * 8);
    // Whatever is below the checkpoint is not looked at.
    expect(plans.join()).toMatch(/"Index Cond": "[^"]*\(pos > /);
  });
});
