/**
 * Which drivers are where: positions by driver id, exact nearest drivers. A hint for dispatch, never the truth about a
 * driver. It must never know why a driver is looked for.
 */
import type { LatLng } from '../distance.ts';
import { SlotIndex, type SlotIndexLimits } from './slot-index.ts';

const DRIVER_INDEX_DEFAULTS: SlotIndexLimits = { resolution: 9, slotMax: 1_000_000, cellMax: 131_072, ringCellMax: 2_000_000 };

/** `late`: older than what is known of the driver. `invalid`, `late` and `full` change nothing. */
export type DriverPlacement = 'added' | 'moved' | 'stayed' | 'late' | 'invalid' | 'full';

interface NearestQuery {
  /** At most 256; more is cut. */
  readonly k: number;
  readonly maxDistanceM?: number;
  /** Drivers last placed before this instant are left out. */
  readonly freshSinceMs?: number;
  /** False leaves the driver out. Called only for drivers near enough to matter, perhaps twice. It must not change the index. */
  readonly accept?: (driverId: string) => boolean;
}

interface NearDriver {
  readonly driverId: string;
  readonly distanceM: number;
}

export class DriverIndex {
  readonly #slots: SlotIndex;
  readonly #slotOf = new Map<string, number>();
  readonly #idOf: string[] = [];

  /** @throws RangeError for a resolution outside 7 to 12. */
  constructor(limits: Partial<SlotIndexLimits> = {}) {
    this.#slots = new SlotIndex({ ...DRIVER_INDEX_DEFAULTS, ...limits });
  }

  get count(): number {
    return this.#slots.count;
  }

  /** Puts the driver at a place, whether it is known or not. @param atMs when the driver was there; older news than the last are ignored. */
  place(driverId: string, lat: number, lng: number, atMs: number): DriverPlacement {
    const slot = this.#slotOf.get(driverId);
    if (slot !== undefined) return this.#slots.move(slot, lat, lng, atMs);
    const added = this.#slots.add(lat, lng, atMs);
    if (typeof added === 'string') return added;
    this.#slotOf.set(driverId, added);
    this.#idOf[added] = driverId;
    return 'added';
  }

  /** @returns whether the driver was in the index. */
  remove(driverId: string): boolean {
    const slot = this.#slotOf.get(driverId);
    if (slot === undefined) return false;
    this.#slots.remove(slot);
    this.#slotOf.delete(driverId);
    this.#idOf[slot] = '';
    return true;
  }

  has(driverId: string): boolean {
    return this.#slotOf.has(driverId);
  }

  /** Takes drivers last placed before `ms` out. O(drivers). @returns their ids. */
  removePlacedBefore(ms: number): string[] {
    const ids = this.#slots.placedBefore(ms).map((slot) => this.#idOf[slot] as string);
    for (const id of ids) this.remove(id);
    return ids;
  }

  /**
   * Exact, nearest first; equal distances in the order of the index, which is the same for the same calls.
   * Empty for an invalid position, k < 1, or when nobody fits. O(drivers) at worst.
   */
  nearest(from: LatLng, query: NearestQuery): NearDriver[] {
    const { k, maxDistanceM, freshSinceMs, accept } = query;
    const bySlot = accept === undefined ? undefined : (slot: number): boolean => accept(this.#idOf[slot] as string);
    const found = this.#slots.nearest(from, { k, maxDistanceM, freshSinceMs, accept: bySlot });
    return found.map(({ slot, distanceM }) => ({ driverId: this.#idOf[slot] as string, distanceM }));
  }
}
