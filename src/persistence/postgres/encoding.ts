/**
 * Values in journal columns: plain msgpack, self-contained so that any row can be read alone. Of msgpackr only what is JavaScript (ADR 15):
 * its native reader gives texts as slices, and one that is kept keeps everything that was read with it.
 */
import { Packr } from 'msgpackr/pack';

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

/** @returns a buffer of its own. null and undefined become null. */
export function encode(value: unknown): Buffer | null {
  return value === null || value === undefined ? null : packr.pack(value);
}

/** A member called `__proto__` comes back as `__proto_`: what was stored cannot become the prototype of anything. */
export function decode(bytes: Buffer | null): unknown {
  return bytes === null ? null : packr.unpack(bytes);
}
