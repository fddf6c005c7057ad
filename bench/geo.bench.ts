/**
 * How fast is the driver index and the assignment on one thread? A made-up city: radius 20 km, 12 crowded spots, moves of
 * 0 to 60 m. Baselines in the same run: kdbush rebuilt and asked by geokdbush, Redis GEO where it is installed, and reading every driver. Every answer
 * of a sample is compared with reading every driver. Not measured: mailboxes, threads, real streets.
 */
import * as geokdbush from 'geokdbush';
import KDBush from 'kdbush';
import type { Candidate } from '../src/geo/assignment/problem.ts';
import { solveAssignment } from '../src/geo/assignment/solve-assignment.ts';
import { distanceM, type LatLng } from '../src/geo/distance.ts';
import { DriverIndex } from '../src/geo/index/driver-index.ts';
import { SlotIndex } from '../src/geo/index/slot-index.ts';
import { median, percentile, repeat, report, round } from './lib/figures.ts';
import { RedisGeo, redisIsHere } from './lib/redis-geo.ts';

const DRIVERS = 100_000;
const MOVES = 500_000;
const QUERIES = 20_000;
const K = 10;
const RUNS = 5;
const CHECKED = 50;
const CENTRE = { lat: -26.2, lng: 28 };
const METRES_PER_DEGREE = 111_195;
const JOBS = 500;
const JOB_DRIVERS = 10_000;
const CANDIDATES = 20;

let seed = 20_261;
/** The same city every run (Park and Miller). */
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

const spots = Array.from({ length: 12 }, () => [(random() - 0.5) * 25_000, (random() - 0.5) * 25_000] as const);

/** Three of five at a crowded spot, the others anywhere. @param spread 0.5 fills a spot evenly, 1 piles up at its middle. */
function place(spread = 0.5): { lat: number; lng: number } {
  const angle = random() * 2 * Math.PI;
  const spot = spots[Math.floor(random() * spots.length)] as readonly [number, number];
  const crowded = random() < 0.6;
  const radiusM = crowded ? 2_000 * random() ** spread : 20_000 * Math.sqrt(random());
  const [east, north] = crowded ? spot : [0, 0];
  return {
    lat: CENTRE.lat + (north + radiusM * Math.sin(angle)) / METRES_PER_DEGREE,
    lng: CENTRE.lng + (east + radiusM * Math.cos(angle)) / (METRES_PER_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180)),
  };
}

const ids = Array.from({ length: DRIVERS }, (_, i) => `drv_${i}`);
const places = ids.map(() => place());
globalThis.gc?.();
const heapBefore = process.memoryUsage();
const index = new DriverIndex();
for (let i = 0; i < DRIVERS; i++) index.place(ids[i]!, places[i]!.lat, places[i]!.lng, 0);
globalThis.gc?.();
const heapAfter = process.memoryUsage();

// Moves are made beforehand: the generator is not what is measured.
const movers = new Int32Array(MOVES);
const lats = new Float64Array(MOVES);
const lngs = new Float64Array(MOVES);
let nowMs = 0;

function prepareMoves(): void {
  for (let i = 0; i < MOVES; i++) {
    const driver = (i * 7_919) % DRIVERS;
    const at = places[driver]!;
    const angle = random() * 2 * Math.PI;
    const degrees = (random() * 60) / METRES_PER_DEGREE;
    at.lat += degrees * Math.sin(angle);
    at.lng += degrees * Math.cos(angle);
    movers[i] = driver;
    lats[i] = at.lat;
    lngs[i] = at.lng;
  }
}

async function updates(): Promise<number> {
  prepareMoves();
  const startedMs = performance.now();
  for (let i = 0; i < MOVES; i++) index.place(ids[movers[i]!]!, lats[i]!, lngs[i]!, ++nowMs);
  return (MOVES / (performance.now() - startedMs)) * 1_000;
}

const targets = Array.from({ length: QUERIES }, () => place());

function queriesOf(asked: DriverIndex, from: readonly LatLng[]): () => Promise<number> {
  return async () => {
    const startedMs = performance.now();
    for (const at of from) asked.nearest(at, { k: K });
    return (from.length / (performance.now() - startedMs)) * 1_000;
  };
}

const slots = new SlotIndex({ resolution: 9, slotMax: DRIVERS, cellMax: 131_072, ringCellMax: 1 });
for (const { lat, lng } of places) slots.add(lat, lng, 0);
const updateRate = median(await repeat(RUNS, updates));
report({
  question: `position updates by id over ${DRIVERS} drivers`,
  value: round(updateRate),
  unit: 'updates/s',
  runs: RUNS,
  aim: 1_250_000,
});
const queryRate = median(await repeat(RUNS, queriesOf(index, targets)));

// Baselines over the same positions.
function buildTree(): KDBush {
  const tree = new KDBush(DRIVERS);
  for (const { lat, lng } of places) tree.add(lng, lat);
  return tree.finish();
}
async function rebuildMs(): Promise<number> {
  const startedMs = performance.now();
  buildTree();
  return performance.now() - startedMs;
}
const tree = buildTree();
async function treeQueries(): Promise<number> {
  const startedMs = performance.now();
  for (const { lat, lng } of targets) geokdbush.around(tree, lng, lat, K);
  return (QUERIES / (performance.now() - startedMs)) * 1_000;
}
const treeRate = median(await repeat(3, treeQueries));
report({
  question: `nearest ${K} of ${DRIVERS} drivers`,
  value: round(queryRate),
  unit: 'queries/s',
  runs: RUNS,
  aim: 84_000,
  ratio_to_geokdbush: round(queryRate / treeRate, 1),
});
const treeMs = median(await repeat(3, rebuildMs));
report({
  question: 'geokdbush, baseline: static tree',
  value: round(treeRate),
  unit: 'queries/s',
  rebuild_ms: round(treeMs, 1),
});

