/** Notices of changed numbers come in any order and again: whoever moved on twice is one customer, against a real database. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BlindIndex } from '../../../src/persistence/postgres/seal/blind-index.ts';
import { PostgresCustomerDirectory } from '../../../src/persistence/postgres/stores/customer-directory.ts';
import { SharedCount } from '../../../src/persistence/postgres/stores/shared-count.ts';
import type { Notice } from '../../../src/ports.ts';
import { MASTER_KEY, ScratchDatabase } from '../scratch-database.ts';

let database: ScratchDatabase;
let pool: pg.Pool;
/** Every test has a shop of its own. */
let shop = 100;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  pool = database.pool('wakala_directory', 8);
});

afterAll(async () => {
  await database.close();
});

beforeEach(() => {
  shop++;
});

const [A, B, C, D] = ['27711000001', '27711000002', '27711000003', '27711000004'] as const;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2026, 2, 1);
const keys = (waId: string | null, userId: string | null = null) => ({ waId, userId });
/** By its id, given so many hours after the first one. */
const notice = (id: string, hours: number): Notice => ({ id, atMs: T0 + hours * HOUR_MS });

const directory = (moves = new SharedCount(SharedCount.allocate())): PostgresCustomerDirectory =>
  new PostgresCustomerDirectory(pool, new BlindIndex(MASTER_KEY), database.keys(), moves);

type Move = readonly [from: string, to: string, notice: Notice];
const WAY: readonly Move[] = [
  [A, B, notice('n1', 1)],
  [B, C, notice('n2', 2)],
  [C, D, notice('n3', 3)],
];
const tell = (one: PostgresCustomerDirectory, [from, to, told]: Move, userId: string | null = null): Promise<string> =>
  one.moved(shop, keys(from, userId), keys(to), told);
const inOrder = (...at: readonly number[]): readonly Move[] => at.map((i) => WAY[i] as Move);

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

describe('three numbers in a row, told in the order', () => {
  it.each(ORDERS)('%i, %i, %i of a person without a user id: one customer, found by the last number', async (...order) => {
    const one = directory();
    const who = await one.resolve(shop, keys(A));
    for (const move of inOrder(...order)) await tell(one, move);
    for (const thread of [one, directory()]) expect(await thread.resolve(shop, keys(D))).toBe(who);
    // Told again, also under other ids, they are about the same person and change nothing.
    for (const [from, to, { id, atMs }] of WAY) {
      expect(await tell(one, [from, to, { id, atMs }])).toBe(who);
      expect(await tell(one, [from, to, { id: `${id} again`, atMs }])).toBe(who);
    }
    expect(await directory().resolve(shop, keys(D))).toBe(who);
  });

  it.each(ORDERS)('%i, %i, %i of a person with a user id: what they left is left for the next owner', async (...order) => {
    const one = directory();
    const who = await one.resolve(shop, keys(A, 'ZA.who'));
    for (const move of inOrder(...order)) expect(await tell(one, move, 'ZA.who')).toBe(who);
    expect(await one.resolve(shop, keys(D))).toBe(who);
    for (const [i, left] of [A, B, C].entries()) expect(await one.resolve(shop, keys(left, `ZA.next${i}`))).not.toBe(who);
    expect(await one.resolve(shop, keys(D, 'ZA.changed'))).toBe(who);
  });
});

it('who wrote from the last number before the first move was told is the customer of before, on every thread', async () => {
  const shared = SharedCount.allocate();
  const [one, other] = [directory(new SharedCount(shared)), directory(new SharedCount(shared))];
  const who = await one.resolve(shop, keys(A));
  await tell(one, WAY[1] as Move);
  const since = await other.resolve(shop, keys(C));
  expect(since).not.toBe(who);
  expect(await tell(one, WAY[0] as Move)).toBe(who);
  expect(await other.resolve(shop, keys(C))).toBe(who);
});

it('who returned has the number, when the return is told first', async () => {
  const one = directory();
  const who = await one.resolve(shop, keys(A, 'ZA.who'));
  await tell(one, [B, A, notice('back', 2)], 'ZA.who');
  await tell(one, [A, B, notice('away', 1)], 'ZA.who');
  expect(await one.resolve(shop, keys(A, 'ZA.changed'))).toBe(who);
  expect(await one.resolve(shop, keys(B, 'ZA.next'))).not.toBe(who);
});

