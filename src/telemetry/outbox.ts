/**
 * Positions on their way to one home thread: gathered, sent at most every 2 ms, bounded. When the home thread does not keep up the
 * newest of each driver is kept and the rest counted. It must never judge a position.
 */
import type { Fix } from '../geo/gps/fix.ts';
import { PackedFixes } from './packed-fixes.ts';
import type { DriverSource } from './protocol.ts';

/** Positions that wait for one home thread: 4 MB, and at least twice as many as there are sockets on a thread. */
export const OUTBOX_MAX_FIXES = 65_536;

export class Outbox {
  readonly #maxFixes: number;
  readonly #fixes = new PackedFixes();
  readonly #indexOf = new Map<DriverSource, number>();
  #sources: DriverSource[] = [];
  /** Positions that were replaced by newer ones, or found no room. */
  dropped = 0;

  constructor(maxFixes: number = OUTBOX_MAX_FIXES) {
    this.#maxFixes = maxFixes;
  }

  get waiting(): number {
    return this.#fixes.count;
  }

  push(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number): void {
    let index = this.#indexOf.get(source);
    if (index === undefined) {
      index = this.#sources.length;
      this.#sources.push(source);
      this.#indexOf.set(source, index);
    }
    for (const fix of fixes) {
      // Worth its cost only where it makes much room; with so many sources the newest has to go.
      if (this.#fixes.count >= this.#maxFixes && this.#sources.length * 2 <= this.#maxFixes) this.dropped += this.#fixes.keepNewest();
      if (this.#fixes.count < this.#maxFixes) this.#fixes.push(index, receivedAtMs, fix);
      else this.dropped++;
    }
  }

  /** @param send false keeps everything for the next time. @returns whether nothing waits any more. */
  flush(send: (sources: readonly DriverSource[], packed: Uint8Array) => boolean): boolean {
    if (this.#fixes.count === 0) return true;
    // The link packs at the end of the turn, so what it gets must not change under it.
    if (!send(this.#sources, this.#fixes.bytes().slice())) return false;
    this.#fixes.clear();
    this.#indexOf.clear();
    this.#sources = [];
    return true;
  }
}
