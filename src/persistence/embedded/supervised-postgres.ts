/**
 * Keeps the embedded server running at one address: starts it again when it ends by itself, and ends one that somebody told to
 * stop and that would wait for us to go. Must never know what is stored in it.
 *
 * Modes: `sharing` (entered by a start that finds the server of another living process, which does all this; left when that process
 * owns it no more, or by `stop`), `serving` (entered by any other start; left by a death seen at a look, or `stop`), `starting` (left by
 * a server that answers; a failed start is tried again with backoff), `stopped`.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { type EmbeddedOptions, type EmbeddedServer, killServer, STOP_TIMEOUT_MS, startEmbedded } from './embedded-postgres.ts';
import { ownerOf } from './owner.ts';
import { childrenOf, isAlive, readPostmaster } from './postmaster.ts';

/** How often the server is looked at: an adopted one is not our child and cannot tell us its end. */
const LOOK_MS = 250;
/**
 * How long a server may have been told to stop by somebody else. Connections that it has still work, so a signal to our whole process
 * group, which it got too, leaves us time to drain.
 */
const STOPPING_MAX_MS = 3_000;
const STOPPING_MAX_LOOKS = STOPPING_MAX_MS / LOOK_MS;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

interface SupervisedOptions extends EmbeddedOptions {
  /** The server ended by itself, or could not be started again yet. */
  readonly onTrouble: (text: string) => void;
}

/** @throws Error when the first start fails; see `startEmbedded`. */
export async function superviseEmbedded(options: SupervisedOptions): Promise<EmbeddedServer> {
  let server = await startEmbedded(options);
  const stopping = new AbortController();
  const watched = watch();

  async function watch(): Promise<void> {
    for (let stoppingLooks = 0; ; ) {
      await wait(LOOK_MS, undefined, { signal: stopping.signal, ref: false });
      if (server.isShared) {
        if (ownerOf(options.dir) !== null) continue;
        options.onTrouble('the process that ran the embedded PostgreSQL is gone: it is run from here');
        server = await restart();
        continue;
      }
      if (isAlive(server.pid)) {
        stoppingLooks = isStopping(options.dir, server.pid) ? stoppingLooks + 1 : 0;
        if (stoppingLooks === STOPPING_MAX_LOOKS) {
          options.onTrouble(
            'embedded PostgreSQL was told to stop by somebody else and takes no connections: it is ended, then started again',
          );
          endNow(server.pid);
        }
        continue;
      }
      stoppingLooks = 0;
      options.onTrouble('embedded PostgreSQL ended by itself');
      server = await restart();
    }
  }

  async function restart(): Promise<EmbeddedServer> {
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      stopping.signal.throwIfAborted();
      try {
        return await startEmbedded({ ...options, socketDir: server.host, signal: stopping.signal });
      } catch (error) {
        stopping.signal.throwIfAborted();
        options.onTrouble(`embedded PostgreSQL cannot be started: ${error instanceof Error ? error.message : 'unknown'}`);
        await wait(delayMs, undefined, { signal: stopping.signal });
      }
    }
  }

  return {
    ...server,
    get pid() {
      return server.pid;
    },
    get isShared() {
      return server.isShared;
    },
    async stop(withinMs = STOP_TIMEOUT_MS) {
      const untilMs = performance.now() + withinMs;
      stopping.abort();
      const over = new AbortController();
      // Ends by the abort; a start in progress is waited for, so that it can be stopped.
      const settled = watched.catch(() => undefined).then(() => 'settled' as const);
      const starting = await Promise.race([settled, wait(withinMs, 'starting' as const, { signal: over.signal })]);
      over.abort();
      if (starting === 'settled') await server.stop(Math.max(0, untilMs - performance.now()));
      else await endStart(options.dir, withinMs);
    },
  };
}

/** A server that is still reading its log after a crash reads it again at the next start. */
async function endStart(dir: string, withinMs: number): Promise<never> {
  const pid = readPostmaster(dir)?.pid ?? 0;
  if (pid > 0 && isStartedHere(pid)) await killServer(pid);
  throw new Error(`PostgreSQL was still starting after ${Math.round(withinMs)} ms and was killed`);
}

/** The file may be of a server that is long gone, and its number somebody else's by now. */
function isStartedHere(pid: number): boolean {
  return process.platform === 'linux' ? childrenOf(process.pid).includes(pid) : isAlive(pid);
}

function isStopping(dir: string, pid: number): boolean {
  const postmaster = readPostmaster(dir);
  return postmaster?.pid === pid && postmaster.stopping;
}

/** Its clients' transactions are rolled back; it does not wait for anybody. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    // It ended this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