describe('two people stay two', () => {
  it('when one moves to the number that the other left before', async () => {
    const one = directory();
    const [first, second] = [await one.resolve(shop, keys(B)), await one.resolve(shop, keys(A))];
    await tell(one, [B, C, notice('first', 1)]);
    await tell(one, [A, B, notice('second', 2)]);
    expect([await one.resolve(shop, keys(C)), await one.resolve(shop, keys(B))]).toEqual([first, second]);
  });

  it('when the one who went on is known by a user id: what is theirs stays theirs', async () => {
    const one = directory();
    const [named, other] = [await one.resolve(shop, keys(B, 'ZA.named')), await one.resolve(shop, keys(A))];
    await tell(one, [B, C, notice('named', 2)], 'ZA.named');
    expect(await tell(one, [A, B, notice('other', 1)])).toBe(other);
    expect([await one.resolve(shop, keys(C)), await one.resolve(shop, keys(B, 'ZA.named'))]).toEqual([named, named]);
    expect([named, other]).not.toContain(await one.resolve(shop, keys(B, 'ZA.next')));
  });

  it('when the number was left more than the seven days later in which a move may still be told', async () => {
    const one = directory();
    const [first, second] = [await one.resolve(shop, keys(B)), await one.resolve(shop, keys(A))];
    await one.moved(shop, keys(B), keys(C), { id: 'later', atMs: T0 + 8 * DAY_MS });
    await one.moved(shop, keys(A), keys(B), { id: 'earlier', atMs: T0 });
    expect([await one.resolve(shop, keys(C)), await one.resolve(shop, keys(B))]).toEqual([first, second]);
  });
});

/** Every order of them. */
const ordersOf = <T>(all: readonly T[]): T[][] =>
  all.length < 2 ? [[...all]] : all.flatMap((one, i) => ordersOf(all.filter((_, at) => at !== i)).map((rest) => [one, ...rest]));
const move = (from: string, to: string, hours: number): Move => [from, to, notice(`${from}>${to} ${hours}`, hours)];
const named = (moves: readonly Move[]): string => moves.map(([from, to]) => `${NAMES.get(from)}>${NAMES.get(to)}`).join(' ');
const NAMES = new Map<string, string>([
  [A, 'A'],
  [B, 'B'],
  [C, 'C'],
  [D, 'D'],
]);
const told = (moves: readonly Move[]): [string, Move[]][] => ordersOf(moves).map((order) => [named(order), order]);

describe('whoever returns to a number, without a user id', () => {
  it.each(told([move(A, B, 1), move(B, A, 2)]))('%s: is the customer of before', async (_name, order) => {
    const one = directory();
    const who = await one.resolve(shop, keys(A));
    for (const each of order) await tell(one, each);
    for (const thread of [one, directory()]) expect(await thread.resolve(shop, keys(A))).toBe(who);
    // Told again under other ids it is about the same person.
    for (const [from, to, { id, atMs }] of order) expect(await tell(one, [from, to, { id: `${id} again`, atMs }])).toBe(who);
    expect(await directory().resolve(shop, keys(A))).toBe(who);
    expect(await one.resolve(shop, keys(B, 'ZA.next'))).not.toBe(who);
  });

  it.each(told([move(A, B, 1), move(B, C, 2), move(C, A, 3)]))('%s: also after two others', async (_name, order) => {
    const one = directory();
    const who = await one.resolve(shop, keys(A));
    for (const each of order) await tell(one, each);
    expect(await directory().resolve(shop, keys(A))).toBe(who);
  });

  it.each(told([move(A, B, 1), move(B, A, 2)]))('%s: also when nobody knew them, as one customer', async (_name, order) => {
    const one = directory();
    const whom = new Set<string>();
    for (const each of order) whom.add(await tell(one, each));
    expect(await one.resolve(shop, keys(A))).toBe([...whom].at(-1));
    for (const [from, to, { id, atMs }] of order) expect(await tell(one, [from, to, { id: `${id} again`, atMs }])).toBe([...whom].at(-1));
  });
});

