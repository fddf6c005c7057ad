/** `wakala replay gps`: a recorded track through the real filter, fence and estimate, one JSON line a fix. Reads a file, writes nowhere but to `print`. */
import { readFileSync } from 'node:fs';
import { CodedError } from '../../errors.ts';
import type { LatLng } from '../../geo/distance.ts';
import { replayGps } from '../../geo/gps/replay.ts';
import { watchLeg } from './leg-watch.ts';

/** A day at 1 Hz with every column is about 6 MB. */
const FILE_MAX_BYTES = 256 * 1024 * 1024;

/** @throws CodedError `request.too_large`; Error when the file cannot be read. */
export function replayFile(file: string, stop: LatLng | null, print: (line: string) => void): void {
  const bytes = readFileSync(file);
  if (bytes.length > FILE_MAX_BYTES) throw new CodedError('request.too_large', `${file} has more than ${FILE_MAX_BYTES} bytes`);
  for (const line of replayGps(bytes.toString('utf8').split('\n'), stop === null ? {} : { observe: watchLeg(stop) }))
    print(JSON.stringify(line));
}

/** @returns null for anything but two numbers on the globe, `lat,lng`. */
export function parseStop(text: string): LatLng | null {
  const [lat, lng, ...rest] = text.split(',').map((part) => (/^\s*-?\d+(?:\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  if (lat === undefined || lng === undefined || rest.length > 0) return null;
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}
