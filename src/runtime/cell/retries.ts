/** What an actor takes again once it was read anew, in the order in which it came. Must never know why, nor what a message says. */
import type { Envelope } from '../envelope.ts';

/** Made for the first message: most actors never lose a batch, and each pays for what it holds. */
export class Retries {
  #messages: Envelope[] = [];
  /** It came after everything that was on its way to the store then, so what of that is refused comes before it. */
  #crashed: Envelope | null = null;

  static with(retries: Retries | null, message: Envelope): Retries {
    const some = retries ?? new Retries();
    some.#messages.push(message);
    return some;
  }

  /** At most one before the next `takeAll`: who has crashed takes nothing more. */
  static withCrashed(retries: Retries | null, message: Envelope): Retries {
    const some = retries ?? new Retries();
    some.#crashed = message;
    return some;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#crashed === null;
  }

  takeAll(): Envelope[] {
    const all = this.#messages;
    if (this.#crashed !== null) all.push(this.#crashed);
    this.#messages = [];
    this.#crashed = null;
    return all;
  }
}

export function takeAll(retries: Retries | null): Envelope[] {
  return retries?.takeAll() ?? [];
}
