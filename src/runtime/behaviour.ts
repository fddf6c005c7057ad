/**
 * What an actor's author writes, and what the runtime promises in return.
 *
 * A durable actor is a pair of pure functions: `decide` turns a command into events and effects, `evolve`
 * turns an event into the next state. The runtime owns everything else: mailbox, journal, effects, timers,
 * recovery. This file must never know a concrete actor.
 */
import type { EntityRef } from './entity.ts';

/** The domain says no. `code` is `group.reason`, registered in the error registry. */
export interface Refusal {
  readonly code: string;
  /** Public facts for the problem document or the reply; no personal data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Something outside the domain went wrong; `retryAfterMs` present means that a retry may work. */
export interface Fault {
  readonly code: string;
  readonly retryAfterMs?: number;
}

/** One fact. `version` starts at 1; stored versions are never edited, only upcast. */
export interface DomainEvent {
  readonly type: string;
  readonly version?: number;
  /** Public part: survives erasure of the person. */
  readonly data: unknown;
  /** Personal part: encrypted under the subject's key; absent after erasure, so `evolve` must cope. */
  readonly personal?: unknown;
}

/**
 * Work to do after the batch is durable, at least once. Pending effects are remembered by the runtime with
 * the entity and resumed after a crash until a command that `completes` them is durable.
 */
export type Effect =
  | {
      /** Deliver a command to another actor until it answers. `id` is its idempotency key there. */
      readonly type: 'send';
      readonly id: string;
      readonly to: EntityRef;
      readonly command: unknown;
      /** When set, the answer comes back as the private command built from `{ ...onResult, result }`. */
      readonly onResult?: { readonly type: string } & Readonly<Record<string, unknown>>;
    }
  | {
      /** Run by the effect handler registered under `handler`; its result comes back as a private command. */
      readonly type: 'external';
      readonly id: string;
      readonly handler: string;
      /** Absent only in storage, when `inState`. */
      readonly input?: unknown;
      /** The behaviour's `effectInput` reads the input from the state: it is not journaled a second time. */
      readonly inState?: true;
    };

/** How a `send` effect ended; what `onResult` commands carry in `result`. */
export type SendResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** Keyed timers: arming a name again makes the earlier one undeliverable. Durable ones are reminders in the database. */
export type TimerOp =
  | { readonly op: 'arm'; readonly name: string; readonly dueAtMs: number; readonly durable: boolean; readonly command: unknown }
  | { readonly op: 'cancel'; readonly name: string; readonly durable: boolean };

/** A row operation on a read model, applied in the same transaction as the events. See `read-models.ts`. */
export interface ReadModelWrite {
  readonly op: string;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface Accepted<E extends DomainEvent> {
  readonly ok: true;
  readonly events: readonly E[];
  readonly effects?: readonly Effect[];
  readonly timers?: readonly TimerOp[];
  readonly reply?: unknown;
  /** Nothing changed, and the reply is kept all the same: a late repeat under the same command id hears it, whatever was done since. */
  readonly isKept?: true;
}

export type Decision<E extends DomainEvent> = Accepted<E> | { readonly ok: false; readonly refusal: Refusal };

/** Everything `decide` may know besides state and command; the only source of time, ids and shared views. */
export interface DecideContext<V = unknown> {
  readonly ref: EntityRef;
  readonly nowMs: number;
  /** Sequence number that the first event of this decision will get (the entity's version). */
  readonly seq: number;
  /** Deterministic id material: same entity and seq give the same string, distinct per `salt`. */
  uniqueId(salt: string): string;
  /** Read-only view of the tenant on this thread (settings and catalogue), or null when unknown. */
  readonly view: V;
}

/** A durable, event-sourced actor. Both functions are pure and total. */
export interface DurableBehaviour<S, C, E extends DomainEvent, V = unknown> {
  readonly durable: true;
  readonly kind: string;
  /** Storage code of the kind (1-99), never reused. */
  readonly kindCode: number;
  initial(ref: EntityRef): S;
  decide(state: S, command: C, context: DecideContext<V>): Decision<E>;
  /** `meta.atMs` is when the event was journaled, identical in replay. */
  evolve(state: S, event: E, meta: EventMeta): S;
  /** Turns an older stored version into the present one; absent while all events are at version 1. */
  upcast?(event: DomainEvent): E;
  /** Read-model rows for one event; `after` is the state that includes it. Must depend on nothing else. */
  project?(event: E, after: S, meta: EventMeta): readonly ReadModelWrite[];
  /** Whose key encrypts `personal` and the snapshot; null when nobody's. Must be stable for an entity. */
  subject?(ref: EntityRef, state: S): string | null;
  /** True when nothing more is expected to happen to it: it leaves memory soon after its last message instead of idling. Default never. */
  isOver?(state: S): boolean;
  /** Input of a pending effect that was journaled without one (`inState`); undefined when the state has lost it, which drops the effect. */
  effectInput?(effectId: string, state: S): unknown;
  /** Every stored event type with the newest version that this build reads: anything else is of a newer build. Absent: not looked at. */
  readonly eventVersions?: Readonly<Record<E['type'], number>>;
  /** Version of the state's shape; a snapshot with another version is ignored and replayed instead. */
  readonly stateVersion: number;
}

export interface EventMeta {
  readonly ref: EntityRef;
  readonly seq: number;
  readonly atMs: number;
}

/** An in-memory actor: no journal, lost with its thread. Used by the runtime itself, benches and markets. */
export interface VolatileBehaviour<S, M> {
  readonly durable: false;
  readonly kind: string;
  initial(ref: EntityRef): S;
  /** May return a promise; the actor takes its next message only when it settles. */
  receive(state: S, message: M, context: VolatileContext): S | Promise<S>;
}

export interface VolatileContext {
  readonly ref: EntityRef;
  /** Answers the current message when it was asked; a no-op when it was told. */
  reply(value: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds behaviours of every shape; each is typed where it is written.
export type AnyBehaviour = DurableBehaviour<any, any, any, any> | VolatileBehaviour<any, any>;

/** Answer to an ask. Never a rejected promise: refusals and faults are values. */
export type Answer<R = unknown> =
  | { readonly ok: true; readonly value: R; readonly duplicate?: boolean }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly fault: Fault };

export type Lane = 'system' | 'command' | 'telemetry';

export interface SendOptions {
  /** Idempotency key in the target; the same id is applied once and later answered from the stored reply. */
  readonly commandId?: string;
  /** Hash of the request body; same `commandId` with another fingerprint is refused `idempotency.key_reused`. */
  readonly fingerprint?: string;
  /** Unix ms after which nobody waits any more. Read at the call: from then on the time that is left counts, whatever the clock is set to. */
  readonly deadlineMs?: number;
  readonly lane?: Lane;
  /** Entity keys of the asks that lead here; a target already in it is refused `runtime.call_cycle`. */
  readonly chain?: readonly string[];
  readonly correlationId?: string;
  /** Ask only: false when no reply value has to be stored for a later duplicate (webhooks). Default true. */
  readonly storeReply?: boolean;
}

/** What the rest of the program holds of the runtime. */
export interface ActorSystem {
  /** Fire and forget. @returns false when it was refused at once: too many wait (counted), nobody to tell now, or a call cycle. Never throws. */
  tell(to: EntityRef, command: unknown, options?: SendOptions): boolean;
  /** Resolves after everything that the answer depends on is durable. Never rejects. */
  ask<R = unknown>(to: EntityRef, command: unknown, options?: SendOptions): Promise<Answer<R>>;
}

/**
 * Runs `external` effects. Resolves to the private command that completes the effect. May be called again for
 * the same id after a crash (`resumed` true: an earlier run may or may not have happened).
 * A rejection is retried by the runtime with backoff. It has to settle by itself, and each step of it needs a bound of its own: the runtime
 * sets none, because a send rightly waits hours for a shop's new token, and a second run beside a living first one could send twice.
 */
export type EffectHandler = (run: {
  readonly ref: EntityRef;
  readonly id: string;
  readonly input: unknown;
  readonly resumed: boolean;
  readonly signal: AbortSignal;
}) => Promise<unknown>;
