/** Who may see what, and when: the privacy rules, one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryPhase } from '../../src/actors/order/protocol.ts';
import type { OrderNews } from '../../src/ports.ts';
import { snapshotOf } from '../../src/transport/tracking/snapshot.ts';
import { HOME, trackedOrder } from './world.ts';

const NOW = 1_800_000_000_000;

function position(patch: Partial<Extract<OrderNews, { type: 'position' }>> = {}): OrderNews {
  const eta = { etaAtMs: NOW + 60_000, etaLatestAtMs: NOW + 120_000, source: 'model' };
  return { type: 'position', driverId: 'drv_3f1', lat: -26.24, lng: 27.86, headingDeg: 90, atMs: NOW - 1_000, ...eta, ...patch };
}

const seen = (patch: object, heard: unknown, leg = 1, nowMs = NOW) => snapshotOf(trackedOrder(NOW, patch), leg, heard, nowMs);

describe('a snapshot', () => {
  it('exists from the assignment to the end of the leg, and not before or after', () => {
    const phases: readonly DeliveryPhase[] = ['seeking', 'assigned', 'at_pickup', 'picked_up', 'at_dropoff', 'delivered', 'ended'];
    expect(phases.filter((phase) => seen({ phase }, position()) !== null)).toEqual(['assigned', 'at_pickup', 'picked_up', 'at_dropoff']);
    expect(seen({ driver: null }, position())).toBeNull();
  });

  it('case 42: shows nothing of another leg, nor the position of another driver of the same order', () => {
    expect(seen({ leg: 2 }, position(), 1)).toBeNull();
    expect(seen({ leg: 1 }, position(), 2)).toBeNull();
    expect(seen({}, position({ driverId: 'drv_other' }))).toMatchObject({ position: null, eta: null });
  });

  it('shows no position from before the assignment', () => {
    expect(seen({ assignedAtMs: NOW - 500 }, position())?.position).toBeNull();
    expect(seen({ assignedAtMs: null }, position())?.position).toBeNull();
  });

  it('tells a live position from one that was last seen, and forgets it after five minutes', () => {
    expect(seen({}, position({ atMs: NOW - 60_000 }))?.position?.stale).toBe(false);
    expect(seen({}, position({ atMs: NOW - 60_001 }))?.position?.stale).toBe(true);
    expect(seen({}, position({ atMs: NOW - 300_000 }))?.position?.stale).toBe(true);
    expect(seen({}, position({ atMs: NOW - 300_001 }))).toMatchObject({ position: null, eta: null });
  });

  it('holds the first name, the vehicle and the plate, and neither phone, address, note nor any id', () => {
    const whole = seen({}, position());
    expect(whole?.driver).toEqual({ name: 'Sipho', vehicle: 'motorbike', registration: 'KJ 42 TV GP' });
    expect(whole?.dropoff).toEqual(HOME);
    expect(JSON.stringify(whole)).not.toMatch(/drv_|ord_|off_|Vilakazi|gate|phone|2500/);
  });

  it('gives the expected time as a range at the stop ahead, and none at a stop', () => {
    expect(seen({ phase: 'assigned' }, position())?.eta).toMatchObject({
      stop: 'pickup',
      at_ms: NOW + 60_000,
      latest_at_ms: NOW + 120_000,
    });
    expect(seen({ phase: 'picked_up' }, position({ etaLatestAtMs: null }))?.eta).toMatchObject({
      stop: 'dropoff',
      latest_at_ms: NOW + 60_000,
    });
    expect(seen({ phase: 'picked_up' }, position({ etaAtMs: null }))?.eta).toBeNull();
    expect(seen({ phase: 'at_dropoff' }, position())?.eta).toBeNull();
  });

  it('survives a topic that holds nothing or something else', () => {
    for (const heard of [null, undefined, { type: 'changed', version: 9 }, { type: 'alert', alert: 'stopped', atMs: NOW }])
      expect(seen({}, heard)?.position).toBeNull();
  });

  it('has a sequence number that never falls while versions, positions and time go on, and is equal only for equal content', () => {
    const step = fc.record({
      version: fc.boolean(),
      movedMs: fc.integer({ min: 0, max: 20_000 }),
      waitedMs: fc.integer({ min: 0, max: 200_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let order = trackedOrder(NOW);
        let atMs = NOW;
        let nowMs = NOW;
        let last = snapshotOf(order, 1, position({ atMs }), nowMs)!;
        for (const { version, movedMs, waitedMs } of steps) {
          if (version) order = { ...order, version: order.version + 1 };
          nowMs += waitedMs;
          if (atMs + movedMs <= nowMs) atMs += movedMs;
          const next = snapshotOf(order, 1, position({ atMs }), nowMs)!;
          expect(Number.isSafeInteger(next.seq)).toBe(true);
          expect(next.seq).toBeGreaterThanOrEqual(last.seq);
          if (next.seq === last.seq) expect(next).toEqual(last);
          last = next;
        }
      }),
    );
  });
});
