/** A growable first-in-first-out queue without per-item allocation. Its owner enforces the bound; this file knows no messages. */

const INITIAL_SLOTS = 8;

export class Ring<T> {
  #slots: (T | undefined)[] = new Array(INITIAL_SLOTS);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get slots(): number {
    return this.#slots.length;
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  /** Puts an item back at the front, for a message that must be tried again before its successors. */
  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#head = (this.#head - 1 + this.#slots.length) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#size++;
  }

  /** @returns undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return item;
  }

  #grow(): void {
    const old = this.#slots;
    const grown: (T | undefined)[] = new Array(old.length * 2);
    for (let i = 0; i < this.#size; i++) grown[i] = old[(this.#head + i) & (old.length - 1)];
    this.#slots = grown;
    this.#head = 0;
  }
}
