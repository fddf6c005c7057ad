/**
 * Positions on their way to one home thread: gathered, sent at most every 2 ms, bounded. When the home thread does not keep up the
 * newest of each driver is kept and the rest counted. It must never judge a position.
 */
import type { Fix } from '../geo/gps/fix.ts';
import { PackedFixes } from './packed-fixes.ts';
import type { DriverSource } from './protocol.ts';
import { SourceNumbers, type TableNews } from './source-table.ts';

/** Positions that wait for one home thread: 4 MB, and at least twice as many as there are sockets on a thread. */
const OUTBOX_MAX_FIXES = 65_536;

export class Outbox {
  readonly #maxFixes: number;
  readonly #fixes = new PackedFixes();
  readonly #numbers = new SourceNumbers();
  #isCrowded = false;
  /** Positions that were replaced by newer ones, or found no room, or that the home thread could not read. */
  dropped = 0;

  constructor(maxFixes: number = OUTBOX_MAX_FIXES) {
    this.#maxFixes = maxFixes;
  }

  get waiting(): number {
    return this.#fixes.count;
  }

  push(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number): void {
    const number = this.#numbers.numberOf(source);
    for (const fix of fixes) {
      if (this.#fixes.count >= this.#maxFixes && !this.#isCrowded) {
        this.dropped += this.#fixes.keepNewest();
        // Worth its cost only where it makes much room; with so many sources the newest has to go.
        this.#isCrowded = this.#fixes.count * 2 > this.#maxFixes;
      }
      if (this.#fixes.count < this.#maxFixes) this.#fixes.push(number, receivedAtMs, fix);
      else this.dropped++;
    }
  }

  /** @param send false keeps everything for the next time. @returns whether nothing waits any more. */
  flush(send: (news: TableNews, packed: Uint8Array) => boolean): boolean {
    if (this.#fixes.count === 0) return true;
    // The link packs at the end of the turn, so what it gets must not change under it.
    if (!send(this.#numbers.news(), this.#fixes.bytes().slice())) return false;
    this.#empty();
    this.#numbers.told();
    return true;
  }

  /** The home thread is new, or has missed something, and could not read that many: it is told everything again. What waits is given up. */
  forgotten(table: number, fixes: number): void {
    this.dropped += fixes;
    if (table !== this.#numbers.table) return;
    this.dropped += this.#fixes.count;
    this.#empty();
    this.#numbers.renew();
  }

  #empty(): void {
    this.#fixes.clear();
    this.#isCrowded = false;
  }
}
