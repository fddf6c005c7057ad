/**
 * The actor runtime of one worker thread: finds the owner of a message, keeps its own entities alive, puts
 * idle ones to sleep. Knows behaviours only through their interface.
 */

import type { ActorSystem, Answer, AnyBehaviour, DomainEvent, Effect, EffectHandler, SendOptions, TimerOp } from '../behaviour.ts';
import { Admission } from '../cell/admission.ts';
import type { Cell } from '../cell/cell.ts';
import { type CellHost, type Counters, newCounters, type RuntimeLog } from '../cell/cell-host.ts';
import { DurableCell } from '../cell/durable-cell.ts';
import { VolatileCell } from '../cell/volatile-cell.ts';
import { type TimedCell, VolatileTimers } from '../cell/volatile-timers.ts';
import type { Clock } from '../clock.ts';
import { type EntityRef, entityKey } from '../entity.ts';
import { CALL_CYCLE, Envelope, type EnvelopeFields, envelope, fail, NO_DEADLINE, OVERLOADED, UNAVAILABLE } from '../envelope.ts';
import type { Executor } from '../executor/executor.ts';
import { Checkpoints } from '../journal/checkpoints.ts';
import { GroupCommit, type GroupCommitOptions, type ShardHold } from '../journal/group-commit.ts';
import { SlowBatch } from '../journal/slow-batch.ts';
import type { JournalStore, OpenedShard } from '../journal/store.ts';
import { Asks } from './asks.ts';
import { AwakeCells } from './awake-cells.ts';
import { EffectRunner } from './effects.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Link } from './link.ts';
import { Mesh, type WireMessage, wireTell } from './mesh.ts';
import { Passivation } from './passivation.ts';
import { Reminders } from './reminders.ts';

const DEFAULT_ASK_TIMEOUT_MS = 10_000;
const SWEEP_MS = 100;
const REOPEN_RETRY_MS = 250;
/** Events since the last snapshot that make a snapshot worth it when an entity goes to sleep. */
const PASSIVATION_SNAPSHOT_EVENTS = 20;
/** Snapshots under way of entities that go to sleep: thousands fall idle together, and those that wake read on the same connections. */
const PASSIVATION_SNAPSHOTS_MAX = 32;

interface ThreadRuntimeOptions {
  readonly thread: number;
  /** Which thread of this node serves a shard. */
  threadOf(shard: number): number;
  readonly behaviours: readonly AnyBehaviour[];
  readonly handlers: ReadonlyMap<string, EffectHandler>;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly store: JournalStore;
  readonly limits: RuntimeLimits;
  readonly log: RuntimeLog;
  random(): number;
  reopen: GroupCommitOptions['reopen'];
  /** Runs a task at the end of this turn. */
  schedule(task: () => void): void;
  prepare?(ref: EntityRef): Promise<void>;
  viewOf?(ref: EntityRef): unknown;
  /** Events of this entity are durable. */
  committed?(ref: EntityRef, events: readonly DomainEvent[], state: unknown): void;
  /** A sibling told us something (cache invalidation). */
  notice?(notice: unknown): void;
  fenced?(shards: readonly number[]): void;
}

export class ThreadRuntime implements ActorSystem, CellHost {
  readonly counters: Counters = newCounters();
  readonly journal: GroupCommit;
  readonly mesh: Mesh;
  readonly checkpoints: Checkpoints;
  readonly admission: Admission;
  readonly #options: ThreadRuntimeOptions;
  readonly #awake: AwakeCells;
  readonly #asks = new Asks();
  readonly #passivation = new Passivation();
  readonly #slowBatch: SlowBatch;
  readonly #effects: EffectRunner;
  readonly #reminders: Reminders;
  readonly #volatileTimers: VolatileTimers;
  #shards: number[] = [];
  /** Snapshots of entities that went to sleep which are not written yet. */
  #sleepSnapshots = 0;
  #stopped = false;
  #cancelSweep: () => void = () => undefined;

