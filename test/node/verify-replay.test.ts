/** The check of read models against the journal, on rows that a real driver actor projected. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import type { DriverCommand } from '../../src/actors/driver/protocol.ts';
import { driverRef } from '../../src/actors/refs.ts';
import { verifyReplay } from '../../src/node/commands/verify-replay.ts';
import { ShardLease } from '../../src/persistence/postgres/shard-lease.ts';
import { openThreadDatabase, type ThreadDatabase } from '../../src/persistence/postgres/thread-database.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { CommitBatch, JournalRow } from '../../src/runtime/journal/store.ts';
import { MASTER_KEY, ScratchDatabase } from '../persistence/scratch-database.ts';

const DRIVER = driverRef(1, 'drv_00abc') as EntityRef;
const secrets = { masterKey: MASTER_KEY.toString('base64') };

let database: ScratchDatabase;
let thread: ThreadDatabase;
let lease: ShardLease;
let epoch = 0;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  lease = new ShardLease(database.address, 'test');
  epoch = (await lease.claim([DRIVER.shard])).get(DRIVER.shard) ?? 0;
  const config = {
    database: { poolSize: 2, statementTimeoutMs: 5_000, directoryCache: 10 },
    intake: { waitingBytesMax: 1024 * 1024 },
    journal: { flushMs: 1 },
    secrets,
  };
  thread = await openThreadDatabase({ address: database.address, config, kinds: new Map([['driver', driverBehaviour.kindCode]]) });
  await database.admin.query(
    "insert into app.tenants (tenant_id, id, slug, name, phone_number_id, shard, status) values (1, gen_random_uuid(), 's', 'n', 'p', 0, 'active')",
  );
  await commit([
    {
      type: 'register',
      driver: { name: 'Bongani', phone: '27821234567', vehicle: { type: 'car', registration: null, coldStorage: false }, documents: {} },
    },
    { type: 'approve', by: 'owner' },
  ]);
});
afterAll(async () => {
  await thread.close();
  await lease.release();
  await database.close();
});

/** Runs the actor as the runtime does, and stores what came of it. */
async function commit(commands: readonly DriverCommand[]): Promise<void> {
  const rows: JournalRow[] = [];
  const readModels: CommitBatch['readModels'][number][] = [];
  let state = driverBehaviour.initial(DRIVER);
  for (const command of commands) {
    const seq = rows.length + 1;
    const decision = driverBehaviour.decide(state, command, {
      ref: DRIVER,
      nowMs: 1_000 + seq,
      seq,
      uniqueId: (salt) => `${seq}${salt}`,
      view: null,
    });
    if (!decision.ok) throw new Error(decision.refusal.code);
    for (const event of decision.events) {
      const meta = { ref: DRIVER, seq: rows.length + 1, atMs: 1_000 + seq };
      state = driverBehaviour.evolve(state, event, meta);
      const { type, version = 1, data, personal } = event;
      const common = { subjectId: DRIVER.id, kindCode: driverBehaviour.kindCode };
      rows.push({ ...meta, ...common, pos: meta.seq, type, version, data, personal, meta: {} });
      for (const write of driverBehaviour.project?.(event, state, meta) ?? [])
        readModels.push({ ...write, ref: DRIVER, seq: meta.seq, subjectId: DRIVER.id });
    }
  }
  const shardEpochs = new Map([[DRIVER.shard, epoch]]);
  expect(await thread.journal.commit({ rows, processed: [], timers: [], readModels, tenantIds: [1], shardEpochs })).toEqual({ ok: true });
}

const report = () => verifyReplay({ secrets }, database.address);

describe('drivers', () => {
  beforeEach(async () => {
    await database.admin.query("update app.drivers set status = 'approved', online = false");
  });

  it('that are stored as their journal says make no difference', async () => {
    const { entities, events, differences } = await report();
    expect({ entities, differences }).toEqual({ entities: 1, differences: [] });
    expect(events).toBeGreaterThanOrEqual(2);
    const { items } = await thread.readModels.drivers(1, { status: 'approved', online: false, limit: 5, cursor: null });
    expect(items).toMatchObject([{ id: DRIVER.id, name: 'Bongani', phone: '27821234567', status: 'approved' }]);
  });

  it('that were changed behind the back of the journal are named', async () => {
    await database.admin.query('update app.drivers set online = true');
    expect((await report()).differences).toEqual([
      expect.stringMatching(/^driver drv_00abc: journal says approved false .*, read model approved true/),
    ]);
  });

  it('that no journal knows are named', async () => {
    await database.admin.query(
      "insert into app.drivers select 1, 'drv_00xyz', status, online, vehicle, 1, 1, 1, null, body from app.drivers",
    );
    expect((await report()).differences).toEqual(['driver drv_00xyz: only in the read model']);
    await database.admin.query("delete from app.drivers where driver_id = 'drv_00xyz'");
  });
});
