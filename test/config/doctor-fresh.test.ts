/** `wakala doctor` where nothing was started yet: it looks, and makes nothing. */
import { chmodSync, mkdirSync, readdirSync, rmdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { examineDataFolder } from '../../src/node/commands/data-folder.ts';
import { loadOrCreateSecrets, loadSecrets } from '../../src/secrets-file.ts';
import { run, useDataFolder } from './run.ts';

useDataFolder();

beforeEach(() => {
  vi.stubEnv('PORT', '0');
  vi.stubEnv('WAKALA_OPS_PORT', '0');
});

const folder = (): string => process.env.WAKALA_DATA_DIR as string;

async function database() {
  const { out, code } = await run('doctor', '--json');
  const { healthy, findings } = JSON.parse(out);
  return { healthy, code, found: findings.find(({ name }: { name: string }) => name === 'database') };
}

test('an empty folder is no fault: it says that there is nothing yet, ends with 0 and leaves the folder empty', async () => {
  const { healthy, code, found } = await database();
  expect([healthy, code]).toEqual([true, 0]);
  expect(found).toEqual({ name: 'database', ok: true, warning: true, text: expect.stringMatching(/^none yet under .*`serve`/) });
  expect(readdirSync(folder())).toEqual([]);
});

test('a folder that is not there is not made', async () => {
  rmdirSync(folder());
  expect((await database()).found.text).toContain(folder());
  expect(() => readdirSync(folder())).toThrow('ENOENT');
  mkdirSync(folder());
});

test('a database without the secrets that open it is a fault, and gets no new ones', async () => {
  mkdirSync(path.join(folder(), 'pg'));
  writeFileSync(path.join(folder(), 'pg', 'PG_VERSION'), '18\n');
  const { healthy, code, found } = await database();
  expect([healthy, code, found.ok]).toEqual([false, 1, false]);
  expect(found.text).toContain('secrets.json');
  expect(readdirSync(folder())).toEqual(['pg']);
});

test('a folder that is a file is refused as an unusable environment', async () => {
  vi.stubEnv('WAKALA_DATA_DIR', path.join(folder(), 'file', 'x'));
  writeFileSync(path.dirname(folder()), '');
  const ended = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`ended with ${code}`);
  });
  expect((await run('doctor')).out).toBe('');
  expect(ended).toHaveBeenCalledWith(78);
});

test('a fault with a code says its fix, as JSON and beneath the line', async () => {
  vi.stubEnv('HOST', '192.0.2.1');
  const { healthy, findings } = JSON.parse((await run('doctor', '--json')).out);
  const text = expect.stringMatching(/^config\.address_unusable: .*192\.0\.2\.1/);
  const fix = 'Set `HOST` or `WAKALA_OPS_HOST` to an address of this machine, and a port from 1024 on.';
  expect(healthy).toBe(false);
  expect(findings).toContainEqual({ name: 'PORT', ok: false, text, fix });
  expect((await run('doctor')).out).toMatch(/^BAD {2}PORT: config\.address_unusable: .*\n {5}fix: Set `HOST` /m);
});

test('a bad environment is told as findings to whoever reads JSON, each with its variable, and ends with 78', async () => {
  vi.stubEnv('PORT', 'x');
  vi.stubEnv('LOG_LEVEL', 'loud');
  const { out, code } = await run('doctor', '--json');
  const { healthy, findings } = JSON.parse(out);
  expect([healthy, code]).toEqual([false, 78]);
  expect(findings).toEqual([
    { name: 'PORT', ok: false, text: 'must be a whole number from 0 to 65535' },
    { name: 'LOG_LEVEL', ok: false, text: 'must be fatal, error, warn, info, debug, trace or silent' },
  ]);
});

test('a full disk is a fault before the first start meets it, a tight one a warning', () => {
  const MIB = 1_048_576;
  expect(() => examineDataFolder(folder(), 127 * MIB)).toThrow(
    expect.objectContaining({ code: 'config.data_dir_unusable', message: expect.stringMatching(/^127 MiB free/) }),
  );
  expect(examineDataFolder(folder(), 128 * MIB)).toEqual({ isTight: true, text: expect.stringMatching(/^128 MiB free/) });
  expect(examineDataFolder(folder(), 2_047 * MIB).isTight).toBe(true);
  expect(examineDataFolder(folder(), 2_048 * MIB)).toEqual({ isTight: false, text: `2.0 GiB free for ${folder()}` });
});

test('the room is that of the disk that the folder is on, or would be made on', async () => {
  const { bavail, bsize } = statfsSync(folder());
  const { findings } = JSON.parse((await run('doctor', '--json')).out);
  const text = findings.find(({ name }: { name: string }) => name === 'data folder').text;
  // Others write to the same disk meanwhile.
  expect(Number.parseFloat(text) / ((bavail * bsize) / 1_024 ** (text.includes('GiB') ? 3 : 2))).toBeCloseTo(1, 1);
  expect(examineDataFolder(path.join(folder(), 'not', 'yet')).text).toMatch(/^[\d.]+ [GM]iB free/);
});

test('a look at the secrets leaves their file as it is, so that it works where the folder cannot be written', () => {
  loadOrCreateSecrets(folder());
  const changedNs = () => statSync(path.join(folder(), 'secrets.json'), { bigint: true }).ctimeNs;
  const before = changedNs();
  const later = path.join(folder(), 'later');
  // The clock of the file system has steps.
  do writeFileSync(later, '');
  while (statSync(later, { bigint: true }).ctimeNs <= before);
  loadSecrets(folder());
  expect(changedNs()).toBe(before);
  chmodSync(path.join(folder(), 'secrets.json'), 0o644);
  loadSecrets(folder());
  expect(statSync(path.join(folder(), 'secrets.json')).mode & 0o777).toBe(0o600);
});
