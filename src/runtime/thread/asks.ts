/**
 * Asks in flight on this thread: counter correlation ids (an answer can never reach another caller), one
 * deadline list for time-outs of about the same length instead of one timer an ask.
 */
import type { Answer } from '../behaviour.ts';
import { type ReplyTo, TIMED_OUT } from '../envelope.ts';

/** Lists for each doubling of the time-out: within one list time-outs differ by an eighth at most, and by so much an ask may end late. */
const LISTS_PER_DOUBLING = 8;
const LIST_BITS = 3;
/** Longer ones share the last list. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @param timeoutMs above 0. @returns the number of its list. */
function sizeClassOf(timeoutMs: number): number {
  const ms = Math.max(1, Math.min(LONGEST_TIMEOUT_MS, Math.floor(timeoutMs)));
  const doublings = 31 - Math.clz32(ms);
  const part = doublings < LIST_BITS ? 0 : (ms >>> (doublings - LIST_BITS)) & (LISTS_PER_DOUBLING - 1);
  return doublings * LISTS_PER_DOUBLING + part;
}

class PendingAsk implements ReplyTo {
  readonly id: number;
  /** Thread that owes the answer. */
  readonly thread: number;
  /** Monotonic, like every time here. */
  readonly deadlineMs: number;
  readonly list: AskList;
  resolve: ((answer: Answer) => void) | null;
  previous: PendingAsk | null;
  next: PendingAsk | null = null;
  readonly #asks: Asks;

  constructor(asks: Asks, id: number, thread: number, deadlineMs: number, list: AskList, resolve: (answer: Answer) => void) {
    this.#asks = asks;
    this.id = id;
    this.thread = thread;
    this.deadlineMs = deadlineMs;
    this.list = list;
    this.resolve = resolve;
    this.previous = list.tail;
  }

  answer(answer: Answer): void {
    this.#asks.settle(this, answer);
  }
}

interface AskList {
  head: PendingAsk | null;
  tail: PendingAsk | null;
}

export class Asks {
  readonly #remote = new Map<number, PendingAsk>();
  /** By size class of the time-out. */
  readonly #lists: (AskList | undefined)[] = [];
  #lastId = 0;
  #pending = 0;

  get pending(): number {
    return this.#pending;
  }

  /** @param timeoutMs kept exactly for the deadline; the caller hears of it an eighth later at most. */
  open(resolve: (answer: Answer) => void, thread: number, nowMs: number, timeoutMs: number): PendingAsk {
    const sizeClass = sizeClassOf(timeoutMs);
    let list = this.#lists[sizeClass];
    if (list === undefined) {
      list = { head: null, tail: null };
      this.#lists[sizeClass] = list;
    }
    const ask = new PendingAsk(this, ++this.#lastId, thread, nowMs + timeoutMs, list, resolve);
    if (list.tail === null) list.head = ask;
    else list.tail.next = ask;
    list.tail = ask;
    this.#pending++;
    return ask;
  }

  /** Makes an ask findable by its id, for answers that come over a link. */
  expectRemote(ask: PendingAsk): void {
    this.#remote.set(ask.id, ask);
  }

  answerRemote(id: number, answer: Answer): void {
    const ask = this.#remote.get(id);
    if (ask !== undefined) this.settle(ask, answer);
  }

  /** Late and double answers fall into nothing. */
  settle(ask: PendingAsk, answer: Answer): void {
    const resolve = ask.resolve;
    if (resolve === null) return;
    ask.resolve = null;
    if (this.#remote.size > 0) this.#remote.delete(ask.id);
    const { list, previous, next } = ask;
    if (previous === null) list.head = next;
    else previous.next = next;
    if (next === null) list.tail = previous;
    else next.previous = previous;
    ask.previous = null;
    ask.next = null;
    this.#pending--;
    resolve(answer);
  }

  /** Ends what is overdue. @returns how many. A list is nearly in deadline order; each is walked only as far as it is due. O(lists). */
  expire(nowMs: number): number {
    let expired = 0;
    for (const list of this.#lists) {
      if (list === undefined) continue;
      for (let ask = list.head; ask !== null && ask.deadlineMs <= nowMs; ask = list.head) {
        this.settle(ask, { ok: false, fault: TIMED_OUT });
        expired++;
      }
    }
    return expired;
  }

  /** Nobody looks after any of them any more. O(pending). */
  failAll(answer: Answer): void {
    for (const list of this.#lists) for (let ask = list?.head ?? null; ask !== null; ask = list?.head ?? null) this.settle(ask, answer);
  }

  /** The thread is gone: nobody will answer these. */
  failThread(thread: number, answer: Answer): void {
    for (const ask of [...this.#remote.values()]) if (ask.thread === thread) this.settle(ask, answer);
  }
}
