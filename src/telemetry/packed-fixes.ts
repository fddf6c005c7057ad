/**
 * Positions as eight doubles each, so that thousands cross between threads as one piece of memory: source, received at, fix at, lat,
 * lng, accuracy, speed, heading. NaN is null; the source of a mocked fix is stored as -1 - source. It must never judge a position.
 */
import type { Fix } from '../geo/gps/fix.ts';

const DOUBLES = 8;
const FIRST_CAPACITY = 64;

export class PackedFixes {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(source: number, receivedAtMs: number, fix: Fix): void {
    const at = this.#count * DOUBLES;
    if (at === this.#doubles.length) {
      const larger = new Float64Array(this.#doubles.length * 2);
      larger.set(this.#doubles);
      this.#doubles = larger;
    }
    const doubles = this.#doubles;
    doubles[at] = fix.isMock === true ? -1 - source : source;
    doubles[at + 1] = receivedAtMs;
    doubles[at + 2] = fix.atMs;
    doubles[at + 3] = fix.lat;
    doubles[at + 4] = fix.lng;
    doubles[at + 5] = fix.accuracyM ?? Number.NaN;
    doubles[at + 6] = fix.speedMps ?? Number.NaN;
    doubles[at + 7] = fix.headingDeg ?? Number.NaN;
    this.#count++;
  }

  /** Keeps the newest record of each source, in their order. @returns how many were dropped. O(records). */
  keepNewest(): number {
    const last = new Map<number, number>();
    for (let record = 0; record < this.#count; record++) last.set(sourceAt(this.#doubles, record), record);
    let kept = 0;
    for (let record = 0; record < this.#count; record++) {
      if (last.get(sourceAt(this.#doubles, record)) !== record) continue;
      this.#doubles.copyWithin(kept * DOUBLES, record * DOUBLES, (record + 1) * DOUBLES);
      kept++;
    }
    const dropped = this.#count - kept;
    this.#count = kept;
    return dropped;
  }

  /** A view of the records, valid until the next `push` or `clear`. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#doubles.buffer, 0, this.#count * DOUBLES * Float64Array.BYTES_PER_ELEMENT);
  }

  clear(): void {
    this.#count = 0;
  }
}

function sourceAt(doubles: Float64Array, record: number): number {
  const stored = doubles[record * DOUBLES] as number;
  return stored < 0 ? -1 - stored : stored;
}

/** Fixes of one source that arrived together; the array may be kept. */
type PackedVisitor = (source: number, fixes: readonly Fix[], receivedAtMs: number) => void;

/** Calls `visit` for each run of records with the same source and arrival, in order. @param packed at any alignment; whole records only */
export function readPacked(packed: Uint8Array, visit: PackedVisitor): void {
  const doubles = alignedDoubles(packed);
  const count = Math.floor(doubles.length / DOUBLES);
  let fixes: Fix[] = [];
  for (let record = 0; record < count; record++) {
    const source = sourceAt(doubles, record);
    const receivedAtMs = doubles[record * DOUBLES + 1] as number;
    fixes.push(fixAt(doubles, record));
    const next = record + 1;
    if (next < count && sourceAt(doubles, next) === source && doubles[next * DOUBLES + 1] === receivedAtMs) continue;
    visit(source, fixes, receivedAtMs);
    fixes = [];
  }
}

export function countPacked(packed: Uint8Array): number {
  return Math.floor(packed.byteLength / (DOUBLES * Float64Array.BYTES_PER_ELEMENT));
}

/** A batch off a link is a view into the link's own buffer. */
function alignedDoubles(packed: Uint8Array): Float64Array {
  const bytes = packed.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? packed : new Uint8Array(packed);
  return new Float64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / Float64Array.BYTES_PER_ELEMENT));
}

function fixAt(doubles: Float64Array, record: number): Fix {
  const at = record * DOUBLES;
  const fix = {
    atMs: doubles[at + 2] as number,
    lat: doubles[at + 3] as number,
    lng: doubles[at + 4] as number,
    accuracyM: known(doubles[at + 5] as number),
    speedMps: known(doubles[at + 6] as number),
    headingDeg: known(doubles[at + 7] as number),
  };
  return (doubles[at] as number) < 0 ? { ...fix, isMock: true } : fix;
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
