/** A command of the command line in this process, with a data folder of its own. Must never start a server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { main } from '../../src/main.ts';

/** A fresh folder for every test of the file, and nothing left of it in the environment. */
export function useDataFolder(): void {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'wakala-commands-'));
    vi.stubEnv('WAKALA_DATA_DIR', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    process.exitCode = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
}

/** @returns what it wrote, and the code it ends with. */
export async function run(...args: string[]) {
  const written = { out: '', err: '' };
  const keep = (where: 'out' | 'err') => (text: string | Uint8Array) => {
    written[where] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'));
  process.exitCode = undefined;
  await main(args);
  const ended = process.exitCode;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return { ...written, code: ended ?? 0 };
}
