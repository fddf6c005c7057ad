/** Values sealed under the master key for a person to look at later: what was parked or given up. Bound to their place, so that none can be moved. */

import { decode, encode } from '../encoding.ts';
import { openBytes, sealBytes } from './aes.ts';

const NIL = Buffer.of(0xc0);

export function sealValue(master: Uint8Array, value: unknown, place: string): Buffer {
  return sealBytes(master, encode(value) ?? NIL, place);
}

/** @throws when key, bytes or place are not the ones it was sealed with */
export function openValue(master: Uint8Array, sealed: Uint8Array, place: string): unknown {
  return decode(openBytes(master, sealed, place));
}

export const parkedPlace = (source: string, key: string): string => `parked/${source}/${key}`;
export const deadLetterPlace = (entityKey: string | null, atMs: number): string => `dead-letter/${entityKey ?? ''}/${atMs}`;
