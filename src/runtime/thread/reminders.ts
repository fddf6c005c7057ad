/**
 * Reminders: timers that live in the database and are polled a horizon ahead by the shard's owner. A name armed again replaces the
 * earlier one. What is armed here is a copy of stored rows; where a lost batch makes it doubtful it is forgotten and read again.
 * Must never know what a command means.
 */
import type { Answer } from '../behaviour.ts';
import type { Clock } from '../clock.ts';
import { type EntityRef, keyWithin } from '../entity.ts';
import { type Envelope, envelope } from '../envelope.ts';
import type { JournalStore, StoredTimer } from '../journal/store.ts';

const POLL_MS = 15_000;
const HORIZON_MS = 20_000;
/** Reminders taken in one poll, beside those that are armed already: a thousand that nobody can take must not hide the ones behind them. */
const POLL_MAX = 1_000;
/** Rows read in one poll, whatever is armed. */
const ROWS_MAX = 20_000;
/** Between two polls while more is due than one brings: a thousand a second catch up after an outage and leave room for other work. */
const CATCH_UP_MS = 1_000;
/** Until a reminder that met an unavailable actor fires again, and the longest time until the poll after one that failed, was full or made a copy doubtful. */
const RETRY_MS = 5_000;

interface Armed {
  readonly dueAtMs: number;
  readonly cancel: () => void;
}

interface RemindersOptions {
  readonly clock: Clock;
  readonly store: JournalStore;
  shards(): readonly number[];
  deliver(ref: EntityRef, message: Envelope): void;
}

export class Reminders {
  readonly #options: RemindersOptions;
  readonly #armed = new Map<string, Armed>();
  /** Keys that changed since the poll under way has begun: what it reads of them may be of before. */
  readonly #changed = new Set<string>();
  #polling = false;
  /** A poll sooner than the regular one is wanted. */
  #soon = false;
  #cancelPoll: () => void = () => undefined;
  /** When the next poll comes, monotonic. */
  #pollAtMs = 0;
  #stopped = false;

  constructor(options: RemindersOptions) {
    this.#options = options;
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
    const key = keyWithin(ref, name);
    this.#drop(key);
    const nowMs = this.#options.clock.nowMs();
    if (this.#stopped || dueAtMs > nowMs + HORIZON_MS) return;
    this.#schedule(key, { ref, name, dueAtMs, command }, dueAtMs - nowMs);
  }

  disarm(ref: EntityRef, name: string): void {
    this.#drop(keyWithin(ref, name));
  }

  /** Its row is all that counts from now on: a coming poll finds what there is of it. */
  forget(ref: EntityRef, name: string): void {
    this.#drop(keyWithin(ref, name));
    if (this.#soon || this.#stopped) return;
    this.#soon = true;
    // Never later than it would come anyway.
    if (!this.#polling && this.#pollAtMs > this.#options.clock.monotonicMs() + RETRY_MS) this.#pollIn(RETRY_MS);
  }

  #drop(key: string): void {
    this.#armed.get(key)?.cancel();
    this.#armed.delete(key);
    if (this.#polling) this.#changed.add(key);
  }

  #schedule(key: string, timer: StoredTimer, delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => this.#fire(key, timer));
    this.#armed.set(key, { dueAtMs: timer.dueAtMs, cancel });
  }

  #fire(key: string, timer: StoredTimer): void {
    const { ref, name, dueAtMs, command } = timer;
    const isStill = (): boolean => this.#armed.get(key)?.dueAtMs === dueAtMs;
    if (!isStill()) return;
    const answer = (end: Answer): void => {
      if (!isStill()) return;
      if (end.ok || 'refusal' in end || end.fault.code === 'runtime.poison') this.#drop(key);
      else if (!this.#stopped) this.#schedule(key, timer, RETRY_MS);
    };
    this.#options.deliver(ref, envelope(command, { lane: 'system', timer: { name, dueAtMs }, reply: { answer } }));
  }

  async #poll(): Promise<void> {
    let nextMs = POLL_MS;
    this.#polling = true;
    this.#soon = false;
    try {
      const nowMs = this.#options.clock.nowMs();
      const limit = Math.min(POLL_MAX + this.#armed.size, ROWS_MAX);
      const due = await this.#options.store.dueTimers(this.#options.shards(), nowMs + HORIZON_MS, limit);
      let fresh = 0;
      for (const timer of due) {
        const key = keyWithin(timer.ref, timer.name);
        if (this.#stopped || this.#armed.has(key) || this.#changed.has(key)) continue;
        this.#schedule(key, timer, Math.max(0, timer.dueAtMs - nowMs));
        fresh++;
      }
      const last = due.at(-1);
      if (last !== undefined && due.length === limit) nextMs = fresh === 0 ? RETRY_MS : afterFullPage(last.dueAtMs - nowMs);
    } catch {
      // The database is away; reminders are late, not lost.
      nextMs = RETRY_MS;
    }
    this.#polling = false;
    this.#changed.clear();
    if (!this.#stopped) this.#pollIn(this.#soon ? Math.min(RETRY_MS, nextMs) : nextMs);
  }

  #pollIn(delayMs: number): void {
    this.#cancelPoll();
    this.#pollAtMs = this.#options.clock.monotonicMs() + delayMs;
    this.#cancelPoll = this.#options.clock.after(delayMs, () => void this.#poll());
  }
}

/** All that is due before the last row of a page is armed; what is behind it has to be found before its time. */
function afterFullPage(lastDueInMs: number): number {
  return Math.max(CATCH_UP_MS, Math.min(RETRY_MS, lastDueInMs));
}
