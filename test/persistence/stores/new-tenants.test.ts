/** What a thread remembers of a phone number that was nobody's, when another thread makes a tenant of it. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SharedCount } from '../../../src/persistence/postgres/stores/shared-count.ts';
import { PostgresTenantDirectory } from '../../../src/persistence/postgres/stores/tenant-directory.ts';
import { ScratchDatabase } from '../scratch-database.ts';
import { slowed } from './slow-pool.ts';

let database: ScratchDatabase;
let directoryPool: pg.Pool;
let appPool: pg.Pool;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  directoryPool = database.pool('wakala_directory', 8);
  appPool = database.pool('wakala_app');
});

afterAll(async () => {
  await database.close();
});

const HERALD = { uuid: randomUUID(), slug: 'herald', name: 'Herald', phoneNumberId: '886' };
const LATE = { uuid: randomUUID(), slug: 'late', name: 'Late', phoneNumberId: '888' };
const SILENT = { uuid: randomUUID(), slug: 'silent', name: 'Silent', phoneNumberId: '887' };

/** A thread's directory. */
const directory = (claims = new SharedCount(), pool = directoryPool): PostgresTenantDirectory =>
  new PostgresTenantDirectory({ directoryPool: pool, appPool, cacheMax: 10, claims });

it('a tenant that another thread made is known before anybody is told, whoever asked for it before or is asking', async () => {
  const shared = SharedCount.allocate();
  const slow = slowed(directoryPool);
  const one = directory(new SharedCount(shared));
  const asked = directory(new SharedCount(shared));
  const asking = directory(new SharedCount(shared), slow.pool);
  expect(await asked.byPhoneNumberId('886')).toBeNull();
  const before = asking.byPhoneNumberId('886');
  await slow.read;
  await one.claim(HERALD);
  expect(await asked.byPhoneNumberId('886')).toMatchObject({ slug: 'herald' });
  const after = asking.byPhoneNumberId('886');
  slow.open();
  expect(await before).toBeNull();
  expect(await after).toMatchObject({ slug: 'herald' });
  expect(await asking.byPhoneNumberId('886')).toMatchObject({ slug: 'herald' });
});

it('an answer from before a tenant was made is not remembered after it', async () => {
  const shared = SharedCount.allocate();
  const slow = slowed(directoryPool);
  const asking = directory(new SharedCount(shared), slow.pool);
  const before = asking.byPhoneNumberId('888');
  await slow.read;
  await directory(new SharedCount(shared)).claim(LATE);
  const somebodyElse = asking.byPhoneNumberId('999');
  slow.open();
  expect(await Promise.all([before, somebodyElse])).toEqual([null, null]);
  expect(await asking.byPhoneNumberId('888')).toMatchObject({ slug: 'late' });
});

it('whom nobody knew is asked for again when a thread starts: the one before it may have died between a claim and saying so', async () => {
  const shared = SharedCount.allocate();
  const found = directory(new SharedCount(shared));
  expect(await found.byPhoneNumberId('887')).toBeNull();
  await directory().claim(SILENT);
  directory(new SharedCount(shared));
  expect(await found.byPhoneNumberId('887')).toMatchObject({ slug: 'silent' });
});
