/** What an offer shows of the customer's door. Pure. */
import type { Stop } from '../market/protocol.ts';

/** Three decimals: some 100 m. */
const PER_DEGREE = 1_000;

/** Where the customer lives is for the one who brings it: an offer shows the area, and nothing that was written down. */
export function areaOf(stop: Stop): Stop {
  const round = (degrees: number): number => Math.round(degrees * PER_DEGREE) / PER_DEGREE;
  return { position: { lat: round(stop.position.lat), lng: round(stop.position.lng) }, name: null, address: null, note: null };
}
