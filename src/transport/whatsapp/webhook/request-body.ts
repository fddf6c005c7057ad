/**
 * The body of one post as it arrives: bounded while it grows, copied only when it came in pieces, and safe against a client that goes away or never finishes. Knows nothing of what it carries.
 */
import type { HttpResponse } from 'uWebSockets.js';
import { BodyPatience } from '../../http/server/body-patience.ts';

export interface BodyEvents {
  /** Once, synchronously. The bytes are the receiver's only until it returns. */
  complete(body: Buffer): void;
  tooLarge(): void;
  tooSlow(): void;
  aborted(): void;
}

/**
 * - *arriving*: from the start. A body that comes in pieces has a clock from its first piece.
 * - *ended*: by its last piece, by being too large or too slow, or by its client.
 */
export class Body {
  readonly res: HttpResponse;
  /** True when nothing may be written any more. */
  gone = false;
  readonly #maxBytes: number;
  readonly #timeoutMs: number;
  readonly #events: BodyEvents;
  #ended = false;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Most bodies come whole and need none. What came with a head is a piece, and be it empty: a silent client has one, too. */
  #patience: BodyPatience | undefined;
  #sinceMs = 0;

  constructor(res: HttpResponse, maxBytes: number, timeoutMs: number, events: BodyEvents) {
    this.res = res;
    this.#maxBytes = maxBytes;
    this.#timeoutMs = timeoutMs;
    this.#events = events;
    res.onAborted(() => {
      this.gone = true;
      if (this.#end()) events.aborted();
    });
    res.onData((chunk, isLast) => this.#take(chunk, isLast));
  }

  #take(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.#ended) return;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) {
      this.#end();
      this.#events.tooLarge();
      return;
    }
    if (!isLast) {
      // The chunk is taken back after this callback.
      this.#keep(Buffer.from(new Uint8Array(chunk)));
      return;
    }
    const pieces = this.#pieces;
    this.#end();
    const last = Buffer.from(chunk);
    this.#events.complete(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    const nowMs = performance.now();
    if (this.#patience === undefined) {
      this.#patience = new BodyPatience(nowMs);
      this.#sinceMs = nowMs;
    }
    this.#patience.took(piece.byteLength, nowMs);
    if (this.#timer === undefined) this.#wait(nowMs);
  }

  #wait(nowMs: number): void {
    this.#timer = setTimeout(() => this.#judge(), this.#untilMs - nowMs);
  }

  /** As much as came since the clock was set may have moved its end. */
  #judge(): void {
    const nowMs = performance.now();
    if (nowMs < this.#untilMs) this.#wait(nowMs);
    else if (this.#end()) this.#events.tooSlow();
  }

  get #untilMs(): number {
    return Math.min(this.#sinceMs + this.#timeoutMs, this.#patience?.untilMs ?? Number.POSITIVE_INFINITY);
  }

  /** @returns false when it had ended before. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.#pieces.length > 0) this.#pieces = [];
    return true;
  }
}
