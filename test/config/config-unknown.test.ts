/** A misspelt variable does nothing: it is named, with the one that was meant, and never with its value. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { examineEnvironment } from '../../src/node/commands/doctor.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wakala-unknown-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

function load(env: Record<string, string>) {
  return loadConfig({ WAKALA_DATA_DIR: dir, ...env });
}

test.each([
  ['WAKALA_WORKER', 'WAKALA_WORKERS'],
  ['WAKALA_WROKERS', 'WAKALA_WORKERS'],
  ['wakala_workers', 'WAKALA_WORKERS'],
  ['WAKALA_REQUEST_TIMEOUT', 'WAKALA_REQUEST_TIMEOUT_MS'],
  ['WAKALA_PORT', 'PORT'],
  ['WAKALA_DATABASE_URL', 'DATABASE_URL'],
  ['WAKALA_JWT_SECRTE', 'WAKALA_JWT_SECRET'],
  ['WAKALA_PURPLE_ELEPHANTS', null],
])('%s is told as unknown, and what is near it: %s', (name, near) => {
  const loaded = load({ [name]: '3' });
  expect(loaded.ok && loaded.config.unknownVariables).toEqual([{ name, near }]);
});

test('variables that are known, empty or of others are not told', () => {
  const loaded = load({ WAKALA_WORKERS: '2', NATS_URL: 'nats://127.0.0.1', WAKALA_WORKER: ' ', MY_WAKALA_WORKER: '3', PATH: '/bin' });
  expect(loaded.ok && loaded.config.unknownVariables).toEqual([]);
});

test('doctor warns of them beside those that nothing uses yet, in the order of the alphabet and without a value', () => {
  const loaded = load({ WAKALA_JWT_SECRTE: 'hunter2', WAKALA_ELEPHANTS: 'hunter2', OZOW_URL: 'https://hunter2.example' });
  if (!loaded.ok) throw new Error('refused');
  expect(examineEnvironment(loaded.config)).toEqual({
    name: 'environment',
    ok: true,
    warning: true,
    text: 'readable; nothing uses OZOW_URL yet; nothing knows WAKALA_ELEPHANTS, WAKALA_JWT_SECRTE (did you mean WAKALA_JWT_SECRET?)',
  });
});

test('a start that is refused for a missing variable names the misspelt one, too', () => {
  const loaded = load({ DATABASE_URL: 'postgres://u:p@db.example/wakala', WAKALA_MASTR_KEY: 'hunter2' });
  if (loaded.ok) throw new Error('accepted');
  expect(loaded.problems.map(({ name }) => name)).toContain('WAKALA_MASTER_KEY');
  expect(loaded.unknownVariables).toEqual([{ name: 'WAKALA_MASTR_KEY', near: 'WAKALA_MASTER_KEY' }]);
  expect(JSON.stringify(loaded)).not.toContain('hunter2');
});
