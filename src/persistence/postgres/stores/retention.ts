/**
 * Forgets processed command ids and dead letters in small steps, each a short transaction that locks nothing but the rows that it takes.
 * It must never know when to run, nor what a command means.
 */
import type pg from 'pg';
import { SHARDS } from '../../../runtime/entity.ts';
import { int2Array } from '../binary-arrays.ts';
import { inScope, scopeTo } from '../tenant-scope.ts';

const DAY_MS = 86_400_000;
/** Pages of the table that one step looks through, 8 KiB each: some thousand ids. */
export const COMMAND_PAGES = 64;
/** Dead letters that one step takes; bodies may be large. */
export const LETTERS_MAX = 500;

/**
 * The oldest thing that was accepted and is not finished: a promised effect above its shard's checkpoint, a post in the intake log. After
 * a crash it is worked on under the ids of before, however long the node was away. The `offset` keeps `coalesce` out of the comparison:
 * under row-level security only a plain value may be looked for in an index, and everything below the checkpoint would be read.
 */
const OLDEST_UNFINISHED = `select (extract(epoch from now()) * 1000)::float8 as now_ms,
    least(
      (select (extract(epoch from min(at)) * 1000)::float8 from ops.intake),
      (select min(j.at_ms)::float8 from (
          select s.shard, coalesce(o.pos, 0) as settled_pos from unnest($1::smallint[]) as s (shard)
          left join app.relay_offset o on o.consumer = $2 and o.shard = s.shard offset 0) as s
        cross join lateral (select at_ms from app.journal
          where shard = s.shard and pos > s.settled_pos and effects is not null order by pos limit 1) as j)
    ) as unfinished_ms`;

/**
 * By place and not by age: new rows take the room of removed ones, so soon every stretch of the table has old rows and young, and a step
 * that had to find old rows would read the table from its beginning each time. So no index of ages is kept: it would only cost each batch.
 */
const FORGET_COMMANDS = `with gone as (
    delete from app.processed_commands
    where at < to_timestamp($1::float8 / 1000) and ctid >= $2::tid and ctid < $3::tid returning 1)
  select (select count(*)::int from gone) as removed,
    pg_relation_size('app.processed_commands') / current_setting('block_size')::bigint as pages`;

const FORGET_LETTERS = `with gone as (
    delete from ops.dead_letters where id in (select id from ops.dead_letters where at_ms < $1::bigint order by at_ms limit $2) returning 1)
  select count(*)::int as removed from gone`;

const LETTERS_BEYOND = 'select at_ms::float8 as at_ms from ops.dead_letters order by at_ms desc offset $1 limit 2';

export interface Horizon {
  /** By the database's clock, unix milliseconds. */
  readonly nowMs: number;
  /** Since when the oldest unfinished thing waits; null when nothing does. */
  readonly unfinishedMs: number | null;
}

export interface Retention {
  horizon(): Promise<Horizon>;
  /**
   * One step through the ids. @param page where to begin, 0 first. @returns where the next step begins; null after the last.
   * Ids younger than eight days stay in any case: the database does not show them.
   */
  forgetCommands(beforeMs: number, page: number): Promise<{ readonly removed: number; readonly nextPage: number | null }>;
  /** @returns before which time all but the newest `max` were given up, unix milliseconds; null when there are no more of them. */
  deadLettersBeyond(max: number): Promise<number | null>;
  /** One step; fewer than `LETTERS_MAX` when it was the last. */
  forgetDeadLetters(beforeMs: number): Promise<number>;
}

/** What may go: older than `days` when the oldest unfinished thing was accepted. A clock before it does not count as later. */
export function forgetBeforeMs({ nowMs, unfinishedMs }: Horizon, days: number): number {
  return Math.min(nowMs, unfinishedMs ?? nowMs) - days * DAY_MS;
}

/** @param pool role wakala_relay. @param checkpoints whose offsets say up to where promised effects are settled. */
export function createRetention(pool: pg.Pool, checkpoints: string): Retention {
  const allShards = Array.from({ length: SHARDS }, (_, shard) => shard);
  return {
    async horizon() {
      const [row] = await inScope<{ now_ms: number; unfinished_ms: number | null }>(
        pool,
        scopeTo('shards', allShards),
        null,
        OLDEST_UNFINISHED,
        [int2Array(allShards), checkpoints],
      );
      if (row === undefined) throw new Error('the database does not know its time');
      return { nowMs: row.now_ms, unfinishedMs: row.unfinished_ms };
    },
    async forgetCommands(beforeMs, page) {
      const next = page + COMMAND_PAGES;
      const values = [beforeMs, `(${page},0)`, `(${next},0)`];
      const { rows } = await pool.query<{ removed: number; pages: string }>(FORGET_COMMANDS, values);
      const [row] = rows;
      return { removed: row?.removed ?? 0, nextPage: next < Number(row?.pages ?? 0) ? next : null };
    },
    async deadLettersBeyond(max) {
      // What was given up in the same millisecond as the oldest that is kept stays with it.
      const { rows } = await pool.query<{ at_ms: number }>(LETTERS_BEYOND, [max - 1]);
      const [oldestKept, beyond] = rows;
      return beyond === undefined ? null : (oldestKept?.at_ms ?? null);
    },
    async forgetDeadLetters(beforeMs) {
      const { rows } = await pool.query<{ removed: number }>(FORGET_LETTERS, [Math.floor(beforeMs), LETTERS_MAX]);
      return rows[0]?.removed ?? 0;
    },
  };
}
