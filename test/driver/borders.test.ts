/** Two owners who think that they hold the same thing: markets on both sides of a border, nodes on both sides of a split. */
import { afterEach, expect, it } from 'vitest';
import type { DriverView } from '../../src/actors/driver/protocol.ts';
import type { OrderView } from '../../src/actors/order/protocol.ts';
import { newOrderRef } from '../../src/actors/refs.ts';
import type { ThreadRuntime } from '../../src/runtime/thread/thread-runtime.ts';
import { PLACE } from '../order/harness.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { startRuntime } from '../support/runtime.ts';
import { BEHAVIOURS } from './company.ts';
import { offerOf, PERSON, REF, Rider } from './harness.ts';

const ORDER = newOrderRef(7, 4, 'cus_1', '1');
const OTHER = 'drv_43other';

const running: ThreadRuntime[] = [];
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.close();
});

async function node(store: MemoryStore): Promise<ThreadRuntime> {
  const { runtime } = await startRuntime({
    store,
    behaviours: [...BEHAVIOURS],
    handlers: { 'delivery.credentials': () => new Promise(() => undefined) },
  });
  running.push(runtime);
  return runtime;
}

const assign = (driverId: string, offerId: string) => ({
  type: 'assign',
  driver: { id: driverId, name: 'x', vehicle: 'motorbike', registration: null },
  offerId,
  jobVersion: 1,
  feeMinor: 2_000,
  manualBy: null,
});

it("case 51: a driver that two markets know is reserved by one; the other is refused and its offer is nobody's", () => {
  const rider = new Rider().online();
  expect(rider.send({ type: 'offer', offer: offerOf('off_west') })).toMatchObject({ ok: true });
  expect(rider.send({ type: 'offer', offer: offerOf('off_east', 'ord_4000009') })).toEqual({ ok: false, refusal: { code: 'driver.busy' } });
  expect(rider.accept('off_east')).toEqual({ ok: false, refusal: { code: 'offer.not_yours' } });
  expect(rider.accept('off_west')).toMatchObject({ ok: true, reply: { outcome: 'pending' } });
  expect(rider.answered('won', 'off_west')).toMatchObject({ ok: true });
  expect(rider.view().jobs).toHaveLength(1);
});

it('case 53: after a split the node whose epoch is over assigns nobody; the order has the driver of the other', async () => {
  const store = new MemoryStore();
  const old = await node(store);
  await old.ask(ORDER, PLACE);
  for (const transition of ['accept', 'prepare', 'ready'])
    await old.ask(ORDER, { type: 'transition', transition, by: { role: 'vendor', id: null }, reason: null });
  await old.ask(REF, { type: 'register', driver: { ...PERSON, documents: {} } });
  await old.ask(REF, { type: 'approve', by: 'x' });
  await old.ask(REF, { type: 'go_online' });

  for (let shard = 0; shard < 1_024; shard++) store.epochs.set(shard, 2);
  const next = await node(store);
  expect(await next.ask(ORDER, assign(OTHER, 'off_new'))).toMatchObject({ ok: true, value: { outcome: 'won' } });
  const late = await old.ask(ORDER, assign(REF.id, 'off_old'));
  expect(late.ok).toBe(false);
  const offered = await old.ask(REF, { type: 'offer', offer: offerOf('off_old', ORDER.id, { expiresAtMs: Date.now() + 60_000 }) });
  expect(offered.ok).toBe(false);
  const order = await next.ask<OrderView>(ORDER, { type: 'get' });
  const driver = await next.ask<DriverView>(REF, { type: 'get' });
  expect(order).toMatchObject({ ok: true, value: { status: 'ASSIGNED_TO_DRIVER', delivery: { driver: { id: OTHER } } } });
  expect(driver).toMatchObject({ ok: true, value: { offer: null, jobs: [] } });
});
