/** Commands of the command line that need no server: what they print, and how they end. */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { run, useDataFolder } from './run.ts';

const TENANT = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a01';
const EXIT_USAGE = 64;

useDataFolder();

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
