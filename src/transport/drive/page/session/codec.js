/** Positions as records of 32 bytes, little-endian, as the driver protocol fixes them. Pure; must never know a socket. */

const RECORD_BYTES = 32;
const VERSION = 1;
/** Offset of the field, its flag, and how many of its units make one of ours. */
const OPTIONAL = [
  ['accuracyM', 2, 1, 10],
  ['speedMps', 4, 2, 100],
  ['headingDeg', 6, 4, 100],
];
const SHORT_MAX = 65_535;

/** @param fixes `{ atMs, lat, lng, accuracyM, speedMps, headingDeg }`, the last three may be null; @returns one frame, empty for no fixes */
export function encodeFixes(fixes) {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES * fixes.length));
  fixes.forEach((fix, record) => {
    const at = record * RECORD_BYTES;
    let flags = 0;
    for (const [name, offset, flag, perUnit] of OPTIONAL) {
      const value = fix[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      view.setUint16(at + offset, Math.max(0, Math.min(SHORT_MAX, Math.round(value * perUnit))), true);
      flags |= flag;
    }
    view.setUint8(at, VERSION);
    view.setUint8(at + 1, flags);
    view.setFloat64(at + 8, fix.lat, true);
    view.setFloat64(at + 16, fix.lng, true);
    view.setFloat64(at + 24, fix.atMs, true);
  });
  return view.buffer;
}

/** @returns the fixes of a frame that `encodeFixes` made; a broken or foreign buffer gives none. */
export function decodeFixes(buffer) {
  if (buffer.byteLength % RECORD_BYTES !== 0) return [];
  const view = new DataView(buffer);
  const fixes = [];
  for (let at = 0; at < buffer.byteLength; at += RECORD_BYTES) {
    if (view.getUint8(at) !== VERSION) return [];
    const flags = view.getUint8(at + 1);
    const fix = { atMs: view.getFloat64(at + 24, true), lat: view.getFloat64(at + 8, true), lng: view.getFloat64(at + 16, true) };
    for (const [name, offset, flag, perUnit] of OPTIONAL) {
      fix[name] = (flags & flag) === 0 ? null : view.getUint16(at + offset, true) / perUnit;
    }
    fixes.push(fix);
  }
  return fixes;
}

/**
 * Keeps a backlog within its bound without losing the shape of the ride: of the older half every second fix goes.
 * @returns at most `max` fixes, oldest first, the newest always among them
 */
export function thinned(fixes, max) {
  let kept = fixes;
  while (kept.length > max) {
    const half = Math.ceil(kept.length / 2);
    kept = kept.filter((_, index) => index >= half || index % 2 === 0);
    if (half <= 1) return kept.slice(-max);
  }
  return kept;
}
