/** What a cell may ask of the thread it lives on. Implemented by the worker runtime; keeps cells free of routing. */

import type { DecideContext, DomainEvent, Effect, TimerOp } from '../behaviour.ts';
import type { Clock } from '../clock.ts';
import type { EntityRef } from '../entity.ts';
import type { Executor } from '../executor/executor.ts';
import type { GroupCommit } from '../journal/group-commit.ts';
import type { JournalStore } from '../journal/store.ts';
import type { Admission } from './admission.ts';
import type { Cell } from './cell.ts';
import type { MailboxLimits } from './mailbox.ts';
import type { TimedCell } from './volatile-timers.ts';

export interface Counters {
  handled: number;
  rejected: number;
  expired: number;
  activations: number;
  passivations: number;
  restarts: number;
  quarantines: number;
  deadLetters: number;
  duplicates: number;
  conflicts: number;
}

export function newCounters(): Counters {
  return {
    handled: 0,
    rejected: 0,
    expired: 0,
    activations: 0,
    passivations: 0,
    restarts: 0,
    quarantines: 0,
    deadLetters: 0,
    duplicates: 0,
    conflicts: 0,
  };
}

export interface RuntimeLog {
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
  error(facts: Readonly<Record<string, unknown>>, text: string): void;
}

export interface CellLimits extends MailboxLimits {
  /** Events after which a snapshot is worth its write. */
  readonly snapshotEvery: number;
  /** Tries of one message before it becomes a dead letter. */
  readonly poisonTries: number;
  /** More restarts than this in a minute end in quarantine. */
  readonly restartsPerMinute: number;
}

export interface CellHost {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly limits: CellLimits;
  readonly admission: Admission;
  readonly counters: Counters;
  readonly store: JournalStore;
  readonly journal: GroupCommit;
  readonly log: RuntimeLog;
  /** 0 <= r < 1; jitter only. */
  random(): number;
  touch(cell: Cell): void;
  remove(cell: Cell): void;
  /** Loads whatever `viewOf` needs for this entity; rejects when that is not possible now. */
  prepare(ref: EntityRef): Promise<void>;
  viewOf(ref: EntityRef): DecideContext['view'];
  /** @param pos journal position of the promise, null when it was resumed and stands somewhere above the checkpoint. */
  startEffect(ref: EntityRef, effect: Effect, resumed: boolean, pos: number | null): void;
  armTimer(cell: TimedCell, op: TimerOp): void;
  /** A decision about this durable timer was lost, perhaps after it was stored: only the store knows whether, and when, it is due. */
  forgetReminder(ref: EntityRef, name: string): void;
  /** +1: a batch of an entity in this shard may or may not be stored. -1: it was read again and what it promised runs. */
  countDoubt(shard: number, change: 1 | -1): void;
  /** Events of this entity are durable; for whoever follows it. `state` includes them and may be ahead of what is durable. */
  committed(ref: EntityRef, events: readonly DomainEvent[], state: unknown): void;
}
