/**
 * The body of one post as it arrives: bounded while it grows, copied only when it came in pieces or has to outlive
 * the callback, and safe against a client that goes away or never finishes. Knows nothing of what it carries.
 */
import type { HttpResponse } from 'uWebSockets.js';

export interface BodyEvents {
  /** Once, with bytes that stay valid. */
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
        events.tooLarge();
        return;
      }
      // The chunk is taken back after this callback.
      const piece = Buffer.from(new Uint8Array(chunk));
      if (!isLast) {
        timer ??= setTimeout(() => {
          if (this.#end()) events.tooSlow();
        }, timeoutMs);
        this.#pieces.push(piece);
        return;
      }
      clearTimeout(timer);
      this.#end();
      events.complete(this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece]));
    });
  }

  /** @returns false when it had ended before. */
  #end(): boolean {
    const first = !this.#ended;
    this.#ended = true;
    return first;
  }
}
