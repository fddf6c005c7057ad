/**
 * Keeps the embedded server running at one address: starts it again when it ends by itself. Must never know what is
 * stored in it.
 *
 * Modes: `serving` (entered by a start; left by a death seen at a look, or `stop`), `starting` (left by a server that
 * answers; a failed start is tried again with backoff), `stopped`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded-postgres.ts';
import { isAlive } from './postmaster.ts';

/** How often the server is looked at: an adopted one is not our child and cannot tell us its end. */
const LOOK_MS = 250;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

export interface SupervisedOptions extends EmbeddedOptions {
  /** The server ended by itself, or could not be started again yet. */
  readonly onTrouble: (text: string) => void;
}

/** @throws Error when the first start fails; see `startEmbedded`. */
export async function superviseEmbedded(options: SupervisedOptions): Promise<EmbeddedServer> {
  let server = await startEmbedded(options);
  // Its owner does all this.
  if (server.isShared) return server;
  const stopping = new AbortController();
  const watched = watch();

  async function watch(): Promise<void> {
    for (;;) {
      await wait(LOOK_MS, undefined, { signal: stopping.signal, ref: false });
      if (isAlive(server.pid)) continue;
      options.onTrouble('embedded PostgreSQL ended by itself');
      server = await restart();
    }
  }

  async function restart(): Promise<EmbeddedServer> {
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      stopping.signal.throwIfAborted();
      try {
        return await startEmbedded({ ...options, socketDir: server.host });
      } catch (error) {
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
    async stop() {
      stopping.abort();
      // Ends by the abort; a start in progress is waited for, so that it can be stopped.
      await watched.catch(() => undefined);
      await server.stop();
    },
  };
}
