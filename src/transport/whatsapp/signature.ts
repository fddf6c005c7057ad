/** `X-Hub-Signature-256`: HMAC-SHA256 of the raw body under one of our app secrets. Must never see a parsed body. */

import { isAscii } from 'node:buffer';
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

const SCHEME = 'sha256=';
const HEX_LENGTH = 64;

/** @returns whether the header signs exactly these bytes. Never throws. */
export type Verifier = (body: Buffer, header: string) => boolean;

/** @param secrets all that are valid now; several during a rotation. */
export function createVerifier(secrets: readonly string[]): Verifier {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));
  return (body, header) => {
    if (header.length !== SCHEME.length + HEX_LENGTH || !header.startsWith(SCHEME)) return false;
    const claimed = Buffer.from(header.slice(SCHEME.length).toLowerCase(), 'latin1');
    if (claimed.length !== HEX_LENGTH) return false;
    // A latin1 string is hashed faster than the buffer it came from; only ASCII bytes survive the trip unchanged in meaning.
    const ascii = isAscii(body);
    const text = ascii ? body.toString('latin1') : null;
    if (keys.some((key) => equals(key, text ?? body, claimed))) return true;
    // A proxy may have turned Meta's \uXXXX into the characters themselves: sign the escaped form as Meta did.
    return !ascii && keys.some((key) => equals(key, escapeNonAscii(body), claimed));
  };
}

/** The header's value for a body, for whoever plays Meta (the sandbox phone, tests, benches). */
export function signBody(secret: string, body: Buffer | string): string {
  return SCHEME + createHmac('sha256', secret).update(body).digest('hex');
}

function equals(key: KeyObject, body: Buffer | string, claimed: Buffer): boolean {
  const hmac = createHmac('sha256', key);
  const digest = (typeof body === 'string' ? hmac.update(body, 'latin1') : hmac.update(body)).digest('hex');
  return timingSafeEqual(Buffer.from(digest, 'latin1'), claimed);
}

function escapeNonAscii(body: Buffer): string {
  return body.toString('utf8').replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
