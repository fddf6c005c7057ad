/**
 * How long does a tick take, and what does matching all jobs together bring on a city-day? Tick time on one thread over a
 * made-up rush, with every job new in that tick; policies on generated days in virtual time. Not measured: mailboxes, real streets,
 * couriers who refuse.
 */
import { Dispatcher } from '../src/actors/market/dispatch/dispatcher.ts';
import type { DispatchPolicy } from '../src/actors/market/dispatch/policy.ts';
import type { DriverProfile, DriverStop, Job } from '../src/actors/market/protocol.ts';
import { makeCityDay } from '../src/simulate/city-day.ts';
import { type SimulateOptions, simulate } from '../src/simulate/run-mdrp.ts';
import { median, report, round } from './lib/figures.ts';

const RUNS = 9;
/** The market has been open for a while: the index knows the rings round most pickups. */
const WARM_UP = 10;
const NOW_MS = 1_750_000_000_000;
const CENTRE = { lat: -26.2, lng: 28 };
const METRES_PER_DEGREE = 111_195;
const CITY_M = 20_000;
const SHOPS = 1_000;
const AIM_MS = 50;
const SEEDS = [1, 2, 3];

let seed = 20_261;
/** The same city every run (Park and Miller). */
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

const spots = Array.from({ length: 12 }, () => [(random() - 0.5) * 25_000, (random() - 0.5) * 25_000] as const);

/** Three of five at a crowded spot, the others anywhere. */
function place(): { lat: number; lng: number } {
  const angle = random() * 2 * Math.PI;
  const crowded = random() < 0.6;
  const radiusM = crowded ? 2_000 * Math.sqrt(random()) : CITY_M * Math.sqrt(random());
  const [east, north] = crowded ? (spots[Math.floor(random() * spots.length)] as readonly [number, number]) : [0, 0];
  return {
    lat: CENTRE.lat + (north + radiusM * Math.sin(angle)) / METRES_PER_DEGREE,
    lng: CENTRE.lng + (east + radiusM * Math.cos(angle)) / (METRES_PER_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180)),
  };
}

function profile(driverId: string, stops: readonly DriverStop[], idleS: number): DriverProfile {
  return {
    driverId,
    vehicle: 'motorbike',
    coldStorage: false,
    rating: 4.5,
    completion: 0.97,
    acceptance: 0.9,
    completedJobs: 100,
    recentJobsMs: [],
    idleSinceMs: NOW_MS - idleS * 1_000,
    earnedTodayMinor: 0,
    onlineSinceMs: NOW_MS - 3_600_000,
    freeSlots: 1,
    stops,
  };
}

function jobAt(i: number, pickup: { lat: number; lng: number }): Job {
  return {
    orderId: `o${i}`,
    version: 1,
    pickup,
    dropoff: place(),
    readyAtMs: NOW_MS,
    openedAtMs: NOW_MS + i,
    promisedAtMs: NOW_MS + 2_400_000,
    distanceM: 2_000,
    feeMinor: 3_000,
    currency: 'ZAR',
    cashMinor: 0,
    needs: { vehicles: [], coldStorage: false, minRating: 0 },
    excludedDriverIds: [],
  };
}

/** Jobs begin at shops. */
const shops = Array.from({ length: SHOPS }, place);
const stand = place();

/** A market that is open, without jobs. @param busyShare of the drivers carry an order. */
function market(drivers: number, busyShare: number, oneStand: boolean): Dispatcher {
  const dispatcher = new Dispatcher();
  for (let i = 0; i < drivers; i++) {
    const at = oneStand ? stand : place();
    const stops: DriverStop[] = random() < busyShare ? [{ orderId: `x${i}`, kind: 'dropoff', position: place(), dueAtMs: null }] : [];
    dispatcher.setDriver(profile(`d${i}`, stops, Math.floor(random() * 3_600)));
    dispatcher.place(`d${i}`, at.lat, at.lng, NOW_MS);
  }
  return dispatcher;
}

for (const [jobs, drivers, busyShare, oneStand] of [
  [50, 1_000, 0, false],
  [500, 10_000, 0, false],
  [500, 10_000, 0.5, false],
  [500, 20, 0, false],
  [1, 10_000, 0, true],
  [500, 10_000, 0, true],
] as const) {
  const times: number[] = [];
  let offers = 0;
  const dispatcher = market(drivers, busyShare, oneStand);
  for (let run = 0; run < RUNS + WARM_UP; run++) {
    const opened = Array.from({ length: jobs }, (_, i) =>
      jobAt(run * jobs + i, oneStand ? stand : (shops[Math.floor(random() * SHOPS)] ?? stand)),
    );
    for (const job of opened) dispatcher.openJob(job);
    const startedMs = performance.now();
    offers = dispatcher.tick(NOW_MS + 1_000 + run).offers.length;
    if (run >= WARM_UP) times.push(performance.now() - startedMs);
    for (const { orderId } of opened) dispatcher.closeJob(orderId);
  }
  report({
    question: `tick: ${jobs} new jobs, ${drivers} drivers${busyShare > 0 ? `, ${busyShare * 100} % of them with a stop` : ''}${oneStand ? ', all at one stand' : ''}`,
    value: round(median(times), 1),
    unit: 'ms',
    runs: RUNS,
    aim: AIM_MS,
    max: round(Math.max(...times), 1),
    offers,
  });
}

const alone: Partial<DispatchPolicy> = { stacking: false, lookAhead: false };
const policies: readonly (readonly [string, Partial<SimulateOptions>])[] = [
  ['nearest first, oldest order first, given up after 20 min', { policy: 'fifo', expireAfterMin: 20 }],
  ['nearest first on both events, given up after 20 min', { policy: 'nearest', expireAfterMin: 20 }],
  ['nearest first on both events', { policy: 'nearest' }],
  ['sealed bids', { policy: 'bids' }],
  ['joint, neither stacking nor look-ahead', { dispatch: alone }],
  ['joint, look-ahead', { dispatch: { stacking: false } }],
  ['joint, stacking', { dispatch: { lookAhead: false } }],
  ['joint', {}],
];
for (const city of SEEDS) {
  const day = makeCityDay({ seed: city });
  for (const [name, options] of policies) {
    const startedMs = performance.now();
    const figures = simulate(day, options).report;
    report({
      question: `city-day ${city}: ${name}`,
      value: figures.pickup_distance_km,
      unit: 'km to the pickup',
      unserved_percent: figures.unserved_percent,
      click_to_door_min: figures.click_to_door_min,
      later_than_target_percent: figures.later_than_target_percent,
      bundled_percent: figures.bundled_percent,
      took_s: round((performance.now() - startedMs) / 1_000, 1),
    });
  }
}
