/**
 * A worker thread that has loaded the program and waits. It takes a dead one's place at once: a new one first reads some 300 modules,
 * which takes a second on an idle machine and many on a busy one. Knows no shard and no actor.
 */
import type { Worker } from 'node:worker_threads';

interface SpareThreadOptions {
  /** Starts a thread that waits to be told what it is. */
  create(): Worker;
  /** From `keep` until it is loaded: whoever has just started needs the machine. */
  readonly afterMs: number;
  warn(facts: object, text: string): void;
}

/**
 * - *none*: from the start; after `take` and `end`.
 * - *due*: after `keep`, until its time has come.
 * - *waiting*: loading or loaded; one that dies is due again.
 */
export class SpareThread {
  readonly #options: SpareThreadOptions;
  #due: NodeJS.Timeout | null = null;
  #waiting: Worker | null = null;

  constructor(options: SpareThreadOptions) {
    this.#options = options;
  }

  /** Sees to it that one waits after a while. */
  keep(): void {
    if (this.#due !== null || this.#waiting !== null) return;
    this.#due = setTimeout(() => {
      this.#due = null;
      this.#waiting = this.#options.create();
      this.#waiting.on('error', this.#complained);
      this.#waiting.on('exit', this.#exited);
    }, this.#options.afterMs);
    this.#due.unref();
  }

  /** @returns the one that waits, else a new one; nobody else hears of it any more. */
  take(): Worker {
    const worker = this.#leave();
    return worker ?? this.#options.create();
  }

  /** None waits, and none will. */
  async end(): Promise<void> {
    await this.#leave()?.terminate();
  }

  #leave(): Worker | null {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    const worker = this.#waiting;
    this.#waiting = null;
    worker?.off('error', this.#complained);
    worker?.off('exit', this.#exited);
    return worker;
  }

  readonly #complained = (error: Error): void => this.#options.warn({ error: error.message }, 'spare worker thread crashed');

  readonly #exited = (code: number): void => {
    // An exit of its own is no error, and would be seen by nobody.
    this.#options.warn({ code }, 'spare worker thread ended, another one is loaded');
    this.#waiting = null;
    this.keep();
  };
}
