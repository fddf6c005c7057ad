/**
 * One direction pair between two threads: msgpackr `sequential` batches over a MessagePort, flushed at 64
 * messages or at the end of the turn, with a credit window because ports have no back-pressure.
 *
 * One Packr and one Unpackr live and die with a link (they share a structure table with the other side).
 */
import type { MessagePort } from 'node:worker_threads';
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';

/** Messages a batch holds before it leaves without waiting for the end of the turn. */
const BATCH_MAX = 64;

/** Unacknowledged messages and bytes after which `send` refuses. */
export interface LinkCredit {
  readonly messages: number;
  readonly bytes: number;
}

export class Link<M> {
  readonly #port: MessagePort;
  readonly #packr = new Packr({ sequential: true });
  readonly #unpackr = new Unpackr({ sequential: true });
  readonly #receive: (message: M) => void;
  readonly #credit: LinkCredit;
  #batch: M[] = [];
  #scheduled = false;
  #closed = false;
  #unackedMessages = 0;
  #unackedBytes = 0;
  /** Batches read and not yet acknowledged. */
  #read = 0;
  #sizes: { messages: number; bytes: number }[] = [];

  constructor(port: MessagePort, credit: LinkCredit, receive: (message: M) => void) {
    this.#port = port;
    this.#credit = credit;
    this.#receive = receive;
    port.on('message', (data: ArrayBuffer | number) => this.#arrived(data));
    port.on('close', () => {
      this.#closed = true;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @param urgent answers and control pass the credit window, because the other side frees it by them. @returns false when refused. */
  send(message: M, urgent: boolean): boolean {
    if (this.#closed) return false;
    if (!urgent && (this.#unackedMessages + this.#batch.length >= this.#credit.messages || this.#unackedBytes >= this.#credit.bytes))
      return false;
    this.#batch.push(message);
    if (this.#batch.length >= BATCH_MAX) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#port.close();
  }

  #flush(): void {
    if (this.#batch.length === 0 || this.#closed) return;
    const batch = this.#batch;
    this.#batch = [];
    const packed = this.#packr.pack(batch);
    // pack() returns a view of a pool: copy out before the buffer is given away.
    const bytes = new ArrayBuffer(packed.byteLength);
    new Uint8Array(bytes).set(packed);
    this.#unackedMessages += batch.length;
    this.#unackedBytes += bytes.byteLength;
    this.#sizes.push({ messages: batch.length, bytes: bytes.byteLength });
    this.#port.postMessage(bytes, [bytes]);
  }

  #arrived(data: ArrayBuffer | number): void {
    if (typeof data === 'number') {
      for (let i = 0; i < data; i++) {
        const size = this.#sizes.shift();
        if (size === undefined) return;
        this.#unackedMessages -= size.messages;
        this.#unackedBytes -= size.bytes;
      }
      return;
    }
    const batch = this.#unpackr.unpack(Buffer.from(data)) as M[];
    for (const message of batch) this.#receive(message);
    this.#acknowledge();
  }

  /** Once a turn, however many batches came in it: each word wakes the other thread. */
  #acknowledge(): void {
    if (this.#read++ > 0) return;
    setImmediate(() => {
      const read = this.#read;
      this.#read = 0;
      if (!this.#closed) this.#port.postMessage(read);
    });
  }
}
