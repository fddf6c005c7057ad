/**
 * Who a position is from, told to another thread once and by number from then on: five strings and numbers with each position cost more
 * than the position. A table only grows; a full one is replaced by an empty one with another id. It must never judge a position.
 */
import type { DriverSource } from './protocol.ts';

/** Sources of one table: more than there can be sockets on a thread. */
const TABLE_MAX = 32_768;

/** What of a sender's table the other side has to learn before it reads a batch. */
export interface TableNews {
  /** Tells one table from another, of whichever thread and time: a number at random. */
  readonly table: number;
  /** Number of the first of `sources`. */
  readonly first: number;
  readonly sources: readonly DriverSource[];
}

/** The sender's side. */
export class SourceNumbers {
  readonly #max: number;
  #table = Math.random();
  #numbers = new Map<DriverSource, number>();
  #sources: DriverSource[] = [];
  #told = 0;

  constructor(max: number = TABLE_MAX) {
    this.#max = max;
  }

  get table(): number {
    return this.#table;
  }

  numberOf(source: DriverSource): number {
    let number = this.#numbers.get(source);
    if (number === undefined) {
      number = this.#sources.length;
      this.#numbers.set(source, number);
      this.#sources.push(source);
    }
    return number;
  }

  news(): TableNews {
    return { table: this.#table, first: this.#told, sources: this.#sources.slice(this.#told) };
  }

  /** The other side has all news, and no number is in use: the moment to begin anew. */
  told(): void {
    this.#told = this.#sources.length;
    if (this.#told >= this.#max) this.renew();
  }

  /** The other side does not know this table. Numbers given out before mean nothing any more. */
  renew(): void {
    this.#table = Math.random();
    this.#numbers = new Map();
    this.#sources = [];
    this.#told = 0;
  }
}

/** The receiver's side, of one sender. */
export class SourceTable {
  #table = Number.NaN;
  #sources: DriverSource[] = [];

  /** @returns false when something between is missing: then nothing of this table can be read. */
  learn({ table, first, sources }: TableNews): boolean {
    if (first === 0) {
      this.#table = table;
      this.#sources = [];
    }
    if (table !== this.#table || first !== this.#sources.length) return false;
    for (const source of sources) this.#sources.push(source);
    return true;
  }

  sourceOf(number: number): DriverSource | undefined {
    return this.#sources[number];
  }
}
