/**
 * Points by slot number in H3 cells, 44 bytes a point, with exact k-nearest queries. It must never know what a slot
 * stands for, nor the time: instants come with the calls.
 */
import { isPosition, type LatLng } from '../distance.ts';
import { CellGrid, MAX_RINGS } from './cell-grid.ts';
import { Nearest } from './nearest.ts';
import { NONE, SlotLists } from './slot-lists.ts';
import { chordToM, mToSquaredChord, squaredChord, writeUnitVector } from './unit-vector.ts';

/** Coarser than 7, a disk of MAX_RINGS is large enough for the curvature to break the ring bound. */
const MIN_RESOLUTION = 7;
const MAX_RESOLUTION = 12;
/** More is cut. */
const MAX_K = 256;

export interface SlotIndexLimits {
  /** H3 resolution, 7 to 12. 9 suits up to some 100,000 points a city, 8 up to 10,000, 10 a million. */
  readonly resolution: number;
  readonly slotMax: number;
  /** Interned cells beyond this are forgotten unless occupied; as many as twice the points may stay. */
  readonly cellMax: number;
  /** Cells that remembered rings may hold together, 4 bytes each. */
  readonly ringCellMax: number;
}

interface SlotQuery {
  /** At most MAX_K. */
  readonly k: number;
  readonly maxDistanceM?: number | undefined;
  /** Points last placed before this instant are left out. */
  readonly freshSinceMs?: number | undefined;
  /** Called for a point that is among the nearest so far, perhaps twice; false leaves it out. It must not change the index. */
  readonly accept?: ((slot: number) => boolean) | undefined;
}

interface SlotFound {
  readonly slot: number;
  readonly distanceM: number;
}

/** `late`: older than what is stored. Neither `late` nor `invalid` changes anything. */
type Placement = 'moved' | 'stayed' | 'late' | 'invalid';

export class SlotIndex {
  readonly #limits: SlotIndexLimits;
  readonly #lists: SlotLists;
  #grid: CellGrid;
  #vectors: Float64Array;
  #placedAtMs: Float64Array;
  /** The position of the query in progress. */
  readonly #here = new Float64Array(3);
  readonly #nearest = new Nearest(MAX_K);

  /** @throws RangeError for a resolution outside 7 to 12. */
  constructor(limits: SlotIndexLimits) {
    if (!(limits.resolution >= MIN_RESOLUTION && limits.resolution <= MAX_RESOLUTION)) {
      throw new RangeError(`resolution ${limits.resolution} is not ${MIN_RESOLUTION} to ${MAX_RESOLUTION}`);
    }
    this.#limits = limits;
    this.#lists = new SlotLists(limits.slotMax);
    this.#grid = new CellGrid(limits.resolution, limits.ringCellMax);
    this.#vectors = new Float64Array(this.#lists.capacity * 3);
    this.#placedAtMs = new Float64Array(this.#lists.capacity);
  }

  get count(): number {
    return this.#lists.count;
  }

  get cellCount(): number {
    return this.#grid.count;
  }

  /** Bytes of the arrays whose length follows the number of slots. */
  get slotBytes(): number {
    return this.#lists.bytes + this.#vectors.byteLength + this.#placedAtMs.byteLength;
  }

