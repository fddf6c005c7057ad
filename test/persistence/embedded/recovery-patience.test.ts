/** How long a server is waited for that does nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RecoveryPatience } from '../../../src/persistence/embedded/recovery-patience.ts';

const STALL_MS = 1_000;
const STEP_MS = 50;

let folder: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-patience-'));
  nowMs = 5_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns for how long it was asked until it was over, ms */
function patienceOf(patience: RecoveryPatience, stepMs = STEP_MS): number {
  const sinceMs = nowMs;
  while (!patience.isOver && nowMs - sinceMs < 1_000 * stepMs) nowMs += stepMs;
  return nowMs - sinceMs;
}

it.each([
  ['often', STALL_MS, STEP_MS],
  ['every 2 s, for it is asked and says nothing', 20_000, 2_000],
])('is over when nothing was done for as long as it was given, looked at %s', (_, stallMs, stepMs) => {
  const waitedMs = patienceOf(new RecoveryPatience(folder, stallMs), stepMs);
  expect(waitedMs).toBeGreaterThanOrEqual(stallMs);
  expect(waitedMs).toBeLessThan(1.2 * stallMs);
});

it('a time in which whoever waits did not run itself, as in a container that was frozen, ends it not: the server did not run either', () => {
  const patience = new RecoveryPatience(folder, STALL_MS);
  nowMs += STEP_MS;
  expect(patience.isOver).toBe(false);
  nowMs += 60_000;
  expect(patience.isOver).toBe(false);
  const waitedMs = patienceOf(patience);
  expect(waitedMs).toBeGreaterThan(STALL_MS / 2);
  expect(waitedMs).toBeLessThan(1.2 * STALL_MS);
});
