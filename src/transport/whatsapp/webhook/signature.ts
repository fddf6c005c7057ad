/** `X-Hub-Signature-256`: HMAC-SHA256 of the raw body under one of our app secrets. Must never see a parsed body. */

import { isAscii } from 'node:buffer';
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

const SCHEME = 'sha256=';
const HEX_LENGTH = 64;
/** Larger bodies get no second try in escaped form: it grows them up to threefold, for anybody who asks. */
const ESCAPED_MAX_BYTES = 1024 * 1024;

/** @returns whether the header signs exactly these bytes. Never throws, keeps no reference to the body. */
export type Verifier = (body: Buffer, header: string) => boolean;

/**
 * @param secrets all that are valid now; several during a rotation. An empty one is left out, because anybody can
 * sign with it; with none left nothing verifies.
 */
export function createVerifier(secrets: readonly string[]): Verifier {
  const keys = secrets.filter((secret) => secret !== '').map((secret) => createSecretKey(Buffer.from(secret)));
  return (body, header) => {
    if (header.length !== SCHEME.length + HEX_LENGTH || !header.startsWith(SCHEME)) return false;
    const claimed = Buffer.from(header.slice(SCHEME.length), 'latin1');
    if (keys.some((key) => signs(key, body, claimed))) return true;
    if (body.length > ESCAPED_MAX_BYTES || isAscii(body)) return false;
    // A proxy may have turned Meta's \uXXXX into the characters themselves: sign the escaped form as Meta did.
    const escaped = escapeNonAscii(body);
    return keys.some((key) => signs(key, escaped, claimed));
  };
}

/** The header's value for a body, for whoever plays Meta (the sandbox phone, tests, benches). */
export function signBody(secret: string, body: Buffer | string): string {
  return SCHEME + createHmac('sha256', secret).update(body).digest('hex');
}

/** A kept KeyObject and the bytes as they are: measured 2.1 us for 520 bytes against 2.7 by way of a latin1 string. */
function signs(key: KeyObject, body: Buffer, claimed: Buffer): boolean {
  return timingSafeEqual(Buffer.from(createHmac('sha256', key).update(body).digest('hex'), 'latin1'), claimed);
}

const HEX = Buffer.from('0123456789abcdef', 'latin1');
const ESCAPE_LENGTH = 6;

/** Every UTF-16 unit beyond ASCII as lower-case `\uXXXX`; bytes that are no UTF-8 become U+FFFD and so verify nothing. */
function escapeNonAscii(body: Buffer): Buffer {
  const text = body.toString('utf8');
  const out = Buffer.allocUnsafe(text.length * ESCAPE_LENGTH);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      out[at++] = unit;
      continue;
    }
    out[at++] = 0x5c;
    out[at++] = 0x75;
    for (let shift = 12; shift >= 0; shift -= 4) out[at++] = HEX[(unit >> shift) & 15] as number;
  }
  return out.subarray(0, at);
}
