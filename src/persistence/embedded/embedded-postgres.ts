/**
 * A real PostgreSQL under the data folder, run by us: initdb once, start, adopt one that outlived us, share one that another
 * process of ours runs, stop. Unix socket only. It must never know schemas or roles.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { CodedError } from '../../errors.ts';
import { makeFolder } from '../../make-folder.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { claimFolder, releaseFolder } from './owner.ts';
import { answers, childrenOf, isAlive, processesIn, readPostmaster } from './postmaster.ts';
import { RecoveryPatience } from './recovery-patience.ts';
import { type Launcher, unprivilegedLauncher } from './unprivileged.ts';

const SUPERUSER = 'postgres';
const DATABASE = 'postgres';
/** With Unix sockets the port only names the socket file. */
const SOCKET_PORT = 5_432;
const SOCKET_DIR_PREFIX = 'wk-';
const POLL_MS = 5;
/** Without a sign of a server that was launched, or of progress in its recovery. */
const START_STALL_MS = 120_000;
/** Without progress in the recovery of a server that another process launched, or without the end of a dead one's processes. */
const LEFTOVER_STALL_MS = 20_000;
export const STOP_TIMEOUT_MS = 30_000;
/** How long the dead may take to leave. */
const KILLED_TIMEOUT_MS = 500;
/** Of the server's log: its last start is in here. */
const LOG_TAIL_CHARS = 8_192;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  max_connections: '100',
  shared_buffers: '256MB',
  synchronous_commit: 'on',
  max_wal_size: '2GB',
  checkpoint_completion_target: '0.9',
  autovacuum_naptime: '30s',
  jit: 'off',
};

export interface EmbeddedOptions {
  /** Folder of the cluster; its parent must be writable. */
  readonly dir: string;
  /** Where the server's socket is made; a new folder when absent. */
  readonly socketDir?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a server that another process launched may neither be ready, nor end, nor get on. Default LEFTOVER_STALL_MS. */
  readonly stallMs?: number;
  /** Ends the wait for what a dead server has left. A server that was launched is waited for all the same, so that it can be stopped. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: 'initialised' | 'adopted' | 'shared' | 'stale pid file removed' | 'started') => void;
}

export interface EmbeddedServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly pid: number;
  /** Another living process runs it: it is not ours to start again or to stop, as long as that process lives. */
  readonly isShared: boolean;
  /**
   * Waits for clients' transactions to be rolled back and for a checkpoint; one that takes longer than `withinMs` is killed, as by a
   * crash: what was committed is there at the next start. Does nothing to a shared server. @throws Error when it had to be killed
   */
  stop(withinMs?: number): Promise<void>;
}

