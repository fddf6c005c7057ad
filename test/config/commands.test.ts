/** Commands of the command line that need no server: what they print, and how they end. */
import { readFileSync } from 'node:fs';
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
    [['--role', 'staff', '--sub', ''], /subject/],
    [['--role', 'staff', '--sub', 'x'.repeat(256)], /subject/],
  ];
  for (const [args, reason] of table) {
    const { out, err, code } = await run('token', ...args);
    expect([args, out, code]).toEqual([args, '', EXIT_USAGE]);
    expect(err).toMatch(reason);
  }
});

test('a token of a shop that names none is minted with a word on stderr; one of the platform without', async () => {
  const shop = await run('token', '--role', 'tenant_owner');
  expect([decodeJwt(shop.out).roles, shop.code]).toEqual([['tenant_owner'], 0]);
  expect(shop.err).toMatch(/--tenant/);
  expect((await run('token', '--role', 'tenant_owner', '--tenant', TENANT)).err).toBe('');
  expect((await run('token', '--role', 'platform_admin')).err).toBe('');
});

test('token and openapi print data as JSON when asked', async () => {
  const { token, expires_in_s } = JSON.parse((await run('token', '--role', 'staff', '--tenant', TENANT, '--ttl', '2m', '--json')).out);
  expect(decodeJwt(token)).toMatchObject({ roles: ['staff'], tenant_id: TENANT, iss: 'wakala', aud: 'wakala' });
  expect(expires_in_s).toBe(120);
  expect(JSON.parse((await run('openapi', '--json')).out).openapi).toBe('3.1.0');
});

test.each([
  ['backup'],
  ['backup --help'],
  ['--help backup'],
  ['-h backup now'],
  ['help backup'],
  ['simulate backup --help'],
  ['replay help backup'],
])('a command that does not exist is called unknown and ends with 64, whatever help is asked for: %s', async (line) => {
  const { out, err, code } = await run(...line.split(' '));
  expect([out, code]).toEqual(['', EXIT_USAGE]);
  expect(err).toMatch(/^error: unknown command 'backup'/);
});

test.each([
  ['--help'],
  ['-h'],
  ['help'],
  ['token --help'],
  ['help token'],
  ['help simulate'],
  ['simulate mdrp --help'],
  ['simulate help mdrp'],
])('help on what exists ends with 0: %s', async (line) => {
  const { out, err, code } = await run(...line.split(' '));
  expect([out, err, code]).toEqual([expect.stringMatching(/^Usage: wakala/), '', 0]);
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await run('--version')).toEqual({ out: `${version}\n`, err: '', code: 0 });
});

test('what is wrong with an option of the city is said with the option as it was typed and its range', async () => {
  const { err, code } = await run(
    'simulate',
    'city',
    '--orders-per-hour',
    'x',
    '--drivers',
    '0',
    '--minutes',
    '0',
    '--seed',
    '1.5',
    '--speed',
    '99',
  );
  expect(code).toBe(EXIT_USAGE);
  for (const [option, range] of [
    ['orders-per-hour', 'must be a whole number from 1 to \\d+'],
    ['drivers', 'must be a whole number from 1 to \\d+'],
    ['minutes', 'must be above 0 and at most \\d+'],
    ['seed', 'must be a whole number'],
    ['speed', 'must be a number from 1 to 40'],
  ])
    expect(err).toMatch(new RegExp(`--${option} ${range}(?:;|\n|$)`));
});

test('an error of the system says its code once', async () => {
  const { err, code } = await run('replay', 'gps', '/nowhere/at-all.csv');
  expect([err, code]).toEqual([expect.stringMatching(/^wakala: ENOENT: no such file/), 1]);
});

test.each([
  ['token --role king'],
  ['replay gps README.md --fence 1'],
  ['simulate city-day --seed x --out nowhere'],
  ['simulate mdrp --instance a --out b --policy king'],
  ['simulate city --drivers 0'],
])('what is wrong with a command is said once: %s', async (line) => {
  const { err, code } = await run(...line.split(' '));
  expect([err.trim().split('\n').length, code]).toEqual([1, EXIT_USAGE]);
});
