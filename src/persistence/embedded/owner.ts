/**
 * Which living process looks after the server on a data folder: a small file beside the folder names it. It must never
 * know whether the server itself runs.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from './postmaster.ts';

/** In the line of `/proc/PID/stat` after the program's name, which may hold blanks: the process's start, in ticks since boot. */
const BIRTH_FIELD = 19;
const CLAIM_TRIES = 5;

/** @returns null when this process owns the folder from now on (or did before), otherwise the id of the living process that does. */
export function claimFolder(dir: string): number | null {
  const mine = `${process.pid} ${birthOf(process.pid)}\n`;
  for (let tries = 1; ; tries++) {
    try {
      writeFileSync(ownerPath(dir), mine, { flag: 'wx', mode: 0o600 });
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries === CLAIM_TRIES) throw error;
    }
    const owner = readOwner(dir);
    if (owner === process.pid) return null;
    if (owner !== null) return owner;
    // Left behind by a process that was killed.
    rmSync(ownerPath(dir), { force: true });
  }
}

/** Does nothing to a folder that somebody else owns. */
export function releaseFolder(dir: string): void {
  if (readOwner(dir) === process.pid) rmSync(ownerPath(dir), { force: true });
}

/** @returns null when nobody living is named. */
function readOwner(dir: string): number | null {
  let parts: string[];
  try {
    parts = readFileSync(ownerPath(dir), 'utf8').trim().split(' ');
  } catch {
    // No file: nobody has claimed the folder, or its owner has just let go.
    return null;
  }
  const pid = Number(parts[0]);
  // A number may have been given to somebody else since; the start of the process tells them apart.
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && birthOf(pid) === (parts[1] ?? '') ? pid : null;
}

function ownerPath(dir: string): string {
  return `${dir}.owner`;
}

/** Empty where there is no /proc: then the number alone has to do. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[BIRTH_FIELD] ?? '';
  } catch {
    return '';
  }
}
