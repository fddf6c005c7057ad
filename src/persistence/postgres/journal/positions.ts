/** Highest stored position of each shard, for whoever takes shards over. */
import type pg from 'pg';
import { int2Array } from '../binary-arrays.ts';
import { inScope, scopeTo } from '../tenant-scope.ts';

/** @param pool role wakala_relay. Shards without events are absent. */
export async function readPositions(pool: pg.Pool, shards: readonly number[]): Promise<Map<number, number>> {
  const rows = await inScope<{ shard: number; pos: string }>(
    pool,
    scopeTo('shards', shards),
    null,
    'select s.shard, j.pos from unnest($1::smallint[]) as s (shard) cross join lateral (select pos from app.journal where shard = s.shard order by pos desc limit 1) j',
    [int2Array(shards)],
  );
  return new Map(rows.map((row) => [row.shard, Number(row.pos)]));
}
