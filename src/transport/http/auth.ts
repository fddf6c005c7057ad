/**
 * Who is calling: verifies bearer tokens and says what their roles allow. It must never know a route's meaning or
 * whether a tenant exists.
 */
import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { Problem } from './problem.ts';

export const ISSUER = 'wakala';
export const AUDIENCE = 'wakala';
export const MIN_SECRET_BYTES = 32;
const CLOCK_TOLERANCE_S = 5;
const MAX_TOKEN_CHARS = 8192;
/** Algorithms of identity providers; a symmetric one must never be accepted with a public key. */
const JWKS_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** What jose says of a token. Anything else it throws is about the key server: away, failing, or serving no keys. */
const BAD_TOKEN = [
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
];

export const ROLES = ['platform_admin', 'tenant_owner', 'staff', 'driver', 'operator', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  'tenants:manage',
  'tenant:manage',
  'products:read',
  'products:write',
  'quotes:create',
  'orders:read',
  'orders:write',
  'conversations:read',
  'conversations:write',
  'messages:read',
  'drivers:read',
  'drivers:write',
  'driver:self',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Staff see the fleet, because they give orders to it; who belongs to it is the owner's to say. */
const STAFF: readonly Permission[] = [
  'products:read',
  'products:write',
  'quotes:create',
  'orders:read',
  'orders:write',
  'conversations:read',
  'conversations:write',
  'messages:read',
  'drivers:read',
];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  platform_admin: ['tenants:manage', 'drivers:read', 'drivers:write'],
  tenant_owner: ['tenant:manage', 'drivers:write', ...STAFF],
  staff: STAFF,
  driver: ['driver:self'],
  operator: ['orders:read', 'conversations:read', 'messages:read', 'drivers:read'],
  auditor: ['products:read', 'orders:read', 'conversations:read', 'messages:read', 'drivers:read'],
};

/** Of a token's `sub`; an empty one is nobody. */
export const SUBJECT_MAX_CHARS = 255;

export interface Principal {
  readonly sub: string;
  /** UUID; null for platform roles. */
  readonly tenantId: string | null;
  readonly roles: ReadonlySet<string>;
  /** Granted by the roles, plus those that the token names. */
  readonly permissions: ReadonlySet<string>;
  readonly expiresAtMs: number;
}

const claims = z.object({
  sub: z.string().min(1).max(SUBJECT_MAX_CHARS),
  /** Some issuers write null for what is absent. */
  tenant_id: z.uuid().nullish(),
  roles: z.array(z.string().max(64)).max(32).default([]),
  permissions: z.array(z.string().max(64)).max(64).default([]),
  exp: z.number(),
});

export interface AuthOptions {
  /** At least 32 bytes; ignored when `jwksUrl` is set. */
  readonly secret: string;
  readonly jwksUrl: string | null;
  /** Most verified tokens remembered. 0 verifies every time. */
  readonly cacheMax: number;
  readonly nowMs: () => number;
}

type Verify = (token: string, now: Date) => Promise<JWTPayload>;

/** @throws RangeError for a secret that is too short. */
function verifier({ jwksUrl, secret }: Pick<AuthOptions, 'jwksUrl' | 'secret'>): Verify {
  const common = { issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_TOLERANCE_S };
  if (jwksUrl !== null) {
    const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(jwksUrl));
    return async (token, now) => (await jwtVerify(token, keys, { ...common, algorithms: JWKS_ALGORITHMS, currentDate: now })).payload;
  }
  const key = new TextEncoder().encode(secret);
  if (key.length < MIN_SECRET_BYTES) throw new RangeError(`the token secret needs at least ${MIN_SECRET_BYTES} bytes`);
  return async (token, now) => (await jwtVerify(token, key, { ...common, algorithms: ['HS256'], currentDate: now })).payload;
}

/** Verifies tokens: HS256 with the secret, or asymmetric with the keys of `jwksUrl`; never both. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #verify: Verify;
  /** Keyed by hash, so that memory holds no usable token. */
  readonly #cache: LRUCache<string, Principal> | null;

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#cache = options.cacheMax === 0 ? null : new LRUCache({ max: options.cacheMax });
    this.#verify = verifier(options);
  }

  /**
   * @param authorization the header's value.
   * @throws Problem `auth.missing_token`, `auth.invalid_token` or `auth.token_expired`; rejects otherwise only when
   * the key server is away (`runtime.unavailable`).
   */
  async authenticate(authorization: string): Promise<Principal> {
    if (authorization === '') throw challenge('auth.missing_token');
    const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > MAX_TOKEN_CHARS) throw challenge('auth.invalid_token');
    const nowMs = this.#options.nowMs();
    const key = this.#cache === null ? '' : createHash('sha256').update(token).digest('base64url');
    const known = this.#cache?.get(key);
    if (known !== undefined) {
      if (nowMs < known.expiresAtMs + CLOCK_TOLERANCE_S * 1000) return known;
      this.#cache?.delete(key);
      throw challenge('auth.token_expired');
    }
    const principal = await this.#verified(token, nowMs);
    this.#cache?.set(key, principal);
    return principal;
  }

  async #verified(token: string, nowMs: number): Promise<Principal> {
    let payload: JWTPayload;
    try {
      payload = await this.#verify(token, new Date(nowMs));
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw challenge('auth.token_expired');
      if (!BAD_TOKEN.some((kind) => error instanceof kind)) throw new Problem('runtime.unavailable');
      throw challenge('auth.invalid_token');
    }
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw challenge('auth.invalid_token');
    const { sub, tenant_id: tenantId, roles, permissions, exp } = parsed.data;
    const granted = new Set<string>(permissions);
    for (const role of roles) if (isRole(role)) for (const permission of GRANTS[role]) granted.add(permission);
    return { sub, tenantId: tenantId ?? null, roles: new Set(roles), permissions: granted, expiresAtMs: exp * 1000 };
  }
}

/** @param or does as well. @throws Problem `auth.forbidden` */
export function requirePermission(principal: Principal, permission: Permission, or = permission): void {
  if (!principal.permissions.has(permission) && !principal.permissions.has(or)) throw new Problem('auth.forbidden');
}

function isRole(role: string): role is Role {
  return (ROLES as readonly string[]).includes(role);
}

function challenge(code: 'auth.missing_token' | 'auth.invalid_token' | 'auth.token_expired'): Problem {
  const error = code === 'auth.missing_token' ? '' : ', error="invalid_token"';
  return new Problem(code, { headers: { 'www-authenticate': `Bearer realm="wakala"${error}` } });
}