  /** @returns the slot; `invalid` for what is not a position at an instant, `full` when `slotMax` are in use. */
  add(lat: number, lng: number, atMs: number): number | 'invalid' | 'full' {
    if (!isPosition(lat, lng) || !Number.isFinite(atMs)) return 'invalid';
    const slot = this.#lists.take();
    if (slot === NONE) return 'full';
    if (this.#placedAtMs.length < this.#lists.capacity) {
      this.#vectors = resized(this.#vectors, this.#lists.capacity * 3);
      this.#placedAtMs = resized(this.#placedAtMs, this.#lists.capacity);
    }
    writeUnitVector(this.#vectors, slot * 3, lat, lng);
    this.#placedAtMs[slot] = atMs;
    this.#lists.link(slot, this.#covered(this.#grid.cellAt(lat, lng)));
    return slot;
  }

  /** @param slot one in use. Most moves stay inside the inscribed circle of the cell and never ask H3. */
  move(slot: number, lat: number, lng: number, atMs: number): Placement {
    if (!isPosition(lat, lng) || !Number.isFinite(atMs)) return 'invalid';
    if (atMs < (this.#placedAtMs[slot] as number)) return 'late';
    this.#placedAtMs[slot] = atMs;
    writeUnitVector(this.#vectors, slot * 3, lat, lng);
    const cell = this.#lists.cells[slot] as number;
    if (squaredChord(this.#vectors, slot * 3, this.#grid.centres, cell * 3) < (this.#grid.inscribed[cell] as number)) return 'stayed';
    const target = this.#grid.cellAt(lat, lng);
    if (target === cell) return 'stayed';
    // Before unlinking: it may renumber the cells of every linked slot.
    const covered = this.#covered(target);
    this.#lists.unlink(slot);
    this.#lists.link(slot, covered);
    return 'moved';
  }

  /** The slot may be handed out again. A slot that is not in use is left alone. */
  remove(slot: number): void {
    if (this.#lists.has(slot)) this.#lists.free(slot);
  }

  /** Slots last placed before `ms`. Reads every slot. */
  placedBefore(ms: number): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.#lists.end; slot++) {
      if (this.#lists.has(slot) && (this.#placedAtMs[slot] as number) < ms) found.push(slot);
    }
    return found;
  }

  /**
   * The nearest points first, ties by slot; exact. Rings of cells are searched until nothing unseen can be nearer.
   * When that would read more cells than there are points, every point is read instead, so the cost is
   * O(points) at worst. Empty for an invalid position, for k < 1 and when nothing fits.
   */
  nearest(from: LatLng, query: SlotQuery): SlotFound[] {
    const k = Math.min(Math.floor(query.k), MAX_K);
    const limit = mToSquaredChord(query.maxDistanceM ?? Number.POSITIVE_INFINITY);
    if (!isPosition(from.lat, from.lng) || !(k >= 1) || this.#lists.count === 0) return [];
    writeUnitVector(this.#here, 0, from.lat, from.lng);
    this.#nearest.reset(k, limit);
    if (!this.#searchRings(this.#covered(this.#grid.cellAt(from.lat, from.lng)), query)) {
      this.#nearest.reset(k, limit);
      this.#searchAll(query);
    }
    const found: SlotFound[] = [];
    for (let i = 0; i < this.#nearest.count; i++) {
      found.push({ slot: this.#nearest.slotAt(i), distanceM: chordToM(this.#nearest.squareAt(i)) });
    }
    return found;
  }

  /** @returns whether the result is complete; false when reading every point is cheaper than going on. */
  #searchRings(origin: number, query: SlotQuery): boolean {
    const lists = this.#lists;
    const offCentreM = chordToM(squaredChord(this.#here, 0, this.#grid.centres, origin * 3));
    let cellsRead = 0;
    for (let ring = 0; ring < MAX_RINGS; ring++) {
      const cells = this.#grid.ring(origin, ring);
      lists.coverCells(this.#grid.count);
      for (let i = 0; i < cells.length; i++) this.#searchCell(cells[i] as number, query);
      if (mToSquaredChord(this.#grid.coveredM(origin, ring) - offCentreM) > this.#nearest.reach) return true;
      cellsRead += cells.length;
      if (cellsRead > lists.count) return false;
    }
    return false;
  }

  #searchCell(cell: number, query: SlotQuery): void {
    const { heads, next } = this.#lists;
    let slot = heads[cell] as number;
    if (slot === NONE) return;
    let reach = this.#nearest.reach;
    const outerChord = Math.sqrt(reach) + (this.#grid.circumscribed[cell] as number);
    if (squaredChord(this.#here, 0, this.#grid.centres, cell * 3) > outerChord * outerChord) return;
    for (; slot !== NONE; slot = next[slot] as number) {
      const square = squaredChord(this.#vectors, slot * 3, this.#here, 0);
      if (square <= reach && this.#fits(slot, query)) {
        this.#nearest.offer(slot, square);
        reach = this.#nearest.reach;
      }
    }
  }

  #searchAll(query: SlotQuery): void {
    for (let slot = 0; slot < this.#lists.end; slot++) {
      if (!this.#lists.has(slot)) continue;
      const square = squaredChord(this.#vectors, slot * 3, this.#here, 0);
      if (square <= this.#nearest.reach && this.#fits(slot, query)) this.#nearest.offer(slot, square);
    }
  }

  #fits(slot: number, query: SlotQuery): boolean {
    if (query.freshSinceMs !== undefined && (this.#placedAtMs[slot] as number) < query.freshSinceMs) return false;
    return query.accept === undefined || query.accept(slot);
  }

  /** The same cell, perhaps under a new number: when too many are interned, those that nobody is in are forgotten. */
  #covered(cell: number): number {
    let number = cell;
    if (this.#grid.count > Math.max(this.#limits.cellMax, 2 * this.#lists.count)) {
      const old = this.#grid;
      const fresh = new CellGrid(this.#limits.resolution, this.#limits.ringCellMax);
      this.#lists.relinkAll((occupied) => fresh.intern(old.nameOf(occupied)));
      number = fresh.intern(old.nameOf(cell));
      this.#grid = fresh;
    }
    this.#lists.coverCells(this.#grid.count);
    return number;
  }
}

function resized(from: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(size);
  to.set(from);
  return to;
}
