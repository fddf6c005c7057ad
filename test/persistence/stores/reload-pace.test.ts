/** A shop with thousands of products that sells all day costs a thread no more of its time than a fiftieth. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Product } from '../../../src/actors/tenant/protocol.ts';
import { encode } from '../../../src/persistence/postgres/encoding.ts';
import { ReloadPace } from '../../../src/persistence/postgres/stores/reload-pace.ts';
import { PostgresTenantDirectory } from '../../../src/persistence/postgres/stores/tenant-directory.ts';
import { ScratchDatabase, untilBlocked } from '../scratch-database.ts';

const SHOP = 1;
/** A fiftieth of the time is all that it gets: so long it is not read again for 10 s. */
const TOOK_MS = 300;
const LEAST_PAUSE_MS = 250;

it.each([
  // A reading took, so that the next one begins after it, and after a change of more than stock.
  [2, 250, 250],
  [50, 2_500, 250],
  [60_000, 10_000, 250],
])('a reading of %i ms: stock is read again after %i ms, everything else after %i', (tookMs, stockMs, otherMs) => {
  const pace = new ReloadPace(10);
  pace.began(SHOP, 1_000);
  pace.ended(SHOP, 1_000 + tookMs);
  expect([pace.waitMs(SHOP, 1_000, true), pace.waitMs(SHOP, 1_000, false)]).toEqual([stockMs, otherMs]);
  expect([pace.waitMs(SHOP, 1_001, true), pace.waitMs(SHOP, 1_001, false)]).toEqual([stockMs - 1, otherMs - 1]);
  expect([pace.waitMs(SHOP, 1_000 + stockMs, true), pace.waitMs(SHOP, 1_000 + stockMs + 1, true)]).toEqual([0, 0]);
});

it('who was never read, and anybody once the clock was set back, is read at once', () => {
  const pace = new ReloadPace(10);
  expect(pace.waitMs(SHOP, 0, true)).toBe(0);
  pace.began(SHOP, 1_000);
  pace.ended(SHOP, 900);
  expect(pace.waitMs(SHOP, 999, true)).toBe(0);
  expect(pace.waitMs(SHOP, 1_000, true)).toBe(250);
});

/** Lets no time pass, as `expect.poll` would. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

let database: ScratchDatabase;
beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterAll(() => database.close());
// Its time is ours: 10 s pass on a slow machine, too.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('sales of a shop whose copy takes long are read less often than those of another, a change of more than stock at once', async () => {
  const { admin } = database;
  const [directoryPool, appPool] = [database.pool('wakala_directory'), database.pool('wakala_app')];
  const tenants = new PostgresTenantDirectory({ directoryPool, appPool, cacheMax: 10 });
  const open = async (n: number): Promise<number> => {
    const uuid = `00000000-0000-4000-8000-00000000000${n}`;
    const claimed = await tenants.claim({ uuid, slug: `shop-${n}`, name: 'Shop', phoneNumberId: String(n) });
    const tenantId = claimed.ok ? claimed.address.tenantId : 0;
    await admin.query('update app.tenants set version = 1, settings = $2 where tenant_id = $1', [tenantId, encode({})]);
    return tenantId;
  };
  const sell = (tenantId: number, stock: number) =>
    admin.query(
      `insert into app.products (tenant_id, product_id, name, category, price_minor, stock, available, body) values ($1, 'p', 'p', 'c', 1, $2, true, $3)
       on conflict (tenant_id, product_id) do update set body = excluded.body`,
      [tenantId, stock, encode({ id: 'p', stock })],
    );
  const seen = (tenantId: number) => (tenants.peekView(tenantId)?.products[0] as Product | undefined)?.stock;
  const [large, small] = [await open(1), await open(2)];
  await sell(large, 100);
  await sell(small, 100);
  // With it the connection is there that is seen to wait below.
  await tenants.view(small);
  // The reading of the large one is made to take as long as a large one's would.
  await admin.query('begin');
  await admin.query('lock table app.products');
  const first = tenants.view(large);
  await untilBlocked(admin, 'wakala_app');
  vi.advanceTimersByTime(TOOK_MS);
  await admin.query('commit');
  await first;
  await sell(large, 99);
  tenants.invalidate(large, 'stock');
  for (const stock of [99, 98, 97]) {
    await sell(small, stock);
    vi.advanceTimersByTime(LEAST_PAUSE_MS);
    tenants.invalidate(small, 'stock');
    await until(() => seen(small) === stock);
  }
  expect(seen(large)).toBe(100);
  tenants.invalidate(large, 'all');
  await until(() => seen(large) === 99);
});
