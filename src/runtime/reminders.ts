/**
 * Timers. Durable ones (reminders) live in the database and are polled a horizon ahead by the shard's owner;
 * volatile ones live with the cell. A name armed again replaces the earlier one.
 */
import type { Answer } from './behaviour.ts';
import type { Clock } from './clock.ts';
import { type EntityRef, entityKey } from './entity.ts';
import { type Envelope, envelope } from './envelope.ts';
import type { JournalStore } from './store.ts';

const POLL_MS = 15_000;
const HORIZON_MS = 20_000;
/** Timers taken in one poll; a full page polls again at once after it fired. */
const POLL_MAX = 1_000;
const RETRY_MS = 5_000;

interface Armed {
  readonly dueAtMs: number;
  readonly cancel: () => void;
}

export interface RemindersOptions {
  readonly clock: Clock;
  readonly store: JournalStore;
  shards(): readonly number[];
  deliver(ref: EntityRef, message: Envelope): void;
}

export class Reminders {
  readonly #options: RemindersOptions;
  readonly #armed = new Map<string, Armed>();
  #cancelPoll: () => void = () => undefined;
  #stopped = false;

  constructor(options: RemindersOptions) {
    this.#options = options;
  }

  get armed(): number {
    return this.#armed.size;
  }

  start(): void {
    void this.#poll();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPoll();
    for (const timer of this.#armed.values()) timer.cancel();
    this.#armed.clear();
  }

  /** After the batch with the reminder is durable. Beyond the horizon the next poll finds it. */
  arm(ref: EntityRef, name: string, dueAtMs: number, command: unknown): void {
    const key = `${entityKey(ref)}|${name}`;
    this.#armed.get(key)?.cancel();
    this.#armed.delete(key);
    const nowMs = this.#options.clock.nowMs();
    if (this.#stopped || dueAtMs > nowMs + HORIZON_MS) return;
    this.#schedule(key, ref, name, dueAtMs, command, dueAtMs - nowMs);
  }

  disarm(ref: EntityRef, name: string): void {
    const key = `${entityKey(ref)}|${name}`;
    this.#armed.get(key)?.cancel();
    this.#armed.delete(key);
  }

  #schedule(key: string, ref: EntityRef, name: string, dueAtMs: number, command: unknown, delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => this.#fire(key, ref, name, dueAtMs, command));
    this.#armed.set(key, { dueAtMs, cancel });
  }

  #fire(key: string, ref: EntityRef, name: string, dueAtMs: number, command: unknown): void {
    if (this.#armed.get(key)?.dueAtMs !== dueAtMs) return;
    const answer = (answer: Answer): void => {
      if (this.#armed.get(key)?.dueAtMs !== dueAtMs) return;
      if (answer.ok || 'refusal' in answer || answer.fault.code === 'runtime.poison') this.#armed.delete(key);
      else if (!this.#stopped) this.#schedule(key, ref, name, dueAtMs, command, RETRY_MS);
    };
    this.#options.deliver(ref, envelope(command, { lane: 'system', timer: { name, dueAtMs }, reply: { answer } }));
  }

  async #poll(): Promise<void> {
    let nextMs = POLL_MS;
    try {
      const nowMs = this.#options.clock.nowMs();
      const due = await this.#options.store.dueTimers(this.#options.shards(), nowMs + HORIZON_MS, POLL_MAX);
      for (const timer of due) {
        const key = `${entityKey(timer.ref)}|${timer.name}`;
        if (this.#stopped || this.#armed.has(key)) continue;
        this.#schedule(key, timer.ref, timer.name, timer.dueAtMs, timer.command, Math.max(0, timer.dueAtMs - nowMs));
      }
      if (due.length === POLL_MAX) nextMs = RETRY_MS;
    } catch {
      // The database is away; reminders are late, not lost.
      nextMs = RETRY_MS;
    }
    if (!this.#stopped) this.#cancelPoll = this.#options.clock.after(nextMs, () => void this.#poll());
  }
}
