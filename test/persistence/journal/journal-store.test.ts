/** The journal in PostgreSQL: what is durable together, who is dropped alone, who may see what. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ReplyRow, storedReply } from '../../../src/persistence/postgres/batch/stored-reply.ts';
import { connectClient } from '../../../src/persistence/postgres/connect.ts';
import { ShardLease } from '../../../src/persistence/postgres/shard-lease.ts';
import { openThreadDatabase, type ThreadDatabase } from '../../../src/persistence/postgres/thread-database.ts';
import type { CommitBatch, JournalRow, ProcessedCommand } from '../../../src/runtime/journal/store.ts';
import { inScope, MASTER_KEY, ScratchDatabase, untilBlocked } from '../scratch-database.ts';

const SHARD = 5;
const CONVERSATION = 2;
let database: ScratchDatabase;
let thread: ThreadDatabase;
let lease: ShardLease;
let epoch = 0;
let pos = 0;
let names = 0;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  lease = new ShardLease(database.address, 'test');
  epoch = (await lease.claim([SHARD])).get(SHARD) ?? 0;
  const config = {
    database: { poolSize: 4, statementTimeoutMs: 5_000, directoryCache: 100 },
    intake: { waitingBytesMax: 1024 * 1024 },
    journal: { flushMs: 1 },
    secrets: { masterKey: MASTER_KEY.toString('base64') },
  };
  thread = await openThreadDatabase({ address: database.address, config, kinds: new Map([['conversation', CONVERSATION]]) });
});
afterAll(async () => {
  await thread.close();
  await lease.release();
  await database.close();
});
let id = '';
beforeEach(() => {
  id = `e${names++}`;
});

function row(entity: string, seq: number, fields: Partial<JournalRow> = {}): JournalRow {
  return {
    ref: { tenantId: 1, kind: 'conversation', id: entity, shard: SHARD },
    kindCode: CONVERSATION,
    seq,
    pos: ++pos,
    atMs: 1_000 + seq,
    type: 'happened',
    version: 1,
    data: { seq },
    personal: undefined,
    subjectId: null,
    meta: {},
    ...fields,
  };
}

function batch(rows: readonly JournalRow[], more: Partial<CommitBatch> = {}): CommitBatch {
  return { rows, processed: [], timers: [], readModels: [], tenantIds: [1], shardEpochs: new Map([[SHARD, epoch]]), ...more };
}

function processed(entity: string, commandId: string, reply: unknown): ProcessedCommand {
  return { ref: row(entity, 0).ref, kindCode: CONVERSATION, commandId, fingerprint: 'f', reply };
}

const load = (entity: string, stateVersion = 1) => thread.journal.load(row(entity, 0).ref, { kindCode: CONVERSATION, stateVersion });
const seqs = async (entity: string) => (await load(entity)).events.map((event) => event.seq);

describe('a batch', () => {
  it('comes back as it was written, personal parts and promises included', async () => {
    const effects = [{ type: 'external', id: 'x', handler: 'h', input: { text: 'hello' } }] as const;
    const first = row(id, 1, { personal: { text: 'hi' }, subjectId: 'cus_1', meta: { commandId: 'c1', effects } });
    expect(await thread.journal.commit(batch([first, row(id, 2, { meta: { done: ['x'] } })]))).toEqual({ ok: true });
    expect((await load(id)).events).toMatchObject([
      { seq: 1, data: { seq: 1 }, personal: { text: 'hi' }, meta: { commandId: 'c1', effects } },
      { seq: 2, data: { seq: 2 }, meta: { done: ['x'] } },
    ]);
  });

  it('drops only the entity whose command id is too long for its index', async () => {
    const neighbour = `${id}-neighbour`;
    const long = { ...processed(id, randomBytes(4_000).toString('hex'), null) };
    expect(await thread.journal.commit(batch([row(id, 1), row(neighbour, 1)], { processed: [long] }))).toEqual({
      ok: false,
      reason: 'conflict',
      entityKeys: [`conversation/1/${id}`],
    });
  });

  it('is read without an entity that cannot be opened: its neighbours of the same query come', async () => {
    const neighbour = `${id}-neighbour`;
    await thread.journal.commit(batch([row(id, 1, { personal: { text: 'hi' }, subjectId: 'cus_1' }), row(neighbour, 1)]));
    await database.admin.query("update app.journal set personal = '\\x0102'::bytea where entity_id = $1", [id]);
    const [broken, whole] = await Promise.allSettled([load(id), load(neighbour)]);
    expect(broken).toMatchObject({ status: 'rejected' });
    expect(whole).toMatchObject({ status: 'fulfilled', value: { events: [{ seq: 1 }] } });
  });

  it('stores personal parts and promised effects only sealed', async () => {
    const effects = [{ type: 'external', id: 'x', handler: 'h', input: { text: 'secret-effect' } }] as const;
    await thread.journal.commit(batch([row(id, 1, { personal: { text: 'secret-text' }, subjectId: 'cus_1', meta: { effects } })]));
    const { rows } = await database.admin.query('select personal, effects, data, meta from app.journal where entity_id = $1', [id]);
    const bytes = Buffer.concat(Object.values(rows[0] as Record<string, Buffer | null>).filter((value) => value !== null));
    expect(bytes.includes('secret')).toBe(false);
  });

  it('stores a promise whose input is in the state unsealed, for there is nothing personal in it, and reads it back', async () => {
    const bare = { type: 'external', id: 'bare', handler: 'h', inState: true } as const;
    const full = { type: 'external', id: 'full', handler: 'h', input: { text: 'secret-effect' } } as const;
    const alone = row(id, 1, { subjectId: 'cus_1', meta: { effects: [bare] } });
    await thread.journal.commit(batch([alone, row(id, 2, { subjectId: 'cus_1', meta: { effects: [bare, full] } })]));
    const { rows } = await database.admin.query('select effects from app.journal where entity_id = $1 order by seq', [id]);
    expect(rows.map(({ effects }) => (effects as Buffer).includes('bare'))).toEqual([true, false]);
    expect((await load(id)).events.map((event) => event.meta.effects)).toEqual([[bare], [bare, full]]);
  });

  it('is all or nothing: a colliding sequence number names its entity, the others can go', async () => {
    const other = `${id}-other`;
    await thread.journal.commit(batch([row(id, 1)]));
    const again = batch([row(id, 1), row(other, 1)], { processed: [processed(other, `p${id}`, null)] });
    expect(await thread.journal.commit(again)).toEqual({ ok: false, reason: 'conflict', entityKeys: [`conversation/1/${id}`] });
    expect(await seqs(other)).toEqual([]);
    expect(await thread.journal.findProcessed(row(other, 0).ref, `p${id}`)).toBeNull();
  });

  it('finds the entity of an already applied command', async () => {
    await thread.journal.commit(batch([row(id, 1)], { processed: [processed(id, `once${id}`, { answer: 42 })] }));
    expect(await thread.journal.findProcessed(row(id, 0).ref, `once${id}`)).toEqual({ fingerprint: 'f', reply: { answer: 42 } });
    const twice = batch([row(`${id}b`, 1), row(id, 2)], { processed: [processed(id, `once${id}`, null)] });
    expect(await thread.journal.commit(twice)).toMatchObject({ reason: 'conflict', entityKeys: [`conversation/1/${id}`] });
  });

  it('keeps the answer to a command only sealed, and none once the person is erased', async () => {
    const commandId = `sealed${id}`;
    const answer = { name: 'secret-name', address: 'secret-street' };
    const mine = batch([row(id, 1, { subjectId: `cus_${id}` })], { processed: [processed(id, commandId, answer)] });
    expect(await thread.journal.commit(mine)).toEqual({ ok: true });
    const { rows } = await database.admin.query('select * from app.processed_commands where command_id = $1', [commandId]);
    expect((rows[0].reply as Buffer).includes('secret')).toBe(false);
    const ref = row(id, 0).ref;
    expect(await thread.journal.findProcessed(ref, commandId)).toEqual({ fingerprint: 'f', reply: answer });
    const others = database.keys();
    await others.shred(1, `cus_${id}`);
    expect(await storedReply(1, commandId, rows[0] as ReplyRow, others)).toEqual({ fingerprint: 'f', reply: undefined });
  });

  it('takes a decision about an erased person, and keeps no answer to it', async () => {
    const subjectId = `gone_${id}`;
    await database.keys().ensure([{ tenantId: 1, subjectId }]);
    await database.keys().shred(1, subjectId);
    const mine = batch([row(id, 1, { subjectId })], { processed: [processed(id, `gone${id}`, { answer: 1 })] });
    expect(await thread.journal.commit(mine)).toEqual({ ok: true });
    expect(await thread.journal.findProcessed(row(id, 0).ref, `gone${id}`)).toEqual({ fingerprint: 'f', reply: null });
  });

  it('does not give the answer of one command to another', async () => {
    const [mine, other] = [`mine${id}`, `other${id}`];
    const answered = [processed(id, mine, { answer: 1 }), processed(id, other, { answer: 2 })];
    await thread.journal.commit(batch([row(id, 1, { subjectId: 'cus_1' })], { processed: answered }));
    const moved =
      'update app.processed_commands set reply = (select reply from app.processed_commands where command_id = $1) where command_id = $2';
    await database.admin.query(moved, [other, mine]);
    await expect(thread.journal.findProcessed(row(id, 0).ref, mine)).rejects.toThrow();
  });

  it('with one command id at two entities blames the later one, and nobody beside them', async () => {
    const [first, later, beside] = [`${id}a`, `${id}b`, `${id}c`];
    const all = batch([row(first, 1), row(beside, 1), row(later, 1)], {
      processed: [processed(first, `shared${id}`, null), processed(beside, `own${id}`, null), processed(later, `shared${id}`, null)],
    });
    expect(await thread.journal.commit(all)).toEqual({ ok: false, reason: 'conflict', entityKeys: [`conversation/1/${later}`] });
  });

  it('of an owner that lost its shard is refused whole', async () => {
    const stale = epoch;
    epoch = (await lease.claim([SHARD])).get(SHARD) ?? 0;
    const late = batch([row(id, 1)], { shardEpochs: new Map([[SHARD, stale]]) });
    expect(await thread.journal.commit(late)).toEqual({ ok: false, reason: 'fenced', shards: [SHARD] });
    expect(await seqs(id)).toEqual([]);
  });

  it('that comes while its shard is being claimed waits for the claim, and is refused by the new epoch', async () => {
    const claimer = await connectClient({ address: database.address, role: null, statementTimeoutMs: 5_000 }, () => undefined);
    await claimer.query('begin');
    await claimer.query('select app.claim_shards($1::smallint[], $2)', [[SHARD], 'another']);
    const late = thread.journal.commit(batch([row(id, 1)]));
    await untilBlocked(database.admin, 'wakala_writer');
    await claimer.query('commit');
    await claimer.end();
    expect(await late).toEqual({ ok: false, reason: 'fenced', shards: [SHARD] });
    expect(await seqs(id)).toEqual([]);
    epoch = (await lease.claim([SHARD])).get(SHARD) ?? 0;
  });

  it('with a tenant that no address named is refused by the database', async () => {
    const foreign = row(id, 1, { ref: { tenantId: 2, kind: 'conversation', id, shard: SHARD } });
    expect(await thread.journal.commit(batch([foreign]))).toMatchObject({ ok: false });
    expect((await database.admin.query('select 1 from app.journal where entity_id = $1', [id])).rowCount).toBe(0);
  });

  it('of an erased person does not sink its neighbours', async () => {
    const keys = database.keys();
    await keys.ensure([{ tenantId: 1, subjectId: `erased${id}` }]);
    await keys.shred(1, `erased${id}`);
    const erased = row(id, 1, { personal: { text: 'x' }, subjectId: `erased${id}` });
    expect(await thread.journal.commit(batch([erased, row(`${id}n`, 1)]))).toEqual({
      ok: false,
      reason: 'conflict',
      entityKeys: [`conversation/1/${id}`],
    });
  });
});

describe('timers, snapshots, positions', () => {
  it('arms, moves and cancels a reminder by name', async () => {
    const { ref } = row(id, 0);
    const arm = (dueAtMs: number) => ({ op: 'arm', ref, kindCode: CONVERSATION, name: 't', dueAtMs, command: { type: 'due' } }) as const;
    await thread.journal.commit(batch([row(id, 1)], { timers: [arm(10), arm(20)] }));
    expect(await thread.journal.dueTimers([SHARD], 100, 10)).toEqual([{ ref, name: 't', dueAtMs: 20, command: { type: 'due' } }]);
    await thread.journal.commit(batch([row(id, 2)], { timers: [{ op: 'cancel', ref, kindCode: CONVERSATION, name: 't' }] }));
    expect(await thread.journal.dueTimers([SHARD], 100, 10)).toEqual([]);
  });

  it('loads a snapshot and only the events after it; an older snapshot never replaces a newer', async () => {
    await thread.journal.commit(batch([row(id, 1), row(id, 2), row(id, 3)]));
    const { ref } = row(id, 0);
    await thread.journal.saveSnapshot(ref, CONVERSATION, { seq: 2, stateVersion: 1, body: { at: 2 } }, 'cus_1');
    await thread.journal.saveSnapshot(ref, CONVERSATION, { seq: 1, stateVersion: 1, body: { at: 1 } }, 'cus_1');
    const loaded = await load(id);
    expect(loaded.snapshot).toEqual({ seq: 2, stateVersion: 1, body: { at: 2 } });
    expect(loaded.events.map((event) => event.seq)).toEqual([3]);
  });

  it('loads the whole journal for a build that does not read the snapshot there is', async () => {
    await thread.journal.commit(batch([row(id, 1), row(id, 2), row(id, 3)]));
    await thread.journal.saveSnapshot(row(id, 0).ref, CONVERSATION, { seq: 2, stateVersion: 2, body: { at: 2 } }, 'cus_1');
    const { snapshot, events } = await load(id, 1);
    expect([snapshot, events.map((event) => event.seq)]).toEqual([null, [1, 2, 3]]);
    expect((await load(id, 2)).snapshot).toMatchObject({ seq: 2 });
  });

  it('knows the last position and whom to wake', async () => {
    const promise = row(id, 1, { meta: { effects: [{ type: 'external', id: 'x', handler: 'h', input: 1 }] } });
    await thread.journal.commit(batch([promise]));
    const { lastPos } = (await thread.journal.openShards([SHARD])).get(SHARD) ?? { lastPos: 0 };
    expect(lastPos).toBe(promise.pos);
    expect(await thread.journal.entitiesAfter(SHARD, promise.pos - 1, 10)).toEqual([{ ref: promise.ref, lastPos }]);
    await thread.journal.saveCheckpoints([{ shard: SHARD, pos: lastPos, epoch, passed: null }]);
    expect((await thread.journal.openShards([SHARD])).get(SHARD)?.effectsCheckpoint).toBe(lastPos);
  });

  it('knows up to where all but a few are settled, and who those are, until the checkpoint has come there', async () => {
    const opened = async () => (await thread.journal.openShards([SHARD])).get(SHARD);
    const before = (await opened())?.effectsCheckpoint ?? 0;
    const [one, other] = [row('one', 0).ref, row('other', 0).ref];
    const save = (at: number, passed: { pos: number; except: (typeof one)[] } | null, under = epoch) =>
      thread.journal.saveCheckpoints([{ shard: SHARD, pos: at, epoch: under, passed }]);
    await save(before, { pos: before + 10, except: [one, other] });
    expect(await opened()).toMatchObject({ effectsCheckpoint: before, passed: { pos: before + 10, except: [one, other] } });
    // The checkpoint moves, who waits stays named.
    await save(before + 5, null);
    expect(await opened()).toMatchObject({ effectsCheckpoint: before + 5, passed: { pos: before + 10, except: [one, other] } });
    await save(before + 5, { pos: before + 20, except: [other] });
    // Neither an older list nor an older owner's counts.
    await save(before + 5, { pos: before + 15, except: [] });
    await save(before + 5, { pos: before + 30, except: [] }, epoch - 1);
    expect(await opened()).toMatchObject({ effectsCheckpoint: before + 5, passed: { pos: before + 20, except: [other] } });
    await save(before + 20, null);
    expect(await opened()).toMatchObject({ effectsCheckpoint: before + 20, passed: null });
    await database.admin.query('delete from app.relay_offset where shard = $1', [SHARD]);
  });
});

describe('the database itself', () => {
  it('lets the journal writer read nothing of the journal', async () => {
    await expect(database.pool('wakala_writer').query('select * from app.journal')).rejects.toMatchObject({ code: '42501' });
  });

  it('shows nothing to a reader that names no tenant, and nothing of another', async () => {
    await thread.journal.commit(batch([row(id, 1)]));
    const app = database.pool('wakala_app');
    expect((await app.query('select 1 from app.journal')).rowCount).toBe(0);
    expect(await inScope(app, 'app.tenant_id', '2', async (client) => (await client.query('select 1 from app.journal')).rowCount)).toBe(0);
    expect(
      await inScope(
        app,
        'app.tenant_id',
        '1',
        async (client) => (await client.query('select 1 from app.journal where tenant_id = 1 and entity_id = $1', [id])).rowCount,
      ),
    ).toBe(1);
  });

  /** Rules that keep the schema ready for distribution by tenant, and safe. Each query lists breaches. */
  const RULES: Readonly<Record<string, string>> = {
    'every unique index of a tenant table holds tenant_id': `select i.indexrelid::regclass::text as breach from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'app' and i.indisunique and c.relname not in ('tenants', 'shard_lease', 'relay_offset')
        and not exists (select 1 from unnest(i.indkey::int[]) k join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k where a.attname = 'tenant_id')`,
    'row-level security is on and forced wherever there is a tenant': `select c.relname as breach from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relkind in ('r', 'p')
      and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') and not (c.relrowsecurity and c.relforcerowsecurity)`,
    'tenant_id is an int everywhere': `select c.relname as breach from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where n.nspname = 'app' and c.relkind in ('r', 'p') and a.attname = 'tenant_id' and a.atttypid <> 'int'::regtype`,
    'no policy is for everybody': "select tablename as breach from pg_policies where schemaname = 'app' and 'public' = any (roles)",
    'no identity column, no trigger': `select c.relname as breach from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid where n.nspname = 'app' and a.attidentity <> ''
      union all select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and not t.tgisinternal`,
    'no role of ours can bypass or owns a table': `select rolname as breach from pg_roles where rolname like 'wakala%' and (rolsuper or rolbypassrls or rolcanlogin)
      union all select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner where n.nspname = 'app' and r.rolname like 'wakala%' and r.rolname <> 'wakala_owner'`,
  };
  it.each(Object.keys(RULES))('%s', async (rule) => {
    expect((await database.admin.query(RULES[rule] as string)).rows).toEqual([]);
  });
});
