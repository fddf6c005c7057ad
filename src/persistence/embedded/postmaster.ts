/** What `postmaster.pid` and /proc tell about a server on a data folder. Reads only. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';

interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
  readonly ready: boolean;
  /** It has not been ready yet: it reads its log after a crash, or has just been launched. */
  readonly starting: boolean;
  /** It was told to end: it takes no new connections, and may wait for those it has for ever. */
  readonly stopping: boolean;
}

/** @returns null without a (complete) pid file. */
export function readPostmaster(dataDir: string): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    // No file: no server has been started here, or the last one ended cleanly.
    return null;
  }
  const status = (lines[7] ?? '').trim();
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return {
    pid,
    port,
    socketDir: lines[4] ?? '',
    ready: status === 'ready',
    starting: status === 'starting',
    stopping: status === 'stopping',
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function socketPath(postmaster: Pick<Postmaster, 'socketDir' | 'port'>): string {
  return path.join(postmaster.socketDir, `.s.PGSQL.${postmaster.port}`);
}

/** Asks whether the server speaks TLS, which it says before it knows who asks: length 8, then the code of that question. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** A server that works answers within milliseconds; this is for a busy machine. */
const ANSWER_MAX_MS = 2_000;

/** A word of the server: that its socket takes a connection is the kernel's doing, also for one that is frozen or about to die. */
export function answers(postmaster: Postmaster): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(postmaster));
    const end = (hasAnswered: boolean): void => {
      socket.destroy();
      resolve(hasAnswered);
    };
    socket.setTimeout(ANSWER_MAX_MS, () => end(false));
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('end', () => end(false));
  });
}

/** Fields of `/proc/PID/stat` after the program's name, which may hold blanks. */
const PARENT_FIELD = 1;
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;

/** Linux only; empty elsewhere. */
export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return statOf(Number(name), PARENT_FIELD) === pid;
      } catch {
        // Gone meanwhile.
        return false;
      }
    })
    .map(Number);
}

/** @throws Error when there is no such process */
function statOf(pid: number, field: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field]);
}

/** CPU time that these processes have used so far, in ticks of the system. Those that are gone count nothing. Linux only; 0 elsewhere. */
export function workOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      ticks += statOf(pid, USER_TICKS_FIELD) + statOf(pid, SYSTEM_TICKS_FIELD);
    } catch {
      // Gone meanwhile.
    }
  }
  return ticks;
}

/** Processes that still have the folder as their working directory: a dying server's backends. Linux only; empty elsewhere. */
export function processesIn(dataDir: string): number[] {
  if (process.platform !== 'linux') return [];
  const real = realpathSync(dataDir);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === real;
      } catch {
        // Gone meanwhile, or a zombie: neither uses the folder.
        return false;
      }
    })
    .map(Number);
}
