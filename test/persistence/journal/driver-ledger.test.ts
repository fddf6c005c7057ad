/** A driver's money as the journal has it: of one driver of one tenant, in order, with the distance until the driver is erased. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { journalAad } from '../../../src/persistence/postgres/batch/encoded-row.ts';
import { encode } from '../../../src/persistence/postgres/encoding.ts';
import { PostgresDriverLedger } from '../../../src/persistence/postgres/journal/driver-ledger.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { ScratchDatabase } from '../scratch-database.ts';

const DRIVER_CODE = 5;
const FOREVER = [0, 1_000_000, 100] as const;

let database: ScratchDatabase;
let keys: PersonKeys;
let ledger: PostgresDriverLedger;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  keys = database.keys();
  ledger = new PostgresDriverLedger(database.pool('wakala_app', 2), keys, DRIVER_CODE);
});

afterAll(async () => {
  await database.close();
});

async function journaled(tenantId: number, id: string, seq: number, type: string, data: unknown, personal?: unknown): Promise<void> {
  await keys.ensure([{ tenantId, subjectId: id }]);
  const sealed = personal === undefined ? null : keys.seal(tenantId, id, personal, journalAad(tenantId, 'driver', id, seq));
  await database.admin.query(
    `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, subject_id, data, personal)
     values ($1, $2, $3, $4, 0, $5, 1, $6, 1, $7, $3, $8, $9)`,
    [tenantId, DRIVER_CODE, id, seq, Date.now(), type, seq * 100, encode(data), sealed],
  );
}

it('is of that driver, of that time, and only what is about money, in order', async () => {
  await journaled(1, 'drv_a', 1, 'shift_started', {});
  await journaled(1, 'drv_a', 2, 'job_closed', { orderId: 'one' });
  await journaled(1, 'drv_a', 3, 'cash_settled', { amountMinor: 7 });
  await journaled(1, 'drv_a', 4, 'cash_returned', { amountMinor: 8 });
  await journaled(1, 'drv_b', 1, 'job_closed', { orderId: 'of b' });
  await journaled(2, 'drv_a', 1, 'job_closed', { orderId: 'of another tenant' });
  const all = await ledger.money(1, 'drv_a', ...FOREVER);
  expect(all.map(({ seq, atMs, event }) => [seq, atMs, event.type, event.data])).toEqual([
    [2, 200, 'job_closed', { orderId: 'one' }],
    [3, 300, 'cash_settled', { amountMinor: 7 }],
    [4, 400, 'cash_returned', { amountMinor: 8 }],
  ]);
  expect((await ledger.money(1, 'drv_a', 200, 400, 100)).map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await ledger.money(1, 'drv_a', 0, 1_000, 1)).map(({ seq }) => seq)).toEqual([2]);
  expect(await ledger.money(3, 'drv_a', ...FOREVER)).toEqual([]);
});

it('offers tell the distance until the driver is erased, and what was paid after it', async () => {
  await journaled(1, 'drv_c', 1, 'offer_made', { offer: { offerId: 'o' } }, { job: { distanceM: 1_500 } });
  await journaled(1, 'drv_c', 2, 'job_won', { offerId: 'o' });
  await journaled(1, 'drv_c', 3, 'job_closed', { orderId: 'x' });
  expect(await ledger.offers(1, 'drv_c', ...FOREVER)).toMatchObject([
    { seq: 1, event: { type: 'offer_made', personal: { job: { distanceM: 1_500 } } } },
    { seq: 2, event: { type: 'job_won' } },
  ]);
  await keys.shred(1, 'drv_c');
  expect((await ledger.offers(1, 'drv_c', ...FOREVER))[0]?.event).not.toHaveProperty('personal');
  expect(await ledger.money(1, 'drv_c', ...FOREVER)).toHaveLength(1);
});