/** A radius that holds ten drivers nearly everywhere: without one GEOSEARCH would read them all. */
const REDIS_WITHIN_M = 500;
const REDIS_QUERIES = 5_000;
const REDIS_MOVES = 100_000;
if (redisIsHere()) {
  const redis = new RedisGeo();
  try {
    await redis.open();
    await redis.place(ids.map((id, i) => [id, places[i]!.lat, places[i]!.lng] as const));
    const moves = Array.from({ length: REDIS_MOVES }, (_, i) => [ids[movers[i]!]!, lats[i]!, lngs[i]!] as const);
    const movedMs = performance.now();
    await redis.place(moves);
    const moveRate = (REDIS_MOVES / (performance.now() - movedMs)) * 1_000;
    const askedMs = performance.now();
    const found = await redis.nearest(targets.slice(0, REDIS_QUERIES), K, REDIS_WITHIN_M);
    const askRate = (REDIS_QUERIES / (performance.now() - askedMs)) * 1_000;
    report({
      question: `Redis GEO, baseline: nearest ${K} within ${REDIS_WITHIN_M} m, pipelines of 500 on a Unix socket`,
      value: round(askRate),
      unit: 'queries/s',
      updates_per_second: round(moveRate),
      found_fewer: found.filter((count) => count < K).length,
      index_is_faster: { queries: round(queryRate / askRate, 1), updates: round(updateRate / moveRate, 1) },
    });
  } finally {
    redis.close();
  }
} else console.log('geo: redis-server is not installed, no baseline of Redis GEO');

const piled = new DriverIndex();
for (let i = 0; i < DRIVERS; i++) {
  const at = place(1);
  piled.place(ids[i]!, at.lat, at.lng, 0);
}
const piledTargets = Array.from({ length: QUERIES }, () => place(1));
report({
  question: `nearest ${K} of ${DRIVERS} drivers, piled up: some hundreds in a cell`,
  value: round(median(await repeat(RUNS, queriesOf(piled, piledTargets)))),
  unit: 'queries/s',
  runs: RUNS,
});

const timesUs: number[] = [];
for (const from of targets) {
  const startedMs = performance.now();
  index.nearest(from, { k: K });
  timesUs.push((performance.now() - startedMs) * 1_000);
}
report({
  question: `one nearest-${K} query`,
  unit: 'microseconds',
  p50: round(percentile(timesUs, 0.5), 1),
  p95: round(percentile(timesUs, 0.95), 1),
  p99: round(percentile(timesUs, 0.99), 1),
  max: round(Math.max(...timesUs)),
});

let wrong = 0;
for (const from of targets.slice(0, CHECKED)) {
  const truth = places.map((at) => distanceM(at, from)).sort((a, b) => a - b);
  const found = index.nearest(from, { k: K });
  if (found.length !== K || found.some((one, i) => Math.abs(one.distanceM - truth[i]!) > 1e-3)) wrong += 1;
}
report({ question: 'queries that differ from reading every driver', value: wrong, unit: `of ${CHECKED}`, aim: 0 });
report({
  question: 'index arrays',
  value: round(slots.slotBytes / DRIVERS, 1),
  unit: 'bytes a driver',
  aim: 64,
  with_ids_cells_and_map: round((heapAfter.heapUsed + heapAfter.arrayBuffers - heapBefore.heapUsed - heapBefore.arrayBuffers) / DRIVERS),
  exact: globalThis.gc !== undefined,
});

// A rush: every job asks the index for its candidates, then all are solved together.
const fleet = new DriverIndex();
for (let i = 0; i < JOB_DRIVERS; i++) fleet.place(String(i), places[i]!.lat, places[i]!.lng, 0);
const pickups = Array.from({ length: JOBS }, () => place());

async function candidatesMs(): Promise<number> {
  const startedMs = performance.now();
  candidateLists();
  return performance.now() - startedMs;
}
function candidateLists(): Candidate[][] {
  return pickups.map((at) =>
    fleet.nearest(at, { k: CANDIDATES }).map(({ driverId, distanceM: metres }) => ({ driver: Number(driverId), cost: metres / 6 })),
  );
}
const jobs = candidateLists();
async function solveMs(): Promise<number> {
  const startedMs = performance.now();
  solveAssignment({ jobs });
  return performance.now() - startedMs;
}
report({
  question: `candidates of ${JOBS} jobs, ${CANDIDATES} of ${JOB_DRIVERS} drivers each`,
  value: round(median(await repeat(RUNS, candidatesMs)), 1),
  unit: 'ms',
});
const solved = solveAssignment({ jobs });
report({
  question: `optimal assignment of ${JOBS} jobs, ${CANDIDATES} of ${JOB_DRIVERS} drivers each`,
  value: round(median(await repeat(RUNS, solveMs)), 1),
  unit: 'ms',
  runs: RUNS,
  aim: 50,
  solver: solved.solver,
  assigned: solved.assignedCount,
  saved_against_greedy_percent: round(100 * (1 - solved.assignedCost / greedyCost(jobs, solved.assignedCount)), 1),
});

/** First come, nearest first; a job that finds all its candidates taken counts as the mean of the others. */
function greedyCost(lists: readonly (readonly Candidate[])[], count: number): number {
  const taken = new Set<number>();
  let sum = 0;
  for (const candidates of lists) {
    const best = candidates.find(({ driver }) => !taken.has(driver));
    if (best === undefined) continue;
    taken.add(best.driver);
    sum += best.cost;
  }
  return (sum / taken.size) * count;
}
