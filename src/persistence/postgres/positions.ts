/** Highest stored position of each shard, for whoever takes shards over. */
import type pg from 'pg';
import { int2Array } from './binary-arrays.ts';

/** @param pool role wakala_relay. Shards without events are absent. */
export async function readPositions(pool: pg.Pool, shards: readonly number[]): Promise<Map<number, number>> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("select set_config('app.shards', $1, true)", [`{${shards.join(',')}}`]);
    const { rows } = await client.query<{ shard: number; pos: string }>(
      'select s.shard, j.pos from unnest($1::smallint[]) as s (shard) cross join lateral (select pos from app.journal where shard = s.shard order by pos desc limit 1) j',
      [int2Array(shards)],
    );
    await client.query('commit');
    client.release();
    return new Map(rows.map((row) => [row.shard, Number(row.pos)]));
  } catch (error) {
    client.release(true);
    throw error;
  }
}
