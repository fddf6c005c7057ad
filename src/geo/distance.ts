/** Distances on the globe. Pure. */

/** Mean Earth radius, metres (IUGG). */
export const EARTH_RADIUS_M = 6_371_008.8;

/** WGS 84 degrees. */
export interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

/** True for a finite latitude in [-90, 90] and longitude in [-180, 180]; false for NaN and infinities. */
export function isPosition(lat: number, lng: number): boolean {
  return lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180;
}

/** Great-circle distance in metres by the haversine formula. Accurate to about 0.5 % (the Earth is no sphere). */
export function distanceM(a: LatLng, b: LatLng): number {
  const lat1 = (a.lat * Math.PI) / 180;
  const lat2 = (b.lat * Math.PI) / 180;
  const halfLat = (lat2 - lat1) / 2;
  const halfLng = ((b.lng - a.lng) * Math.PI) / 360;
  const h = Math.sin(halfLat) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(halfLng) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
