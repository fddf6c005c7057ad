/** Distances and steps on the sphere, and how far is said. Pure; must never know where a position came from. */

const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** Great-circle distance in metres. */
export function distanceM(a, b) {
  const sinLat = Math.sin(((b.lat - a.lat) * RAD) / 2);
  const sinLng = Math.sin(((b.lng - a.lng) * RAD) / 2);
  const h = sinLat * sinLat + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * sinLng * sinLng;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Initial bearing from `a` to `b`, 0 to 360, clockwise from north; 0 for equal points. */
export function bearingDeg(a, b) {
  const along = (b.lng - a.lng) * RAD;
  const y = Math.sin(along) * Math.cos(b.lat * RAD);
  const x = Math.cos(a.lat * RAD) * Math.sin(b.lat * RAD) - Math.sin(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.cos(along);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

/** A step of `stepM` metres along the straight line; the target itself when it is no further. Good within a city. */
export function stepToward(from, to, stepM) {
  const leftM = distanceM(from, to);
  if (leftM <= stepM) return { lat: to.lat, lng: to.lng };
  const part = stepM / leftM;
  return { lat: from.lat + (to.lat - from.lat) * part, lng: from.lng + (to.lng - from.lng) * part };
}

/** `240 m`, `1.4 km`, `23 km`; `–` when unknown. */
export function sayDistance(metres) {
  if (typeof metres !== 'number' || !Number.isFinite(metres)) return '–';
  if (metres < 995) return `${Math.max(0, Math.round(metres / 10) * 10)} m`;
  const km = metres / 1000;
  return `${km < 9.95 ? km.toFixed(1) : Math.round(km)} km`;
}

/**
 * Where places fall in a box, to scale, north up, centred.
 * @param places `{ lat, lng }`, at least one; @param box `{ width, height, pad }`. @returns `[{ x, y }]` in the same order
 */
export function sketched(places, { width, height, pad }) {
  const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
  const lat = middle(places.map((place) => place.lat));
  const lng = middle(places.map((place) => place.lng));
  const flat = places.map((place) => ({ x: (place.lng - lng) * Math.cos(lat * RAD), y: lat - place.lat }));
  const reach = (name) => Math.max(1e-9, ...flat.map((point) => Math.abs(point[name])));
  const scale = Math.min((width / 2 - pad) / reach('x'), (height / 2 - pad) / reach('y'));
  return flat.map(({ x, y }) => ({ x: width / 2 + x * scale, y: height / 2 + y * scale }));
}
