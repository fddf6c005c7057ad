/** The running server as the simulated city meets it: only its public port, with tokens of the people who act. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

interface ServerOptions {
  readonly url: string;
  /** Of the shop's owner. */
  readonly ownerToken: string;
}

export interface ChatMessage {
  readonly direction: 'in' | 'out';
  readonly text: string;
  readonly content?: { readonly buttons?: readonly { readonly id: string }[] };
}

const REQUEST_TIMEOUT_MS = 15_000;
const TRIES = 4;
const FIRST_RETRY_MS = 250;

export class CityServer {
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** A socket address on the same server. */
  socketUrl(path: string): string {
    return `${this.#options.url.replace(/^http/, 'ws')}${path}`;
  }

  /** As the owner of the shop. @param key of what is done once in all runs; a call without one is done once. @throws Error with the problem's code */
  async owner<T>(method: 'GET' | 'POST', path: string, body?: unknown, key?: string): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#options.ownerToken}`, 'content-type': 'application/json' };
    if (method === 'POST') headers['idempotency-key'] = key ?? randomUUID();
    return await this.#call<T>(method, path, headers, body);
  }

  /** As the phone of the sandbox. Each call is one message, however often it has to be sent. */
  async phone(body: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call('POST', '/sandbox/messages', { 'content-type': 'application/json' }, { id: randomUUID(), ...body });
  }

  async chat(waId: string): Promise<readonly ChatMessage[]> {
    const { items } = await this.#call<{ items: readonly ChatMessage[] }>('GET', `/sandbox/messages?wa_id=${waId}`, {});
    return items;
  }

  /** Transient answers are tried again, under the same key or id: the answer may have got lost after the deed. */
  async #call<T>(method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once<T>(method, path, headers, body);
      if (answer.ok) return answer.value;
      if (!answer.mayRetry || attempt === TRIES) throw new Error(`${method} ${path}: ${answer.reason}`);
      await sleep(FIRST_RETRY_MS * 2 ** (attempt - 1));
    }
  }

  async #once<T>(method: string, path: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Outcome<T>> {
    try {
      const response = await fetch(this.#options.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      const value = text === '' ? null : (JSON.parse(text) as unknown);
      if (response.ok) return { ok: true, value: value as T };
      const code = (value as { code?: unknown } | null)?.code;
      return { ok: false, mayRetry: response.status === 429 || response.status >= 500, reason: `${response.status} ${String(code)}` };
    } catch (error) {
      return { ok: false, mayRetry: true, reason: error instanceof Error ? error.message : 'failed' };
    }
  }
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly mayRetry: boolean; readonly reason: string };
