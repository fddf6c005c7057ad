/**
 * Slots in intrusive doubly linked lists, one list a cell, in typed arrays; slots are reused. It must never know
 * positions: cells are only numbers here.
 */

export const NONE = -1;
const INITIAL_SLOTS = 1_024;

export class SlotLists {
  count = 0;
  /** Slots from here on were never used. */
  end = 0;
  /** First slot of each cell. */
  heads = new Int32Array(INITIAL_SLOTS).fill(NONE);
  /** The cell of a slot; NONE when the slot is not in use. */
  cells = new Int32Array(INITIAL_SLOTS).fill(NONE);
  /** The next of the same cell; of a slot that is not in use, the next free one. */
  next = new Int32Array(INITIAL_SLOTS).fill(NONE);
  #previous = new Int32Array(INITIAL_SLOTS).fill(NONE);
  #freeHead = NONE;
  readonly #slotMax: number;

  constructor(slotMax: number) {
    this.#slotMax = slotMax;
  }

  /** Slots that the arrays have room for; doubles when `take` needs more. */
  get capacity(): number {
    return this.cells.length;
  }

  get bytes(): number {
    return this.cells.byteLength + this.next.byteLength + this.#previous.byteLength;
  }

  /** A slot to `link`, the one freed last if any; NONE when `slotMax` are in use. */
  take(): number {
    let slot = this.#freeHead;
    if (slot !== NONE) {
      this.#freeHead = this.next[slot] as number;
    } else {
      if (this.end >= this.#slotMax) return NONE;
      slot = this.end++;
      if (slot === this.cells.length) this.#grow();
    }
    this.count++;
    return slot;
  }

  /** Unlinks the slot and gives it back. */
  free(slot: number): void {
    this.unlink(slot);
    this.cells[slot] = NONE;
    this.next[slot] = this.#freeHead;
    this.#freeHead = slot;
    this.count--;
  }

  has(slot: number): boolean {
    return slot >= 0 && slot < this.end && this.cells[slot] !== NONE;
  }

  /** The slot becomes the first of its cell. `cell` must be below what `coverCells` was called with. */
  link(slot: number, cell: number): void {
    const head = this.heads[cell] as number;
    this.cells[slot] = cell;
    this.#previous[slot] = NONE;
    this.next[slot] = head;
    if (head !== NONE) this.#previous[head] = slot;
    this.heads[cell] = slot;
  }

  /** Leaves `cells[slot]` as it is: `link` or `free` must follow. */
  unlink(slot: number): void {
    const previous = this.#previous[slot] as number;
    const next = this.next[slot] as number;
    if (previous === NONE) this.heads[this.cells[slot] as number] = next;
    else this.next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
  }

  coverCells(cellCount: number): void {
    if (this.heads.length >= cellCount) return;
    let size = this.heads.length;
    while (size < cellCount) size *= 2;
    this.heads = resizedInts(this.heads, size);
  }

  /** Every slot in use moves to the cell that `renumber` gives for its own; `renumber` may call `coverCells`. */
  relinkAll(renumber: (cell: number) => number): void {
    this.heads.fill(NONE);
    for (let slot = 0; slot < this.end; slot++) {
      const cell = this.cells[slot] as number;
      if (cell !== NONE) this.link(slot, renumber(cell));
    }
  }

  #grow(): void {
    const size = this.cells.length * 2;
    this.cells = resizedInts(this.cells, size);
    this.next = resizedInts(this.next, size);
    this.#previous = resizedInts(this.#previous, size);
  }
}

function resizedInts(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size).fill(NONE);
  to.set(from);
  return to;
}
