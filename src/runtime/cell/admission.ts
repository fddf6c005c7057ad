/**
 * How many commands may wait on this thread, and how many of them may be one tenant's: it may hold as many as there are free
 * places left. Alone it gets half of them, and a newcomer always finds room, however others flood. Knows no message.
 */

/** What one tenant holds; one object a tenant, shared by its cells. */
export interface Share {
  waiting: number;
}

export class Admission {
  readonly #max: number;
  /** As many entries as tenants that were ever awake on this thread. */
  readonly #shares = new Map<number, Share>();
  #waiting = 0;

  /** @param max commands that may wait at all actors of the thread */
  constructor(max: number) {
    this.#max = max;
  }

  get waiting(): number {
    return this.#waiting;
  }

  shareOf(tenantId: number): Share {
    let share = this.#shares.get(tenantId);
    if (share === undefined) {
      share = { waiting: 0 };
      this.#shares.set(tenantId, share);
    }
    return share;
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
