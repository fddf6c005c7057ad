/** Two ends of a message port inside one thread: what is posted arrives later, in order, when the world says so. */
import type { MessagePort } from 'node:worker_threads';

type Listener = (value: unknown) => void;

class PortEnd {
  readonly #later: (task: () => void) => void;
  readonly #listeners = new Map<string, Listener[]>();
  other: PortEnd | null = null;
  #closed = false;

  constructor(later: (task: () => void) => void) {
    this.#later = later;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  postMessage(value: unknown): void {
    const { other } = this;
    if (this.#closed || other === null) return;
    this.#later(() => other.#arrived('message', value));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { other } = this;
    this.#later(() => other?.close());
    this.#later(() => this.#tell('close', undefined));
  }

  #arrived(event: string, value: unknown): void {
    if (!this.#closed) this.#tell(event, value);
  }

  #tell(event: string, value: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value);
  }
}

/** @param later runs tasks in the order given. */
export function portPair(later: (task: () => void) => void): readonly [MessagePort, MessagePort] {
  const [a, b] = [new PortEnd(later), new PortEnd(later)];
  a.other = b;
  b.other = a;
  return [a, b] as unknown as readonly [MessagePort, MessagePort];
}
