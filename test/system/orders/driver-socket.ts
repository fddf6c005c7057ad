/** A driver's phone for tests of the built program: the real socket, answers by id, everything heard kept. */
import { WebSocket } from 'undici';
import { encodeBinary } from '../../../src/transport/gps/formats/binary.ts';

export type Heard = { readonly type: string } & Readonly<Record<string, unknown>>;

/** For what hangs, not for what is slow. */
const ANSWER_MS = 40_000;

export class Phone {
  readonly heard: Heard[] = [];
  readonly #url: string;
  #socket: WebSocket | null = null;
  #sent = 0;
  readonly #answers = new Map<string, (answer: Heard) => void>();
  onHeard: (message: Heard) => void = () => undefined;

  constructor(url: string) {
    this.#url = url;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Rejects when the upgrade is refused. */
  async connect(): Promise<this> {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', (event) => this.#message(JSON.parse(String(event.data)) as Heard));
    socket.addEventListener('close', () => {
      for (const answer of this.#answers.values()) answer({ type: 'closed' });
      this.#answers.clear();
    });
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('socket refused')));
    });
    return this;
  }

  close(): void {
    this.#socket?.close();
  }

  at(lat: number, lng: number): void {
    const fix = { atMs: Date.now(), lat, lng, accuracyM: 5, speedMps: null, headingDeg: null };
    if (this.isOpen) this.#socket?.send(new Uint8Array(encodeBinary([fix])));
  }

  /** The server's word on one message; `closed` when the socket ends first, `silent` when there is none in time. */
  ask(message: Readonly<Record<string, unknown>>): Promise<Heard> {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) return Promise.resolve({ type: 'closed' });
    const id = `m${++this.#sent}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ type: 'silent' }), ANSWER_MS);
      this.#answers.set(id, (answer) => {
        clearTimeout(timer);
        this.#answers.delete(id);
        resolve(answer);
      });
      socket.send(JSON.stringify({ id, ...message }));
    });
  }

  last(type: string): Heard | null {
    return this.heard.findLast((message) => message.type === type) ?? null;
  }

  #message(message: Heard): void {
    const answer = typeof message.id === 'string' ? this.#answers.get(message.id) : undefined;
    if (answer !== undefined) {
      answer(message);
      return;
    }
    this.heard.push(message);
    this.onHeard(message);
  }
}
