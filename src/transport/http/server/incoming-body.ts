/** The bytes of one body as they come, counted against the longest that is taken. It must never know the socket, the time or a handler. */

export class IncomingBody {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All that came, also of a body that was dropped. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** True while no chunk is kept. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Counts a chunk that has come. @returns false when the body is too long with it */
  admits(chunkBytes: number): boolean {
    this.#receivedBytes += chunkBytes;
    return this.#receivedBytes <= this.#maxBytes;
  }

  /** @param piece owned by the body from now on */
  keep(piece: Buffer): void {
    this.#chunks.push(piece);
  }

  /** The whole body; nothing is kept any more. A body of one piece is that piece, uncopied. */
  joined(last: Buffer): Buffer {
    const whole = this.isEmpty ? last : Buffer.concat([...this.#chunks, last], this.#receivedBytes);
    this.drop();
    return whole;
  }

  drop(): void {
    if (this.#chunks.length > 0) this.#chunks = [];
  }
}
