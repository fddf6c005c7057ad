/** The k nearest seen so far, in order, ties by the lower slot. It must never know where the points come from. */

export class Nearest {
  count = 0;
  readonly #slots: Int32Array;
  readonly #squares: Float64Array;
  #wanted = 0;
  #limit = 0;

  constructor(maxK: number) {
    this.#slots = new Int32Array(maxK);
    this.#squares = new Float64Array(maxK);
  }

  /** Starts again for `k` points, none farther than the squared chord `limit`. */
  reset(k: number, limit: number): void {
    this.count = 0;
    this.#wanted = k;
    this.#limit = limit;
  }

  get full(): boolean {
    return this.count === this.#wanted;
  }

  /** What a point must not exceed to be of interest. */
  get reach(): number {
    return this.full ? (this.#squares[this.count - 1] as number) : this.#limit;
  }

  slotAt(i: number): number {
    return this.#slots[i] as number;
  }

  squareAt(i: number): number {
    return this.#squares[i] as number;
  }

  /** Insertion from the far end: k is small, and most points that get here belong near the end. */
  offer(slot: number, square: number): void {
    if (square > this.#limit) return;
    let at: number;
    if (this.count < this.#wanted) at = this.count++;
    else if (this.count > 0 && this.#isBefore(slot, square, this.count - 1)) at = this.count - 1;
    else return;
    while (at > 0 && this.#isBefore(slot, square, at - 1)) {
      this.#slots[at] = this.#slots[at - 1] as number;
      this.#squares[at] = this.#squares[at - 1] as number;
      at--;
    }
    this.#slots[at] = slot;
    this.#squares[at] = square;
  }

  #isBefore(slot: number, square: number, i: number): boolean {
    const other = this.#squares[i] as number;
    return square < other || (square === other && slot < (this.#slots[i] as number));
  }
}
