/**
 * What people ask of a simulated node: at any thread that lives, again under the same id while there is no answer. It must never know
 * what is asked.
 */
import type { Answer } from '../../src/runtime/behaviour.ts';
import type { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { SimulatedNode } from './node.ts';

interface WishesOptions {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly node: SimulatedNode;
}

interface Wish {
  readonly to: EntityRef;
  readonly command: unknown;
  /** Null for what only looks. */
  readonly commandId: string | null;
  /** The first; null until it has come, and for good when there was nothing to remember with it: nothing was changed. */
  answer: Answer | null;
}

const PATIENCE_MS = 300;
const IMPATIENCE_MS = 1_000;

export class Wishes {
  /** To be asked for again. */
  readonly made: Wish[] = [];
  /** Without an answer yet. */
  pending = 0;
  readonly #options: WishesOptions;

  constructor(options: WishesOptions) {
    this.#options = options;
  }

  /** Something that changes something. */
  make<R>(to: EntityRef, command: unknown): Promise<Answer<R>> {
    const wish: Wish = { to, command, commandId: `api:${this.made.length}`, answer: null };
    this.made.push(wish);
    return this.#through<R>(wish);
  }

  look<R>(to: EntityRef, command: unknown = { type: 'get' }): Promise<Answer<R>> {
    return this.#through<R>({ to, command, commandId: null, answer: null });
  }

  /** One of those before, said again by somebody who does not know how it ended. */
  repeat(): void {
    const { random } = this.#options;
    const wish = this.made[Math.floor(random() * this.made.length)];
    if (wish !== undefined) void this.#through(wish);
  }

  async #through<R>(wish: Wish): Promise<Answer<R>> {
    const { clock, node, random } = this.#options;
    const { command, commandId, to } = wish;
    this.pending++;
    for (;;) {
      const thread = node.living[Math.floor(random() * node.living.length)];
      if (thread !== undefined) {
        const asked = thread.runtime.ask<R>(to, command, commandId === null ? {} : { commandId, fingerprint: commandId });
        const answer = await Promise.race([asked, thread.death]);
        if (answer !== null && (answer.ok || 'refusal' in answer)) {
          if (answer.ok && node.hasStored(commandId)) wish.answer ??= answer;
          this.pending--;
          return answer;
        }
      }
      await new Promise<void>((resolve) => clock.after(PATIENCE_MS + Math.floor(random() * IMPATIENCE_MS), resolve));
    }
  }
}