describe('a number that one left and another was given, in whatever order it is told', () => {
  it.each(told([move(A, B, 1), move(C, A, 2)]))('%s: is of the other, and each keeps what they have', async (_name, order) => {
    const one = directory();
    const [first, second] = [await one.resolve(shop, keys(A)), await one.resolve(shop, keys(C))];
    for (const each of order) expect(await tell(one, each)).toBe(each[0] === A ? first : second);
    for (const thread of [one, directory()]) {
      expect([await thread.resolve(shop, keys(B)), await thread.resolve(shop, keys(A))]).toEqual([first, second]);
    }
  });

  it.each(told([move(A, B, 1), move(C, A, 2)]))('%s: also when the one who left is known by a user id', async (_name, order) => {
    const one = directory();
    const [first, second] = [await one.resolve(shop, keys(A, 'ZA.first')), await one.resolve(shop, keys(C))];
    for (const each of order) expect(await tell(one, each, each[0] === A ? 'ZA.first' : null)).toBe(each[0] === A ? first : second);
    expect([await one.resolve(shop, keys(B)), await one.resolve(shop, keys(A))]).toEqual([first, second]);
  });

  it.each(told([move(A, B, 1), move(C, A, 2)]))('%s: also when nobody knew the one who left', async (_name, order) => {
    const one = directory();
    const second = await one.resolve(shop, keys(C));
    for (const each of order) await tell(one, each);
    expect(await one.resolve(shop, keys(A))).toBe(second);
    expect(await one.resolve(shop, keys(B))).not.toBe(second);
  });

  it.each(told([move(A, D, 1), move(C, A, 2)]))('%s: is not of whoever had left it long before', async (_name, order) => {
    const one = directory();
    const [longAgo, second] = [await one.resolve(shop, keys(A)), await one.resolve(shop, keys(C))];
    await tell(one, [A, B, { id: 'long ago', atMs: T0 - 60 * DAY_MS }]);
    const between: string[] = [];
    for (const each of order) {
      const who = await tell(one, each);
      if (each[0] === A) between.push(who);
    }
    expect([longAgo, second]).not.toContain(between[0]);
    const found = [await one.resolve(shop, keys(B)), await one.resolve(shop, keys(D)), await one.resolve(shop, keys(A))];
    expect(found).toEqual([longAgo, between[0], second]);
  });

  it('is left by the other, too, when they follow the one before', async () => {
    const one = directory();
    const [first, second] = [await one.resolve(shop, keys(A)), await one.resolve(shop, keys(C))];
    const way = [move(A, B, 1), move(C, A, 2), move(A, B, 4), move(B, D, 3)];
    const whom: string[] = [];
    for (const each of way) whom.push(await tell(one, each));
    expect(whom).toEqual([first, second, second, first]);
    expect([await one.resolve(shop, keys(D)), await one.resolve(shop, keys(B))]).toEqual([first, second]);
  });

  it.each(told([move(A, B, 1), move(C, B, 2), move(B, D, 3)]))('%s: also when the other goes on from it', async (_name, order) => {
    const one = directory();
    const second = [await one.resolve(shop, keys(A)), await one.resolve(shop, keys(C))][1];
    for (const each of order) await tell(one, each);
    expect(await directory().resolve(shop, keys(D))).toBe(second);
  });

  it.each(told([move(A, B, 1), move(C, B, 2)]))('%s: is of whoever was given it last', async (_name, order) => {
    const one = directory();
    const second = [await one.resolve(shop, keys(A)), await one.resolve(shop, keys(C))][1];
    for (const each of order) await tell(one, each);
    expect(await directory().resolve(shop, keys(B))).toBe(second);
  });
});

describe('who had a number before it was given to another', () => {
  const remembered = async (of = shop): Promise<number[]> => {
    const { rows } = await pool.query('select told_at from app.taken_numbers where tenant_id = $1 order by told_at', [of]);
    return rows.map((row: { told_at: Date }) => (row.told_at.getTime() - T0) / HOUR_MS);
  };
  const WEEK_H = 7 * 24;

  it('is remembered for the seven days in which WhatsApp may tell of it, and no longer', async () => {
    const one = directory();
    await one.resolve(shop, keys(A));
    await tell(one, [A, B, notice('n1', 0)]);
    await tell(one, [B, C, notice('n2', 1)]);
    await tell(one, [C, D, notice('n3', WEEK_H)]);
    expect(await remembered()).toEqual([0, 1, WEEK_H]);
    await tell(one, [D, '27711000005', notice('n4', WEEK_H + 1)]);
    expect(await remembered()).toEqual([1, WEEK_H, WEEK_H + 1]);
    await tell(one, ['27711000005', '27711000006', notice('n5', 3 * WEEK_H)]);
    expect(await remembered()).toEqual([3 * WEEK_H]);
  });

  it('is forgotten of one shop only, by its own news, and not by news that come late', async () => {
    const one = directory();
    await tell(one, [A, B, notice('n1', 0)]);
    const before = shop++;
    await tell(one, [A, B, notice('n1', 3 * WEEK_H)]);
    await tell(one, [C, D, notice('late', 0)]);
    expect(await remembered(before)).toEqual([0]);
    expect(await remembered()).toEqual([0, 3 * WEEK_H]);
  });
});
