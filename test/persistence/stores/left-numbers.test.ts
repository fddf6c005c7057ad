/** Numbers are given to other people: who a sender is after a customer has left theirs, against a real database. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BlindIndex } from '../../../src/persistence/postgres/seal/blind-index.ts';
import { PostgresCustomerDirectory } from '../../../src/persistence/postgres/stores/customer-directory.ts';
import { SharedCount } from '../../../src/persistence/postgres/stores/shared-count.ts';
import { MASTER_KEY, ScratchDatabase, untilBlocked } from '../scratch-database.ts';
import { slowed } from './slow-pool.ts';

let database: ScratchDatabase;
let pool: pg.Pool;
/** Every test has a shop of its own. */
let shop = 0;

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

const OLD = '27711000001';
const NEW = '27711000002';
const THIRD = '27711000003';
const DAY_MS = 24 * 60 * 60_000;
/** Two notices, the second given a day after the first, and the first as it may be told again under another id. */
const N1 = { id: 'n1', atMs: Date.UTC(2026, 2, 1) };
const N2 = { id: 'n2', atMs: N1.atMs + DAY_MS };
const N9 = { ...N1, id: 'n9' };
const keys = (waId: string | null, userId: string | null = null) => ({ waId, userId });

const directory = (moves = new SharedCount(SharedCount.allocate())): PostgresCustomerDirectory =>
  new PostgresCustomerDirectory(pool, new BlindIndex(MASTER_KEY), database.keys(), moves);

/** A customer who had OLD and told of NEW, as a thread sees it that has just started. */
async function moved(
  from = keys(OLD, 'ZA.old'),
  to = keys(NEW),
): Promise<{ readonly one: PostgresCustomerDirectory; readonly who: string }> {
  const one = directory();
  const who = await one.resolve(shop, from);
  expect(await one.moved(shop, from, to, N1)).toBe(who);
  return { one, who };
}

describe('an unknown user id on a number', () => {
  it('that was left is a new person, who has the number then, with a key of their own', async () => {
    const { one, who } = await moved();
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    expect(stranger).not.toBe(who);
    for (const thread of [one, directory()]) {
      expect(await thread.resolve(shop, keys(OLD))).toBe(stranger);
      expect(await thread.resolve(shop, keys(OLD, 'ZA.new'))).toBe(stranger);
      expect(await thread.resolve(shop, keys(null, 'ZA.new'))).toBe(stranger);
      expect(await thread.resolve(shop, keys(NEW))).toBe(who);
    }
    const { rows } = await database.admin.query('select subject_id from app.subject_keys where tenant_id = $1 order by 1', [shop]);
    expect(rows.map((row) => row.subject_id)).toEqual([who, stranger].sort());
  });

  it('that nobody left is the same customer: a user id may change unannounced', async () => {
    const { one, who } = await moved();
    expect(await one.resolve(shop, keys(NEW, 'ZA.changed'))).toBe(who);
    const other = await one.resolve(shop, keys(THIRD, 'ZA.3'));
    expect(await one.resolve(shop, keys(THIRD, 'ZA.4'))).toBe(other);
  });

  it('is the same customer again once the new owner of a left number has it', async () => {
    const { one } = await moved();
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    expect(await one.resolve(shop, keys(OLD, 'ZA.newer'))).toBe(stranger);
  });

  it('makes nobody a customer by a status: what reached it was sent to the one who left', async () => {
    const { one, who } = await moved();
    expect(await one.known(shop, keys(OLD, 'ZA.new'))).toBe(who);
    expect(await one.find(shop, { userId: 'ZA.new' })).toBeNull();
    expect(await one.resolve(shop, keys(OLD, 'ZA.new'))).not.toBe(who);
  });
});

