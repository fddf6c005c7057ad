/** Lines of the log when standard output takes none: nobody who logs fails, and what is lost is told. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../src/observability/log.ts';
import { standardOutput } from '../../src/observability/standard-output.ts';

/** Every write fails as on a full disk. */
const FULL = '/dev/full';
const WAITING_MAX_BYTES = 400;
let folder: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-output-'));
  fd = openSync(FULL, 'w');
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** From now on the same descriptor is a file with room. @returns its path */
function makeRoom(): string {
  const file = path.join(folder, 'log');
  closeSync(fd);
  // The lowest free number is given out: the one that was just closed.
  const next = openSync(file, 'w');
  expect(next).toBe(fd);
  return file;
}

const messages = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a line that finds no room fails nobody and goes out, whole and in order, when there is some', () => {
  const log = createLog({ level: 'info', destination: standardOutput(fd) });
  log.info('first');
  log.info('second');
  const file = makeRoom();
  log.info('third');
  expect(messages(file)).toMatchObject([{ msg: 'first' }, { msg: 'second' }, { msg: 'third' }]);
});

test('only so much waits for room; how many lines were lost is told as soon as there is some', () => {
  const log = createLog({ level: 'info', destination: standardOutput(fd, WAITING_MAX_BYTES) });
  const line = 'x'.repeat(WAITING_MAX_BYTES / 2);
  for (let n = 0; n < 5; n++) log.info(line);
  const file = makeRoom();
  // As long as those that found no room: the stream is still full when it comes.
  log.info(line);
  expect(messages(file)).toMatchObject([{ msg: line }, { level: 'warn', lines: 4 }, { msg: line }]);
});

test('a pipe that is full and does not block is waited for: its reader is slow, not gone', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Also for reading: without it a pipe that nobody reads yet cannot be opened so.
  const full = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const before = fill(full);
  // Its own start is what makes it slow: the line is there first.
  const reads = `require('fs').createReadStream(${JSON.stringify(pipe)}).pipe(process.stdout)`;
  const reader = spawn(process.execPath, ['-e', reads], { stdio: ['ignore', 'pipe', 'inherit'] });
  standardOutput(full).write('late\n');
  let read = '';
  reader.stdout.on('data', (bytes) => (read += bytes));
  // It has opened the pipe: only now may this end of it go.
  await once(reader.stdout, 'data');
  closeSync(full);
  await once(reader, 'close');
  expect(read.slice(before.length)).toBe('late\n');
});

/** @returns what a pipe took until it was full */
function fill(pipe: number): string {
  const page = '.'.repeat(4_096);
  for (let taken = ''; ; taken += page) {
    try {
      writeSync(pipe, page);
    } catch {
      return taken;
    }
  }
}

test('nothing is kept for a reader that has closed its end, nor written to whatever comes in its place', () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  closeSync(fd);
  expect(openSync(pipe, 'w')).toBe(fd);
  closeSync(reader);
  const log = createLog({ level: 'info', destination: standardOutput(fd) });
  log.info('first');
  const file = makeRoom();
  log.info('second');
  expect(readFileSync(file, 'utf8')).toBe('');
});
