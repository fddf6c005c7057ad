/** A real PostgreSQL for one bench: durable settings, migrated, all shards claimed, thrown away at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../../src/persistence/embedded/embedded-postgres.ts';
import { connectClient, type DatabaseAddress } from '../../src/persistence/postgres/connect.ts';
import { migrate } from '../../src/persistence/postgres/migrate.ts';
import { ShardLease } from '../../src/persistence/postgres/shard-lease.ts';
import { type DatabaseConfig, openThreadDatabase, type ThreadDatabase } from '../../src/persistence/postgres/thread-database.ts';
import { SHARDS } from '../../src/runtime/entity.ts';

const STATEMENT_TIMEOUT_MS = 60_000;
const POOL_SIZE = 4;
const DIRECTORY_CACHE = 1_000;

export interface BenchDatabase {
  readonly address: DatabaseAddress;
  /** Epoch of every shard. */
  readonly epochs: ReadonlyMap<number, number>;
  /** What one worker thread holds; a new one each call. */
  thread(kinds: ReadonlyMap<string, number>): Promise<ThreadDatabase>;
  close(): Promise<void>;
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wakala-bench-'));
  const server = await startEmbedded({ dir: path.join(folder, 'pg') });
  const address = { host: server.host, port: server.port, user: server.user, database: server.database };
  const admin = await connectClient({ address, role: null, statementTimeoutMs: STATEMENT_TIMEOUT_MS }, () => undefined);
  await migrate(admin);
  await admin.end();
  const lease = new ShardLease(address, 'bench');
  const epochs = await lease.claim(Array.from({ length: SHARDS }, (_, shard) => shard));
  const config: DatabaseConfig = {
    database: { poolSize: POOL_SIZE, statementTimeoutMs: STATEMENT_TIMEOUT_MS, directoryCache: DIRECTORY_CACHE },
    intake: { waitingBytesMax: 1024 * 1024 },
    journal: { flushMs: 1 },
    secrets: { masterKey: Buffer.alloc(32, 7).toString('base64') },
  };
  const threads: ThreadDatabase[] = [];
  return {
    address,
    epochs,
    async thread(kinds) {
      const opened = await openThreadDatabase({ address, config, kinds });
      threads.push(opened);
      return opened;
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
      await lease.release();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
