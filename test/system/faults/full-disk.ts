/** A disk that is really full: a small one of its own for the data folder, or, where nobody may mount, a limit on the files of the database. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { Program } from '../program.ts';

/** A fresh database takes about a third of it. */
const DISK_MB = 192;
const CHUNKS_BYTES = [1024 * 1024, 4_096];
const FILLER = 'filler';
/** No file may be written beyond this, which is harder than a full disk: the write-ahead log has its place before it is written. */
const NO_GROWTH_BYTES = 8_192;

/** A mount namespace: what is mounted in it goes with the last process in it. Without root a user namespace is needed as well. */
const NAMESPACES: readonly (readonly string[])[] = [
  ['unshare', '--mount', '--propagation', 'private'],
  ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private'],
];
const mountOn = (folder: string): string => `mount -t tmpfs -o size=${DISK_MB}m tmpfs '${folder}'`;

/** @returns the command that runs another one with a small disk mounted on the folder, empty where that is refused. */
export function smallDisk(folder: string): readonly string[] {
  const script = `${mountOn(folder)} && exec "$@"`;
  const allowed = NAMESPACES.find(
    ([command = '', ...args]) => spawnSync(command, [...args, 'sh', '-c', script, 'sh', 'true'], { stdio: 'ignore' }).status === 0,
  );
  return allowed === undefined ? [] : [...allowed, 'sh', '-c', script, 'sh'];
}

/** Leaves no room. @returns what makes room again */
export function fillDisk(program: Program, isMounted: boolean): () => void {
  return isMounted ? fill(program.file(FILLER)) : limit(program);
}

function fill(file: string): () => void {
  const filler = openSync(file, 'w');
  for (const bytes of CHUNKS_BYTES) {
    const chunk = Buffer.alloc(bytes, 1);
    try {
      while (writeSync(filler, chunk) === bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(filler);
  return () => rmSync(file);
}

/** Of the program, too: a database that ends over it and is started again has the limit of its starter. */
function limit(program: Program): () => void {
  const to = (soft: string): void => {
    const set = (pid: number): void => {
      const { status } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`], { ...userOf(pid), stdio: 'ignore' });
      if (status !== 0 && existsSync(`/proc/${pid}`)) throw new Error(`no limit can be set to process ${pid}`);
    };
    set(program.pid);
    program.eachOfPostgres(set);
  };
  to(String(NO_GROWTH_BYTES));
  return () => to('unlimited');
}

/** Limits are set by whom they are for: in a container root may not set those of others. */
function userOf(pid: number): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const id = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { uid: id('Uid'), gid: id('Gid') };
  } catch {
    // It ended this very moment.
    return {};
  }
}
