/** An operator went back to an older build: its commands against a database that a newer one has migrated. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectClient } from '../../../src/persistence/postgres/connect.ts';
import { ShardLease } from '../../../src/persistence/postgres/shard-lease.ts';
import { ScratchDatabase } from '../../persistence/scratch-database.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const MIGRATIONS = readdirSync(path.join(ROOT, 'src/persistence/postgres/migrations')).sort();
const NEWEST = MIGRATIONS.at(-1) as string;
const TOLD = `database.newer_schema: a newer build has migrated the database to 999-of-tomorrow; this build knows migrations up to ${NEWEST.replace('.sql', '')}`;
/** sysexits: configuration. */
const EX_CONFIG = 78;

let database: ScratchDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'wakala-newer-'));
beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => database.admin.query("delete from public.wakala_migrations where name = '999-of-tomorrow.sql'"));

const fromTomorrow = () =>
  database.admin.query("insert into public.wakala_migrations (name, checksum) values ('999-of-tomorrow.sql', 'x')");

/** For what hangs, not for what is slow. */
const RUN_MAX_MS = 60_000;

/** As production would: everything from the environment, with a database of its own. */
function wakalaOn(name: string, ...args: string[]) {
  const { host, port, user } = database.address;
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${host}`,
    PORT: '0',
    WAKALA_OPS_PORT: '0',
    WAKALA_DATA_DIR: folder,
    WAKALA_JWT_SECRET: 'x'.repeat(32),
    WAKALA_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    WHATSAPP_APP_SECRET: 'secret-of-the-app',
    WHATSAPP_VERIFY_TOKEN: 'token-of-the-webhook',
  };
  return spawnSync(process.execPath, [path.join(ROOT, 'bin/wakala.js'), ...args], { env, encoding: 'utf8', timeout: RUN_MAX_MS });
}

const wakala = (...args: string[]) => wakalaOn(database.address.database as string, ...args);

/** Every table and what was applied, as text. */
async function schema(): Promise<string> {
  const tables = await database.admin.query(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') order by 1",
  );
  const applied = await database.admin.query('select name, checksum, at from public.wakala_migrations order by name');
  return JSON.stringify([tables.rows, applied.rows]);
}

test('serve and migrate refuse it with one line that names both versions, end with 78 and change nothing', async () => {
  await fromTomorrow();
  const before = await schema();
  for (const command of ['serve', 'migrate']) {
    const { status, stdout, stderr } = wakala(command);
    expect([command, status, stdout, stderr]).toEqual([command, EX_CONFIG, '', `wakala: ${TOLD}\n`]);
  }
  expect(await schema()).toBe(before);
});

test('a newer build migrates nothing beneath a node that serves, which could not start again after it', async () => {
  const serving = new ShardLease(database.address, 'older');
  await serving.claim([0]);
  const { rows } = await database.admin.query('delete from public.wakala_migrations where name = $1 returning *', [NEWEST]);
  const before = await schema();
  const refused = wakala('migrate');
  expect([refused.status, refused.stderr]).toEqual([
    1,
    'wakala: cluster.database_owned: another Wakala node serves this database: stop it first\n',
  ]);
  expect(await schema()).toBe(before);
  await serving.release();
  const [{ name, checksum }] = rows;
  await database.admin.query('insert into public.wakala_migrations (name, checksum) values ($1, $2)', [name, checksum]);
  expect(wakala('migrate').stdout).toBe('nothing to do\n');
});

test('a migration that was changed after it was applied ends with 78, too', async () => {
  const { rows } = await database.admin.query('select checksum from public.wakala_migrations where name = $1', [NEWEST]);
  const set = (checksum: string) =>
    database.admin.query('update public.wakala_migrations set checksum = $2 where name = $1', [NEWEST, checksum]);
  await set('another');
  const { status, stderr } = wakala('migrate');
  const doctor = wakala('doctor').stdout;
  await set(rows[0].checksum);
  expect([status, stderr]).toEqual([EX_CONFIG, `wakala: database.migration_changed: ${NEWEST} was changed after it was applied\n`]);
  expect(doctor).toContain('BAD  database: database.migration_changed: ');
});

test('doctor calls it bad, in the same words, and says what to do', async () => {
  await fromTomorrow();
  const { status, stdout } = wakala('doctor', '--json');
  const { healthy, findings } = JSON.parse(stdout);
  expect([status, healthy]).toEqual([1, false]);
  const fix = 'Start the newer build again, or restore a backup from before it.';
  expect(findings).toContainEqual({ name: 'database', ok: false, text: TOLD, fix });
});

test('doctor migrates nothing: it says that there is something to migrate, and replays once that is done', async () => {
  await database.admin.query('create database older');
  // Before anything is run, and waited for: while it runs, nothing is heard here.
  const older = await connectClient(
    { address: { ...database.address, database: 'older' }, role: null, statementTimeoutMs: 5_000 },
    () => undefined,
  );
  const doctor = () => {
    const { status, stdout } = wakalaOn('older', 'doctor', '--json');
    return [status, JSON.parse(stdout).findings.find(({ name }: { name: string }) => name === 'database')];
  };
  const waiting = { name: 'database', ok: true, warning: true, text: expect.stringContaining(`${MIGRATIONS.length} migrations`) };
  expect(doctor()).toEqual([0, waiting]);
  const { rows } = await older.query("select to_regclass('public.wakala_migrations') as found");
  await older.end();
  expect(rows).toEqual([{ found: null }]);
  expect(wakalaOn('older', 'migrate').stdout).toMatch(/^applied 001-/);
  expect(doctor()).toEqual([0, { name: 'database', ok: true, text: expect.stringContaining('0 entities with 0 events replay') }]);
});
