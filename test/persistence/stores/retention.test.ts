/** Forgetting command ids and dead letters: what goes, what must stay, in which steps, and who may do it. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EFFECTS } from '../../../src/persistence/postgres/journal/journal-store.ts';
import {
  COMMAND_PAGES,
  createRetention,
  forgetBeforeMs,
  LETTERS_MAX,
  type Retention,
} from '../../../src/persistence/postgres/stores/retention.ts';
import { inScope, ScratchDatabase } from '../scratch-database.ts';

const DAY_MS = 86_400_000;
let database: ScratchDatabase;
let relay: pg.Pool;
let retention: Retention;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  relay = database.pool('wakala_relay');
  retention = createRetention(relay, EFFECTS);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.admin.query('truncate app.processed_commands, app.journal, app.relay_offset, ops.dead_letters, ops.intake');
});

/** Ids of these ages in days, named by them. */
async function handled(...days: number[]): Promise<void> {
  await database.admin.query(
    `insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id, at)
     select 1 + n % 3, days::text, 2, 'e', now() - days * interval '1 day' from unnest($1::float8[]) with ordinality as d (days, n)`,
    [days],
  );
}

async function left(): Promise<number[]> {
  const { rows } = await database.admin.query<{ id: string }>('select command_id as id from app.processed_commands');
  return rows.map((row) => Number(row.id)).sort((a, b) => a - b);
}

async function letters(count: number, days: number): Promise<void> {
  await database.admin.query(
    `insert into ops.dead_letters (reason, tries, body, at_ms) select 'x', 3, '\\x00', (extract(epoch from now() - $2 * interval '1 day') * 1000)::bigint
     from generate_series(1, $1)`,
    [count, days],
  );
}

/** All steps of a round. @returns what each removed. */
async function forget(days: number): Promise<number[]> {
  const beforeMs = forgetBeforeMs(await retention.horizon(), days);
  const steps: number[] = [];
  for (let page: number | null = 0; page !== null; ) {
    const step: { removed: number; nextPage: number | null } = await retention.forgetCommands(beforeMs, page);
    steps.push(step.removed);
    page = step.nextPage;
  }
  return steps;
}

/** An effect promised so many days ago at this position of shard 3. */
async function promise(pos: number, days: number): Promise<void> {
  await database.admin.query(
    `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, effects)
     values (1, 2, 'sender', $1, 3, $1, 1, 'promised', 1, (extract(epoch from now() - $2 * interval '1 day') * 1000)::bigint, '\\x00')`,
    [pos, days],
  );
}

async function settle(pos: number): Promise<void> {
  await database.admin.query(
    `insert into app.relay_offset values ('effects', 3, $1, 1) on conflict (consumer, shard) do update set pos = excluded.pos`,
    [pos],
  );
}

