/**
 * A live event-sourced actor: decides, moves its state on in memory, and holds every reply and effect until
 * the batch that carries the events is durable. A failed batch throws this state away and recovers.
 */
import type { Accepted, Answer, DecideContext, DomainEvent, DurableBehaviour, Effect, TimerOp } from '../behaviour.ts';
import { type EntityRef, entityKey } from '../entity.ts';
import { type Envelope, fail, QUARANTINED, UNAVAILABLE } from '../envelope.ts';
import type { Entry } from '../journal/group-commit.ts';
import { packSnapshot, type RecoveredEntity, recover, recoveryFault } from '../journal/recovery.ts';
import { RecentCommands } from '../recent-commands.ts';
import { uniqueId } from '../unique-id.ts';
import { Cell } from './cell.ts';
import type { CellHost } from './cell-host.ts';
import { bury, describe } from './dead-letter.ts';
import { decisionEntry } from './decision-entry.ts';
import { firstAnswer } from './first-answer.ts';
import { Retries, takeAll } from './retries.ts';
import { backoffMs, QUARANTINE_MS, RestartBudget } from './supervision.ts';
import { afterSettled, newWaiting, settled, type Waiting } from './waiting.ts';

/** Pause between two tries to recover an actor that may not leave memory unread. */
const LOAD_RETRY_MS = 1_000;

type AnyDurable = DurableBehaviour<unknown, unknown, DomainEvent, unknown>;

export class DurableCell extends Cell {
  readonly #behaviour: AnyDurable;
  #state: unknown;
  #seq = 0;
  #snapshotSeq = 0;
  #recent: RecentCommands | null = null;
  #effects: Map<string, Effect> | null = null;
  /** When each durable timer that this incarnation touched is due: an earlier one of the name is not delivered any more. */
  #armed: Map<string, number> | null = null;
  #volatileTimers = 0;
  /** Appended and not yet settled; the last one carries what waits for all of them. */
  #unsettled = 0;
  #last: Waiting | null = null;
  #retries: Retries | null = null;
  /** A batch of this entity may or may not be stored. Until it is read again nobody knows what it promised, so it stays. */
  #inDoubt = false;
  #budget: RestartBudget | null = null;

  constructor(host: CellHost, ref: EntityRef, behaviour: AnyDurable) {
    super(host, ref);
    this.#behaviour = behaviour;
    void this.#load();
  }

