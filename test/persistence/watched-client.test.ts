/** A client that gives up on late answers: what it says, what it leaves alone, and that no answer is kept longer than it is used. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ConnectOptions, connectClient, createPool } from '../../src/persistence/postgres/connect.ts';
import { isAnswerLate } from '../../src/persistence/postgres/outage.ts';
import { roundTripOn } from '../../src/persistence/postgres/round-trip.ts';
import { ScratchDatabase } from './scratch-database.ts';

/** The client waits a second longer than the server may take; the server has begun by then even on a busy machine. */
const QUICK_MS = 300;
const AMPLE_MS = 60_000;

let database: ScratchDatabase;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  // Goes on after its time is up, so that it is the client who gives up.
  await database.admin.query(`create function public.outlast() returns void language plpgsql as $$ begin
    perform pg_sleep(60); exception when query_canceled then perform pg_sleep(60); end $$`);
});
afterAll(async () => {
  await database.admin.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
  await database.close();
});

const options = (statementTimeoutMs: number): ConnectOptions => ({ address: database.address, role: null, statementTimeoutMs });

function poolOf(statementTimeoutMs: number): pg.Pool {
  const pool = createPool(options(statementTimeoutMs), 1);
  onTestFinished(() => pool.end());
  return pool;
}

const failure = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => null,
    (error: unknown) => error,
  );

it('tells every way of asking that the answer is late, and the next question has a connection of its own', async () => {
  const pool = poolOf(QUICK_MS);
  const outlast = 'select public.outlast()';
  expect(isAnswerLate(await failure(pool.query(outlast)))).toBe(true);
  expect(isAnswerLate(await failure(roundTripOn(pool, [{ name: null, text: outlast, values: [] }])))).toBe(true);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('tells those who wait behind a late answer, too, and whoever owns the connection', async () => {
  const lost: Error[] = [];
  const client = await connectClient(options(QUICK_MS), (error) => lost.push(error));
  const answers = await Promise.all([failure(client.query('select public.outlast()')), failure(client.query('select 1'))]);
  expect(answers.every(isAnswerLate)).toBe(true);
  expect(lost.some(isAnswerLate)).toBe(true);
});

it('leaves a connection alone that nobody asks anything', async () => {
  const client = await connectClient(options(QUICK_MS), () => undefined);
  onTestFinished(() => client.end());
  await client.query('select 1');
  // Longer than an answer may take, on another connection.
  await database.admin.query('select pg_sleep(2)');
  expect((await client.query('select 2 as two')).rows).toEqual([{ two: 2 }]);
});

it('keeps no process alive over a question that a closed connection refused', async () => {
  const client = await connectClient(options(AMPLE_MS), () => undefined);
  await client.end();
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  expect(await failure(client.query('select 1'))).toMatchObject({ message: 'Client was closed and is not queryable' });
  expect(timers()).toBe(before);
});

it('keeps no answer beyond its use: rows do not pile up where only a full collection looks', async () => {
  const ROWS = 200;
  const ANSWERS = 400;
  const BYTES_A_ROW = 100;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how?: { type: 'minor' }) => void;
  const pool = poolOf(AMPLE_MS);
  const ask = () =>
    roundTripOn(pool, [
      { name: 'many', text: `select i, 'note ' || i as note from generate_series(1, ${ROWS}) i`, values: [], rows: true },
    ]);
  const oldBytes = (): number => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0;
  await ask();
  collect();
  const before = oldBytes();
  for (let i = 0; i < ANSWERS; i++) {
    await ask();
    // Twice survived is old.
    if (i % 20 === 0) collect({ type: 'minor' });
  }
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  expect((oldBytes() - before) / ANSWERS).toBeLessThan((ROWS * BYTES_A_ROW) / 10);
});
