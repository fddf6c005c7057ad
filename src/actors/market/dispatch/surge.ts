/**
 * By how much more is paid where jobs outnumber free drivers: by area, smoothed, in steps, capped. It must never know
 * who gets paid.
 */
import { cellToLatLng, latLngToCell } from 'h3-js';
import type { LatLng } from '../../../geo/distance.ts';
import type { SurgePolicy } from './policy.ts';

/** Areas that are remembered; calm ones are forgotten by themselves. */
const AREAS_MAX = 2_000;
/** Below this an area is calm. */
const CALM = 0.005;

interface Area {
  readonly middle: LatLng;
  /** Smoothed, 0 to cap - 1, without steps. */
  extra: number;
  jobs: number;
}

export class SurgeBoard {
  readonly #policy: SurgePolicy;
  readonly #areas = new Map<string, Area>();
  #atMs: number | null = null;

  constructor(policy: SurgePolicy) {
    this.#policy = policy;
  }

  /** Name of the area that a position is in. */
  areaOf(at: LatLng): string {
    return latLngToCell(at.lat, at.lng, this.#policy.resolution);
  }

  /**
   * @param jobs how many wait for a driver, by area.
   * @param freeDrivers how many are free within `reachM` of a place; at most `enough` need to be counted.
   */
  update(nowMs: number, jobs: ReadonlyMap<string, number>, freeDrivers: (middle: LatLng, reachM: number, enough: number) => number): void {
    const elapsedS = this.#atMs === null ? 0 : Math.max(0, nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    for (const area of this.#areas.values()) area.jobs = 0;
    for (const [name, count] of jobs) {
      const area = this.#areas.get(name) ?? this.#added(name);
      if (area !== undefined) area.jobs = count;
    }
    const { fromRatio, toRatio, cap, reachM, smoothingS } = this.#policy;
    const share = 1 - Math.exp(-elapsedS / smoothingS);
    for (const [name, area] of this.#areas) {
      const enough = Math.ceil(area.jobs / fromRatio);
      const free = area.jobs === 0 ? 1 : Math.max(1, freeDrivers(area.middle, reachM, enough));
      const heat = Math.min(1, Math.max(0, (area.jobs / free - fromRatio) / (toRatio - fromRatio)));
      area.extra += (heat * (cap - 1) - area.extra) * share;
      if (area.jobs === 0 && area.extra < CALM) this.#areas.delete(name);
    }
  }

  /** The clock was set. */
  shift(byMs: number): void {
    if (this.#atMs !== null) this.#atMs += byMs;
  }

  /** 1 where nothing is known; in whole steps, at most the cap. */
  at(area: string): number {
    return this.#stepped(this.#areas.get(area)?.extra ?? 0);
  }

  /** The highest of all areas. */
  highest(): number {
    let extra = 0;
    for (const area of this.#areas.values()) extra = Math.max(extra, area.extra);
    return this.#stepped(extra);
  }

  #stepped(extra: number): number {
    const { step, cap } = this.#policy;
    // Half a thousandth of a step keeps 0.3 from becoming 0.2 by rounding.
    const steps = Math.floor(extra / step + 0.0005);
    return Math.min(cap, Math.round((1 + steps * step) * 1_000) / 1_000);
  }

  #added(name: string): Area | undefined {
    if (this.#areas.size >= AREAS_MAX) return undefined;
    const [lat, lng] = cellToLatLng(name);
    const area = { middle: { lat, lng }, extra: 0, jobs: 0 };
    this.#areas.set(name, area);
    return area;
  }
}
