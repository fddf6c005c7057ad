/** A real PostgreSQL of its own for one test file: started, migrated, thrown away. Knows roles, no test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import type { ReadModelRows } from '../../src/actors/read-models.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/persistence/embedded/embedded-postgres.ts';
import { readModelStatements } from '../../src/persistence/postgres/batch/read-model-statements.ts';
import { connectClient, createPool, type DatabaseAddress, type Role } from '../../src/persistence/postgres/connect.ts';
import { migrate } from '../../src/persistence/postgres/migrate.ts';
import { roundTripOn } from '../../src/persistence/postgres/round-trip.ts';
import { PersonKeys } from '../../src/persistence/postgres/seal/person-keys.ts';
import type { PersonalCodec } from '../../src/persistence/postgres/seal/personal-codec.ts';
import { scopeTo } from '../../src/persistence/postgres/tenant-scope.ts';
import type { CommitBatch } from '../../src/runtime/journal/store.ts';

const STATEMENT_TIMEOUT_MS = 20_000;
const POOL_SIZE = 4;

export const MASTER_KEY = Buffer.alloc(32, 7);

export type Write = CommitBatch['readModels'][number];

export class ScratchDatabase {
  readonly #folder: string;
  readonly #server: EmbeddedServer;
  readonly address: DatabaseAddress;
  readonly #pools: pg.Pool[] = [];
  /** The superuser, for looking at what is really stored. */
  readonly admin: pg.Client;

  constructor(folder: string, server: EmbeddedServer, address: DatabaseAddress, admin: pg.Client) {
    this.#folder = folder;
    this.#server = server;
    this.address = address;
    this.admin = admin;
  }

  static async open(): Promise<ScratchDatabase> {
    const folder = mkdtempSync(path.join(tmpdir(), 'wakala-read-models-'));
    const server = await startEmbedded({ dir: path.join(folder, 'pg'), settings: { fsync: 'off', shared_buffers: '32MB' } });
    const address = { host: server.host, port: server.port, user: server.user, database: server.database };
    try {
      const admin = await connectClient({ address, role: null, statementTimeoutMs: STATEMENT_TIMEOUT_MS }, () => undefined);
      await migrate(admin);
      return new ScratchDatabase(folder, server, address, admin);
    } catch (error) {
      // Nobody else would: a migration that fails must not leave a server behind for each test file.
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  pool(role: Role, size = POOL_SIZE): pg.Pool {
    const pool = createPool({ address: this.address, role, statementTimeoutMs: STATEMENT_TIMEOUT_MS }, size);
    this.#pools.push(pool);
    return pool;
  }

  /** Pid of the postmaster, for tests that end it. */
  get serverPid(): number {
    return this.#server.pid;
  }

  /** Another thread's keys: own cache, same database. */
  keys(masterKey = MASTER_KEY): PersonKeys {
    return new PersonKeys(this.pool('wakala_directory'), masterKey);
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
    await this.admin.end();
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs `body` in a transaction with the given setting, and rolls back when it throws. */
export async function inScope<T>(pool: pg.Pool, setting: string, value: string, body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select set_config($1, $2, true)', [setting, value]);
    const result = await body(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Resolves when as many connections of this role wait for a lock. */
export async function untilBlocked(admin: pg.Client, role: Role, count = 1): Promise<void> {
  for (;;) {
    const { rows } = await admin.query(
      "select 1 from pg_stat_activity where application_name = 'wakala ' || $1 and wait_event_type = 'Lock'",
      [role],
    );
    if (rows.length >= count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One group commit's read-model part. */
export async function commit(writer: pg.Pool, codec: PersonalCodec, writes: readonly Write[]): Promise<void> {
  const people = writes.flatMap((write) =>
    write.subjectId === null ? [] : [{ tenantId: write.ref.tenantId, subjectId: write.subjectId }],
  );
  await codec.ensure(people);
  const tenants = [...new Set(writes.map((write) => write.ref.tenantId))];
  await roundTripOn(writer, [scopeTo('tenants', tenants), ...readModelStatements(writes, codec)]);
}

/** A row as an actor of this tenant projects it. */
export function row<K extends keyof ReadModelRows>(
  tenantId: number,
  op: K,
  values: ReadModelRows[K],
  options: { readonly seq?: number; readonly subjectId?: string | null } = {},
): Write {
  const ref = { tenantId, kind: op.split('.')[0] as string, id: 'any', shard: 0 };
  return { op, row: values as unknown as Write['row'], ref, seq: options.seq ?? 1, subjectId: options.subjectId ?? null };
}

export function message(
  tenantId: number,
  values: Partial<ReadModelRows['message.insert']> & { readonly messageId: string },
  options: { readonly seq?: number } = {},
): Write {
  const rest = {
    customerId: 'cus_a',
    direction: 'out',
    whatsappId: null,
    kind: 'text',
    status: 'queued',
    atMs: 1_000,
    pointer: 'out:0',
    seq: options.seq ?? 1,
  } as const;
  return row(tenantId, 'message.insert', { ...rest, ...values }, options);
}

export function status(tenantId: number, messageId: string, to: string, whatsappId: string | null = null): Write {
  return row(tenantId, 'message.status', { messageId, customerId: 'cus_a', whatsappId, status: to, atMs: 2_000 });
}
