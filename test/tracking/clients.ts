/** The three kinds of client, as browsers are: each applies what it hears and tells when something is true of it. */
import { WebSocket } from 'undici';

interface Heard {
  readonly type: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

/** Collects messages and lets a test wait for a state instead of a time. */
class Inbox {
  readonly heard: Heard[] = [];
  track: Record<string, unknown> | null = null;
  closed: number | null = null;
  comments = 0;
  readonly #waiting = new Set<() => void>();

  take(message: Heard): void {
    this.heard.push(message);
    const track = message.data.track as Record<string, unknown> | undefined;
    if (message.type === 'snapshot') this.track = track ?? null;
    if (message.type === 'delta') {
      if (this.track !== null && message.data.base !== this.track.seq)
        throw new Error('a difference to something else than what was sent before');
      this.track = { ...this.track, ...track };
    }
    this.changed();
  }

  changed(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves once `is` holds. */
  async until(is: (inbox: this) => boolean): Promise<void> {
    if (is(this)) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!is(this)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  types(): string[] {
    return this.heard.map(({ type }) => type);
  }
}

export interface Client extends Inbox {
  leave(): void;
}

/** @returns the status of a refusal, or the client. */
export async function openStream(url: string, token: string, headers: Record<string, string> = {}): Promise<Client | Response> {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/track/${token}/events`, { headers, signal: abort.signal });
  if (response.status !== 200 || response.body === null) return response;
  const inbox = new Inbox();
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) takeBlock(inbox, block);
    }
  };
  read(response.body as ReadableStream<Uint8Array>)
    .catch(() => undefined /* left by the test, or cut off: `closed` says it */)
    .finally(() => {
      inbox.closed = 1;
      inbox.changed();
    });
  return Object.assign(inbox, { leave: () => abort.abort() });
}

function takeBlock(inbox: Inbox, block: string): void {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const data = fields.get('data');
  if (data === undefined) {
    inbox.comments++;
    inbox.changed();
  } else inbox.take({ type: fields.get('event') ?? '', id: fields.get('id') ?? null, data: JSON.parse(data) });
}

export async function openSocket(url: string, token: string, query = ''): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/track/${token}/socket${query}`);
  const inbox = new Inbox();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Record<string, unknown>;
    inbox.take({ type: String(message.type), id: null, data: message });
  });
  socket.addEventListener('close', ({ code }) => {
    inbox.closed = code;
    inbox.changed();
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the socket was refused')));
  });
  return Object.assign(inbox, { leave: () => socket.close() });
}

/** A handshake by hand: the status of a refused one, which browsers hide. */
export function handshake(path: string): string {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  return `GET ${path} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`;
}
