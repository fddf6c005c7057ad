/** Encoded polylines with six decimals, as OSRM and Valhalla send them. Pure. */
import { isPosition, type LatLng } from '../../geo/distance.ts';

const SCALE = 1e6;
const FIRST_CHARACTER = 63;
const MORE = 0x20;
const CHUNK_BITS = 5;
/** Six chunks hold 30 bits, enough for 360 degrees. */
const CHUNKS_MAX = 6;
/** Beyond this a line is refused; a simplified route across a country has some thousands. */
const LINE_MAX_POINTS = 20_000;

/** @returns null for text that is no such line, leaves the globe, or has fewer than two points. */
export function decodePolyline6(text: string): LatLng[] | null {
  const numbers: number[] = [];
  for (let at = 0; at < text.length; ) {
    let bits = 0;
    let chunk = MORE;
    for (let count = 0; (chunk & MORE) !== 0; count++) {
      chunk = text.charCodeAt(at++) - FIRST_CHARACTER;
      // NaN past the end of the text.
      if (!(chunk >= 0 && chunk < 2 * MORE) || count === CHUNKS_MAX) return null;
      bits |= (chunk & (MORE - 1)) << (count * CHUNK_BITS);
    }
    numbers.push((bits & 1) === 0 ? bits >> 1 : ~(bits >> 1));
    if (numbers.length > 2 * LINE_MAX_POINTS) return null;
  }
  if (numbers.length % 2 !== 0 || numbers.length < 4) return null;
  return positionsOf(numbers);
}

function positionsOf(deltas: readonly number[]): LatLng[] | null {
  const line: LatLng[] = [];
  let lat = 0;
  let lng = 0;
  for (let i = 0; i < deltas.length; i += 2) {
    lat += deltas[i] as number;
    lng += deltas[i + 1] as number;
    if (!isPosition(lat / SCALE, lng / SCALE)) return null;
    line.push({ lat: lat / SCALE, lng: lng / SCALE });
  }
  return line;
}
