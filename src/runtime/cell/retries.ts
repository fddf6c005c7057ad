/** What an actor takes again once it was read anew, in the order in which it came. Must never know why, nor what a message says. */
import type { Envelope } from '../envelope.ts';

export class Retries {
  /** Most actors never lose a batch. */
  #messages: Envelope[] | null = null;
  /** It came after everything that was on its way to the store then, so what of that is refused comes before it. */
  #crashed: Envelope | null = null;

  get isEmpty(): boolean {
    return this.#messages === null && this.#crashed === null;
  }

  add(message: Envelope): void {
    this.#messages ??= [];
    this.#messages.push(message);
  }

  /** At most one before the next `takeAll`: who has crashed takes nothing more. */
  addCrashed(message: Envelope): void {
    this.#crashed = message;
  }

  takeAll(): Envelope[] {
    const all = this.#messages ?? [];
    if (this.#crashed !== null) all.push(this.#crashed);
    this.#messages = null;
    this.#crashed = null;
    return all;
  }
}
