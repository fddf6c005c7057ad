/**
 * How often something changed that every thread remembers: memory shared by the threads, so that none goes by what it knew before.
 * For what is rare, so what is remembered is thrown away whole. Must never know what changed.
 */
export class SharedCount {
  readonly #cell: Int32Array;

  /** @param shared of `allocate`; without it whoever counts is alone. */
  constructor(shared: SharedArrayBuffer = SharedCount.allocate()) {
    this.#cell = new Int32Array(shared);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  /** Only told apart from another; it wraps around. */
  get count(): number {
    return Atomics.load(this.#cell, 0);
  }

  /** To be called when the change is durable, before anybody is told. */
  happened(): void {
    Atomics.add(this.#cell, 0, 1);
  }
}
