/** An entity pays for its own faults in the journal, and neither for a neighbour's nor for the database's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShardLease } from '../../../src/persistence/postgres/shard-lease.ts';
import { openThreadDatabase, type ThreadDatabase } from '../../../src/persistence/postgres/thread-database.ts';
import type { CommitBatch, JournalRow } from '../../../src/runtime/journal/store.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

const SHARD = 5;
const CONVERSATION = 2;
const STATEMENT_TIMEOUT_MS = 700;
const KINDS = new Map([['conversation', CONVERSATION]]);
const KIND = { kindCode: CONVERSATION, stateVersion: 1 };
const CONFIG = {
  database: { poolSize: 4, statementTimeoutMs: STATEMENT_TIMEOUT_MS, directoryCache: 100 },
  intake: { waitingBytesMax: 1024 * 1024 },
  journal: { flushMs: 1 },
  secrets: { masterKey: MASTER_KEY.toString('base64') },
};
let database: ScratchDatabase;
let thread: ThreadDatabase;
let lease: ShardLease;
let epoch = 0;
let pos = 0;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  lease = new ShardLease(database.address, 'test');
  epoch = (await lease.claim([SHARD])).get(SHARD) ?? 0;
  thread = await openThreadDatabase({ address: database.address, config: CONFIG, kinds: KINDS });
});
afterAll(async () => {
  await thread.close();
  await lease.release();
  await database.close();
});

function row(entity: string, seq: number): JournalRow {
  const ref = { tenantId: 1, kind: 'conversation', id: entity, shard: SHARD };
  const empty = { data: { seq }, personal: undefined, subjectId: null, meta: {} };
  return { ref, kindCode: CONVERSATION, seq, pos: ++pos, atMs: 1_000 + seq, type: 'happened', version: 1, ...empty };
}

function batch(rows: readonly JournalRow[]): CommitBatch {
  return { rows, processed: [], timers: [], readModels: [], tenantIds: [1], shardEpochs: new Map([[SHARD, epoch]]) };
}

const load = (entity: string) => thread.journal.load(row(entity, 0).ref, KIND);

describe('entities that are read together', () => {
  /** As if the journals of those outlasted the time of a statement. */
  async function whileSlow(pattern: string, body: () => Promise<void>): Promise<void> {
    await database.admin.query(`create policy slow on app.journal as restrictive for select to wakala_reader
      using (case when entity_id like '${pattern}' then pg_sleep(60) is not null else true end)`);
    try {
      await body();
    } finally {
      await database.admin.query('drop policy slow on app.journal');
    }
  }

  it('come although one of them outlasts the time of a statement: only that one fails', async () => {
    const entities = ['read0', 'read1', 'read-long', 'read2', 'read3'];
    await thread.journal.commit(batch(entities.map((entity) => row(entity, 1))));
    await whileSlow('read-long', async () => {
      const answers = await Promise.allSettled(entities.map(load));
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      expect(answers[2]).toMatchObject({ reason: { code: '57014' } });
      expect(answers[4]).toMatchObject({ value: { events: [{ seq: 1 }] } });
    });
  });

  it('come although the answer for one of them is later than the server should allow: only that one fails', async () => {
    const entities = ['late0', 'late-one', 'late1'];
    await thread.journal.commit(batch(entities.map((entity) => row(entity, 1))));
    // Goes on after its time is up, so that it is the client who gives up.
    await database.admin.query(`create function app.outlast() returns boolean language plpgsql as $$ begin
      perform pg_sleep(60); return true;
      exception when query_canceled then perform pg_sleep(60); return true; end $$`);
    await database.admin.query(`create policy late on app.journal as restrictive for select to wakala_reader
      using (case when entity_id = 'late-one' then app.outlast() else true end)`);
    try {
      const answers = await Promise.allSettled(entities.map(load));
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(answers[1]).toMatchObject({ reason: { message: 'Query read timeout' } });
    } finally {
      await database.admin.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
      await database.admin.query('drop policy late on app.journal');
      await database.admin.query('drop function app.outlast');
    }
  });

  it('are given up together after the third that fails alone: then it is the database', async () => {
    const entities = Array.from({ length: 20 }, (_, i) => `all-long${i}`);
    await thread.journal.commit(batch(entities.map((entity) => row(entity, 1))));
    await whileSlow('all-long%', async () => {
      const answers = await Promise.allSettled(entities.map(load));
      expect(answers.map(({ status }) => status)).toEqual(entities.map(() => 'rejected'));
      // The third's is also that of all who were not tried any more.
      expect(new Set(answers.map((answer) => (answer as PromiseRejectedResult).reason)).size).toBe(3);
    });
  });
});

describe('a person whose key does not open under the master key', () => {
  const of = (entity: string, seq: number, subjectId: string): JournalRow => ({
    ...row(entity, seq),
    subjectId,
    personal: { name: entity },
  });

  it('keeps nobody else from being read, written or known', async () => {
    await thread.journal.commit(batch([of('ill', 1, 'ill'), of('well', 1, 'well')]));
    const senders = [
      { waId: '27600001001', userId: null },
      { waId: '27600001002', userId: null },
    ];
    const customers = await Promise.all(senders.map((sender) => thread.customers.resolve(1, sender)));
    const ill = ['ill', customers[0]];
    await database.admin.query('update app.subject_keys set wrapped_key = reverse(wrapped_key) where subject_id = any($1)', [ill]);
    // A thread that has no keys at hand yet.
    const fresh = await openThreadDatabase({ address: database.address, config: CONFIG, kinds: KINDS });
    try {
      const read = await Promise.allSettled(['ill', 'well'].map((entity) => fresh.journal.load(row(entity, 0).ref, KIND)));
      expect(read.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect(read[0]).toMatchObject({ reason: { code: 'runtime.unreadable' } });
      expect(await Promise.all(senders.map((sender) => fresh.customers.resolve(1, sender)))).toEqual(customers);
      const both = batch([of('ill', 2, 'ill'), of('well', 2, 'well')]);
      expect(await fresh.journal.commit(both)).toEqual({ ok: false, reason: 'conflict', entityKeys: ['conversation/1/ill'] });
      expect(await fresh.journal.commit(batch([of('well', 2, 'well')]))).toEqual({ ok: true });
    } finally {
      await fresh.close();
    }
  });
});

describe('entities that are written together', () => {
  it('are not blamed for the trouble of the database while the one to blame is sought', async () => {
    await thread.journal.commit(batch([row('again', 1)]));
    const both = () => batch([row('again', 1), row('innocent', 1)]);
    // Somebody's transaction has the neighbour's place: whether it may be stored cannot be said now.
    await database.admin.query('begin');
    await database.admin.query(`insert into app.journal select (jsonb_populate_record(j, '{"entity_id":"innocent","pos":900000}')).*
      from app.journal j where entity_id = 'again'`);
    await expect(thread.journal.commit(both())).rejects.toMatchObject({ code: '57014' });
    await database.admin.query('rollback');
    expect(await thread.journal.commit(both())).toEqual({ ok: false, reason: 'conflict', entityKeys: ['conversation/1/again'] });
    expect(await thread.journal.commit(batch([row('innocent', 1)]))).toEqual({ ok: true });
  });
});
