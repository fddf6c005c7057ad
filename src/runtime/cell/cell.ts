/**
 * What a live entity is made of, whether durable or not: address, bounded mailbox, turns, place in the
 * recency list. Subclasses decide what a message means.
 *
 * Modes: loading (recovering, messages wait) -> ready <-> backoff (restarting) -> quarantined; stopped ends any.
 */

import type { EntityRef } from '../entity.ts';
import { type Envelope, fail, OVERLOADED, QUARANTINED, TIMED_OUT, UNAVAILABLE } from '../envelope.ts';
import type { Slot } from '../executor/executor.ts';
import type { Share } from './admission.ts';
import type { CellHost } from './cell-host.ts';
import { Mailbox } from './mailbox.ts';

type CellMode = 'loading' | 'ready' | 'backoff' | 'quarantined' | 'stopped';

/** Messages one turn may take before it makes room for other actors. */
const TURN_MESSAGES = 64;
/** Time one turn may take before it makes room, ms; looked at every 16 messages because the clock costs. */
const TURN_MS = 2;

export abstract class Cell {
  readonly ref: EntityRef;
  mode: CellMode = 'loading';
  /** Monotonic. */
  lastActiveMs: number;
  /** Neighbours in the host's recency list. */
  older: Cell | null = null;
  newer: Cell | null = null;
  /** Which of the host's two recency lists it stands in: that of the cells whose story is over. */
  retired = false;
  protected readonly host: CellHost;
  readonly #mailbox = new Mailbox();
  readonly #share: Share;
  readonly #slot: Slot;
  #scheduled = false;

  constructor(host: CellHost, ref: EntityRef) {
    this.host = host;
    this.ref = ref;
    this.lastActiveMs = host.clock.monotonicMs();
    this.#share = host.admission.shareOf(ref.tenantId);
    this.#slot = host.executor.spawn(ref.shard, () => this.turn());
  }

  /** Admits a message or answers it at once with what is wrong. @returns false when it was not admitted. */
  offer(message: Envelope): boolean {
    if (this.mode === 'quarantined' || this.mode === 'stopped') {
      fail(message, this.mode === 'stopped' ? UNAVAILABLE : QUARANTINED);
      return false;
    }
    if (!this.#admit(message)) {
      this.host.counters.rejected++;
      fail(message, OVERLOADED);
      return false;
    }
    if (!this.#scheduled && this.mode === 'ready') this.scheduleTurn();
    return true;
  }

  get depth(): number {
    return this.#mailbox.size;
  }

  /** The bounds of the actor, its tenant and the thread; only commands count against the last two. */
  #admit(message: Envelope): boolean {
    if (message.lane !== 'command') return this.#mailbox.offer(message, this.host.limits);
    if (!this.host.admission.enter(this.#share)) return false;
    if (this.#mailbox.offer(message, this.host.limits)) return true;
    this.host.admission.leave(this.#share);
    return false;
  }

  /** Back to the front of the queue, past every bound: it was admitted before. */
  protected putBack(message: Envelope): void {
    if (message.lane === 'command') this.host.admission.enterAgain(this.#share);
    this.#mailbox.putBack(message);
  }

  /** Empties the mailbox. */
  protected drain(): Envelope[] {
    const all = this.#mailbox.drain();
    for (const message of all) if (message.lane === 'command') this.host.admission.leave(this.#share);
    return all;
  }

  protected scheduleTurn(): void {
    if (this.#scheduled || this.mode !== 'ready') return;
    this.#scheduled = true;
    this.#slot.schedule();
  }

  /** One turn: up to TURN_MESSAGES messages or TURN_MS, whichever comes first. */
  private turn(): void | Promise<void> {
    const startedMs = this.host.clock.monotonicMs();
    this.lastActiveMs = startedMs;
    this.host.touch(this);
    return this.run(TURN_MESSAGES, startedMs);
  }

  private run(budget: number, startedMs: number): void | Promise<void> {
    let left = budget;
    while (left > 0 && this.mode === 'ready') {
      const message = this.#mailbox.take();
      if (message === undefined) break;
      if (message.lane === 'command') this.host.admission.leave(this.#share);
      left--;
      if (message.deadlineMs < startedMs) {
        this.host.counters.expired++;
        fail(message, TIMED_OUT);
        continue;
      }
      this.host.counters.handled++;
      const pending = this.handle(message);
      if (pending !== undefined) return pending.then(() => this.run(left, startedMs));
      if ((left & 15) === 0 && this.host.clock.monotonicMs() - startedMs > TURN_MS) break;
    }
    this.#scheduled = false;
    if (this.mode !== 'ready') return;
    if (this.#mailbox.size > 0) this.scheduleTurn();
    else this.#mailbox.shrink();
  }

  /** Handles one message. Total: never throws, never rejects. A promise holds the actor until it settles. */
  protected abstract handle(message: Envelope): void | Promise<void>;

  /** True when nothing more is expected to happen to it. */
  isOver(): boolean {
    return false;
  }

  /** True when the actor may be dropped from memory without anyone noticing. */
  abstract canPassivate(): boolean;

  /** Ends this incarnation; whatever waits is answered `unavailable` so that its sender tries again. */
  stop(): void {
    if (this.mode === 'stopped') return;
    this.mode = 'stopped';
    this.#slot.stop();
    for (const message of this.drain()) fail(message, UNAVAILABLE);
    this.host.admission.giveBack(this.#share);
  }
}
