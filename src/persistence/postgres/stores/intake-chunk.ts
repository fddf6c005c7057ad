/** Bodies of one lane as one sealed value: length, bytes, length, bytes. Knows no table and no meaning. */
import { openBytes, sealBytes } from '../seal/aes.ts';

const LENGTH_BYTES = 4;

/** Ciphertext cannot be moved to another lane. */
const place = (lane: number): string => `intake/${lane}`;

export function sealChunk(master: Uint8Array, lane: number, bodies: readonly Buffer[]): Buffer {
  let bytes = 0;
  for (const body of bodies) bytes += LENGTH_BYTES + body.length;
  const plain = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const body of bodies) {
    at = plain.writeUInt32BE(body.length, at);
    at += body.copy(plain, at);
  }
  return sealBytes(master, plain, place(lane));
}

/** @returns the bodies in the order in which they were sealed. @throws when key, bytes or lane are not the ones it was sealed with. */
export function openChunk(master: Uint8Array, lane: number, sealed: Uint8Array): Buffer[] {
  const plain = openBytes(master, sealed, place(lane));
  const bodies: Buffer[] = [];
  for (let at = 0; at < plain.length; ) {
    const from = at + LENGTH_BYTES;
    const to = from + plain.readUInt32BE(at);
    bodies.push(plain.subarray(from, to));
    at = to;
  }
  return bodies;
}
