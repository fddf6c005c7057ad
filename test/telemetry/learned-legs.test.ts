/** What the estimate learns of finished legs: a leg teaches its own time, and nothing of a leg that nobody saw. */
import { describe, expect, it } from 'vitest';
import type { ActiveJob, JobPhase } from '../../src/actors/driver/protocol.ts';
import type { EtaModel } from '../../src/geo/eta/eta-model.ts';
import type { Position } from '../../src/geo/gps/fix.ts';
import { EtaModels } from '../../src/telemetry/eta-models.ts';
import { JobWatch } from '../../src/telemetry/job-watch.ts';
import { activeJob, DRIVER, FakeFeed, FakeSystem, off, offeredJob, SHOP, START_MS, TENANT, way } from './support.ts';

const MINUTE_MS = 60_000;
const SIGHT = { isShown: true, ahead: [] };

/** One job and the model of its tenant, by a clock that only the test moves. */
class Ride {
  nowMs = START_MS;
  readonly #models = new EtaModels();
  readonly #watch: JobWatch;

  constructor(job: ActiveJob) {
    const around = {
      system: new FakeSystem(),
      feed: new FakeFeed(),
      models: this.#models,
      nowMs: () => this.nowMs,
      hourOf: () => 12,
      routeOf: null,
      counters: { arrivals: 0, arrivalsRefused: 0, arrivalsFailed: 0, alerts: 0 },
    };
    this.#watch = new JobWatch(around, { tenantId: TENANT, driverId: DRIVER.id, vehicle: 'motorbike' }, job);
  }

  get model(): EtaModel {
    return this.#models.of(TENANT);
  }

  /** Along these places, one a minute, each heard live. */
  along(places: readonly { lat: number; lng: number }[]): void {
    for (const place of places) {
      this.nowMs += MINUTE_MS;
      const position: Position = { ...place, atMs: this.nowMs, accuracyM: 8, speedMps: 5, headingDeg: 0 };
      this.#watch.step(position, false, SIGHT);
    }
  }

  is(phase: JobPhase, job = offeredJob()): void {
    this.#watch.update(activeJob(phase, job));
  }
}

describe('a finished leg', () => {
  it('teaches how long it took', () => {
    const ride = new Ride(activeJob('to_pickup'));
    const before = ride.model;
    ride.along(way(off(SHOP, 2_000), SHOP, 500));
    ride.is('at_pickup');
    expect(ride.model).not.toBe(before);
    expect(ride.model.market.weight).toBe(1);
  });

  it('teaches nothing when no position of it was heard live: the leg before took another time to another place', () => {
    const ride = new Ride(activeJob('to_pickup'));
    ride.along(way(off(SHOP, 2_000), SHOP, 500));
    ride.is('at_pickup');
    const afterPickup = ride.model;
    ride.is('to_dropoff');
    // Without a network on the way: the phone tells its arrival when it is back.
    ride.nowMs += 40 * MINUTE_MS;
    ride.is('at_dropoff');
    expect(ride.model).toBe(afterPickup);
  });

  it('teaches nothing when its stop was moved after the last position: the way that was seen led elsewhere', () => {
    const ride = new Ride(activeJob('to_pickup'));
    const before = ride.model;
    ride.along(way(off(SHOP, 2_000), off(SHOP, 500), 500));
    const { pickup } = offeredJob();
    const moved = offeredJob(undefined, { pickup: { ...pickup, position: off(SHOP, 5_000) } });
    ride.is('to_pickup', moved);
    ride.nowMs += 20 * MINUTE_MS;
    ride.is('at_pickup', moved);
    expect(ride.model).toBe(before);
  });
});
