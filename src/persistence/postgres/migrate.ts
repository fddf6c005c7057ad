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

/** A stored version is never edited: a file whose text changed after it was applied is refused. */
class MigrationChanged extends Error {
  override readonly name = 'MigrationChanged';
  readonly code = 'database.migration_changed';
}

/** @param client connected as a user that may create roles and schemas (the embedded superuser, or the owner of DATABASE_URL). */
export async function migrate(client: pg.Client): Promise<MigrationReport> {
  await requireVersion(client);
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await createRoles(client);
    await client.query(
      'create table if not exists public.wakala_migrations (name text primary key, checksum text not null, at timestamptz not null default now())',
    );
    const known = new Map(
      (await client.query<{ name: string; checksum: string }>('select name, checksum from public.wakala_migrations')).rows.map((row) => [
        row.name,
        row.checksum,
      ]),
    );
    const applied: string[] = [];
    for (const name of migrationFiles()) {
      const text = readFileSync(new URL(name, FOLDER), 'utf8');
      const checksum = createHash('sha256').update(text).digest('hex');
      const before = known.get(name);
      if (before !== undefined && before !== checksum) throw new MigrationChanged(`${name} was changed after it was applied`);
      if (before !== undefined) continue;
      await apply(client, name, checksum, text);
      applied.push(name);
    }
    return { applied, present: [...known.keys()].sort() };
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

function migrationFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d{3}-[a-z-]+\.sql$/.test(name))
    .sort();
}

async function apply(client: pg.Client, name: string, checksum: string, text: string): Promise<void> {
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