describe('the one who left a number', () => {
  it('is meant by late messages with their user id and by statuses with the number alone, before anybody else has it', async () => {
    const { who } = await moved();
    const one = directory();
    expect(await one.resolve(shop, keys(OLD, 'ZA.old'))).toBe(who);
    expect(await one.known(shop, keys(OLD))).toBe(who);
    expect(await one.resolve(shop, keys(null, 'ZA.old'))).toBe(who);
  });

  it('does not take it back by a late message', async () => {
    const { one, who } = await moved();
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    for (const thread of [one, directory()]) {
      expect(await thread.resolve(shop, keys(OLD, 'ZA.old'))).toBe(who);
      expect(await thread.find(shop, { waId: OLD })).toBe(stranger);
    }
  });

  it('has it again when that is announced, also from nobody in between, and a user id that is new there is theirs', async () => {
    const { one, who } = await moved();
    expect(await one.moved(shop, keys(NEW, 'ZA.old'), keys(OLD), N2)).toBe(who);
    expect(await one.resolve(shop, keys(OLD, 'ZA.back'))).toBe(who);
    expect(await one.resolve(shop, keys(NEW, 'ZA.new'))).not.toBe(who);
  });

  it('and wrote under the new user id before that was told is found as that customer by the new number, too', async () => {
    const one = directory();
    const before = await one.resolve(shop, keys(OLD, 'ZA.old'));
    const since = await one.resolve(shop, keys(NEW, 'ZA.new'));
    expect(await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW, 'ZA.new'), N1)).toBe(before);
    for (const thread of [one, directory()]) {
      expect(await thread.resolve(shop, keys(NEW))).toBe(since);
      expect(await thread.resolve(shop, keys(NEW, 'ZA.new'))).toBe(since);
    }
  });

  it('that somebody else left and moved to has that one, and the other does not take it back', async () => {
    const { one, who } = await moved();
    const second = await one.resolve(shop, keys(THIRD, 'ZA.second'));
    expect(await one.moved(shop, keys(THIRD, 'ZA.second'), keys(OLD), N2)).toBe(second);
    expect(await one.resolve(shop, keys(OLD, 'ZA.old'))).toBe(who);
    expect(await directory().resolve(shop, keys(OLD))).toBe(second);
    expect(await one.resolve(shop, keys(THIRD, 'ZA.unknown'))).not.toBe(second);
  });
});

describe('a notice that comes again', () => {
  it.each([
    ['with the user id', keys(OLD, 'ZA.old'), N1],
    ['with the number alone', keys(OLD), N1],
    ['under another name, with the user id', keys(OLD, 'ZA.old'), N9],
    ['under another name, with the number alone', keys(OLD), N9],
  ])('takes nothing from the new owner of the number, and is about the old one: %s', async (_name, from, notice) => {
    const { one, who } = await moved(keys(OLD, 'ZA.old'));
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    expect(await one.moved(shop, from, keys(NEW), notice)).toBe(who);
    const after = directory();
    expect(await after.resolve(shop, keys(OLD))).toBe(stranger);
    expect(await after.resolve(shop, keys(NEW))).toBe(who);
    expect(await after.resolve(shop, keys(OLD, 'ZA.newest'))).toBe(stranger);
  });

  it('does not make the customer leave a number to which they have returned', async () => {
    const { one, who } = await moved();
    await one.moved(shop, keys(NEW, 'ZA.old'), keys(OLD), N2);
    expect(await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1)).toBe(who);
    expect(await directory().resolve(shop, keys(OLD, 'ZA.back'))).toBe(who);
  });

  it.each([
    ['both keys', keys(OLD, 'ZA.old'), keys(NEW, 'ZA.moved')],
    ['numbers', keys(OLD), keys(NEW)],
    ['a number of somebody with a user id', keys(OLD, 'ZA.old'), keys(NEW)],
    ['user ids', keys(null, 'ZA.old'), keys(null, 'ZA.moved')],
  ])('from many posts at once, beside messages with the new keys, ends with one customer: %s', async (_name, from, to) => {
    const who = await directory().resolve(shop, from);
    const threads = Array.from({ length: 4 }, () => directory());
    const said = await Promise.all(threads.map((thread) => thread.moved(shop, from, to, N1)));
    expect(new Set(said)).toEqual(new Set([who]));
    const after = await Promise.all(threads.map((thread) => thread.resolve(shop, { waId: to.waId, userId: to.userId })));
    expect(new Set(after)).toEqual(new Set([who]));
  });

  it('about somebody who never wrote makes one customer, however many posts tell it at once', async () => {
    const threads = Array.from({ length: 4 }, () => directory());
    const said = await Promise.all(threads.map((thread) => thread.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1)));
    expect(new Set(said).size).toBe(1);
    expect(await directory().resolve(shop, keys(NEW))).toBe(said[0]);
  });
});

it('posts of the new owner and of the one who left, at once on several threads, fork nobody and wait in no circle', async () => {
  for (let round = 0; round < 10; round++, shop++) {
    const who = await directory().resolve(shop, keys(OLD, 'ZA.old'));
    const threads = Array.from({ length: 4 }, () => directory());
    await threads[0]?.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1);
    const answers = await Promise.all(
      threads.map((thread) =>
        Promise.all([
          thread.resolve(shop, keys(OLD, 'ZA.new')),
          thread.resolve(shop, keys(NEW, 'ZA.new-id')),
          thread.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1),
          thread.resolve(shop, keys(OLD, 'ZA.old')),
        ]),
      ),
    );
    for (const [, ...others] of answers) expect(others).toEqual([who, who, who]);
    const strangers = new Set(answers.map(([stranger]) => stranger));
    expect(strangers.size).toBe(1);
    expect([...strangers]).toEqual([await directory().find(shop, { waId: OLD })]);
    expect(strangers).not.toContain(who);
  }
});

