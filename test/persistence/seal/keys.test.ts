/** Person keys, secrets and blind indexes against a real database: what is sealed stays bound, what is destroyed stays destroyed. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlindIndex } from '../../../src/persistence/postgres/seal/blind-index.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { createSecretBox } from '../../../src/persistence/postgres/seal/secret-box.ts';
import { MASTER_KEY, ScratchDatabase, untilBlocked } from '../scratch-database.ts';

let database: ScratchDatabase;
let keys: PersonKeys;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  keys = database.keys();
  await keys.ensure([
    { tenantId: 1, subjectId: 'ann' },
    { tenantId: 1, subjectId: 'bob' },
    { tenantId: 2, subjectId: 'ann' },
  ]);
});

afterAll(async () => {
  await database.close();
});

describe('sealing', () => {
  it('gives back every value that it sealed', () => {
    // A member with the name of the prototype comes back under another name: see `decode`.
    const values = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__":'));
    fc.assert(
      fc.property(values, fc.string(), (value, aad) => {
        expect(JSON.stringify(keys.open(1, 'ann', keys.seal(1, 'ann', value, aad), aad))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('gives back a member with the name of the prototype as a plain one, so that nobody can plant a prototype', () => {
    const opened = keys.open(1, 'ann', keys.seal(1, 'ann', JSON.parse('{"__proto__":{"role":"ops"}}'), 'x'), 'x') as object;
    expect(Object.getPrototypeOf(opened)).toBe(Object.prototype);
    expect(JSON.stringify(opened)).toBe('{"__proto_":{"role":"ops"}}');
  });

  it('refuses a value that was moved to another place', () => {
    const sealed = keys.seal(1, 'ann', { secret: 1 }, '1/order/a/1');
    expect(() => keys.open(1, 'ann', sealed, '1/order/a/2')).toThrow();
  });

  it('refuses a value of another person or another tenant', () => {
    const sealed = keys.seal(1, 'ann', 'x', 'place');
    expect(() => keys.open(1, 'bob', sealed, 'place')).toThrow();
    expect(() => keys.open(2, 'ann', sealed, 'place')).toThrow();
  });

  it('refuses a value with any byte changed or cut off', () => {
    const sealed = keys.seal(1, 'ann', 'some words', 'place');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i] = (changed[i] as number) ^ 1;
      expect(() => keys.open(1, 'ann', changed, 'place'), `byte ${i}`).toThrow();
      expect(() => keys.open(1, 'ann', sealed.subarray(0, i), 'place'), `cut at ${i}`).toThrow();
    }
  });

  it('names version and key in the first two bytes, and never repeats a nonce', () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 2_000; i++) {
      const sealed = keys.seal(1, 'ann', null, '');
      expect([sealed[0], sealed[1]]).toEqual([1, 1]);
      nonces.add(sealed.subarray(2, 14).toString('hex'));
    }
    expect(nonces.size).toBe(2_000);
  });

  it('stores keys only wrapped, bound to tenant and person', async () => {
    const { rows } = await database.admin.query<{ wrapped_key: Buffer }>(
      "select wrapped_key from app.subject_keys where subject_id = 'ann'",
    );
    expect(rows).toHaveLength(2);
    const wrapped = rows[0]?.wrapped_key as Buffer;
    expect(() => database.keys().remember(9, 'ann', 1, wrapped)).toThrow();
    expect(() => database.keys(Buffer.alloc(32, 8)).remember(1, 'ann', 1, wrapped)).toThrow();
  });

  it('says that the key must be loaded first', () => {
    expect(() => keys.seal(1, 'stranger', 1, '')).toThrow('ensure comes first');
  });

  it('refuses a master key of another length', () => {
    expect(() => database.keys(Buffer.alloc(16))).toThrow(RangeError);
  });
});

describe('making keys', () => {
  it('gives a person one key when many threads meet in opposite order', async () => {
    const people = Array.from({ length: 400 }, (_, i) => ({ tenantId: 3, subjectId: `p${i}` }));
    const threads = Array.from({ length: 4 }, () => database.keys());
    await Promise.all(threads.map((thread, i) => thread.ensure(i % 2 === 0 ? people : [...people].reverse())));
    const [first, ...others] = threads as [PersonKeys, ...PersonKeys[]];
    for (const { tenantId, subjectId } of people) {
      const sealed = first.seal(tenantId, subjectId, subjectId, 'x');
      for (const other of others) expect(other.open(tenantId, subjectId, sealed, 'x')).toBe(subjectId);
    }
  });

  it('locks people in one order, so that callers who meet cannot wait in a circle', async () => {
    const insert = (name: string) => `insert into app.subject_keys (tenant_id, subject_id, key_id) values (8, '${name}', 1)`;
    await database.admin.query('begin');
    await database.admin.query(insert('b'));
    const asked = keys.ensure(['c', 'b', 'a'].map((subjectId) => ({ tenantId: 8, subjectId })));
    await untilBlocked(database.admin, 'wakala_directory');
    // It waits at b: what comes after b must still be free.
    const other = database.pool('wakala_directory', 1);
    await other.query("begin; set local lock_timeout = '2s'");
    await other.query(insert('c'));
    await other.query('rollback');
    await database.admin.query('rollback');
    await asked;
    expect(keys.open(8, 'a', keys.seal(8, 'a', 1, ''), '')).toBe(1);
  });

  it('takes more people at once than one statement does, also named twice', async () => {
    const people = Array.from({ length: 2_500 }, (_, i) => ({ tenantId: 4, subjectId: `p${i % 2_400}` }));
    await keys.ensure(people);
    expect(keys.open(4, 'p2399', keys.seal(4, 'p2399', 5, ''), '')).toBe(5);
  });
});

describe('erasure', () => {
  it('makes everything of the person unreadable and unwritable, for good', async () => {
    const thread = database.keys();
    const person = { tenantId: 5, subjectId: 'eve' };
    await thread.ensure([person]);
    const sealed = thread.seal(5, 'eve', 'secret', 'x');
    const journal =
      "insert into app.snapshots (tenant_id, entity_type, entity_id, seq, state_ver, subject_id, body) values (5, 2, $1, 1, 1, $2, '')";
    await database.admin.query(journal, ['hers', 'eve']);
    await database.admin.query(journal, ['his', 'adam']);

    await thread.shred(5, 'eve');

    expect(thread.open(5, 'eve', sealed, 'x')).toBeUndefined();
    expect(() => thread.seal(5, 'eve', 1, 'x')).toThrow(expect.objectContaining({ code: 'privacy.subject_erased' }));
    const another = database.keys();
    await another.ensure([person]);
    expect(another.open(5, 'eve', sealed, 'x')).toBeUndefined();
    const stored = await database.admin.query(
      'select wrapped_key, shredded_at is not null as marked from app.subject_keys where tenant_id = 5',
    );
    expect(stored.rows).toEqual([{ wrapped_key: null, marked: true }]);
    const left = await database.admin.query('select entity_id from app.snapshots where tenant_id = 5');
    expect(left.rows).toEqual([{ entity_id: 'his' }]);
  });

  it('reaches a thread that held the key as soon as it is told to forget', async () => {
    const [mine, other] = [database.keys(), database.keys()];
    const person = { tenantId: 6, subjectId: 'eve' };
    await Promise.all([mine.ensure([person]), other.ensure([person])]);
    const sealed = mine.seal(6, 'eve', 1, 'x');
    await mine.shred(6, 'eve');
    other.forget(6, 'eve');
    await other.ensure([person]);
    expect(other.open(6, 'eve', sealed, 'x')).toBeUndefined();
  });

  it('is not undone by an answer that was under way', async () => {
    const thread = database.keys();
    await thread.ensure([{ tenantId: 7, subjectId: 'eve' }]);
    const { rows } = await database.admin.query<{ wrapped_key: Buffer }>('select wrapped_key from app.subject_keys where tenant_id = 7');
    await thread.shred(7, 'eve');
    thread.remember(7, 'eve', 1, rows[0]?.wrapped_key as Buffer);
    expect(() => thread.seal(7, 'eve', 1, 'x')).toThrow('destroyed');
  });
});

describe('secret box', () => {
  const box = createSecretBox(MASTER_KEY);

  it('opens what it sealed, in the same context only', () => {
    const sealed = box.seal('token äß', 'tenant/1');
    expect(sealed).toMatch(/^sealed:v1:[A-Za-z0-9_-]+$/);
    expect(sealed).not.toContain('token');
    expect(box.open(sealed, 'tenant/1')).toBe('token äß');
  });

  it.each([
    ['another context', (sealed: string) => box.open(sealed, 'tenant/2')],
    ['another master key', (sealed: string) => createSecretBox(Buffer.alloc(32, 9)).open(sealed, 'tenant/1')],
    ['a plain value', () => box.open('token', 'tenant/1')],
    ['a cut value', (sealed: string) => box.open(sealed.slice(0, 20), 'tenant/1')],
  ])('answers secret.unreadable for %s', (_, open) => {
    expect(() => open(box.seal('token', 'tenant/1'))).toThrow(expect.objectContaining({ code: 'secret.unreadable' }));
  });
});

describe('blind index', () => {
  it('is equal for equal values, and differs by tenant, kind, value and master key', () => {
    const index = new BlindIndex(MASTER_KEY);
    const same = index.hash(1, 1, '27600000010');
    expect(same).toHaveLength(32);
    expect(index.hash(1, 1, '27600000010')).toEqual(same);
    const others = [index.hash(2, 1, '27600000010'), index.hash(1, 2, '27600000010'), index.hash(1, 1, '27600000011')];
    others.push(new BlindIndex(Buffer.alloc(32, 9)).hash(1, 1, '27600000010'));
    for (const other of others) expect(other).not.toEqual(same);
  });
});
