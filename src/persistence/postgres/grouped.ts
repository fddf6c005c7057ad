/** Questions of one turn of the event loop put together into few queries. It must never know what is asked. */

interface Grouping<T> {
  /** Questions of one query. */
  readonly max: number;
  /** Queries in flight; further questions wait. */
  readonly inFlightMax: number;
  /** Asks for a group, and answers each of its questions before it resolves. */
  ask(group: readonly T[]): Promise<void>;
  /** None of the group was answered. */
  failed(group: readonly T[], error: unknown): void;
}

export class Grouped<T> {
  readonly #grouping: Grouping<T>;
  readonly #wanted: T[] = [];
  #scheduled = false;
  #inFlight = 0;

  constructor(grouping: Grouping<T>) {
    this.#grouping = grouping;
  }

  want(question: T): void {
    this.#wanted.push(question);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { max, inFlightMax, ask, failed } = this.#grouping;
    while (this.#wanted.length > 0 && this.#inFlight < inFlightMax) {
      const group = this.#wanted.splice(0, max);
      this.#inFlight++;
      ask(group)
        .catch((error: unknown) => failed(group, error))
        .finally(() => {
          this.#inFlight--;
          this.#pump();
        });
    }
  }
}
