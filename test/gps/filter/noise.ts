/** What receivers and networks do to what a driver's phone reports: seeded noise on a true drive. Knows nothing of the filter. */
import { distanceM } from '../../../src/geo/distance.ts';
import type { Fix } from '../../../src/geo/gps/fix.ts';
import { type Drive, drive, type Moment, offset, type Place, seeded } from './noise-drive.ts';

export interface Reported {
  readonly fix: Fix;
  /** Server time of arrival; the order of the list. */
  readonly arrivedAtMs: number;
  /** `good`: the receiver's noise only. `bad`: an outlier, null island or a cell tower. `copy`: a duplicate of either. */
  readonly kind: 'good' | 'bad' | 'copy';
  /** Arrived after a newer one: to history at best. */
  readonly isLate: boolean;
  readonly truth: Place;
}

export interface NoiseOptions {
  readonly seed: number;
  readonly fixes: number;
  /** Standard deviation of the receiver's error on one axis, metres. */
  readonly sigmaM: number;
  /** Between fixes. */
  readonly intervalS: number;
  /** Share of fixes whose accuracy is not reported. */
  readonly withoutAccuracy?: number;
  /** Of the device; `zero` for one that never knows, `derived` from the positions that it reports, `none` for an empty column. */
  readonly speed?: 'true' | 'none' | 'zero' | 'derived';
  /** Seconds over which the error is correlated. */
  readonly correlationS?: number;
  /** Share that arrives 5 to 60 s late. */
  readonly late?: number;
  readonly outliers?: number;
  /** Outliers in a row: each elsewhere, or all in one place. */
  readonly outlierRun?: number;
  readonly outlierPlace?: 'each' | 'same';
  readonly towers?: number;
  /** Fixes in a row from one tower. */
  readonly towerRun?: number;
  /** Share of wrong fixes that claim the accuracy of a good one; the others claim 100 m to 2 km. */
  readonly flattered?: number;
  /** The first fix is wrong by kilometres. */
  readonly isFirstWrong?: boolean;
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Correlated error. */
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

/** What is wrong with fixes in a row. */
class Faults {
  #left = 0;
  #away: { eastM: number; northM: number } | null = null;
  #tower: Place | null = null;
  readonly #random: () => number;
  readonly #options: NoiseOptions;
  constructor(random: () => number, options: NoiseOptions) {
    this.#random = random;
    this.#options = options;
  }

  /** @returns where the fix is instead, or null when nothing is wrong with it */
  next(truth: Place, isFirst: boolean): Place | null {
    const random = this.#random;
    const { outliers = 0.01, towers = 0.011, outlierRun = 1, towerRun = 1, outlierPlace = 'each' } = this.#options;
    if (this.#left > 0) {
      this.#left--;
      if (this.#tower !== null) return offset(this.#tower, 3 * gaussian(random), 3 * gaussian(random));
      if (this.#away === null || outlierPlace === 'each') this.#away = this.#far(300, 30_000);
      return offset(truth, this.#away.eastM, this.#away.northM);
    }
    const luck = random();
    if (luck < 0.001) return { lat: 0, lng: 0 };
    if (luck < 0.001 + outliers / outlierRun || (isFirst && this.#options.isFirstWrong === true)) {
      this.#left = isFirst ? 0 : outlierRun - 1;
      this.#tower = null;
      this.#away = this.#far(300, 30_000);
      return offset(truth, this.#away.eastM, this.#away.northM);
    }
    if (luck >= 0.001 + outliers / outlierRun + towers / towerRun) return null;
    this.#left = towerRun - 1;
    const { eastM, northM } = this.#far(200, 2_500);
    this.#tower = offset(truth, eastM, northM);
    return this.#tower;
  }

  #far(leastM: number, mostM: number): { eastM: number; northM: number } {
    const farM = leastM * (mostM / leastM) ** this.#random();
    const angle = 2 * Math.PI * this.#random();
    return { eastM: farM * Math.cos(angle), northM: farM * Math.sin(angle) };
  }
}

/** @returns what arrives of a drive, in order of arrival */
function noisy(moments: readonly Moment[], random: () => number, options: NoiseOptions): Reported[] {
  const wander = new Wander(random);
  const canyon = new Wander(random);
  const faults = new Faults(random, options);
  const sent: Omit<Reported, 'isLate'>[] = [];
  const stepMs = Math.round(options.intervalS * 1_000);
  let canyonFixes = 0;
  let previous: Place | null = null;
  let dueMs = 0;
  for (const truth of moments) {
    if (truth.atMs < dueMs) continue;
    dueMs = truth.atMs + stepMs;
    const drift = wander.step(options.sigmaM, options.intervalS, options.correlationS ?? 20);
    if (canyonFixes > 0) canyonFixes--;
    else if (random() < 0.003) canyonFixes = 5 + Math.floor(25 * random());
    const burst = canyonFixes > 0 ? canyon.step(35, options.intervalS, 8) : { east: 0, north: 0 };
    const wrong = faults.next(truth, previous === null);
    const seen = wrong ?? offset(truth, drift.east + burst.east, drift.north + burst.north);
    const honestM = Math.max(3, (canyonFixes > 0 && wrong === null ? 40 : options.sigmaM * 1.5) * (0.6 + 0.9 * random()));
    const accuracyM = wrong === null || random() < (options.flattered ?? 1) ? honestM : 100 * 20 ** random();
    const fix: Fix = {
      atMs: truth.atMs,
      ...seen,
      accuracyM: random() < (options.withoutAccuracy ?? 0) ? null : accuracyM,
      speedMps: speedOf(options, truth, seen, previous, gaussian(random)),
      headingDeg: null,
    };
    previous = seen;
    const delayMs = random() < (options.late ?? 0.04) ? 5_000 + 55_000 * random() : 300 * random();
    sent.push({ fix, arrivedAtMs: truth.atMs + delayMs, kind: wrong === null ? 'good' : 'bad', truth });
    if (random() < 0.03) sent.push({ fix, arrivedAtMs: truth.atMs + delayMs + 8_000 * random(), kind: 'copy', truth });
  }
  sent.sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
  let newestMs = 0;
  return sent.map((item) => {
    const isLate = item.fix.atMs < newestMs;
    newestMs = Math.max(newestMs, item.fix.atMs);
    return { ...item, isLate };
  });
}

function speedOf(options: NoiseOptions, truth: Moment, seen: Place, previous: Place | null, noise: number): number | null {
  switch (options.speed ?? 'true') {
    case 'none':
      return null;
    case 'zero':
      return 0;
    case 'derived':
      return previous === null ? 0 : distanceM(previous, seen) / options.intervalS;
    case 'true':
      return Math.max(0, truth.speed + 0.5 * noise);
  }
}

export interface NoisyTrip {
  readonly drive: Drive;
  readonly reported: readonly Reported[];
}

/** A drive of `fixes` at `intervalS`. */
export function noisyTrip(options: NoiseOptions): NoisyTrip {
  const random = seeded(options.seed);
  const made = drive(random, options.fixes * options.intervalS);
  return { drive: made, reported: noisy(made.moments, random, options) };
}

/** @returns what arrives of such a trip, in order of arrival */
export function noisyTrack(options: NoiseOptions): readonly Reported[] {
  return noisyTrip(options).reported;
}

/** @returns the value below which a share `q` of the given numbers lies */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function errorM(item: Reported, position: Place): number {
  return distanceM(item.truth, position);
}
