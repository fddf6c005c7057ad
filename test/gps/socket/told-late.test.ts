/** A phone that had no network tells an arrival late: judged by where it was then, when that is known. Over real sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import { CLAIM_FIX_MAX_MS, nearestFix, TRAIL_FIXES_MAX, Trail } from '../../../src/telemetry/trail.ts';
import { encodeBinary } from '../../../src/transport/gps/formats/binary.ts';
import { activeJob, DRIVER, driverView, fixAt, ORDER, off, SHOP } from '../../telemetry/support.ts';
import { type Phone, Server } from '../support.ts';

const MINUTE_MS = 60_000;
let server: Server;

afterEach(async () => {
  await server?.close();
});

/** Ten minutes ago at the shop, without a network; now three kilometres on, and connected. */
async function offlineAtTheShop(): Promise<{ readonly phone: Phone; readonly atMs: number }> {
  server = new Server();
  server.system.views.set(DRIVER.id, driverView(DRIVER, { jobs: [activeJob('to_pickup')] }));
  const phone = await server.connected();
  const atMs = Date.now() - 10 * MINUTE_MS;
  const there = Array.from({ length: 12 }, (_, i) => fixAt(off(SHOP, i % 3), atMs + (i - 6) * 5_000));
  phone.sendBytes(encodeBinary([...there, fixAt(off(SHOP, 3_000), Date.now() - 100)]));
  return { phone, atMs };
}

interface Evidence {
  readonly distanceM: number;
  readonly positionAtMs: number;
  readonly saidAtMs?: number;
}
const evidence = (): Evidence => server.asked('driver_step').at(-1)?.evidence as Evidence;

describe('"arrived" with a time', () => {
  it('of before the network came back goes to the order with the place of then', async () => {
    const { phone, atMs } = await offlineAtTheShop();
    await phone.ask({ type: 'arrived', delivery_id: ORDER.id, at_ms: atMs });
    expect(evidence().distanceM).toBeLessThan(20);
    expect(Math.abs(evidence().positionAtMs - atMs)).toBeLessThanOrEqual(5_000);
    expect(evidence().saidAtMs).toBe(atMs);
  });

  it.each<[string, (atMs: number) => number | undefined]>([
    ['at which nobody knows the place', (atMs) => atMs - 5 * MINUTE_MS],
    ['that has not come yet', () => Date.now() + 5 * MINUTE_MS],
    ['that is absent', () => undefined],
  ])('%s goes with the newest place', async (_name, timeOf) => {
    const { phone, atMs } = await offlineAtTheShop();
    await phone.ask({ type: 'arrived', delivery_id: ORDER.id, at_ms: timeOf(atMs) });
    expect(evidence().distanceM).toBeGreaterThan(2_900);
    expect(evidence()).not.toHaveProperty('saidAtMs');
  });

  it('made up by software proves nothing', async () => {
    server = new Server();
    server.system.views.set(DRIVER.id, driverView(DRIVER, { jobs: [activeJob('to_pickup')] }));
    const phone = await server.connected();
    const atMs = Date.now() - 5 * MINUTE_MS;
    const mocked = Array.from({ length: 3 }, (_, i) => ({ ...off(SHOP, i), accuracy_m: 5, mock: true, at_ms: atMs + i * 10_000 }));
    phone.send({ type: 'positions', positions: mocked });
    phone.sendBytes(encodeBinary([fixAt(off(SHOP, 3_000), Date.now() - 100)]));
    await phone.ask({ type: 'arrived', delivery_id: ORDER.id, at_ms: atMs });
    expect(evidence()).not.toHaveProperty('saidAtMs');
  });
});

describe('the trail', () => {
  it('keeps one place of some seconds, and a bounded number', () => {
    const trail = new Trail();
    for (let second = 0; second < 3_000; second++) trail.add({ ...SHOP, atMs: second * 1_000 });
    expect(trail.fixes).toHaveLength(TRAIL_FIXES_MAX);
    expect(trail.fixes.at(-1)?.atMs).toBe(2_995_000);
    for (const [i, fix] of trail.fixes.entries()) if (i > 0) expect(fix.atMs - trail.fixes[i - 1]!.atMs).toBe(5_000);
  });

  it('answers with the nearest in time, whatever the order, and with none too far from it', () => {
    const fixes = [900_000, 300_000, 600_000].map((atMs) => ({ atMs }));
    expect(nearestFix(fixes, 610_000)?.atMs).toBe(600_000);
    expect(nearestFix(fixes, 600_000 + CLAIM_FIX_MAX_MS)?.atMs).toBe(600_000);
    expect(nearestFix(fixes, 600_001 + CLAIM_FIX_MAX_MS)).toBeNull();
    expect(nearestFix([], 1)).toBeNull();
  });
});
