/** A live in-memory actor: no journal, state lost with the thread. Must never be used for anything that was promised. */
import type { VolatileBehaviour, VolatileContext } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import { type Envelope, fail, POISON } from '../envelope.ts';
import { Cell } from './cell.ts';
import type { CellHost } from './cell-host.ts';
import { describe } from './dead-letter.ts';

export class VolatileCell extends Cell implements VolatileContext {
  readonly #behaviour: VolatileBehaviour<unknown, unknown>;
  #state: unknown;
  /** Whom `reply` answers; null once it did. */
  #current: Envelope | null = null;
  /** A `receive` has not settled: another incarnation may not begin beside it. */
  #busy = false;

  constructor(host: CellHost, ref: EntityRef, behaviour: VolatileBehaviour<unknown, unknown>) {
    super(host, ref);
    this.#behaviour = behaviour;
    this.#state = behaviour.initial(ref);
    this.mode = 'ready';
  }

  reply(value: unknown): void {
    const current = this.#current;
    if (current === null || current.reply === null) return;
    this.#current = null;
    current.reply.answer({ ok: true, value });
  }

  protected override handle(message: Envelope): void | Promise<void> {
    this.#current = message;
    try {
      const next = this.#behaviour.receive(this.#state, message.message, this);
      if (next instanceof Promise) {
        this.#busy = true;
        return next.then(
          (state) => this.#settle(message, state),
          (error) => this.#crash(message, error),
        );
      }
      this.#state = next;
      if (this.#current === message) this.#finish(message);
    } catch (error) {
      this.#crash(message, error);
    }
  }

  #settle(message: Envelope, state: unknown): void {
    this.#busy = false;
    this.#state = state;
    if (this.#current === message) this.#finish(message);
  }

  /** An asked message that its actor left unanswered ends as undefined rather than as a time-out. */
  #finish(message: Envelope): void {
    this.#current = null;
    message.reply?.answer({ ok: true, value: undefined });
  }

  #crash(message: Envelope, error: unknown): void {
    this.#busy = false;
    this.#state = this.#behaviour.initial(this.ref);
    this.host.counters.restarts++;
    this.host.log.error({ kind: this.ref.kind, error: describe(error) }, 'actor crashed, state reset');
    if (this.#current === message) {
      this.#current = null;
      fail(message, POISON);
    }
  }

  override canPassivate(): boolean {
    return this.depth === 0 && !this.#busy && this.#current === null;
  }
}
