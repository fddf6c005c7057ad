/**
 * Zones: polygons with holes, in either direction, across the date line if need be. Edges are straight in degrees, as in
 * RFC 7946. It must never know what a zone is for.
 */
import { isPosition, type LatLng } from './distance.ts';
import { ringsMeet, ringTouchesItself } from './ring-crossing.ts';

/** A ring of vertices without the closing one. Longitudes run on beyond 180 where it crosses the date line. */
interface Ring {
  readonly lats: readonly number[];
  readonly lngs: readonly number[];
}

export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
  /** Longitudes are those of `outer`, 360 degrees wide at most. */
  readonly bounds: { readonly south: number; readonly north: number; readonly west: number; readonly east: number };
}

type PolygonFault =
  | 'no_rings'
  | 'too_many_vertices'
  | 'too_few_vertices'
  | 'invalid_vertex'
  | 'encloses_pole'
  | 'self_intersecting'
  | 'hole_not_inside'
  | 'holes_overlap';

type PolygonResult =
  | { readonly ok: true; readonly polygon: Polygon }
  | { readonly ok: false; readonly fault: PolygonFault; readonly ring: number };

/** All rings together. The check for crossings takes the square of it. */
export const MAX_POLYGON_VERTICES = 1_000;
const MIN_RING_VERTICES = 3;

/**
 * @param rings the outer ring, then holes; closed or not, clockwise or not. Vertices said twice in a row count once.
 * @returns the polygon, or what is wrong and with which ring. Rings may not touch themselves or each other.
 */
export function makePolygon(rings: readonly (readonly LatLng[])[], maxVertices = MAX_POLYGON_VERTICES): PolygonResult {
  if (rings.length === 0) return { ok: false, fault: 'no_rings', ring: 0 };
  // Before anything is read: a body of a hundred thousand vertices must cost nothing.
  const vertices = rings.reduce((sum, ring) => sum + ring.length, 0);
  if (vertices > maxVertices + rings.length) return { ok: false, fault: 'too_many_vertices', ring: 0 };
  const made: Ring[] = [];
  for (const [i, vertices] of rings.entries()) {
    const ring = makeRing(vertices, made[0]);
    if (typeof ring === 'string') return { ok: false, fault: ring, ring: i };
    made.push(ring);
  }
  const [outer, ...holes] = made as [Ring, ...Ring[]];
  const fault = faultOfHoles(outer, holes);
  if (fault !== null) return { ok: false, ...fault };
  return { ok: true, polygon: { outer, holes, bounds: boundsOf(outer) } };
}

/** Even-odd. A point on an edge is inside of one of two zones that share it, never of both or none. False for an invalid position. */
export function polygonContains(polygon: Polygon, at: LatLng): boolean {
  const { bounds, outer, holes } = polygon;
  if (!isPosition(at.lat, at.lng) || at.lat < bounds.south || at.lat > bounds.north) return false;
  const lng = turnedNear(at.lng, middleOf(bounds));
  return inRing(outer, at.lat, lng) && !holes.some((hole) => inRing(hole, at.lat, lng));
}

/** Without closing and repeated vertices, longitudes running on from vertex to vertex; a hole in the range of the outer ring. */
function makeRing(vertices: readonly LatLng[], outer: Ring | undefined): Ring | PolygonFault {
  const lats: number[] = [];
  const lngs: number[] = [];
  let last = outer === undefined ? (vertices[0]?.lng ?? 0) : middleOf(boundsOf(outer));
  for (const { lat, lng } of vertices) {
    if (!isPosition(lat, lng)) return 'invalid_vertex';
    last = turnedNear(lng, last);
    if (lats.at(-1) === lat && lngs.at(-1) === last) continue;
    lats.push(lat);
    lngs.push(last);
  }
  const [first] = lngs;
  if (first !== undefined && turnedNear(first, last) !== first) return 'encloses_pole';
  if (lats.length > 1 && lats.at(-1) === lats[0] && last === first) {
    lats.pop();
    lngs.pop();
  }
  if (lats.length < MIN_RING_VERTICES) return 'too_few_vertices';
  const ring: Ring = { lats, lngs };
  return ringTouchesItself(ring) ? 'self_intersecting' : ring;
}

function faultOfHoles(outer: Ring, holes: readonly Ring[]): { fault: PolygonFault; ring: number } | null {
  for (const [i, hole] of holes.entries()) {
    const inside = inRing(outer, hole.lats[0] as number, hole.lngs[0] as number);
    if (!inside || ringsMeet(outer, hole)) return { fault: 'hole_not_inside', ring: i + 1 };
    for (const other of holes.slice(0, i)) {
      if (ringsMeet(other, hole) || holds(other, hole) || holds(hole, other)) return { fault: 'holes_overlap', ring: i + 1 };
    }
  }
  return null;
}

/** For rings that do not meet: one vertex tells for all. */
function holds(ring: Ring, other: Ring): boolean {
  return inRing(ring, other.lats[0] as number, other.lngs[0] as number);
}

function inRing({ lats, lngs }: Ring, lat: number, lng: number): boolean {
  let inside = false;
  for (let i = 0, j = lats.length - 1; i < lats.length; j = i++) {
    const [latI, latJ] = [lats[i] as number, lats[j] as number];
    if (latI > lat === latJ > lat) continue;
    const [lngI, lngJ] = [lngs[i] as number, lngs[j] as number];
    if (lng < ((lngJ - lngI) * (lat - latI)) / (latJ - latI) + lngI) inside = !inside;
  }
  return inside;
}

function boundsOf({ lats, lngs }: Ring): Polygon['bounds'] {
  return { south: Math.min(...lats), north: Math.max(...lats), west: Math.min(...lngs), east: Math.max(...lngs) };
}

function middleOf({ west, east }: Polygon['bounds']): number {
  return (west + east) / 2;
}

/** The same meridian, named by the number that is nearest to `other`. */
function turnedNear(lng: number, other: number): number {
  return lng + 360 * Math.round((other - lng) / 360);
}
