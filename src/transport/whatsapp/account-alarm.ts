/**
 * Tells the operator what Meta says of a shop's account, number or templates, in the answer of a send or by webhook: counted each time,
 * and said once in a while. Must never decide what is sent.
 */
import { LRUCache } from 'lru-cache';

/** A refused number refuses every message: one line in so long says as much. */
const SAY_EVERY_MS = 3_600_000;
/** News remembered as said; of more shops in trouble the oldest is said again. */
const SAID_MAX = 10_000;

interface AlarmDeps {
  monotonicMs(): number;
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
}

export class AccountAlarm {
  /** All of them, also those that were not said. */
  raised = 0;
  /** By what was said: when, by the monotonic clock. */
  readonly #saidAtMs = new LRUCache<string, number>({ max: SAID_MAX });
  readonly #deps: AlarmDeps;

  constructor(deps: AlarmDeps) {
    this.#deps = deps;
  }

  /** @param facts whose, and what: ids, codes and names of Meta, never a person's. The same facts are the same news. */
  raise(facts: Readonly<Record<string, unknown>>, text: string): void {
    this.raised++;
    const key = `${text}\0${JSON.stringify(facts)}`;
    const nowMs = this.#deps.monotonicMs();
    const saidAtMs = this.#saidAtMs.get(key);
    if (saidAtMs !== undefined && nowMs - saidAtMs < SAY_EVERY_MS) return;
    this.#saidAtMs.set(key, nowMs);
    this.#deps.warn(facts, text);
  }
}