/** @throws Error with what an operator can do: missing binaries, other major version, folder in use, start failure. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const tell = options.onEvent ?? (() => undefined);
  makeParent(options.dir);
  const shared = await claimOrShare(options);
  if (shared !== null) {
    tell('shared');
    return shared;
  }
  try {
    return await startOwn(options, tell);
  } catch (error) {
    releaseFolder(options.dir);
    throw error;
  }
}

/** @throws CodedError `config.data_dir_unusable` */
function makeParent(dir: string): void {
  const folder = path.dirname(dir);
  try {
    makeFolder(folder);
  } catch (error) {
    throw new CodedError('config.data_dir_unusable', `cannot make ${folder}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** @returns the server of the process that owns the folder, or null when the folder is ours. */
async function claimOrShare({ dir, stallMs = LEFTOVER_STALL_MS }: EmbeddedOptions): Promise<EmbeddedServer | null> {
  const patience = new RecoveryPatience(dir, stallMs);
  for (;;) {
    const owner = claimFolder(dir);
    if (owner === null) return null;
    const running = readPostmaster(dir);
    if (running?.ready === true && (await answers(running))) {
      const { pid, port, socketDir } = running;
      return { host: socketDir, port, user: SUPERUSER, database: DATABASE, pid, isShared: true, stop: async () => undefined };
    }
    // It is starting, starting again after a crash, or stopping: a moment later there is a server, or no owner.
    if (patience.isOver) throw new Error(`the data folder is in use by process ${owner}, whose PostgreSQL does not answer`);
    await wait(POLL_MS);
  }
}

async function startOwn(options: EmbeddedOptions, tell: NonNullable<EmbeddedOptions['onEvent']>): Promise<EmbeddedServer> {
  const binaries = findBinaries();
  const launcher = unprivilegedLauncher();
  if (!hasCluster(options.dir)) {
    await initialise(options.dir, binaries, launcher);
    tell('initialised');
  }
  checkVersion(options.dir, binaries);
  const adopted = await settleFormer(options, tell);
  if (adopted !== null) return adopted;
  const server = await launch(options, binaries, launcher);
  tell('started');
  return server;
}

/** Whether a start would find one there. @throws Error of Node when the folder may not be looked into */
export function hasCluster(dir: string): boolean {
  return statSync(path.join(dir, 'PG_VERSION'), { throwIfNoEntry: false }) !== undefined;
}

/** Into a folder of its own, then renamed: a kill in the middle leaves nothing that looks finished. */
async function initialise(dir: string, binaries: Binaries, launcher: Launcher): Promise<void> {
  const parent = path.dirname(dir);
  const prefix = `${path.basename(dir)}.init-`;
  for (const name of readdirSync(parent)) if (name.startsWith(prefix)) rmSync(path.join(parent, name), { recursive: true, force: true });
  const temporary = path.join(parent, `${prefix}${process.pid}`);
  mkdirSync(temporary, { mode: 0o700 });
  launcher.own(temporary);
  const args = ['-D', temporary, '-U', SUPERUSER, '--auth-local=trust', '--auth-host=reject', '-E', 'UTF8', '--no-locale'];
  await run(launcher, binaries.initdb, args);
  rmSync(dir, { recursive: true, force: true });
  renameSync(temporary, dir);
}

function checkVersion(dir: string, binaries: Binaries): void {
  const onDisk = readFileSync(path.join(dir, 'PG_VERSION'), 'utf8').trim();
  const printed = spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const major = /\) (\d+)/.exec(printed)?.[1];
  if (major !== onDisk)
    throw new Error(
      `the data folder was written by PostgreSQL ${onDisk}, the binaries are ${major ?? 'unknown'}: move the data by backup and restore`,
    );
}

/** @returns the server that outlived an earlier process of ours, or null when the folder is free to start on. */
async function settleFormer(
  { dir, signal, stallMs = LEFTOVER_STALL_MS }: EmbeddedOptions,
  tell: NonNullable<EmbeddedOptions['onEvent']>,
): Promise<EmbeddedServer | null> {
  const former = readPostmaster(dir);
  if (former === null) return null;
  const patience = new RecoveryPatience(dir, stallMs);
  for (;;) {
    // It may have been recovering when we came.
    const present = readPostmaster(dir);
    if (present?.ready === true && (await answers(present))) {
      tell('adopted');
      return handle(dir, present.pid, present.socketDir, present.port);
    }
    // Never remove the pid file while a backend of the dead server is still at work on these files.
    if (processesIn(dir).length === 0) break;
    signal?.throwIfAborted();
    if (patience.isOver) throw new Error(`the data folder is in use by process ${processesIn(dir).join(', ')}`);
    await wait(POLL_MS);
  }
  if (isAlive(former.pid)) {
    // The number was given to somebody else meanwhile; PostgreSQL would take that one for its predecessor.
    unlinkSync(path.join(dir, 'postmaster.pid'));
    tell('stale pid file removed');
  }
  // A killed server leaves its socket behind. Only a folder that `launch` made is ours to remove.
  if (path.dirname(former.socketDir) === tmpdir() && path.basename(former.socketDir).startsWith(SOCKET_DIR_PREFIX))
    rmSync(former.socketDir, { recursive: true, force: true });
  return null;
}

async function launch(options: EmbeddedOptions, binaries: Binaries, launcher: Launcher): Promise<EmbeddedServer> {
  // A short folder: the path of a Unix socket may have 107 bytes.
  const socketDir = options.socketDir ?? mkdtempSync(path.join(tmpdir(), SOCKET_DIR_PREFIX));
  makeFolder(socketDir, 0o700);
  launcher.own(socketDir);
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { program, args } = launcher.command(binaries.postgres, [
    '-D',
    options.dir,
    '-p',
    String(SOCKET_PORT),
    '-k',
    socketDir,
    ...settings,
  ]);
  const logPath = path.join(path.dirname(options.dir), 'postgres.log');
  // Statements that fail are quoted in it.
  const log = openSync(logPath, 'a', 0o600);
  const child = spawn(program, args, { ...launcher.options, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  let ended: string | null = null;
  child.once('exit', (code, signal) => {
    ended = signal ?? `exit ${code}`;
  });
  child.once('error', (error) => {
    ended = error.message;
  });
  const patience = new RecoveryPatience(options.dir, START_STALL_MS);
  for (;;) {
    const postmaster = readPostmaster(options.dir);
    if (postmaster?.ready === true && postmaster.pid === child.pid) return handle(options.dir, postmaster.pid, socketDir, SOCKET_PORT);
    if (ended !== null) throw new Error(`PostgreSQL did not start (${lastWord(logPath) ?? String(ended)}); see ${logPath}`);
    if (patience.isOver) throw new Error(`PostgreSQL is not ready and gets on no more; see ${logPath}`);
    await wait(POLL_MS);
  }
}

/** Why a server ended, in its own words; null when its log does not say. */
function lastWord(logPath: string): string | null {
  const said = readFileSync(logPath, 'utf8')
    .slice(-LOG_TAIL_CHARS)
    .matchAll(/ (?:FATAL|PANIC): +(.+)/g);
  return [...said].at(-1)?.[1] ?? null;
}

function handle(dir: string, pid: number, socketDir: string, port: number): EmbeddedServer {
  return {
    host: socketDir,
    port,
    user: SUPERUSER,
    database: DATABASE,
    pid,
    isShared: false,
    async stop(withinMs = STOP_TIMEOUT_MS) {
      if (!isAlive(pid)) {
        // What it has left would keep the next one from the folder.
        await kill(processesIn(dir));
        releaseFolder(dir);
        return;
      }
      process.kill(pid, 'SIGINT');
      const deadlineMs = performance.now() + withinMs;
      let isKilled = false;
      while (isAlive(pid) && existsSync(path.join(dir, 'postmaster.pid'))) {
        if (performance.now() > deadlineMs) {
          await killServer(pid);
          isKilled = true;
          break;
        }
        await wait(POLL_MS);
      }
      rmSync(socketDir, { recursive: true, force: true });
      releaseFolder(dir);
      if (isKilled) throw new Error(`PostgreSQL ${pid} did not stop in ${Math.round(withinMs)} ms and was killed`);
    },
  };
}

/** With its children: one that is frozen would not notice that its server is gone, and would keep the next one from the folder. */
export async function killServer(pid: number): Promise<void> {
  await kill([pid, ...childrenOf(pid)]);
}

async function kill(all: readonly number[]): Promise<void> {
  for (const one of all) {
    try {
      process.kill(one, 'SIGKILL');
    } catch (error) {
      // It ended this very moment.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const deadlineMs = performance.now() + KILLED_TIMEOUT_MS;
  while (all.some(isAlive) && performance.now() < deadlineMs) await wait(POLL_MS);
}

function run(launcher: Launcher, binary: string, binaryArgs: readonly string[]): Promise<void> {
  const { program, args } = launcher.command(binary, binaryArgs);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...launcher.options, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString()}`.slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(binary)} failed with ${code}: ${complaint}`)),
    );
  });
}
