/** Brings a database to the present schema: numbered files, once each, in order, under a lock. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { CodedError } from '../../errors.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Any constant that nobody else locks. */
const LOCK = 7_351_001;
const OLDEST_MAJOR = 14;
/** 140005 is 14.5. */
const VERSION_FACTOR = 10_000;
const ROLES = ['wakala_owner', 'wakala_writer', 'wakala_reader', 'wakala_app', 'wakala_relay', 'wakala_directory'] as const;

interface MigrationReport {
  readonly applied: readonly string[];
  readonly present: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly text: string;
}

/** A stored version is never edited: a file whose text changed after it was applied is refused. */
class MigrationChanged extends Error {
  override readonly name = 'MigrationChanged';
  readonly code = 'database.migration_changed';
}

/**
 * @param client connected as a user that may create roles and schemas (the embedded superuser, or the owner of DATABASE_URL).
 * @throws CodedError `database.too_old`, `database.newer_schema`, and MigrationChanged; then nothing was changed
 */
export async function migrate(client: pg.Client): Promise<MigrationReport> {
  await requireVersion(client);
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    const known = await appliedMigrations(client);
    const pending = missingFrom(known);
    await createRoles(client);
    await client.query(
      'create table if not exists public.wakala_migrations (name text primary key, checksum text not null, at timestamptz not null default now())',
    );
    for (const migration of pending) await apply(client, migration);
    return { applied: pending.map(({ name }) => name), present: [...known.keys()].sort() };
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

/** @throws CodedError `database.too_old` */
async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; shown: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as shown",
  );
  const major = Math.floor(Number(rows[0]?.number) / VERSION_FACTOR);
  if (major < OLDEST_MAJOR) throw new CodedError('database.too_old', `PostgreSQL ${rows[0]?.shown} is older than ${OLDEST_MAJOR}`);
}

/**
 * What this build would still apply, in order; changes nothing.
 * @throws as `migrate`
 */
export async function pendingMigrations(client: pg.Client): Promise<string[]> {
  await requireVersion(client);
  return missingFrom(await appliedMigrations(client)).map(({ name }) => name);
}

/** @returns the checksum of each by its name; empty for a database that was never migrated. */
async function appliedMigrations(client: pg.Client): Promise<Map<string, string>> {
  const { rows: tables } = await client.query("select 1 from pg_catalog.pg_class where oid = to_regclass('public.wakala_migrations')");
  if (tables.length === 0) return new Map();
  const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from public.wakala_migrations');
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/**
 * The files that were not applied yet, in order.
 * @throws CodedError `database.newer_schema`: what a newer build has changed, this one would write past
 * @throws MigrationChanged
 */
function missingFrom(applied: ReadonlyMap<string, string>): Migration[] {
  const files = migrationFiles();
  const newest = [...applied.keys()]
    .filter((name) => !files.includes(name))
    .sort()
    .at(-1);
  if (newest !== undefined) {
    throw new CodedError(
      'database.newer_schema',
      `a newer build has migrated the database to ${versionOf(newest)}; this build knows migrations up to ${versionOf(files.at(-1) ?? 'none')}`,
    );
  }
  const missing: Migration[] = [];
  for (const name of files) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    const before = applied.get(name);
    if (before === undefined) missing.push({ name, checksum, text });
    else if (before !== checksum) throw new MigrationChanged(`${name} was changed after it was applied`);
  }
  return missing;
}

const versionOf = (name: string): string => name.replace(/\.sql$/, '');

function migrationFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d{3}-[a-z-]+\.sql$/.test(name))
    .sort();
}

async function apply(client: pg.Client, { name, checksum, text }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(text);
    await client.query('insert into public.wakala_migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Roles belong to the whole server, so another database's migration may be creating them at this very moment. */
async function createRoles(client: pg.Client): Promise<void> {
  for (const role of ROLES) {
    await client.query(
      `do $$ begin create role ${role} nologin nosuperuser nobypassrls; exception when duplicate_object or unique_violation then null; end $$`,
    );
    await client.query(
      `do $$ begin execute format('grant ${role} to %I', current_user); exception when unique_violation or invalid_grant_operation then null; end $$`,
    );
  }
}
