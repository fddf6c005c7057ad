/**
 * The last command ids that an entity applied, as 53-bit hashes: a cheap first answer to "seen before?".
 * A hit is only a suspicion and is checked in the store. A miss of something older is caught by the unique key in the
 * store when the command decides events, and by a look into the store when it would be answered without any.
 */

export const RECENT_COMMANDS = 24;

/** Two independent 32-bit hashes folded into 53 bits, a safe integer. */
export function commandHash(commandId: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < commandId.length; i++) {
    const code = commandId.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0);
}

export class RecentCommands {
  readonly #hashes: number[];
  #next = 0;

  constructor(hashes: readonly number[] = []) {
    this.#hashes = hashes.slice(-RECENT_COMMANDS);
  }

  has(commandId: string): boolean {
    return this.#hashes.length > 0 && this.#hashes.includes(commandHash(commandId));
  }

  add(commandId: string): void {
    const hash = commandHash(commandId);
    if (this.#hashes.length < RECENT_COMMANDS) {
      this.#hashes.push(hash);
      return;
    }
    this.#hashes[this.#next] = hash;
    this.#next = (this.#next + 1) % RECENT_COMMANDS;
  }

  /** Oldest first, for a snapshot. */
  toArray(): number[] {
    return this.#hashes.length < RECENT_COMMANDS
      ? [...this.#hashes]
      : [...this.#hashes.slice(this.#next), ...this.#hashes.slice(0, this.#next)];
  }
}
