/** Starts that cannot work for what the environment says: the right code, the right end. */
import { spawnSync } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { baseUrl } from '../../src/node/base-url.ts';
import { assertPortFree } from '../../src/transport/http/server/app.ts';
import { run, useDataFolder } from './run.ts';

useDataFolder();

test.each([
  ['nowhere.invalid', 0],
  ['nowhere.invalid', 18_080],
  // Of the block for documentation: nobody's.
  ['192.0.2.1', 0],
])('an address that nobody can listen on (%s:%d) is not called a taken port', async (host, port) => {
  await expect(assertPortFree('PORT', host, port)).rejects.toMatchObject({ code: 'config.address_unusable' });
});

test('no token is minted where only those of an identity provider are taken: 78, and nothing on standard output', async () => {
  vi.stubEnv('WAKALA_JWKS_URL', 'https://id.example/keys');
  const { code, out, err } = await run('token', '--role', 'staff');
  expect([code, out]).toEqual([78, '']);
  expect(err).toMatch(/^wakala: config\.tokens_elsewhere: .*WAKALA_JWKS_URL/);
});

/** In a process of its own, which can be ended; it sees nothing of what else is set here. */
function child(code: string, env: NodeJS.ProcessEnv = {}) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const { PATH, WAKALA_DATA_DIR } = process.env;
  return spawnSync(process.execPath, args, { env: { PATH, WAKALA_DATA_DIR, ...env }, encoding: 'utf8', timeout: 60_000 });
}

test('a data folder where none can be made is refused at once: 78, with the reason', () => {
  const command = child(
    `process.argv = ['', '', 'token', '--role', 'staff']; const { main } = await import('./src/main.ts'); await main(process.argv.slice(2))`,
    {
      WAKALA_DATA_DIR: '/proc/x/y',
    },
  );
  expect([command.status, command.stdout]).toEqual([78, '']);
  expect(command.stderr).toMatch(/config\.data_dir_unusable.*\/proc\/x\/y.*: E[A-Z]+/s);
});

test('an embedded database where no folder can be made is refused at once, with the same code', () => {
  const { stdout, signal } = child(
    `const { startEmbedded } = await import('./src/persistence/embedded/embedded-postgres.ts');
     await startEmbedded({ dir: '/proc/x/y/pg' }).catch((error) => console.log(error.code, error.message))`,
  );
  expect([signal, stdout]).toEqual([null, 'config.data_dir_unusable cannot make /proc/x/y: ENOENT\n']);
});

test('an sslmode that the client does not know is refused instead of guessed', () => {
  const problems = (mode: string) => {
    const loaded = loadConfig({ DATABASE_URL: `postgres://u:hunter2@db.example/x?sslmode=${mode}` });
    return loaded.ok ? [] : loaded.problems.filter(({ name }) => name === 'DATABASE_URL').map(({ problem }) => problem);
  };
  for (const mode of ['disable', 'require', 'verify-full', 'no-verify']) expect(problems(mode)).toEqual([]);
  for (const mode of ['nonsense', '', 'REQUIRE']) expect(problems(mode)).toEqual([expect.stringContaining('sslmode')]);
  expect(problems('nonsense').join()).not.toContain('hunter2');
});

test('links name an address that can be reached, with brackets where it needs them', () => {
  expect([baseUrl('0.0.0.0', 80), baseUrl('::', 80), baseUrl('::1', 80), baseUrl('shop.example', 80)]).toEqual([
    'http://127.0.0.1:80',
    'http://[::1]:80',
    'http://[::1]:80',
    'http://shop.example:80',
  ]);
});

test('a start names the variables that nothing knows in one line of the log, without their values', () => {
  const { stdout } = child(`const { main } = await import('./src/main.ts'); await main(['serve'])`, {
    // Of the block for documentation: the start ends there.
    HOST: '192.0.2.1',
    WAKALA_WORKER: 'hunter2',
    WAKALA_ELEPHANTS: 'hunter2',
  });
  const lines = stdout.split('\n').filter((line) => line.includes('"level":"warn"'));
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ unknown: 'WAKALA_ELEPHANTS, WAKALA_WORKER (did you mean WAKALA_WORKERS?)' }),
  ]);
  expect(stdout).not.toContain('hunter2');
});
