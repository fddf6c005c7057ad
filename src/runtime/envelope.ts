/** One message on its way through this thread: payload, answer path, and the facts that make it idempotent. */
import type { Answer, Fault, Lane } from './behaviour.ts';

/** Whoever waits for an answer. Called at most once with effect; later calls fall into nothing. */
export interface ReplyTo {
  answer(answer: Answer): void;
}

export const NO_DEADLINE = Number.POSITIVE_INFINITY;

export interface EnvelopeFields {
  readonly lane?: Lane | undefined;
  readonly reply?: ReplyTo | null | undefined;
  readonly commandId?: string | null | undefined;
  readonly fingerprint?: string | null | undefined;
  readonly storeReply?: boolean | undefined;
  /** Monotonic: the same on every thread of the process. */
  readonly deadlineMs?: number | undefined;
  readonly correlationId?: string | null | undefined;
  readonly completes?: string | null | undefined;
  readonly timer?: { readonly name: string; readonly dueAtMs: number } | null | undefined;
}

const PLAIN: EnvelopeFields = {};

/**
 * One small shape for every message: what most messages lack lives in `fields`, so that a mailbox full of plain
 * tells costs the collector little.
 */
export class Envelope {
  readonly message: unknown;
  /** null when nobody waits. */
  readonly reply: ReplyTo | null;
  readonly #fields: EnvelopeFields;
  /** How often handling it crashed or collided; at POISON_TRIES it is given up. */
  tries = 0;
  /** Ask the store whether the command was applied before deciding (after a conflict). */
  verify = false;
  /** The store refused it in the company of others: tried again by itself, so that the next refusal is its own. */
  alone = false;

  constructor(message: unknown, reply: ReplyTo | null, fields: EnvelopeFields | null) {
    this.message = message;
    this.reply = reply;
    this.#fields = fields ?? PLAIN;
  }

  get lane(): Lane {
    return this.#fields.lane ?? 'command';
  }
  get commandId(): string | null {
    return this.#fields.commandId ?? null;
  }
  get fingerprint(): string | null {
    return this.#fields.fingerprint ?? null;
  }
  get storeReply(): boolean {
    return this.#fields.storeReply ?? true;
  }
  get deadlineMs(): number {
    return this.#fields.deadlineMs ?? NO_DEADLINE;
  }
  get correlationId(): string | null {
    return this.#fields.correlationId ?? null;
  }
  /** The pending effect that this private command completes. */
  get completes(): string | null {
    return this.#fields.completes ?? null;
  }
  /** The durable timer that fired, as it was armed. */
  get timer(): { readonly name: string; readonly dueAtMs: number } | null {
    return this.#fields.timer ?? null;
  }
}

export function envelope(message: unknown, fields: EnvelopeFields): Envelope {
  return new Envelope(message, fields.reply ?? null, fields);
}

export const OVERLOADED: Fault = { code: 'runtime.overloaded', retryAfterMs: 1_000 };
export const UNAVAILABLE: Fault = { code: 'runtime.unavailable', retryAfterMs: 1_000 };
export const TIMED_OUT: Fault = { code: 'runtime.timeout', retryAfterMs: 1_000 };
export const QUARANTINED: Fault = { code: 'runtime.quarantined', retryAfterMs: 60_000 };
/** Until the newer build is back, or forever: asked again so that whoever waits for it finds out. */
export const NEWER_EVENTS: Fault = { code: 'runtime.newer_events', retryAfterMs: 60_000 };
/** Until somebody has put its journal or its key right. */
export const UNREADABLE: Fault = { code: 'runtime.unreadable', retryAfterMs: 60_000 };
export const POISON: Fault = { code: 'runtime.poison' };
export const CALL_CYCLE: Fault = { code: 'runtime.call_cycle' };

export function fail(message: Envelope, fault: Fault): void {
  message.reply?.answer({ ok: false, fault });
}
