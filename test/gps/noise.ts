/** A seeded driver in a city, and what receivers and networks do to what it reports. Knows nothing of the filter. */
import { distanceM } from '../../src/geo/distance.ts';
import type { Fix } from '../../src/geo/gps/fix.ts';

const M_PER_DEG = 111_195;
const START = { atMs: Date.UTC(2026, 0, 5, 8), lat: -26.2485, lng: 27.854 };

export interface Reported {
  readonly fix: Fix;
  /** Server time of arrival; the order of the list. */
  readonly arrivedAtMs: number;
  /** `good`: the receiver's noise only. `bad`: an outlier or null island. `copy`: a duplicate of either. */
  readonly kind: 'good' | 'bad' | 'copy';
  readonly truth: { readonly lat: number; readonly lng: number };
}

export interface NoiseOptions {
  readonly seed: number;
  readonly fixes: number;
  /** Standard deviation of the receiver's error, metres. */
  readonly sigmaM: number;
  /** Between fixes. */
  readonly intervalS: number;
  /** Share of fixes whose accuracy is not reported. */
  readonly withoutAccuracy?: number;
}

/** mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function offset(at: { lat: number; lng: number }, eastM: number, northM: number): { lat: number; lng: number } {
  return { lat: at.lat + northM / M_PER_DEG, lng: at.lng + eastM / (M_PER_DEG * Math.cos((at.lat * Math.PI) / 180)) };
}

/** Correlated error: `rho` per second of correlation. */
class Wander {
  #east = 0;
  #north = 0;
  readonly #random: () => number;
  constructor(random: () => number) {
    this.#random = random;
  }
  step(sigmaM: number, dtS: number, correlationS: number): { east: number; north: number } {
    const rho = Math.exp(-dtS / correlationS);
    const kick = sigmaM * Math.sqrt(1 - rho * rho);
    this.#east = rho * this.#east + kick * gaussian(this.#random);
    this.#north = rho * this.#north + kick * gaussian(this.#random);
    return { east: this.#east, north: this.#north };
  }
}

/** Streets: legs between crossings at up to 70 km/h with gentle starts and stops, right-angled turns, and waits of 20 s to 3 min. */
function* drive(random: () => number, intervalS: number): Generator<{ lat: number; lng: number; speed: number; heading: number }> {
  let at = { lat: START.lat, lng: START.lng };
  let speed = 0;
  let heading = 90;
  let legS = 0;
  let target = 10;
  for (;;) {
    legS -= intervalS;
    if (legS <= 0) {
      const waits = random() < 0.2;
      target = waits ? 0 : 4 + 15 * random();
      legS = waits ? 20 + 160 * random() : 15 + 60 * random();
      if (!waits) heading = (heading + [0, 90, 270][Math.floor(3 * random())]!) % 360;
    }
    speed += Math.max(-3 * intervalS, Math.min(2 * intervalS, target - speed));
    const rad = (heading * Math.PI) / 180;
    at = offset(at, speed * intervalS * Math.sin(rad), speed * intervalS * Math.cos(rad));
    yield { ...at, speed, heading };
  }
}

/** @returns what arrives, in order of arrival */
export function noisyTrack(options: NoiseOptions): Reported[] {
  const random = seeded(options.seed);
  const wander = new Wander(random);
  const canyon = new Wander(random);
  const reported: Reported[] = [];
  let atMs = START.atMs;
  let canyonFixes = 0;
  const driver = drive(random, options.intervalS);
  for (let i = 0; i < options.fixes; i++) {
    atMs += Math.round(options.intervalS * 1_000);
    const truth = driver.next().value;
    const drift = wander.step(options.sigmaM, options.intervalS, 20);
    if (canyonFixes > 0) canyonFixes--;
    else if (random() < 0.003) canyonFixes = 5 + Math.floor(25 * random());
    const burst = canyonFixes > 0 ? canyon.step(35, options.intervalS, 8) : { east: 0, north: 0 };
    let seen = offset(truth, drift.east + burst.east, drift.north + burst.north);
    let kind: 'good' | 'bad' = 'good';
    const luck = random();
    if (luck < 0.001) {
      seen = { lat: 0, lng: 0 };
      kind = 'bad';
    } else if (luck < 0.011) {
      const farM = 300 * 100 ** random();
      const angle = 2 * Math.PI * random();
      seen = offset(truth, farM * Math.cos(angle), farM * Math.sin(angle));
      kind = 'bad';
    }
    const claimedM = Math.max(3, (canyonFixes > 0 && kind === 'good' ? 40 : options.sigmaM * 1.5) * (0.6 + 0.9 * random()));
    const fix: Fix = {
      atMs,
      ...seen,
      accuracyM: random() < (options.withoutAccuracy ?? 0) ? null : claimedM,
      speedMps: Math.max(0, truth.speed + 0.5 * gaussian(random)),
      headingDeg: null,
    };
    const delayMs = random() < 0.04 ? 5_000 + 55_000 * random() : 300 * random();
    reported.push({ fix, arrivedAtMs: atMs + delayMs, kind, truth });
    if (random() < 0.03) reported.push({ fix, arrivedAtMs: atMs + delayMs + 8_000 * random(), kind: 'copy', truth });
  }
  return reported.sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
}

/** @returns the value below which a share `q` of the given numbers lies */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function errorM(item: Reported, position: { lat: number; lng: number }): number {
  return distanceM(item.truth, position);
}
