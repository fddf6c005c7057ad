/**
 * How often a number went from one customer to another: memory shared by the threads, so that none goes by what it remembers from before.
 * Rare, so what is remembered is thrown away whole. Must never know which number.
 */
export class NumberMoves {
  readonly #cell: Int32Array;

  /** @param shared of `allocate` */
  constructor(shared: SharedArrayBuffer) {
    this.#cell = new Int32Array(shared);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  /** Only told apart from another; it wraps around. */
  get count(): number {
    return Atomics.load(this.#cell, 0);
  }

  /** To be called when the move is durable, before anybody is told. */
  happened(): void {
    Atomics.add(this.#cell, 0, 1);
  }
}
