/**
 * Who owns the shards, decided in the database. One node for now: a session lock proves that no other node
 * lives, and new epochs fence whatever an earlier owner still has on its way.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { CodedError } from '../../errors.ts';
import { connectClient, type DatabaseAddress } from './connect.ts';

const NODE_LOCK = 7_351_003;
/** How long a predecessor may take to let go. */
export const TAKEOVER_WAIT_MS = 15_000;
const TAKEOVER_POLL_MS = 100;
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Runs `task` while no node serves the database, and keeps any from beginning to.
 * @param patienceMs how long one that serves may take to let go
 * @throws CodedError `cluster.database_owned`, and what the task throws
 */
export async function withoutNode<T>(client: pg.Client, patienceMs: number, task: () => Promise<T>): Promise<T> {
  await strive(client, patienceMs, () => undefined);
  try {
    return await task();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [NODE_LOCK]);
  }
}

/** @param look called after each try, before it counts: throws when the lock is not wanted any more. */
async function strive(client: pg.Client, patienceMs: number, look: () => void): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [NODE_LOCK]);
    look();
    if (rows[0]?.won === true) return;
    if (performance.now() >= deadlineMs)
      throw new CodedError('cluster.database_owned', 'another Wakala node serves this database: stop it first');
    await wait(TAKEOVER_POLL_MS);
  }
}

export class ShardLease {
  readonly #address: DatabaseAddress;
  readonly #nodeId: string;
  readonly #statementTimeoutMs: number;
  #client: pg.Client | null = null;
  /** One claim after the other, however many threads ask: two that strive for the lock would take each other for another node. */
  #last: Promise<unknown> = Promise.resolve();
  #released = false;

  constructor(address: DatabaseAddress, nodeId: string, statementTimeoutMs = STATEMENT_TIMEOUT_MS) {
    this.#address = address;
    this.#nodeId = nodeId;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  /**
   * New epochs for the shards. Waits for transactions under the old ones to end: they hold the locks of the data shards.
   * @throws CodedError `cluster.database_owned` when another node lives; Error while the database is away.
   */
  claim(shards: readonly number[]): Promise<Map<number, number>> {
    const claimed = this.#last.then(() => this.#claim(shards));
    this.#last = claimed.catch(() => undefined);
    return claimed;
  }

  async #claim(shards: readonly number[]): Promise<Map<number, number>> {
    const client = await this.#locked();
    try {
      const { rows } = await client.query<{ shard: number; epoch: string }>(
        'select shard, epoch from app.claim_shards($1::smallint[], $2)',
        [shards, this.#nodeId],
      );
      return new Map(rows.map((row) => [row.shard, Number(row.epoch)]));
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  async release(): Promise<void> {
    this.#released = true;
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  /** The connection that holds the lock; a lost connection has lost the lock and has to win it again. */
  async #locked(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    let own: pg.Client | null = null;
    const lost = (): void => {
      if (own !== null) this.#drop(own);
    };
    const client = await connectClient({ address: this.#address, role: null, statementTimeoutMs: this.#statementTimeoutMs }, lost);
    own = client;
    client.once('end', lost);
    try {
      await strive(client, TAKEOVER_WAIT_MS, () => {
        if (this.#released) throw new Error('the shards are given up');
      });
    } catch (error) {
      // Not left open: it may have won the lock without our having heard of it, and would keep us out for ever.
      this.#drop(client);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client === client) this.#client = null;
    client.end().catch(() => undefined);
  }
}
