/** Cells in order of use, as an intrusive list: touching one costs a few pointer writes. */
import type { Cell } from '../cell/cell.ts';

export class Recency {
  #oldest: Cell | null = null;
  #newest: Cell | null = null;

  get oldest(): Cell | null {
    return this.#oldest;
  }

  touch(cell: Cell): void {
    if (this.#newest === cell) return;
    this.remove(cell);
    cell.older = this.#newest;
    if (this.#newest !== null) this.#newest.newer = cell;
    this.#newest = cell;
    if (this.#oldest === null) this.#oldest = cell;
  }

  remove(cell: Cell): void {
    if (cell.older !== null) cell.older.newer = cell.newer;
    else if (this.#oldest === cell) this.#oldest = cell.newer;
    if (cell.newer !== null) cell.newer.older = cell.older;
    else if (this.#newest === cell) this.#newest = cell.older;
    cell.older = null;
    cell.newer = null;
  }
}
