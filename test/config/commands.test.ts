/** Commands of the command line that need no server: what they print, and how they end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/main.ts';

const TENANT = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a01';
const EXIT_USAGE = 64;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-commands-'));
  vi.stubEnv('WAKALA_DATA_DIR', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const written = { out: '', err: '' };
  const keep = (where: 'out' | 'err') => (text: string | Uint8Array) => {
    written[where] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'));
  process.exitCode = undefined;
  await main(args);
  const ended = process.exitCode;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return { ...written, code: ended ?? 0 };
}

test('a token that the server would refuse is not minted: the reason is told and the end is 64', async () => {
  const table: [string[], RegExp][] = [
    [['--role', 'king'], /unknown role king/],
    [['--role', 'staff', '--ttl', '5x'], /unreadable ttl 5x/],
    [['--role', 'staff', '--ttl', '0s'], /unreadable ttl 0s/],
    [['--role', 'staff', '--tenant', 'nope'], /unreadable tenant nope/],
  ];
  for (const [args, reason] of table) {
    const { out, err, code } = await run('token', ...args);
    expect([args, out, code]).toEqual([args, '', EXIT_USAGE]);
    expect(err).toMatch(reason);
  }
});

test('token and openapi print data as JSON when asked', async () => {
  const { token, expires_in_s } = JSON.parse((await run('token', '--role', 'staff', '--tenant', TENANT, '--ttl', '2m', '--json')).out);
  expect(decodeJwt(token)).toMatchObject({ roles: ['staff'], tenant_id: TENANT, iss: 'wakala', aud: 'wakala' });
  expect(expires_in_s).toBe(120);
  expect(JSON.parse((await run('openapi', '--json')).out).openapi).toBe('3.1.0');
});
