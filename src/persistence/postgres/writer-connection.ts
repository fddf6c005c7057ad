/**
 * The one connection of this thread that writes batches. Modes: connecting -> open -> lost -> connecting with
 * backoff; closed ends any. While it is not open, a caller is told at once instead of waiting.
 */

import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { ANSWER_MARGIN_MS, type ConnectOptions, connectClient, goodbye } from './connect.ts';

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;

export class WriterConnection {
  readonly #options: ConnectOptions;
  #client: pg.Client | null = null;
  #socket: Socket | null = null;
  #connecting: Promise<void> | null = null;
  #closed = false;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /** Rejects when the first connection cannot be made. */
  async open(): Promise<void> {
    const socket = new Socket();
    // A connection given up before speaks up late; only the present one's end matters.
    const ended = (): void => {
      if (this.#socket === socket) this.lost();
    };
    const client = await connectClient({ ...this.#options, ownTimer: true, socket }, ended);
    client.once('end', ended);
    if (this.#closed) {
      // It was being made when nobody wanted one any more.
      await goodbye(client.end(), () => socket.destroy());
      return;
    }
    this.#client = client;
    this.#socket = socket;
  }

  /** @throws Error while there is no connection. */
  get client(): pg.Client {
    if (this.#client === null) throw new Error('the database is away');
    return this.#client;
  }

  /** How long the answers to a batch are waited for. */
  get answerTimeoutMs(): number {
    return this.#options.statementTimeoutMs + ANSWER_MARGIN_MS;
  }

  /** The connection is of no use any more; a new one is sought in the background. */
  lost(): void {
    this.#client = null;
    // Not `end`: it waits for answers, and the other side may be gone without a word.
    this.#socket?.destroy();
    this.#socket = null;
    if (this.#closed || this.#connecting !== null) return;
    this.#connecting = this.#reconnect().finally(() => {
      this.#connecting = null;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const [client, socket] = [this.#client, this.#socket];
    this.#client = null;
    if (client !== null) await goodbye(client.end(), () => socket?.destroy());
  }

  async #reconnect(): Promise<void> {
    for (let delayMs = RETRY_FIRST_MS; !this.#closed; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      try {
        await this.open();
        return;
      } catch {
        await wait(delayMs, undefined, { ref: false });
      }
    }
  }
}