  override canPassivate(): boolean {
    return (
      (this.mode === 'ready' || this.mode === 'quarantined') &&
      this.depth === 0 &&
      this.#unsettled === 0 &&
      this.#volatileTimers === 0 &&
      !this.#inDoubt &&
      (this.#effects?.size ?? 0) === 0
    );
  }

  override isOver(): boolean {
    return this.mode === 'ready' && this.#behaviour.isOver?.(this.#state) === true;
  }

  get pendingEffects(): number {
    return this.#effects?.size ?? 0;
  }

  /** A volatile timer was armed (+1), or fired or was cancelled (-1); they keep the actor in memory. */
  countTimer(change: 1 | -1): void {
    this.#volatileTimers += change;
  }

  /** True when the state is settled and enough happened since the last snapshot. */
  isSnapshotDue(minEvents: number): boolean {
    return this.mode === 'ready' && this.#unsettled === 0 && this.#seq - this.#snapshotSeq >= minEvents;
  }

  /** Writes a snapshot when one is due. */
  async snapshot(minEvents: number): Promise<void> {
    if (!this.isSnapshotDue(minEvents)) return;
    const seq = this.#seq;
    this.#snapshotSeq = seq;
    try {
      const body = packSnapshot(this.#state, this.#effects, this.#recent);
      const { kindCode, stateVersion } = this.#behaviour;
      const subject = this.#behaviour.subject?.(this.ref, this.#state) ?? null;
      await this.host.store.saveSnapshot(this.ref, kindCode, { seq, stateVersion, body }, subject);
    } catch (error) {
      // A snapshot only saves time; the journal has everything.
      this.host.log.warn({ kind: this.ref.kind, error: describe(error) }, 'snapshot not written');
    }
  }

  protected override handle(message: Envelope): void | Promise<void> {
    if (message.completes !== null && this.#effects?.has(message.completes) !== true) {
      message.reply?.answer({ ok: true, value: undefined, duplicate: true });
      return;
    }
    if (message.timer !== null && (this.#armed?.get(message.timer.name) ?? 0) > message.timer.dueAtMs) {
      // The decision that moved it may still be lost: then the reminder has to come again.
      fail(message, UNAVAILABLE);
      return;
    }
    if (message.commandId !== null && (message.verify || this.#recent?.has(message.commandId) === true))
      return this.#verify(message, message.commandId);
    if (message.alone) return this.#decideAlone(message, false);
    this.#decide(message);
  }

  /** Seen before, perhaps: what the store says counts. */
  async #verify(message: Envelope, commandId: string): Promise<void> {
    try {
      await settled(this.#last);
      const first = await firstAnswer(this.host.store, this.ref, commandId, message.fingerprint);
      if (first !== null) this.#repeat(message, first);
      else if (this.mode !== 'ready') fail(message, UNAVAILABLE);
      else if (message.alone) await this.#decideAlone(message, true);
      else this.#decide(message, true);
    } catch {
      fail(message, UNAVAILABLE);
    }
  }

  /**
   * No unique key speaks up for a command without events, so it may be a repeat of one that the short memory has forgotten: then what
   * its first sender was told counts, not what the state of today says.
   */
  #answerUnlessRepeated(message: Envelope, commandId: string, answer: Answer): void {
    firstAnswer(this.host.store, this.ref, commandId, message.fingerprint).then(
      (first) => (first === null ? message.reply?.answer(answer) : this.#repeat(message, first)),
      () => fail(message, UNAVAILABLE),
    );
  }

  #repeat(message: Envelope, first: Answer): void {
    this.host.counters.duplicates++;
    message.reply?.answer(first);
  }

  /** Nothing else of this actor shares its batch: the store names actors, not messages. */
  async #decideAlone(message: Envelope, isFirst: boolean): Promise<void> {
    await settled(this.#last).catch(() => undefined);
    if (this.mode === 'backoff' || this.mode === 'loading') this.#retries = Retries.with(this.#retries, message);
    else if (this.mode !== 'ready') fail(message, UNAVAILABLE);
    else {
      this.#decide(message, isFirst);
      await settled(this.#last).catch(() => undefined);
    }
  }

  /** @param isFirst the store has just said that it does not know this command */
  #decide(message: Envelope, isFirst = false): void {
    const nowMs = this.host.clock.nowMs();
    let entry: Entry | null;
    let reply: unknown;
    let timers: readonly TimerOp[];
    try {
      const decision = message.message === null ? NOTHING : this.#behaviour.decide(this.#state, message.message, this.#context(nowMs));
      const accepted: Accepted<DomainEvent> = decision.ok ? decision : NOTHING;
      if (!decision.ok && message.completes === null && message.timer === null) {
        this.#afterSettled(message, isFirst, { ok: false, refusal: decision.refusal }, []);
        return;
      }
      reply = accepted.reply;
      timers = accepted.timers ?? [];
      entry = this.#apply(message, accepted, nowMs);
    } catch (error) {
      this.#crash(message, error);
      return;
    }
    if (entry === null) {
      this.#afterSettled(message, isFirst, { ok: true, value: reply }, timers);
      return;
    }
    this.#unsettled++;
    this.host.journal.append(entry);
  }

  #afterSettled(message: Envelope, isFirst: boolean, answer: Answer, timers: readonly TimerOp[]): void {
    const { commandId, reply } = message;
    const mayBeRepeated = !isFirst && reply !== null && (message.storeReply || !answer.ok);
    afterSettled(
      this.#last,
      () => {
        if (mayBeRepeated && commandId !== null) this.#answerUnlessRepeated(message, commandId, answer);
        else reply?.answer(answer);
        for (const op of timers) this.host.armTimer(this, op);
      },
      () => fail(message, UNAVAILABLE),
    );
  }

  /** Folds the decision into memory. @returns null when there is nothing to make durable. */
  #apply(message: Envelope, accepted: Accepted<DomainEvent>, nowMs: number): Entry | null {
    const waiting = newWaiting();
    const built = decisionEntry({
      ref: this.ref,
      behaviour: this.#behaviour,
      state: this.#state,
      seq: this.#seq,
      nowMs,
      message,
      accepted,
      committed: () => this.#committed(message, accepted, waiting),
      failed: (reason) => this.#lost(message, accepted, reason, waiting),
    });
    if (built === null) return null;
    waiting.rows = built.entry.rows;
    this.#state = built.state;
    this.#seq = built.seq;
    if (message.commandId !== null && built.entry.processed !== null) {
      this.#recent ??= new RecentCommands();
      this.#recent.add(message.commandId);
    }
    if (message.completes !== null) this.#effects?.delete(message.completes);
    for (const effect of accepted.effects ?? []) {
      this.#effects ??= new Map();
      this.#effects.set(effect.id, effect);
    }
    for (const op of accepted.timers ?? []) {
      if (!op.durable) continue;
      this.#armed ??= new Map();
      this.#armed.set(op.name, op.op === 'arm' ? op.dueAtMs : NEVER_MS);
    }
    this.#last = waiting;
    return built.entry;
  }

  #committed(message: Envelope, accepted: Accepted<DomainEvent>, waiting: Waiting): void {
    this.#unsettled--;
    if (this.#last === waiting) this.#last = null;
    message.reply?.answer({ ok: true, value: accepted.reply });
    for (const effect of accepted.effects ?? []) this.host.startEffect(this.ref, effect, false, waiting.rows[0]?.pos ?? 0);
    for (const op of accepted.timers ?? []) this.host.armTimer(this, op);
    for (const task of waiting.done) task();
    if (accepted.events.length > 0) this.host.committed(this.ref, accepted.events, this.#state);
    if (!this.retired && this.isOver()) this.host.touch(this);
    const { snapshotEvery } = this.host.limits;
    if (this.#seq - this.#snapshotSeq >= snapshotEvery && this.#unsettled === 0) void this.snapshot(snapshotEvery);
  }

  /** The batch did not become durable as far as we know: this state is a fiction. Commands are answered; private messages come again. */
  #lost(message: Envelope, accepted: Accepted<DomainEvent>, reason: LossReason, waiting: Waiting): void {
    this.#unsettled--;
    for (const task of waiting.lost) task();
    if (this.#last === waiting) this.#last = null;
    if (reason === 'conflict') this.host.counters.conflicts++;
    for (const op of accepted.timers ?? []) if (op.durable) this.host.forgetReminder(this.ref, op.name);
    this.#tryAgain(message, reason);
    if (reason === 'unavailable') this.#doubt();
    if (this.mode !== 'ready') return;
    if (reason === 'fenced') {
      this.stop();
      this.host.remove(this);
      return;
    }
    this.mode = 'backoff';
    this.host.clock.after(0, () => void this.#load());
  }

  /** Who brings a message again whose batch was lost: the reminder's row, this cell, or its sender. */
  #tryAgain(message: Envelope, reason: LossReason): void {
    // Only the store knows whether the firing was applied; if it was not, the row is still there and fires again.
    if (message.timer !== null && reason !== 'conflict') this.host.forgetReminder(this.ref, message.timer.name);
    // Set aside or ended, nobody here would take it again.
    if (this.mode === 'quarantined' || this.mode === 'stopped') fail(message, UNAVAILABLE);
    else if (reason === 'conflict') this.#refused(message);
    else if (message.completes !== null && reason !== 'fenced') this.#retries = Retries.with(this.#retries, message);
    else fail(message, UNAVAILABLE);
  }

  /** Certainly not stored. What is refused again after this actor was read anew can be stored by nobody, however often it comes. */
  #refused(message: Envelope): void {
    // In company it may be another's fault: a repeat of something old takes with it whatever was decided beside it.
    if (!message.alone || ++message.tries < this.host.limits.poisonTries) {
      message.alone = true;
      message.verify = message.commandId !== null;
      this.#retries = Retries.with(this.#retries, message);
    } else if (message.message === null) fail(message, UNAVAILABLE);
    else {
      this.host.log.error({ kind: this.ref.kind, tries: message.tries }, 'the store refuses what an actor decides');
      this.#bury(message, new Error('refused by the store'));
    }
  }

  #doubt(): void {
    if (this.#inDoubt || this.mode === 'stopped') return;
    this.#inDoubt = true;
    this.host.countDoubt(this.ref.shard, 1);
  }

  #crash(message: Envelope, error: unknown): void {
    message.tries++;
    this.host.log.error({ kind: this.ref.kind, tries: message.tries, error: describe(error) }, 'actor crashed');
    if (message.tries >= this.host.limits.poisonTries) this.#bury(message, error);
    else this.#retries = Retries.withCrashed(this.#retries, message);
    this.host.counters.restarts++;
    this.#budget ??= new RestartBudget(this.host.limits.restartsPerMinute);
    const restart = this.#budget.spend(this.host.clock.monotonicMs());
    if (restart === null) {
      this.#quarantine();
      return;
    }
    this.mode = 'backoff';
    this.host.clock.after(backoffMs(restart, this.host.random()), () => void this.#load());
  }

  #bury(message: Envelope, error: unknown): void {
    bury(this.host, this.ref, message, error, (end) => this.offer(end));
  }

  #quarantine(): void {
    this.mode = 'quarantined';
    this.host.counters.quarantines++;
    this.host.log.error({ kind: this.ref.kind, entity: entityKey(this.ref) }, 'actor quarantined after too many restarts');
    for (const message of [...takeAll(this.#retries), ...this.drain()]) fail(message, QUARANTINED);
    this.host.clock.after(QUARANTINE_MS, () => {
      if (this.mode === 'quarantined' && this.#inDoubt) {
        this.mode = 'backoff';
        void this.#load();
        return;
      }
      this.stop();
      this.host.remove(this);
    });
  }

  async #load(): Promise<void> {
    if (this.mode !== 'backoff' && this.mode !== 'loading') return;
    this.mode = 'loading';
    try {
      await settled(this.#last).catch(() => undefined);
      if (this.#inDoubt && !this.host.journal.writable) {
        // The transaction may still commit after we have read.
        this.#cannotLoad();
        return;
      }
      const [loaded] = await Promise.all([this.host.store.load(this.ref, this.#behaviour), this.host.prepare(this.ref)]);
      if (this.mode !== 'loading') return;
      this.#become(recover(this.#behaviour, this.ref, loaded));
    } catch (error) {
      this.host.log.warn({ kind: this.ref.kind, entity: entityKey(this.ref), error: describe(error) }, 'actor could not be recovered');
      this.#cannotLoad(recoveryFault(error));
    }
  }

  #become(recovered: RecoveredEntity): void {
    this.#state = recovered.state;
    this.#seq = recovered.seq;
    this.#snapshotSeq = recovered.snapshotSeq;
    this.#recent = recovered.recent;
    this.#effects = recovered.effects;
    this.#armed = null;
    this.host.counters.activations++;
    this.mode = 'ready';
    for (const message of takeAll(this.#retries).reverse()) this.putBack(message);
    for (const effect of recovered.effects?.values() ?? []) this.host.startEffect(this.ref, effect, true, null);
    if (this.#inDoubt) {
      this.#inDoubt = false;
      this.host.countDoubt(this.ref.shard, -1);
    }
    if (this.depth > 0) this.scheduleTurn();
  }

  /** The database is away, or the journal cannot be read: commands are told so at once, private messages wait for a later try. */
  #cannotLoad(fault = UNAVAILABLE): void {
    if (this.mode === 'stopped') return;
    for (const message of [...takeAll(this.#retries), ...this.drain()]) {
      if (message.completes !== null || message.timer !== null) this.#retries = Retries.with(this.#retries, message);
      else fail(message, fault);
    }
    if (this.#retries?.isEmpty !== false && !this.#inDoubt) {
      this.stop();
      this.host.remove(this);
      return;
    }
    this.mode = 'backoff';
    this.host.clock.after(LOAD_RETRY_MS, () => void this.#load());
  }

  override stop(): void {
    super.stop();
    for (const message of takeAll(this.#retries)) fail(message, UNAVAILABLE);
  }

  #context(nowMs: number): DecideContext {
    const seq = this.#seq + 1;
    return { ref: this.ref, nowMs, seq, view: this.host.viewOf(this.ref), uniqueId: (salt) => uniqueId(this.ref, seq, salt) };
  }
}

type LossReason = Parameters<Entry['failed']>[0];

/** Due time of a cancelled timer. */
const NEVER_MS = Number.POSITIVE_INFINITY;

const NOTHING: Accepted<DomainEvent> = { ok: true, events: [] };
