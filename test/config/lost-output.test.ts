/** Output of a command that nobody can read, by the real program and by its rules. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchOutput } from '../../src/lost-output.ts';

const WAKALA = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/wakala.js');
const TEST_MS = 60_000;
/** Far more output than a pipe holds. */
const FIXES = 20_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-lost-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH ?? '', WAKALA_DATA_DIR: folder });

test('a reader that has seen enough ends a command without a word, and well', { timeout: TEST_MS }, async () => {
  const file = path.join(folder, 'fixes.csv');
  const rows = Array.from({ length: FIXES }, (_, n) => `${1_795_292_000_000 + n * 1_000},-26.2485,27.854,5,1`);
  writeFileSync(file, `t_ms,lat,lng,accuracy_m,speed_mps\n${rows.join('\n')}\n`);
  const child = spawn(process.execPath, [WAKALA, 'replay', 'gps', file], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  expect([said, code]).toEqual(['', 0]);
});

test('output that a full disk does not take is a failure, told in one line', { timeout: TEST_MS }, async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [WAKALA, 'token', '--role', 'platform_admin'], {
    env: environment(),
    stdio: ['ignore', full, 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  closeSync(full);
  expect([said, code]).toEqual(['wakala: standard output cannot be written: ENOSPC\n', 1]);
});

test('a server goes on without being heard, whatever becomes of its output', () => {
  const [output, errors] = [new EventEmitter(), new EventEmitter()];
  const happened: string[] = [];
  watchOutput(output, errors, { isAllThatCounts: () => false, end: (how) => happened.push(how), say: (text) => happened.push(text) });
  for (const code of ['EPIPE', 'ENOSPC', 'EIO']) output.emit('error', Object.assign(new Error(code), { code }));
  errors.emit('error', new Error('EPIPE'));
  expect(happened).toEqual([]);
});
