/** Who owns the shards, and that no connection can undermine it: one lock for all threads, one isolation level, one role. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectClient, type DatabaseAddress, type Role } from '../../src/persistence/postgres/connect.ts';
import { roundTripOn } from '../../src/persistence/postgres/round-trip.ts';
import { ShardLease } from '../../src/persistence/postgres/shard-lease.ts';
import { openThreadDatabase } from '../../src/persistence/postgres/thread-database.ts';
import { MASTER_KEY, ScratchDatabase, untilBlocked } from './scratch-database.ts';

const SHARD = 5;
const STATEMENT_TIMEOUT_MS = 5_000;
/** `NODE_LOCK`, as a node of the past would hold it. */
const NODE_LOCK = 7_351_003;
let database: ScratchDatabase;
let lease: ShardLease;

beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterAll(() => database.close());

/** Connections of leases that wait at their statement. */
async function strivers(): Promise<number[]> {
  const { rows } = await database.admin.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'wakala control' and pid <> pg_backend_pid()",
  );
  return rows.map((row) => row.pid);
}

describe('the lock of a node', () => {
  beforeEach(() => {
    lease = new ShardLease(database.address, 'test', 300);
    return () => lease.release();
  });

  it('is won once for threads that ask together: none of them takes another for a second node', async () => {
    const claims = await Promise.all([lease.claim([SHARD]), lease.claim([SHARD + 1]), lease.claim([SHARD])]);
    expect(claims.map((claim) => [...claim.keys()])).toEqual([[SHARD], [SHARD + 1], [SHARD]]);
    const [pid] = await strivers();
    await database.admin.query('select pg_terminate_backend($1)', [pid]);
    await expect.poll(strivers).toEqual([]);
    // The server forgets a connection before its client hears of it: a claim in between is refused, as while the database is away.
    const again = () => Promise.all([lease.claim([SHARD]), lease.claim([SHARD + 1])]).catch((error: Error) => error.message);
    await expect.poll(again).toHaveLength(2);
    expect(await strivers()).toHaveLength(1);
  });

  it('is not kept by a connection that was given up while it waited for an answer', async () => {
    await database.admin.query('select pg_advisory_lock($1)', [NODE_LOCK]);
    const claim = lease.claim([SHARD]).then(
      () => 'won',
      (error: Error) => error.message,
    );
    await expect.poll(async () => (await strivers()).length).toBe(1);
    const [pid] = await strivers();
    process.kill(pid as number, 'SIGSTOP');
    try {
      expect(await claim).toBe('Query read timeout');
    } finally {
      await database.admin.query('select pg_advisory_unlock($1)', [NODE_LOCK]);
      process.kill(pid as number, 'SIGCONT');
    }
    expect([...(await lease.claim([SHARD])).keys()]).toEqual([SHARD]);
    await expect.poll(strivers).toHaveLength(1);
  });
});

describe('a connection', () => {
  const role = async (address: DatabaseAddress, as: Role | null) => {
    const client = await connectClient({ address, role: as, statementTimeoutMs: STATEMENT_TIMEOUT_MS }, () => undefined);
    try {
      const { rows } = await client.query("select current_user as name, current_setting('work_mem') as work_mem");
      return rows[0];
    } finally {
      await client.end();
    }
  };

  it('acts in its role also when the URL has start-up options of its own, and keeps those', async () => {
    const { host, port, user, database: name } = database.address;
    const url = (rest: string) => `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host ?? '')}${rest}`;
    const plain = { connectionString: url('') };
    const given = { connectionString: url('&options=-c%20work_mem%3D8MB+-c+role%3Dwakala_owner&application_name=x') };
    expect(await role(plain, 'wakala_writer')).toMatchObject({ name: 'wakala_writer' });
    expect(await role(given, 'wakala_writer')).toEqual({ name: 'wakala_writer', work_mem: '8MB' });
    expect(await role({ connectionString: url('&options=-c%20work_mem%3D8MB') }, null)).toEqual({ name: user, work_mem: '8MB' });
  });

  it('that breaks in use refuses its statement and throws at nobody else', async () => {
    const pool = database.pool('wakala_reader', 1);
    const thrown: Error[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => thrown.push(error));
    const asked = roundTripOn(pool, [{ name: null, text: 'select pg_sleep(60)', values: [] }]).catch((error: Error) => error.message);
    const ended = () =>
      database.admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wakala wakala_reader' and state = 'active'",
      );
    await expect.poll(async () => (await ended()).rowCount).toBe(1);
    expect(await asked).toBeTypeOf('string');
    await expect.poll(() => pool.totalCount).toBe(0);
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(thrown).toEqual([]);
  });

  it('writes no batch of an epoch that ended while it waited, whatever isolation the server gives by default', async () => {
    await database.admin.query(`do $$ begin
      execute format('alter database %I set default_transaction_isolation = ''repeatable read''', current_database()); end $$`);
    lease = new ShardLease(database.address, 'test');
    const epoch = (await lease.claim([SHARD])).get(SHARD) ?? 0;
    const config = {
      database: { poolSize: 2, statementTimeoutMs: STATEMENT_TIMEOUT_MS, directoryCache: 100 },
      intake: { waitingBytesMax: 1024 * 1024 },
      journal: { flushMs: 1 },
      secrets: { masterKey: MASTER_KEY.toString('base64') },
    };
    const thread = await openThreadDatabase({ address: database.address, config, kinds: new Map([['conversation', 2]]) });
    await database.admin.query('begin');
    await database.admin.query("select app.claim_shards(array[$1::int]::smallint[], 'another')", [SHARD]);
    const stale = thread.journal.commit({
      rows: [],
      processed: [],
      timers: [],
      readModels: [],
      tenantIds: [1],
      shardEpochs: new Map([[SHARD, epoch]]),
    });
    await untilBlocked(database.admin, 'wakala_writer');
    await database.admin.query('commit');
    expect(await stale).toEqual({ ok: false, reason: 'fenced', shards: [SHARD] });
    await thread.close();
    await lease.release();
  });
});
