/**
 * Which living process looks after the server on a data folder: a small file beside the folder names it. It must never
 * know whether the server itself runs.
 *
 * Invariant: of processes that claim a folder together, one gets it. The file appears with its owner in it, and what a dead one has
 * left is removed by whoever holds a second such file, so that nobody removes the claim of a process that was quicker.
 */
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAlive } from './postmaster.ts';

/** In the line of `/proc/PID/stat` after the program's name, which may hold blanks: the process's start, in ticks since boot. */
const BIRTH_FIELD = 19;
const CLAIM_TRIES = 50;
/** How long a file may be empty before its writer counts as dead: far longer than writing a line takes, short for a start that has to wait. */
const EMPTY_MAX_MS = 1_000;
const EMPTY_POLL_MS = 5;
/** What a file system without hard links says, as of some mounted folders. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * To be asked again as long as another process is named: it may just be clearing up after a dead owner, and end.
 * @returns null when this process owns the folder from now on (or did before), otherwise the id of the living process that does.
 */
export function claimFolder(dir: string): number | null {
  return claimFile(ownerPath(dir));
}

/** @returns the id of the living process that owns the folder, or null. */
export function ownerOf(dir: string): number | null {
  const owner = readOwner(ownerPath(dir));
  return typeof owner === 'number' ? owner : null;
}

/** Does nothing to a folder that somebody else owns. */
export function releaseFolder(dir: string): void {
  release(ownerPath(dir));
}

function claimFile(file: string): number | null {
  for (let tries = 1; ; tries++) {
    if (create(file)) return null;
    const owner = readNamedOwner(file);
    if (typeof owner === 'number') return owner === process.pid ? null : owner;
    const clearing = owner === 'dead' ? clear(file) : null;
    if (clearing !== null) return clearing;
    if (tries === CLAIM_TRIES) throw new Error(`${file} cannot be claimed: others claim it and end all the time`);
  }
}

/** @returns false when there is such a file already. */
function create(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  const mine = `${process.pid} ${birthOf(process.pid)}\n`;
  try {
    writeFileSync(draft, mine, { mode: 0o600 });
    linkSync(draft, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (NO_LINKS.has(code)) return createSlowly(file, mine);
    if (code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The same with a moment in which the file is empty: whoever looks then waits for its name. */
function createSlowly(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Removes what a process that was killed has left behind. @returns null, or the living process that is at it. */
function clear(file: string): number | null {
  const clearing = `${file}.clearing`;
  const other = claimFile(clearing);
  if (other !== null) return other;
  try {
    // Looked at again: whoever cleared before may have claimed it since. One that is gone must not be removed, for it may come any time.
    if (readOwner(file) === 'dead') rmSync(file, { force: true });
  } finally {
    release(clearing);
  }
  return null;
}

function release(file: string): void {
  if (readOwner(file) === process.pid) rmSync(file, { force: true });
}

/** Waits, and holds up the whole process, while somebody may be just writing its name: `EMPTY_MAX_MS` at most for each who does. */
function readNamedOwner(file: string): number | 'none' | 'dead' {
  for (;;) {
    const owner = readOwner(file);
    if (owner !== 'unnamed') return owner;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EMPTY_POLL_MS);
  }
}

/** @returns `none` without a file, `dead` when it names nobody living, `unnamed` when its name may just be being written. */
function readOwner(file: string): number | 'none' | 'dead' | 'unnamed' {
  let text: string;
  let changedMs: number;
  try {
    changedMs = statSync(file).mtimeMs;
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 'none';
  }
  // From both sides: the clock of a mounted folder may be ahead of ours, and nobody waits for that.
  if (text === '') return Math.abs(Date.now() - changedMs) < EMPTY_MAX_MS ? 'unnamed' : 'dead';
  const parts = text.split(' ');
  const pid = Number(parts[0]);
  // A number may have been given to somebody else since; the start of the process tells them apart.
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && birthOf(pid) === (parts[1] ?? '') ? pid : 'dead';
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
