/**
 * H3 cells as small integers. Crossing the h3-js string boundary is what an H3 index costs, so every cell is interned
 * once with its centre and inscribed circle, and rings are remembered as integer arrays. It must never know drivers.
 */
import {
  cellToBoundary,
  cellToLatLng,
  edgeLength,
  gridDiskDistances,
  gridRing,
  isPentagon,
  latLngToCell,
  originToDirectedEdges,
} from 'h3-js';
import { squaredChord, writeUnitVector } from './unit-vector.ts';

/** Rings a cell can be asked for are below this; also the stride of the ring cache's keys. */
export const MAX_RINGS = 64;
const INITIAL_CELLS = 1_024;
/** Circles and edges are taken a little smaller or larger than computed, to absorb distortion and rounding. */
const INSCRIBED_SAFETY = 0.99;
const CIRCUMSCRIBED_SAFETY = 1.01;
/** Over the globe the bound below was found to hold with 0.985. */
const EDGE_SAFETY = 0.95;
/** The edges of a pentagon run in one direction of each face only, and not in the shortest: 0.834 was found. */
const PENTAGON_EDGE_SAFETY = 0.8;

export class CellGrid {
  /** Ids run from 0 to `count - 1`, without gaps. */
  count = 0;
  /** x, y, z of each cell's centre. */
  centres = new Float64Array(INITIAL_CELLS * 3);
  /** Squared chord of each cell's inscribed circle: a point nearer to the centre is in the cell. */
  inscribed = new Float64Array(INITIAL_CELLS);
  /** Chord from each cell's centre to its farthest corner: every point of the cell is nearer. */
  circumscribed = new Float64Array(INITIAL_CELLS);
  readonly #resolution: number;
  readonly #ringCells: number;
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  /** Shortest edge in metres, 0 while not asked for. */
  #edgesM = new Float64Array(INITIAL_CELLS);
  /** Two generations: what was not used while the younger one filled up is forgotten. */
  #youngRings = new Map<number, Int32Array>();
  #oldRings = new Map<number, Int32Array>();
  #youngRingCells = 0;

  /** @param ringCells cells that the ring cache may hold, 4 bytes each. */
  constructor(resolution: number, ringCells: number) {
    this.#resolution = resolution;
    this.#ringCells = ringCells;
  }

  /** @param lat, lng a valid position. Interns the cell when it is new. About 1 µs. */
  cellAt(lat: number, lng: number): number {
    return this.intern(latLngToCell(lat, lng, this.#resolution));
  }

  nameOf(cell: number): string {
    return this.#names[cell] as string;
  }

  intern(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const cell = this.count++;
    if (cell === this.inscribed.length) this.#grow();
    this.#ids.set(name, cell);
    this.#names.push(name);
    const [lat, lng] = cellToLatLng(name);
    writeUnitVector(this.centres, cell * 3, lat, lng);
    this.#measure(name, cell);
    return cell;
  }

  /** Ids of the cells at grid distance `ring` (0 is the cell itself); fewer than 6 x ring around a pentagon. The array is shared: read only. */
  ring(cell: number, ring: number): Int32Array {
    const key = cell * MAX_RINGS + ring;
    const young = this.#youngRings.get(key);
    if (young !== undefined) return young;
    const cells = this.#oldRings.get(key) ?? this.#computeRing(cell, ring);
    if (this.#youngRingCells + cells.length > this.#ringCells / 2) {
      this.#oldRings = this.#youngRings;
      this.#youngRings = new Map();
      this.#youngRingCells = 0;
    }
    this.#youngRings.set(key, cells);
    this.#youngRingCells += cells.length;
    return cells;
  }

  /**
   * How far from the centre of `cell` every point is, at the least, that lies beyond ring `ring`: a hexagonal disk of
   * k rings reaches 1.5 k + 0.5 edges in its narrowest direction. Metres. Holds while the disk is small against the
   * globe; MAX_RINGS at resolution 7 or finer is.
   */
  coveredM(cell: number, ring: number): number {
    let edgeM = this.#edgesM[cell] as number;
    if (edgeM === 0) {
      const name = this.nameOf(cell);
      const shortestM = Math.min(...originToDirectedEdges(name).map((edge) => edgeLength(edge, 'm')));
      edgeM = shortestM * (isPentagon(name) ? PENTAGON_EDGE_SAFETY : EDGE_SAFETY);
      this.#edgesM[cell] = edgeM;
    }
    return edgeM * (1.5 * ring + 0.5);
  }

  #computeRing(cell: number, ring: number): Int32Array {
    return Int32Array.from(ringNames(this.nameOf(cell), ring), (name) => this.intern(name));
  }

  /** Edges are arcs of great circles, so the nearest boundary point is at the pole of an edge's plane or farther. */
  #measure(name: string, cell: number): void {
    const boundary = cellToBoundary(name);
    const corners = new Float64Array(boundary.length * 3);
    boundary.forEach(([lat, lng], i) => {
      writeUnitVector(corners, i * 3, lat, lng);
    });
    let nearest = 1;
    let farthestSquare = 0;
    for (let a = 0; a < corners.length; a += 3) {
      nearest = Math.min(nearest, sineToGreatCircle(this.centres, cell * 3, corners, a, (a + 3) % corners.length));
      farthestSquare = Math.max(farthestSquare, squaredChord(this.centres, cell * 3, corners, a));
    }
    this.inscribed[cell] = (nearest * INSCRIBED_SAFETY) ** 2;
    this.circumscribed[cell] = Math.sqrt(farthestSquare) * CIRCUMSCRIBED_SAFETY;
  }

  #grow(): void {
    this.centres = enlarged(this.centres);
    this.inscribed = enlarged(this.inscribed);
    this.circumscribed = enlarged(this.circumscribed);
    this.#edgesM = enlarged(this.#edgesM);
  }
}

function ringNames(name: string, ring: number): readonly string[] {
  try {
    return gridRing(name, ring);
  } catch {
    // A ring that a pentagon distorts may be refused; the disk never is. An invalid cell throws here again.
    return gridDiskDistances(name, ring)[ring] ?? [];
  }
}

/** Sine of the angle between the point at `p` and the great circle through the corners at `a` and `b`; 1 for equal corners. */
function sineToGreatCircle(points: Float64Array, p: number, corners: Float64Array, a: number, b: number): number {
  const at = (i: number): number => corners[i] as number;
  const x = at(a + 1) * at(b + 2) - at(a + 2) * at(b + 1);
  const y = at(a + 2) * at(b) - at(a) * at(b + 2);
  const z = at(a) * at(b + 1) - at(a + 1) * at(b);
  const length = Math.hypot(x, y, z);
  if (length === 0) return 1;
  return Math.abs(x * (points[p] as number) + y * (points[p + 1] as number) + z * (points[p + 2] as number)) / length;
}

function enlarged(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}
