/** Tokens of an identity provider, against a key server that is really there, and one that is not. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authenticator } from '../../src/transport/http/auth.ts';
import { TENANT_A } from './support.ts';

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const NOW_MS = Date.UTC(2026, 0, 15);

let keyServer: Server;
let answer: { status: number; body: string };

beforeEach(async () => {
  const jwk = { ...EC.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' };
  answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) };
  keyServer = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
});
afterEach(() => keyServer.close());

function authenticator(): Authenticator {
  const { port } = keyServer.address() as AddressInfo;
  return new Authenticator({ secret: '', jwksUrl: `http://127.0.0.1:${port}/keys`, cacheMax: 0, nowMs: () => NOW_MS });
}

function token(alg: string, key: KeyObject | Uint8Array, kid: string | null = 'k1'): Promise<string> {
  return new SignJWT({ sub: 'thandi', roles: ['staff'], tenant_id: TENANT_A, iss: 'wakala', aud: 'wakala', exp: NOW_MS / 1_000 + 60 })
    .setProtectedHeader({ alg, ...(kid === null ? {} : { kid }) })
    .sign(key);
}

const codeOf = (asked: Promise<unknown>): Promise<unknown> => asked.then(() => 'taken').catch((error: { code?: unknown }) => error.code);

describe('with the keys of an identity provider', () => {
  it('its token is taken, with what its roles allow', async () => {
    const principal = await authenticator().authenticate(`Bearer ${await token('ES256', EC.privateKey)}`);
    expect(principal).toMatchObject({ sub: 'thandi', tenantId: TENANT_A });
    expect(principal.permissions.has('orders:write')).toBe(true);
  });

  it('a symmetric token made with the public key is not, nor another key, nor an unknown key id', async () => {
    const publicBytes = createPublicKey(EC.privateKey).export({ format: 'pem', type: 'spki' });
    const auth = authenticator();
    const tokens = [
      await token('HS256', Buffer.from(publicBytes)),
      await token('ES256', OTHER.privateKey),
      await token('ES256', EC.privateKey, 'k2'),
    ];
    for (const bad of tokens) expect(await codeOf(auth.authenticate(`Bearer ${bad}`))).toBe('auth.invalid_token');
  });

  it('a token that does not say which of several keys signed it is the caller’s fault, not an outage', async () => {
    const keys = [EC, OTHER].map(({ publicKey }, i) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: `k${i}`,
      alg: 'ES256',
      use: 'sig',
    }));
    answer = { status: 200, body: JSON.stringify({ keys }) };
    expect(await codeOf(authenticator().authenticate(`Bearer ${await token('ES256', EC.privateKey, null)}`))).toBe('auth.invalid_token');
  });

  it.each([
    ['fails', 500, '{}'],
    ['answers something else', 200, '<html>'],
    ['has keys that are none', 200, '{"keys":"soon"}'],
  ])('a key server that %s is our fault, not the caller’s', async (_what, status, body) => {
    answer = { status, body };
    expect(await codeOf(authenticator().authenticate(`Bearer ${await token('ES256', EC.privateKey)}`))).toBe('runtime.unavailable');
  });

  it('a key server that is away is, too', async () => {
    const auth = authenticator();
    await new Promise((resolve) => keyServer.close(resolve));
    expect(await codeOf(auth.authenticate(`Bearer ${await token('ES256', EC.privateKey)}`))).toBe('runtime.unavailable');
  });
});