describe('command ids', () => {
  it('go when they are older than the days asked for, of every tenant, and no others', async () => {
    await handled(1, 9, 13.9, 14.1, 15, 400);
    expect(await forget(14)).toEqual([3]);
    expect(await left()).toEqual([1, 9, 13.9]);
  });

  it('stay for eight days whatever is asked for: the database does not show younger ones', async () => {
    await handled(0, 7.9, 8.1);
    expect(await forget(-1)).toEqual([1]);
    expect(await left()).toEqual([0, 7.9]);
  });

  it('stay as long before the oldest effect that a crash left behind: resumed, it sends the same id again', async () => {
    await handled(15, 30, 35);
    await promise(7, 40);
    await promise(8, 20);
    await settle(7);
    await forget(14);
    expect(await left()).toEqual([15, 30]);
    await settle(8);
    await forget(14);
    expect(await left()).toEqual([]);
  });

  it('of a shard that was never settled stay, too', async () => {
    await handled(15, 30);
    await promise(1, 10);
    await forget(14);
    expect(await left()).toEqual([15]);
  });

  it('stay as long before the oldest post that waits in the intake log', async () => {
    await handled(15, 30, 35);
    await database.admin.query("insert into ops.intake (lane, messages, body, at) values (1, 1, '\\x00', now() - interval '20 days')");
    await forget(14);
    expect(await left()).toEqual([15, 30]);
  });

  it('go in steps of so many pages, all of them once', async () => {
    await database.admin.query(
      `insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id, reply, at)
       select 1, n::text, 2, 'e', decode(repeat('00', 1000), 'hex'), now() - interval '20 days' from generate_series(1, 2000) as n`,
    );
    const { rows } = await database.admin.query<{ pages: number }>(
      "select (pg_relation_size('app.processed_commands') / current_setting('block_size')::int)::int as pages",
    );
    const steps = await forget(14);
    expect(steps.length).toBe(Math.ceil((rows[0]?.pages ?? 0) / COMMAND_PAGES));
    expect(steps.length).toBeGreaterThan(3);
    expect(Math.max(...steps)).toBeLessThanOrEqual(COMMAND_PAGES * 8);
    expect(steps.reduce((sum, removed) => sum + removed, 0)).toBe(2000);
  });

  it('are looked for by place: a step reads its own pages, also before the database has counted any', async () => {
    const plan = async (): Promise<string> => {
      const { rows } = await relay.query<{ 'QUERY PLAN': string }>(
        "explain delete from app.processed_commands where at < now() and ctid >= '(64,0)' and ctid < '(128,0)'",
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(await plan()).toContain('Tid Range Scan');
    await database.admin.query(
      `insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id, reply, at)
       select 1, n::text, 2, 'e', decode(repeat('00', 1000), 'hex'), now() - interval '20 days' from generate_series(1, 2000) as n`,
    );
    expect(await plan()).toContain('Tid Range Scan');
    await database.admin.query('analyze app.processed_commands');
    expect(await plan()).toContain('Tid Range Scan');
  });

  it('have no index that only their age would use, and batches no second fence', async () => {
    const { rows } = await database.admin.query<{ name: string }>(
      "select indexrelid::regclass::text as name from pg_index where indrelid = 'app.processed_commands'::regclass",
    );
    expect(rows).toEqual([{ name: 'app.processed_commands_pkey' }]);
    expect((await database.admin.query("select 1 from pg_proc where proname = 'check_fence'")).rowCount).toBe(0);
  });

  it('are removed by the role of the chores alone, which cannot read them', async () => {
    await handled(20);
    const remove = 'delete from app.processed_commands where at < now()';
    for (const role of ['wakala_writer', 'wakala_reader', 'wakala_app', 'wakala_directory'] as const)
      await expect(database.pool(role, 1).query(remove)).rejects.toMatchObject({ code: '42501' });
    for (const column of ['command_id', 'reply', 'tenant_id', '*'])
      await expect(relay.query(`select ${column} from app.processed_commands`)).rejects.toMatchObject({ code: '42501' });
    await expect(relay.query('select body from ops.intake')).rejects.toMatchObject({ code: '42501' });
    expect(await left()).toEqual([20]);
  });

  it('that are written while others go do not wait: a step locks only the rows that it takes', async () => {
    await handled(20);
    const client = await relay.connect();
    await client.query('begin');
    await client.query('delete from app.processed_commands where at < now()');
    await inScope(database.pool('wakala_writer', 1), 'app.tenant_ids', '{1}', (writer) =>
      writer.query("insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id) values (1, '0', 2, 'e')"),
    );
    await client.query('commit');
    client.release();
    expect(await left()).toEqual([0]);
  });
});

describe('dead letters', () => {
  it('go when they are older than the days asked for, so many in a step', async () => {
    await letters(LETTERS_MAX + 2, 91);
    await letters(3, 89);
    const beforeMs = Date.now() - 90 * DAY_MS;
    expect(await retention.forgetDeadLetters(beforeMs)).toBe(LETTERS_MAX);
    expect(await retention.forgetDeadLetters(beforeMs)).toBe(2);
    expect(await retention.forgetDeadLetters(beforeMs)).toBe(0);
    expect((await database.admin.query('select 1 from ops.dead_letters')).rowCount).toBe(3);
  });

  it('beyond a number go by their age, the oldest first, and none at that number', async () => {
    for (const [count, days] of [
      [4, 9],
      [2, 5],
      [3, 1],
    ] as const)
      await letters(count, days);
    expect(await retention.deadLettersBeyond(9)).toBeNull();
    expect(await retention.forgetDeadLetters((await retention.deadLettersBeyond(5)) ?? 0)).toBe(4);
    expect((await database.admin.query('select 1 from ops.dead_letters')).rowCount).toBe(5);
  });
});
