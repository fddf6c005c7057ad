/** AES-256-GCM in one layout: version, key id, nonce, tag, ciphertext. Knows no keys and no meaning. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const HEADER_BYTES = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TAG_AT = HEADER_BYTES + NONCE_BYTES;
const OVERHEAD = TAG_AT + TAG_BYTES;

/** Key id of what is sealed by the master key itself. */
const MASTER_KEY_ID = 0;

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

/** @param keyId 0-255, stored in the clear beside the ciphertext. @returns a buffer of its own. */
export function sealBytes(key: Uint8Array, plain: Uint8Array, aad: string, keyId = MASTER_KEY_ID): Buffer {
  const iv = nonce();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(Buffer.from(aad));
  const body = cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(OVERHEAD + body.length);
  sealed[0] = VERSION;
  sealed[1] = keyId;
  iv.copy(sealed, HEADER_BYTES);
  cipher.getAuthTag().copy(sealed, TAG_AT);
  body.copy(sealed, OVERHEAD);
  return sealed;
}

/** True for the layout above. What is packed plainly as a list or a map never begins with that byte. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes[0] === VERSION;
}

/** @throws when key, key id, bytes or aad are not the ones it was sealed with. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, aad: string, keyId = MASTER_KEY_ID): Buffer {
  if (sealed.length < OVERHEAD || sealed[0] !== VERSION) throw new Error('not a sealed value');
  if (sealed[1] !== keyId) throw new Error('sealed with another key');
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(HEADER_BYTES, TAG_AT));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(TAG_AT, OVERHEAD));
  const plain = decipher.update(sealed.subarray(OVERHEAD));
  decipher.final();
  return plain;
}
