/** `wakala doctor` where nothing was started yet: it looks, and makes nothing. */
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
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
