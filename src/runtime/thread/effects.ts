/**
 * Runs effects after their batch is durable: at least once, with the effect's id as idempotency key, with
 * backoff, until the command that completes it is durable too.
 */
import { setMaxListeners } from 'node:events';
import type { ActorSystem, Answer, Effect, EffectHandler, SendResult } from '../behaviour.ts';
import { backoffMs } from '../cell/supervision.ts';
import type { Clock } from '../clock.ts';
import { type EntityRef, keyWithin } from '../entity.ts';
import { type Envelope, envelope, NO_DEADLINE } from '../envelope.ts';

/** How long one delivery attempt to another actor may take. */
const SEND_TIMEOUT_MS = 10_000;
/** Backoff starts here so that a target which recovers is not hammered. */
const FIRST_ATTEMPT = 5;

interface Running {
  readonly ref: EntityRef;
  readonly pos: number;
  readonly signal: AbortSignal;
}

interface EffectRunnerOptions {
  readonly system: ActorSystem;
  readonly clock: Clock;
  readonly handlers: ReadonlyMap<string, EffectHandler>;
  random(): number;
  deliver(ref: EntityRef, message: Envelope): void;
}

export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** One a shard: its effects end together, and a controller an effect is dear. */
  readonly #aborts = new Map<number, AbortController>();
  #stopped = false;

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** @param pos where the promise stands in the shard's journal: the checkpoint may not pass it. */
  start(ref: EntityRef, effect: Effect, resumed: boolean, pos: number): void {
    const key = keyWithin(ref, effect.id);
    if (this.#stopped || this.#running.has(key)) return;
    const run: Running = { ref, pos, signal: this.#signalOf(ref.shard) };
    this.#running.set(key, run);
    void this.#attempt(key, run, ref, effect, resumed, FIRST_ATTEMPT);
  }

  /** Lowest position of an unfinished promise per shard; shards without one are absent. */
  unfinished(): Map<number, number> {
    const lowest = new Map<number, number>();
    for (const run of this.#running.values()) {
      const known = lowest.get(run.ref.shard);
      if (known === undefined || run.pos < known) lowest.set(run.ref.shard, run.pos);
    }
    return lowest;
  }

  /** Every unfinished promise: whose it is, and where it stands at the earliest. */
  promised(): Iterable<{ readonly ref: EntityRef; readonly pos: number }> {
    return this.#running.values();
  }

  stopShards(shards: ReadonlySet<number> | null): void {
    if (shards === null) this.#stopped = true;
    for (const [key, run] of this.#running) if (shards === null || shards.has(run.ref.shard)) this.#running.delete(key);
    for (const [shard, abort] of this.#aborts) {
      if (shards !== null && !shards.has(shard)) continue;
      this.#aborts.delete(shard);
      abort.abort();
    }
  }

  #signalOf(shard: number): AbortSignal {
    let abort = this.#aborts.get(shard);
    if (abort === undefined) {
      abort = new AbortController();
      // As many as effects of the shard are under way, and that has its own bounds: Node's warning of a leak would be wrong.
      setMaxListeners(0, abort.signal);
      this.#aborts.set(shard, abort);
    }
    return abort.signal;
  }

  async #attempt(key: string, run: Running, ref: EntityRef, effect: Effect, resumed: boolean, attempt: number): Promise<void> {
    if (run.signal.aborted) return;
    let outcome: { message: unknown } | null;
    try {
      outcome = effect.type === 'send' ? await this.#send(ref, effect) : await this.#external(ref, effect, resumed, run.signal);
    } catch {
      outcome = null;
    }
    if (run.signal.aborted) return;
    if (outcome !== null) {
      this.#complete(key, run, ref, effect.id, outcome.message, 1);
      return;
    }
    const delayMs = backoffMs(attempt, this.#options.random());
    this.#options.clock.after(delayMs, () => void this.#attempt(key, run, ref, effect, true, attempt + 1));
  }

  /** @returns null when it has to be tried again. */
  async #send(ref: EntityRef, effect: Extract<Effect, { type: 'send' }>): Promise<{ message: unknown } | null> {
    const answer = await this.#options.system.ask(effect.to, effect.command, {
      commandId: `fx:${ref.kind}:${ref.id}:${effect.id}`,
      deadlineMs: this.#options.clock.nowMs() + SEND_TIMEOUT_MS,
      storeReply: effect.onResult !== undefined,
    });
    let result: SendResult;
    if (answer.ok) result = { ok: true, value: answer.value };
    else if ('refusal' in answer) result = { ok: false, refusal: answer.refusal };
    // A target that crashes on this command would do so for ever: the sender has to compensate.
    else if (answer.fault.code === 'runtime.poison') result = { ok: false, refusal: { code: answer.fault.code } };
    else return null;
    return { message: effect.onResult === undefined ? null : { ...effect.onResult, result } };
  }

  async #external(
    ref: EntityRef,
    effect: Extract<Effect, { type: 'external' }>,
    resumed: boolean,
    signal: AbortSignal,
  ): Promise<{ message: unknown } | null> {
    const handler = this.#options.handlers.get(effect.handler);
    if (handler === undefined) throw new Error(`no effect handler ${effect.handler}`);
    return { message: await handler({ ref, id: effect.id, input: effect.input, resumed, signal }) };
  }

  /** Tells the actor; the effect counts as running until the actor has made that durable. */
  #complete(key: string, run: Running, ref: EntityRef, id: string, message: unknown, attempt: number): void {
    const answer = (answer: Answer): void => {
      if (answer.ok || 'refusal' in answer) {
        this.#running.delete(key);
        return;
      }
      if (run.signal.aborted) return;
      if (answer.fault.code === 'runtime.poison') {
        // Dead-lettered: the promise is an operator's now.
        this.#running.delete(key);
        return;
      }
      this.#options.clock.after(backoffMs(FIRST_ATTEMPT + attempt, this.#options.random()), () =>
        this.#complete(key, run, ref, id, message, attempt + 1),
      );
    };
    this.#options.deliver(ref, envelope(message, { lane: 'system', completes: id, reply: { answer }, deadlineMs: NO_DEADLINE }));
  }
}
