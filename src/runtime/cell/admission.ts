/**
 * How many commands may wait on this thread, and how many of them may be one tenant's: it may hold as many as there are free
 * places left. Alone it gets half of them, and a newcomer always finds room, however others flood. Knows no message.
 */

/** What one tenant holds; one object a tenant, shared by its cells. */
export interface Share {
  readonly tenantId: number;
  waiting: number;
  /** Who has it. */
  holders: number;
}

export class Admission {
  readonly #max: number;
  /** As many entries as tenants of whom somebody is awake on this thread: the bound on those is the bound on these. */
  readonly #shares = new Map<number, Share>();
  #waiting = 0;

  /** @param max commands that may wait at all actors of the thread */
  constructor(max: number) {
    this.#max = max;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Tenants that have a share. */
  get tenants(): number {
    return this.#shares.size;
  }

  /** To be given back once for each time that it was taken. */
  shareOf(tenantId: number): Share {
    let share = this.#shares.get(tenantId);
    if (share === undefined) {
      share = { tenantId, waiting: 0, holders: 0 };
      this.#shares.set(tenantId, share);
    }
    share.holders++;
    return share;
  }

  /** By a holder of whom nothing waits any more. The last one's forgets the tenant. */
  giveBack(share: Share): void {
    if (--share.holders === 0) this.#shares.delete(share.tenantId);
  }

  /** Takes a place. @returns false when the thread is full or the tenant has its share. */
  enter(share: Share): boolean {
    if (share.waiting >= this.#max - this.#waiting) return false;
    this.enterAgain(share);
    return true;
  }

  /** For a command that was admitted before and waits once more. */
  enterAgain(share: Share): void {
    share.waiting++;
    this.#waiting++;
  }

  leave(share: Share): void {
    share.waiting--;
    this.#waiting--;
  }
}
