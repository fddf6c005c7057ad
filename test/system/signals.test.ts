/** The built program and the signals that end it: at any moment it stops in order and takes its database with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/wakala.js');
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'wakala-signal-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Sends the signal as soon as the program has written `said`. @returns the exit code, and the database's process when the signal was sent. */
async function endedBy(signal: NodeJS.Signals, said: string): Promise<{ readonly code: unknown; readonly databasePid: number }> {
  const env = { PATH: process.env.PATH ?? '', PORT: '0', WAKALA_OPS_PORT: '0', WAKALA_DATA_DIR: dataDir, WAKALA_WORKERS: '1' };
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let output = '';
  let databasePid = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (databasePid !== 0 || !output.includes(said)) return;
    databasePid = Number(readFileSync(path.join(dataDir, 'pg/postmaster.pid'), 'utf8').split('\n')[0]);
    child.kill(signal);
  });
  const [code] = await exit;
  return { code, databasePid };
}

test.each([
  { signal: 'SIGTERM', said: '"event":"started"', when: 'while it starts' },
  { signal: 'SIGHUP', said: 'Wakala is ready', when: 'when its terminal is closed' },
] as const)('$signal ends it in order with its database $when', async ({ signal, said }) => {
  const { code, databasePid } = await endedBy(signal, said);
  expect(code).toBe(0);
  expect(databasePid).toBeGreaterThan(0);
  expect(existsSync(path.join(dataDir, 'pg/postmaster.pid'))).toBe(false);
  expect(existsSync(path.join(dataDir, 'pg.owner'))).toBe(false);
});
