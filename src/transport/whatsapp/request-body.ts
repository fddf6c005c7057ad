/**
 * The body of one post as it arrives: bounded while it grows, copied only when it came in pieces, and safe against a client that goes away or never finishes. Knows nothing of what it carries.
 */
import type { HttpResponse } from 'uWebSockets.js';

export interface BodyEvents {
  /** Once, synchronously. The bytes are the receiver's only until it returns. */
  complete(body: Buffer): void;
  tooLarge(): void;
  tooSlow(): void;
  aborted(): void;
}

export class Body {
  readonly res: HttpResponse;
  /** True when nothing may be written any more. */
  gone = false;
  #ended = false;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(res: HttpResponse, maxBytes: number, timeoutMs: number, events: BodyEvents) {
    this.res = res;
    // Most bodies come whole; a client that sends nothing at all is ended by the server's own idle time-out.
    let timer: NodeJS.Timeout | undefined;
    res.onAborted(() => {
      clearTimeout(timer);
      this.gone = true;
      if (this.#end()) events.aborted();
    });
    res.onData((chunk, isLast) => {
      if (this.#ended) return;
      this.#bytes += chunk.byteLength;
      if (this.#bytes > maxBytes) {
        clearTimeout(timer);
        this.#end();
        this.#pieces = [];
        events.tooLarge();
        return;
      }
      if (!isLast) {
        timer ??= setTimeout(() => {
          if (!this.#end()) return;
          this.#pieces = [];
          events.tooSlow();
        }, timeoutMs);
        // The chunk is taken back after this callback.
        this.#pieces.push(Buffer.from(new Uint8Array(chunk)));
        return;
      }
      clearTimeout(timer);
      this.#end();
      const last = Buffer.from(chunk);
      events.complete(this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]));
    });
  }

  /** @returns false when it had ended before. */
  #end(): boolean {
    const first = !this.#ended;
    this.#ended = true;
    return first;
  }
}
