/** A thread's copy of a tenant against a real PostgreSQL: who was told of a change never reads what was before it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encode } from '../../../src/persistence/postgres/encoding.ts';
import { PostgresTenantDirectory } from '../../../src/persistence/postgres/stores/tenant-directory.ts';
import { ScratchDatabase, untilBlocked } from '../scratch-database.ts';

let database: ScratchDatabase;

beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterAll(() => database.close());

it('a copy that was asked for after a change is not the one whose reading began before it', async () => {
  const { admin } = database;
  const tenants = new PostgresTenantDirectory({
    directoryPool: database.pool('wakala_directory'),
    appPool: database.pool('wakala_app'),
    cacheMax: 10,
  });
  const claimed = await tenants.claim({ uuid: '00000000-0000-4000-8000-000000000001', slug: 'shop', name: 'Shop', phoneNumberId: '1' });
  const tenantId = claimed.ok ? claimed.address.tenantId : 0;
  const set = (version: number) =>
    admin.query('update app.tenants set version = $2, settings = $3 where tenant_id = $1', [tenantId, version, encode({ version })]);
  await set(1);
  expect((await tenants.view(tenantId))?.version).toBe(1);
  // A reading stops between the settings, which it has, and the products.
  await admin.query('begin');
  await admin.query('lock table app.products');
  tenants.invalidate(tenantId);
  const before = tenants.view(tenantId);
  await untilBlocked(admin, 'wakala_app');
  await set(2);
  tenants.invalidate(tenantId);
  const after = tenants.view(tenantId);
  await admin.query('commit');
  await before;
  expect((await after)?.version).toBe(2);
});
