/** AES-256-GCM in one layout: version, nonce, tag, ciphertext. Knows no keys and no meaning. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES;

/** Random bytes are drawn in bulk: one call for many nonces. */
const pool = Buffer.alloc(NONCE_BYTES * 512);
let used = pool.length;

function nonce(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += NONCE_BYTES;
  return pool.subarray(used - NONCE_BYTES, used);
}

export function sealBytes(key: Buffer, plain: Uint8Array, aad: string): Buffer {
  const iv = nonce();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(Buffer.from(aad));
  const body = cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(OVERHEAD + body.length);
  sealed[0] = VERSION;
  iv.copy(sealed, 1);
  cipher.getAuthTag().copy(sealed, 1 + NONCE_BYTES);
  body.copy(sealed, OVERHEAD);
  return sealed;
}

/** @throws when key, bytes or aad are not the ones it was sealed with. */
export function openBytes(key: Buffer, sealed: Uint8Array, aad: string): Buffer {
  if (sealed.length < OVERHEAD || sealed[0] !== VERSION) throw new Error('not a sealed value');
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, OVERHEAD));
  return Buffer.concat([decipher.update(sealed.subarray(OVERHEAD)), decipher.final()]);
}
