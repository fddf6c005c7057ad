/** The intake log: durable when it says so, in order, sealed, out of reach of tenants. The contract runs on the real one and on the fake. */
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresIntakeLog } from '../../../src/persistence/postgres/stores/intake-log.ts';
import { WriterConnection } from '../../../src/persistence/postgres/writer-connection.ts';
import type { IntakeLog } from '../../../src/ports.ts';
import { MemoryIntakeLog } from '../../support/memory-intake-log.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

const WAITING_BYTES_MAX = 8 * 1024 * 1024;

let database: ScratchDatabase;
let directory: pg.Pool;
const open: PostgresIntakeLog[] = [];

async function postgresLog(masterKey = MASTER_KEY, statementTimeoutMs = 5_000): Promise<PostgresIntakeLog> {
  const writer = new WriterConnection({ address: database.address, role: 'wakala_directory', statementTimeoutMs });
  await writer.open();
  const log = new PostgresIntakeLog({ writer, pool: directory, masterKey, flushMs: 1, waitingBytesMax: WAITING_BYTES_MAX });
  open.push(log);
  return log;
}

beforeAll(async () => {
  database = await ScratchDatabase.open();
  directory = database.pool('wakala_directory');
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.admin.query('delete from ops.intake');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()));
});

async function bodies(log: IntakeLog, lanes: readonly number[]): Promise<string[]> {
  return (await log.read(lanes, [], 100)).flatMap((chunk) => (chunk.bodies ?? []).map(String));
}

const appendAll = (log: IntakeLog, lane: number, texts: readonly string[]): Promise<unknown> =>
  Promise.all(texts.map((text) => log.append(lane, Buffer.from(text))));

describe.each([
  ['in PostgreSQL', () => postgresLog()],
  ['in memory', async () => new MemoryIntakeLog()],
])('an intake log %s', (_name, make: () => Promise<IntakeLog>) => {
  it('gives back what was appended, in the order of each lane, and only of the lanes asked for', async () => {
    const log = await make();
    await Promise.all([appendAll(log, 3, ['a', 'b']), appendAll(log, 4, ['x'])]);
    await log.append(3, Buffer.from('c'));
    expect(await bodies(log, [3])).toEqual(['a', 'b', 'c']);
    expect(await bodies(log, [4, 5])).toEqual(['x']);
  });

  it('does not depend on the caller keeping the bytes', async () => {
    const log = await make();
    const body = Buffer.from('as it was');
    const appended = log.append(0, body);
    body.fill(0x20);
    await appended;
    expect(await bodies(log, [0])).toEqual(['as it was']);
  });

  it('leaves out what is in work, forgets what is removed, and counts what is left', async () => {
    const log = await make();
    for (const text of ['a', 'b', 'c']) await log.append(1, Buffer.from(text));
    const [first, second] = await log.read([1], [], 2);
    expect((await log.read([1], [first!.id], 2)).flatMap((chunk) => chunk.bodies!.map(String))).toEqual(['b', 'c']);
    await log.remove([first!, second!]);
    await log.remove([first!]);
    expect(await bodies(log, [1])).toEqual(['c']);
    expect(await log.waiting([1])).toMatchObject({ messages: 1 });
    expect(await log.waiting([2])).toEqual({ messages: 0, bytes: 0 });
  });
});

describe('the intake log in PostgreSQL', () => {
  it('writes what comes together as few rows, none too large, and a body of megabytes whole', async () => {
    const log = await postgresLog();
    const large = Buffer.alloc(3 * 1024 * 1024, 0x61);
    await Promise.all([
      appendAll(
        log,
        0,
        Array.from({ length: 300 }, (_, i) => `m${i}`),
      ),
      log.append(0, large),
    ]);
    const { rows } = await database.admin.query<{ messages: number }>('select messages from ops.intake order by id');
    expect(rows.map((row) => row.messages)).toEqual([128, 128, 44, 1]);
    expect((await bodies(log, [0]))[300]).toHaveLength(large.length);
  });

  it('refuses what would make too much wait in memory, and takes it again afterwards', async () => {
    const log = await postgresLog();
    const half = Buffer.alloc(WAITING_BYTES_MAX / 2, 0x61);
    const first = Promise.all([log.append(0, half), log.append(1, half)]);
    await expect(log.append(2, Buffer.from('x'))).rejects.toMatchObject({ code: 'runtime.overloaded' });
    await first;
    await log.append(2, Buffer.from('x'));
  });

  it('is readable only with the master key and in its own lane; what cannot be read is kept', async () => {
    await (await postgresLog()).append(2, Buffer.from('Thandi 27600000001'));
    const { rows } = await database.admin.query<{ body: Buffer }>('select body from ops.intake');
    expect(rows[0]?.body.includes('Thandi')).toBe(false);
    const other = await postgresLog(Buffer.alloc(32, 9));
    expect(await other.read([2], [], 1)).toMatchObject([{ messages: 1, bodies: null }]);
    await database.admin.query('update ops.intake set lane = 3');
    expect(await (await postgresLog()).read([3], [], 1)).toMatchObject([{ bodies: null }]);
  });

  it('rejects while the database does not answer, and goes on when it does', async () => {
    const log = await postgresLog(MASTER_KEY, 50);
    const lock = await database.admin.query('begin').then(() => database.admin.query('lock table ops.intake in access exclusive mode'));
    expect(lock).toBeDefined();
    await expect(log.append(0, Buffer.from('refused'))).rejects.toMatchObject({ code: '57014' });
    await database.admin.query('rollback');
    await log.append(0, Buffer.from('taken'));
    expect(await bodies(log, [0])).toEqual(['taken']);
  });

  it.each(['wakala_app', 'wakala_writer', 'wakala_reader', 'wakala_relay'] as const)('cannot be read by %s', async (role) => {
    await expect(database.pool(role, 1).query('select * from ops.intake')).rejects.toMatchObject({ code: '42501' });
  });
});
