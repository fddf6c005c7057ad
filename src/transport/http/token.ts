/** Mints access tokens for the command line and for tests. It must never verify one. */
import { SignJWT } from 'jose';
import { AUDIENCE, ISSUER, MIN_SECRET_BYTES } from './auth.ts';

export interface TokenRequest {
  /** At least 32 bytes. */
  readonly secret: string;
  readonly sub: string;
  readonly roles: readonly string[];
  readonly permissions?: readonly string[];
  /** UUID; absent for platform roles. */
  readonly tenantId?: string;
  readonly ttlS: number;
  readonly nowMs: number;
}

/** @returns a signed JWT. @throws RangeError when the secret is short or the time to live is not positive. */
export async function mintToken(request: TokenRequest): Promise<string> {
  const key = new TextEncoder().encode(request.secret);
  if (key.length < MIN_SECRET_BYTES) throw new RangeError(`the token secret needs at least ${MIN_SECRET_BYTES} bytes`);
  if (!(request.ttlS > 0)) throw new RangeError('the time to live must be positive');
  const issuedAtS = Math.floor(request.nowMs / 1000);
  const claims = {
    roles: request.roles,
    ...(request.permissions === undefined ? {} : { permissions: request.permissions }),
    ...(request.tenantId === undefined ? {} : { tenant_id: request.tenantId }),
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(request.sub)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + Math.ceil(request.ttlS))
    .sign(key);
}

const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `15m`, `1h`, `7d` in seconds; null when it is none of these. */
export function parseTtl(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match === null ? null : Number(match[1]) * (UNIT_S[match[2] as string] as number);
}