  constructor(options: ThreadRuntimeOptions) {
    this.#options = options;
    this.admission = new Admission(options.limits.mailboxTotal);
    this.#awake = new AwakeCells(options.behaviours);
    this.journal = new GroupCommit({
      store: options.store,
      batchMax: options.limits.batchMax,
      flushMs: options.limits.flushMs,
      after: (ms, task) => void options.clock.after(ms, task),
      reopen: options.reopen,
      fenced: (shards) => this.#fenced(shards),
      schedule: options.schedule,
      retryLater: (task) => void options.clock.after(REOPEN_RETRY_MS, task),
    });
    this.#slowBatch = new SlowBatch(options.log);
    this.mesh = new Mesh(options.limits.linkCredit, (message, from) => this.#arrived(message, from));
    this.#effects = new EffectRunner({
      system: this,
      clock: options.clock,
      handlers: options.handlers,
      random: options.random,
      deliver: (ref, message) => void this.#deliver(ref, message),
    });
    this.#volatileTimers = new VolatileTimers(options.clock, (ref, message) => void this.#deliver(ref, message));
    this.#reminders = new Reminders({
      clock: options.clock,
      store: options.store,
      shards: () => this.#shards,
      deliver: (ref, message) => void this.#deliver(ref, message),
    });
    this.checkpoints = new Checkpoints({
      clock: options.clock,
      store: options.store,
      journal: this.journal,
      unfinished: () => this.#effects.unfinished(),
      promised: () => this.#effects.promised(),
      activate: (ref) => this.ask(ref, null),
    });
    this.#sweepLater();
  }

  get clock(): Clock {
    return this.#options.clock;
  }
  get executor(): Executor {
    return this.#options.executor;
  }
  get limits(): RuntimeLimits {
    return this.#options.limits;
  }
  get store(): JournalStore {
    return this.#options.store;
  }
  get log(): RuntimeLog {
    return this.#options.log;
  }
  get entities(): number {
    return this.#awake.count;
  }
  get tenantKinds(): number {
    return this.#awake.groups;
  }

  /** Takes shards into service: effects that a crash left behind and reminders start. */
  serve(holds: ReadonlyMap<number, ShardHold & OpenedShard>): void {
    for (const [shard, hold] of holds) this.journal.hold(shard, hold);
    this.#shards = [...holds.keys()];
    this.#reminders.start();
    this.checkpoints.start(holds);
  }

  tell(to: EntityRef, message: unknown, options?: SendOptions): boolean {
    if (options === undefined) return this.#deliver(to, new Envelope(message, null, null));
    if (options.chain?.includes(entityKey(to)) === true) return false;
    return this.#deliver(to, new Envelope(message, null, this.#fieldsOf(options, null)));
  }

  ask<R = unknown>(to: EntityRef, message: unknown, options?: SendOptions): Promise<Answer<R>> {
    if (options?.chain?.includes(entityKey(to)) === true) return Promise.resolve({ ok: false, fault: CALL_CYCLE });
    return new Promise((resolve) => {
      const { clock } = this.#options;
      const timeoutMs = options?.deadlineMs === undefined ? DEFAULT_ASK_TIMEOUT_MS : Math.max(1, options.deadlineMs - clock.nowMs());
      const thread = this.#options.threadOf(to.shard);
      const ask = this.#asks.open(resolve as (answer: Answer) => void, thread, clock.monotonicMs(), timeoutMs);
      if (thread === this.#options.thread) {
        this.#local(to, new Envelope(message, ask, options === undefined ? null : this.#fieldsOf(options, ask.deadlineMs)));
        return;
      }
      this.#asks.expectRemote(ask);
      const sent = this.#remote(thread, wireTell(to, message, options ?? {}, ask.id, ask.deadlineMs));
      if (sent !== 'sent') ask.answer({ ok: false, fault: sent === 'full' ? OVERLOADED : UNAVAILABLE });
    });
  }

  /** A caller's deadline is a time of day; inside the runtime all are monotonic. @param deadlineMs the monotonic one, null when not known */
  #fieldsOf(options: SendOptions, deadlineMs: number | null): EnvelopeFields {
    if (options.deadlineMs === undefined) return options;
    const { clock } = this.#options;
    // Member by member: one shape for all, where a spread would make as many as there are callers.
    return {
      lane: options.lane,
      commandId: options.commandId,
      fingerprint: options.fingerprint,
      storeReply: options.storeReply,
      deadlineMs: deadlineMs ?? clock.monotonicMs() + options.deadlineMs - clock.nowMs(),
      correlationId: options.correlationId,
    };
  }

  // --- what cells ask of their host -------------------------------------------------------------------

  random(): number {
    return this.#options.random();
  }

  touch(cell: Cell): void {
    this.#passivation.touch(cell);
  }

  remove(cell: Cell): void {
    if (this.#awake.remove(cell)) this.#passivation.forget(cell);
  }

  prepare(ref: EntityRef): Promise<void> {
    return this.#options.prepare?.(ref) ?? Promise.resolve();
  }

  viewOf(ref: EntityRef): unknown {
    return this.#options.viewOf?.(ref) ?? null;
  }

  startEffect(ref: EntityRef, effect: Effect, resumed: boolean, pos: number | null): void {
    // A resumed promise stands somewhere above the checkpoint, which may not pass it.
    this.#effects.start(ref, effect, resumed, pos ?? this.checkpoints.of(ref.shard) + 1);
  }

  armTimer(cell: TimedCell, op: TimerOp): void {
    if (op.durable) {
      if (op.op === 'arm') this.#reminders.arm(cell.ref, op.name, op.dueAtMs, op.command);
      else this.#reminders.disarm(cell.ref, op.name);
      return;
    }
    if (op.op === 'arm') this.#volatileTimers.arm(cell, op.name, op.dueAtMs, op.command);
    else this.#volatileTimers.cancel(cell.ref, op.name);
  }

  forgetReminder(ref: EntityRef, name: string): void {
    this.#reminders.forget(ref, name);
  }

  countDoubt(shard: number, change: 1 | -1): void {
    this.checkpoints.countDoubt(shard, change);
  }

  committed(ref: EntityRef, events: readonly DomainEvent[], state: unknown): void {
    this.#options.committed?.(ref, events, state);
  }

  // --- routing --------------------------------------------------------------------------------------------

  #deliver(to: EntityRef, message: Envelope): boolean {
    const thread = this.#options.threadOf(to.shard);
    if (thread === this.#options.thread) return this.#local(to, message);
    // Completions and reminders belong to entities of this thread, so only tells come here.
    return this.#remote(thread, wireTell(to, message.message, message, 0, message.deadlineMs)) === 'sent';
  }

  #remote(thread: number, message: WireMessage): ReturnType<Mesh['send']> {
    const sent = this.mesh.send(thread, message);
    if (sent === 'full') this.counters.rejected++;
    return sent;
  }

  #local(to: EntityRef, message: Envelope): boolean {
    const group = this.#awake.groupOf(to);
    if (group === null || this.#stopped) {
      fail(message, UNAVAILABLE);
      return false;
    }
    let cell = group.cells.get(to.id);
    if (cell === undefined) {
      cell = this.#activate(group.behaviour, to);
      this.#awake.add(group, cell);
      this.#passivation.touch(cell);
    }
    return cell.offer(message);
  }

  #activate(behaviour: AnyBehaviour, ref: EntityRef): Cell {
    return behaviour.durable ? new DurableCell(this, ref, behaviour) : new VolatileCell(this, ref, behaviour);
  }

  #arrived(message: WireMessage, from: Link<WireMessage>): void {
    if (message.k === 1) {
      this.#asks.answerRemote(message.ask, message.a);
      return;
    }
    if (message.k === 2) {
      this.#options.notice?.(message.n);
      return;
    }
    const { ask } = message;
    const reply = ask === 0 ? null : { answer: (answer: Answer): void => void from.send({ k: 1, ask, a: answer }, true) };
    this.#local(
      message.to,
      envelope(message.m, {
        reply,
        lane: message.lane,
        commandId: message.id,
        fingerprint: message.fp,
        storeReply: message.store,
        deadlineMs: message.dl === 0 ? NO_DEADLINE : message.dl,
        correlationId: message.cor,
      }),
    );
  }

  /** The sibling died: its asks end, its link generation is over. */
  lostThread(thread: number): void {
    this.mesh.disconnect(thread);
    this.#asks.failThread(thread, { ok: false, fault: UNAVAILABLE });
  }

  // --- housekeeping -----------------------------------------------------------------------------------------

  #sweepLater(): void {
    this.#cancelSweep = this.clock.after(SWEEP_MS, () => {
      const nowMs = this.clock.monotonicMs();
      this.counters.expired += this.#asks.expire(nowMs);
      this.#slowBatch.look(this.journal.writing, nowMs);
      this.#passivation.sweep(
        nowMs,
        this.#options.limits,
        () => this.#awake.count,
        (cell) => this.#sleep(cell),
      );
      if (!this.#stopped) this.#sweepLater();
    });
  }

  #sleep(cell: Cell): void {
    if (cell instanceof DurableCell && cell.isSnapshotDue(PASSIVATION_SNAPSHOT_EVENTS)) {
      const isFree = this.#sleepSnapshots < PASSIVATION_SNAPSHOTS_MAX;
      // It sleeps a little later, or without when there is no room for it.
      if (!isFree && this.#awake.count <= this.limits.entityMax) return;
      if (isFree) {
        this.#sleepSnapshots++;
        void cell.snapshot(PASSIVATION_SNAPSHOT_EVENTS).finally(() => this.#sleepSnapshots--);
      }
    }
    cell.stop();
    this.remove(cell);
    this.counters.passivations++;
  }

  #fenced(shards: readonly number[]): void {
    const lost = new Set(shards);
    this.#effects.stopShards(lost);
    this.#shards = this.#shards.filter((shard) => !lost.has(shard));
    for (const cell of this.#awake.all()) {
      if (!lost.has(cell.ref.shard) || !(cell instanceof DurableCell)) continue;
      cell.stop();
      this.remove(cell);
    }
    this.#options.fenced?.(shards);
  }

  /** Depth of all mailboxes: the sum and the deepest. O(entities). */
  depths(): { total: number; max: number } {
    let total = 0;
    let max = 0;
    for (const { depth } of this.#awake.all()) {
      total += depth;
      if (depth > max) max = depth;
    }
    return { total, max };
  }

  get pendingEffects(): number {
    return this.#effects.running;
  }

  get pendingAsks(): number {
    return this.#asks.pending;
  }

  /** Takes nothing more. Resolves when all that was decided is durable, or cannot be made durable now. */
  async drain(): Promise<void> {
    // The outcome of a call to the outside that ended a moment ago is on its way to its actor.
    await this.#turn();
    this.#stopped = true;
    do await this.#turn();
    while (!(await this.journal.quiet()));
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#options.schedule(resolve));
  }

  /** Saves checkpoints, stops everything. What is not durable, or asked and not answered, is answered `unavailable`. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancelSweep();
    this.#reminders.stop();
    await this.checkpoints.close();
    this.#effects.stopShards(null);
    this.journal.close();
    this.#volatileTimers.stop();
    for (const cell of this.#awake.all()) cell.stop();
    this.#awake.clear();
    this.mesh.close();
    this.#asks.failAll({ ok: false, fault: UNAVAILABLE });
    this.#options.executor.close();
  }
}