it('a notice and a message with the keys that it tells of, each in the middle of its work, wait in no circle', async () => {
  const who = await directory().resolve(shop, keys(OLD, 'ZA.old'));
  await database.admin.query('begin');
  await database.admin.query('insert into app.identities values ($1, 2, $2, $3)', [
    shop,
    new BlindIndex(MASTER_KEY).hash(shop, 2, 'ZA.moved'),
    'held',
  ]);
  const told = directory().moved(shop, keys(OLD, 'ZA.old'), keys(NEW, 'ZA.moved'), N1);
  await untilBlocked(database.admin, 'wakala_directory');
  const wrote = directory().resolve(shop, keys(NEW, 'ZA.moved'));
  await untilBlocked(database.admin, 'wakala_directory', 2);
  await database.admin.query('rollback');
  expect(await Promise.all([told, wrote])).toEqual([who, who]);
});

describe('what another thread remembers', () => {
  it('of a number is forgotten when it goes to somebody else', async () => {
    const shared = SharedCount.allocate();
    const [one, other] = [directory(new SharedCount(shared)), directory(new SharedCount(shared))];
    const who = await one.resolve(shop, keys(OLD, 'ZA.old'));
    expect(await other.resolve(shop, keys(OLD))).toBe(who);
    await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1);
    expect(await other.resolve(shop, keys(OLD))).toBe(who);
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    expect(await other.resolve(shop, keys(OLD))).toBe(stranger);
    expect(await other.resolve(shop, keys(OLD, 'ZA.old'))).toBe(who);
  });

  it('of the number that a customer moves to is forgotten with the notice', async () => {
    const shared = SharedCount.allocate();
    const [one, other] = [directory(new SharedCount(shared)), directory(new SharedCount(shared))];
    const who = await one.resolve(shop, keys(OLD, 'ZA.old'));
    expect(await other.resolve(shop, keys(NEW))).not.toBe(who);
    await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1);
    expect(await other.resolve(shop, keys(NEW))).toBe(who);
  });

  it('is not what it read before a number moved and heard after', async () => {
    const shared = SharedCount.allocate();
    const one = directory(new SharedCount(shared));
    await one.resolve(shop, keys(OLD, 'ZA.old'));
    await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1);
    const slow = slowed(pool);
    const other = new PostgresCustomerDirectory(slow.pool, new BlindIndex(MASTER_KEY), database.keys(), new SharedCount(shared));
    const before = other.resolve(shop, keys(OLD));
    await slow.read;
    const stranger = await one.resolve(shop, keys(OLD, 'ZA.new'));
    const after = other.resolve(shop, keys(THIRD));
    slow.open();
    await Promise.all([before, after]);
    expect(await other.resolve(shop, keys(OLD))).toBe(stranger);
  });

  it('is forgotten when a thread starts: the one before it may have died between a move and saying so', async () => {
    const shared = SharedCount.allocate();
    const one = directory(new SharedCount(shared));
    const who = await one.resolve(shop, keys(OLD, 'ZA.old'));
    expect(await one.resolve(shop, keys(OLD))).toBe(who);
    const silent = directory();
    await silent.moved(shop, keys(OLD, 'ZA.old'), keys(NEW), N1);
    const stranger = await silent.resolve(shop, keys(OLD, 'ZA.new'));
    directory(new SharedCount(shared));
    expect(await one.resolve(shop, keys(OLD))).toBe(stranger);
  });
});

it('a user id for a user id leaves no number: an unknown one on it is the same customer still', async () => {
  const one = directory();
  const who = await one.resolve(shop, keys(OLD, 'ZA.old'));
  expect(await one.moved(shop, keys(OLD, 'ZA.old'), keys(null, 'ZA.moved'), { id: 'ZA.old>ZA.moved', atMs: N1.atMs })).toBe(who);
  expect(await one.resolve(shop, keys(null, 'ZA.moved'))).toBe(who);
  expect(await one.resolve(shop, keys(OLD, 'ZA.other'))).toBe(who);
});

it('a notice that breaks off in the middle has told nothing: what it left and what it gives go together', async () => {
  const one = directory();
  const who = await one.resolve(shop, keys(OLD, 'ZA.old'));
  await database.admin.query("alter table app.left_numbers add constraint no_room check (value_hash = '') not valid");
  await expect(one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW, 'ZA.moved'), N1)).rejects.toThrow('no_room');
  await database.admin.query('alter table app.left_numbers drop constraint no_room');
  expect(await one.find(shop, { waId: NEW })).toBeNull();
  expect(await one.find(shop, { userId: 'ZA.moved' })).toBeNull();
  expect(await one.moved(shop, keys(OLD, 'ZA.old'), keys(NEW, 'ZA.moved'), N1)).toBe(who);
  expect(await one.resolve(shop, keys(OLD, 'ZA.new'))).not.toBe(who);
});
