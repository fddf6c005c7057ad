/** Fixes of one stretch as bytes: a version, then 20 bytes each, little-endian, times relative to the first. Pure; knows no table. */
import type { TrackFix } from '../../../ports.ts';

const VERSION = 1;
const HEADER_BYTES = 1;
const RECORD_BYTES = 20;
/** About a centimetre. */
const PER_DEGREE = 1e7;
const HAS_ACCURACY = 1;
const HAS_SPEED = 2;
const HAS_HEADING = 4;
const SHORT_MAX = 65_535;

/** @param fixes oldest first, spanning less than 49 days. Accuracy is kept in decimetres, speed in cm/s, heading in hundredths of a degree. */
export function encodeFixes(fixes: readonly TrackFix[]): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES + fixes.length * RECORD_BYTES);
  buffer[0] = VERSION;
  const firstMs = fixes[0]?.atMs ?? 0;
  let at = HEADER_BYTES;
  for (const fix of fixes) {
    buffer.writeUInt32LE(Math.round(fix.atMs - firstMs), at);
    buffer.writeInt32LE(Math.round(fix.lat * PER_DEGREE), at + 4);
    buffer.writeInt32LE(Math.round(fix.lng * PER_DEGREE), at + 8);
    const flags =
      short(buffer, at + 12, fix.accuracyM, 10, HAS_ACCURACY) |
      short(buffer, at + 14, fix.speedMps, 100, HAS_SPEED) |
      short(buffer, at + 16, fix.headingDeg, 100, HAS_HEADING);
    buffer.writeUInt16LE(flags, at + 18);
    at += RECORD_BYTES;
  }
  return buffer;
}

/** @param firstMs time of the first fix. @throws Error for bytes of another version. */
export function decodeFixes(bytes: Buffer, firstMs: number): TrackFix[] {
  if (bytes[0] !== VERSION) throw new Error(`track of version ${bytes[0]}`);
  const fixes: TrackFix[] = [];
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const flags = bytes.readUInt16LE(at + 18);
    fixes.push({
      atMs: firstMs + bytes.readUInt32LE(at),
      lat: bytes.readInt32LE(at + 4) / PER_DEGREE,
      lng: bytes.readInt32LE(at + 8) / PER_DEGREE,
      accuracyM: (flags & HAS_ACCURACY) === 0 ? null : bytes.readUInt16LE(at + 12) / 10,
      speedMps: (flags & HAS_SPEED) === 0 ? null : bytes.readUInt16LE(at + 14) / 100,
      headingDeg: (flags & HAS_HEADING) === 0 ? null : bytes.readUInt16LE(at + 16) / 100,
    });
  }
  return fixes;
}

/** @returns the flag that says that the value is there */
function short(buffer: Buffer, at: number, value: number | null, perUnit: number, flag: number): number {
  if (value === null) return 0;
  buffer.writeUInt16LE(Math.max(0, Math.min(SHORT_MAX, Math.round(value * perUnit))), at);
  return flag;
}
