/**
 * Binary position frames: records of 32 bytes, little-endian, as the driver protocol fixes them. Pure; must never judge a
 * position, only read it: what is out of range is the filter's to reject.
 */
import type { Fix } from '../../../geo/gps/fix.ts';
import { repairTime } from '../../../geo/gps/time-repair.ts';
import { BATCH_MAX } from '../limits.ts';
import { normalSpeed } from './field.ts';

const RECORD_BYTES = 32;
const VERSION = 1;
const HAS_ACCURACY = 1;
const HAS_SPEED = 2;
const HAS_HEADING = 4;

type BinaryResult =
  | { readonly ok: true; readonly fixes: readonly Fix[] }
  /** `gps.frame_length` closes the socket with 1007. */
  | { readonly ok: false; readonly code: 'gps.frame_length' | 'gps.unknown_version' | 'gps.batch_too_large' };

/*
 * One scratch for all frames of a thread: decoding never waits, and a frame at any alignment is copied once. All processors
 * that Node runs on here (x64, arm64) are little-endian like the protocol, so the views read it as it is.
 */
const scratch = new ArrayBuffer(RECORD_BYTES * BATCH_MAX);
const bytes = new Uint8Array(scratch);
const shorts = new Uint16Array(scratch);
const doubles = new Float64Array(scratch);

/**
 * @param frame only read during the call, so it may be neutered afterwards
 * @returns the fixes in the frame's order; a time that is none becomes NaN, which the filter rejects
 */
export function decodeBinary(frame: ArrayBuffer): BinaryResult {
  const length = frame.byteLength;
  if (length === 0 || length % RECORD_BYTES !== 0) return { ok: false, code: 'gps.frame_length' };
  const count = length / RECORD_BYTES;
  if (count > BATCH_MAX) return { ok: false, code: 'gps.batch_too_large' };
  bytes.set(new Uint8Array(frame));
  const fixes: Fix[] = [];
  for (let record = 0; record < count; record++) {
    if (bytes[record * 32] !== VERSION) return { ok: false, code: 'gps.unknown_version' };
    fixes.push(readRecord(record));
  }
  return { ok: true, fixes };
}

function readRecord(record: number): Fix {
  const flags = bytes[record * 32 + 1] as number;
  const short = record * 16;
  const double = record * 4;
  return {
    atMs: repairTime(doubles[double + 3]) ?? Number.NaN,
    lat: doubles[double + 1] as number,
    lng: doubles[double + 2] as number,
    accuracyM: (flags & HAS_ACCURACY) !== 0 ? (shorts[short + 1] as number) / 10 : null,
    // Some apps set every flag and write the largest number for what they do not know.
    speedMps: (flags & HAS_SPEED) !== 0 ? normalSpeed((shorts[short + 2] as number) / 100) : null,
    headingDeg: (flags & HAS_HEADING) !== 0 ? ((shorts[short + 3] as number) / 100) % 360 : null,
  };
}

/** The same records, for drivers' apps, tests and load. @returns a frame of 32 bytes a fix; values beyond a field's range are cut to it */
export function encodeBinary(fixes: readonly Fix[]): ArrayBuffer {
  const frame = new ArrayBuffer(RECORD_BYTES * fixes.length);
  const view = new DataView(frame);
  fixes.forEach((fix, record) => {
    const at = record * RECORD_BYTES;
    const short = (offset: number, value: number | null, flag: number, perUnit: number): number => {
      if (value !== null) view.setUint16(at + offset, Math.max(0, Math.min(65_535, Math.round(value * perUnit))), true);
      return value === null ? 0 : flag;
    };
    view.setUint8(at, VERSION);
    const flags =
      short(2, fix.accuracyM, HAS_ACCURACY, 10) | short(4, fix.speedMps, HAS_SPEED, 100) | short(6, fix.headingDeg, HAS_HEADING, 100);
    view.setUint8(at + 1, flags);
    view.setFloat64(at + 8, fix.lat, true);
    view.setFloat64(at + 16, fix.lng, true);
    view.setFloat64(at + 24, fix.atMs, true);
  });
  return frame;
}
