/** Several statements in one round trip: all or nothing, and what a failure says about that. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectClient } from '../../src/persistence/postgres/connect.ts';
import { roundTrip, roundTripOn, type Statement } from '../../src/persistence/postgres/round-trip.ts';
import { ScratchDatabase } from './scratch-database.ts';

let database: ScratchDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  await database.admin.query('create table public.notes (id int primary key, text text, twin int unique deferrable initially deferred)');
});
afterAll(() => database.close());
beforeEach(async () => {
  client = await connectClient({ address: database.address, role: null, statementTimeoutMs: 2_000 }, () => undefined);
});
afterEach(async () => {
  await client.end();
  await database.admin.query('delete from public.notes');
});

const add = (id: number, text: string | null = null): Statement => ({
  name: 'add_note',
  text: 'insert into public.notes (id, text, twin) values ($1, $2, $1)',
  values: [id, text],
});
const list: Statement = { name: 'list_notes', text: 'select id, text from public.notes order by id', values: [], rows: true };
const stored = async (): Promise<number[]> =>
  (await database.admin.query<{ id: number }>('select id from public.notes order by id')).rows.map(({ id }) => id);
const complaint = (statements: readonly Statement[]) =>
  roundTrip(client, statements).then(
    () => null,
    (error: unknown) => error,
  );

it('answers the wanted rows of each statement, in order, seen from inside one transaction', async () => {
  const answers = await roundTrip(client, [
    list,
    add(1, 'a'),
    list,
    add(2),
    { name: null, text: 'select $1 as said', values: ['b'], rows: true },
  ]);
  expect(answers).toEqual([[], [], [{ id: 1, text: 'a' }], [], [{ said: 'b' }]]);
  expect(await stored()).toEqual([1, 2]);
});

it('prepares a named statement once a connection, and reads its rows again and again', async () => {
  await roundTrip(client, [add(1), list]);
  await roundTrip(client, [add(2, 'b'), list]);
  const [, rows] = await roundTrip(client, [add(3), list]);
  expect(rows).toEqual([
    { id: 1, text: null },
    { id: 2, text: 'b' },
    { id: 3, text: null },
  ]);
  const { rows: names } = await client.query("select name from pg_prepared_statements where name like '%note%' order by name");
  expect(names).toEqual([{ name: 'add_note' }, { name: 'list_notes' }]);
});

it('keeps nothing when one statement is refused, says why, and the connection goes on', async () => {
  const error = await complaint([add(1), add(1), list]);
  expect(error).toBeInstanceOf(pg.DatabaseError);
  expect(error).toMatchObject({ code: '23505' });
  expect(await stored()).toEqual([]);
  // `add_note` was parsed before the failure, `list_notes` was not.
  expect((await roundTrip(client, [add(1), list]))[1]).toEqual([{ id: 1, text: null }]);
});

it('keeps nothing when a statement cannot be parsed', async () => {
  const broken: Statement = { name: 'broken', text: 'insert into public.nowhere values (1)', values: [] };
  expect(await complaint([add(1), broken, list])).toMatchObject({ code: '42P01' });
  expect(await complaint([broken])).toMatchObject({ code: '42P01' });
  expect(await stored()).toEqual([]);
});

it('a complaint at the commit itself is one, too', async () => {
  const twin: Statement = { name: 'add_twin', text: 'insert into public.notes (id, twin) values ($1, 1)', values: [2] };
  const error = await complaint([add(1), twin]);
  expect(error).toBeInstanceOf(pg.DatabaseError);
  expect(error).toMatchObject({ code: '23505' });
  expect(await stored()).toEqual([]);
});

it('a server that goes away leaves open what became of it: that is no complaint', async () => {
  const die: Statement = { name: null, text: 'select pg_terminate_backend(pg_backend_pid())', values: [] };
  const error = await complaint([add(1), die]);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(pg.DatabaseError);
});

it('a value without a form on the wire is refused before anything leaves', async () => {
  await expect(roundTrip(client, [add(1), { ...add(2), values: [2, { text: 'b' }] }])).rejects.toThrow(TypeError);
  expect(await stored()).toEqual([]);
  expect(await roundTrip(client, [list])).toEqual([[]]);
});

it('a setting made for the transaction ends with it', async () => {
  const scope: Statement = { name: null, text: "select set_config('app.tenant_ids', '{7}', true)", values: [] };
  const look: Statement = { name: 'look', text: "select current_setting('app.tenant_ids', true) as ids", values: [], rows: true };
  expect((await roundTrip(client, [scope, look]))[1]).toEqual([{ ids: '{7}' }]);
  expect(await roundTrip(client, [look])).toEqual([[{ ids: '' }]]);
});

it('a connection of a pool that complained is not used again: it may be inside a failed transaction', async () => {
  const pool = database.pool('wakala_directory', 1);
  const begin: Statement = { name: 'begin', text: 'begin', values: [] };
  const refused: Statement = { name: null, text: 'select 1/$1::int', values: [0] };
  await expect(roundTripOn(pool, [begin, refused])).rejects.toMatchObject({ code: '22012' });
  expect(await roundTripOn(pool, [{ name: null, text: 'select 1 as one', values: [], rows: true }])).toEqual([[{ one: 1 }]]);
});
