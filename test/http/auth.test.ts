/** Which tokens are taken, and what each role opens. */
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { Authenticator } from '../../src/transport/http/auth.ts';
import { mintToken, parseTtl } from '../../src/transport/http/token.ts';
import { call, SECRET, startApi, stopApps, TENANT_A, tokenOf } from './support.ts';

afterEach(stopApps);

const key = new TextEncoder().encode(SECRET);
const claims = {
  sub: 'x',
  roles: ['tenant_owner'],
  tenant_id: TENANT_A,
  iss: 'wakala',
  aud: 'wakala',
  exp: Math.floor(Date.now() / 1000) + 60,
};

async function signed(change: Record<string, unknown>, alg = 'HS256', signingKey: Parameters<SignJWT['sign']>[0] = key): Promise<string> {
  return await new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg }).sign(signingKey);
}

function unsigned(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

test('only an HS256 token of this issuer, for this audience, signed with this secret and not expired is taken', async () => {
  const api = startApi();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const past = Math.floor(Date.now() / 1000) - 60;
  const table: [string, string][] = [
    [unsigned(), 'auth.invalid_token'],
    [await signed({}, 'RS256', rsa), 'auth.invalid_token'],
    [await signed({}, 'HS512'), 'auth.invalid_token'],
    [await signed({}, 'HS256', new TextEncoder().encode('another secret of thirty-two bytes!!')), 'auth.invalid_token'],
    [await signed({ aud: 'other' }), 'auth.invalid_token'],
    [await signed({ iss: 'other' }), 'auth.invalid_token'],
    [await signed({ exp: undefined }), 'auth.invalid_token'],
    [await signed({ sub: undefined }), 'auth.invalid_token'],
    [await signed({ roles: 'tenant_owner' }), 'auth.invalid_token'],
    [await signed({ tenant_id: 'not a uuid' }), 'auth.invalid_token'],
    [await signed({ exp: past }), 'auth.token_expired'],
    ['garbage', 'auth.invalid_token'],
    [`${'a'.repeat(9000)}`, 'auth.invalid_token'],
  ];
  for (const [token, code] of table) {
    const reply = await call(api, 'GET', '/v1/products', { token });
    expect([reply.status, reply.body.code, token.slice(0, 40)]).toEqual([401, code, token.slice(0, 40)]);
    expect(reply.headers.get('www-authenticate')).toContain('Bearer');
  }
  expect((await call(api, 'GET', '/v1/products', { token: await signed({}) })).status).toBe(200);
});

test('without a header the answer is 401 with a challenge', async () => {
  const reply = await call(startApi(), 'GET', '/v1/orders');
  expect([reply.status, reply.body.code, reply.headers.get('www-authenticate')]).toEqual([
    401,
    'auth.missing_token',
    'Bearer realm="wakala"',
  ]);
});

test('a remembered token still expires', async () => {
  let nowMs = Date.now();
  const auth = new Authenticator({ secret: SECRET, jwksUrl: null, cacheMax: 10, nowMs: () => nowMs });
  const token = `Bearer ${await mintToken({ secret: SECRET, sub: 'x', roles: ['staff'], tenantId: TENANT_A, ttlS: 60, nowMs })}`;
  expect(await auth.authenticate(token)).toBe(await auth.authenticate(token));
  nowMs += 70_000;
  await expect(auth.authenticate(token)).rejects.toMatchObject({ code: 'auth.token_expired' });
  await expect(auth.authenticate(token)).rejects.toMatchObject({ code: 'auth.token_expired' });
});

test('a role opens what it needs and nothing more', async () => {
  const api = startApi();
  const table: [string, string, string, number][] = [
    ['platform_admin', 'GET', '/v1/tenants', 200],
    ['tenant_owner', 'GET', '/v1/tenants', 403],
    ['staff', 'GET', '/v1/tenants', 403],
    ['staff', 'GET', '/v1/tenant', 403],
    ['staff', 'GET', '/v1/orders', 200],
    ['driver', 'GET', '/v1/orders', 403],
    ['auditor', 'GET', '/v1/messages', 200],
    ['auditor', 'DELETE', '/v1/products/prd_1', 403],
    ['operator', 'POST', '/v1/orders', 403],
    ['nobody', 'GET', '/v1/products', 403],
  ];
  for (const [role, method, path, status] of table) {
    const token = await tokenOf(role, role === 'platform_admin' ? null : TENANT_A);
    expect([role, path, (await call(api, method, path, { token })).status]).toEqual([role, path, status]);
  }
});

test('a role of the platform without a tenant cannot act in one, and an unknown tenant is 404', async () => {
  const api = startApi();
  expect((await call(api, 'GET', '/v1/orders', { token: await tokenOf('staff', null) })).body.code).toBe('auth.forbidden');
  const token = await tokenOf('staff', '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9aff');
  expect((await call(api, 'GET', '/v1/orders', { token })).body.code).toBe('tenant.not_found');
});

test('a short secret is refused when minting and when verifying', async () => {
  expect(() => new Authenticator({ secret: 'short', jwksUrl: null, cacheMax: 1, nowMs: Date.now })).toThrow(RangeError);
  await expect(mintToken({ secret: 'short', sub: 'x', roles: [], ttlS: 1, nowMs: 0 })).rejects.toThrow(RangeError);
});

test('times to live are read with their unit', () => {
  expect(['90s', '15m', '1h', '7d', '1', 'h', '1w', '-1h'].map(parseTtl)).toEqual([90, 900, 3600, 604_800, null, null, null, null]);
});
