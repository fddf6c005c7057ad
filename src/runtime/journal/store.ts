/**
 * The journal protocol: what the runtime asks of a store. Implemented by persistence/postgres and by the
 * in-memory store of the simulation tests; one contract suite holds both. Must never know SQL.
 */
import type { Effect, ReadModelWrite } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';

/** One event as it goes to disk. `pos` is gapless per shard and assigned by the shard's owner at flush. */
export interface JournalRow {
  readonly ref: EntityRef;
  readonly kindCode: number;
  readonly seq: number;
  pos: number;
  readonly atMs: number;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  readonly personal: unknown;
  readonly subjectId: string | null;
  readonly meta: JournalMeta;
  /** The store's own: what `encodeAhead` made of this row. */
  encoded?: unknown;
}

/** Bookkeeping that rides on the first event of a decision. */
export interface JournalMeta {
  readonly commandId?: string;
  readonly correlationId?: string;
  readonly effects?: readonly Effect[];
  readonly done?: readonly string[];
}

/** Type of rows that the runtime writes for itself (an effect done without a domain event). `evolve` never sees them. */
export const RUNTIME_MARKER = '$runtime';

export interface ProcessedCommand {
  readonly ref: EntityRef;
  readonly kindCode: number;
  readonly commandId: string;
  readonly fingerprint: string | null;
  /** The answer as it was given; null when nobody will ask for it. */
  readonly reply: unknown;
}

export type DurableTimerWrite =
  | {
      readonly op: 'arm';
      readonly ref: EntityRef;
      readonly kindCode: number;
      readonly name: string;
      readonly dueAtMs: number;
      readonly command: unknown;
    }
  | { readonly op: 'cancel'; readonly ref: EntityRef; readonly kindCode: number; readonly name: string };

/** One group commit. Everything in it becomes durable together or not at all. */
export interface CommitBatch {
  readonly rows: readonly JournalRow[];
  readonly processed: readonly ProcessedCommand[];
  readonly timers: readonly DurableTimerWrite[];
  readonly readModels: readonly (ReadModelWrite & { readonly ref: EntityRef; readonly seq: number; readonly subjectId: string | null })[];
  /** Tenants named by the actors' addresses: the independent source that row-level security checks rows against. */
  readonly tenantIds: readonly number[];
  /** The epoch that this worker believes it holds for each shard in the batch. */
  readonly shardEpochs: ReadonlyMap<number, number>;
}

export type CommitResult =
  | { readonly ok: true }
  /** These entities' rows collide with what is stored: drop them whole, retry the rest. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly entityKeys: readonly string[] }
  /** Another owner holds one of these shards: stop their actors. */
  | { readonly ok: false; readonly reason: 'fenced'; readonly shards: readonly number[] };

export interface StoredSnapshot {
  readonly seq: number;
  readonly stateVersion: number;
  /** Domain state, pending effects and recent command ids as the runtime packed them. */
  readonly body: unknown;
}

export interface StoredEvent {
  readonly seq: number;
  readonly pos: number;
  readonly atMs: number;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  /** undefined when there was none or the person's key is destroyed. */
  readonly personal: unknown;
  readonly meta: JournalMeta;
}

export interface LoadedEntity {
  readonly snapshot: StoredSnapshot | null;
  readonly events: readonly StoredEvent[];
}

export interface StoredTimer {
  readonly ref: EntityRef;
  readonly name: string;
  readonly dueAtMs: number;
  readonly command: unknown;
}

export interface StoredReply {
  readonly fingerprint: string | null;
  readonly reply: unknown;
}

/** Up to where the promises of a shard are kept, beside those of few who wait. */
export interface Passed {
  /** Every effect promised up to here is settled, but for those of `except`. */
  readonly pos: number;
  readonly except: readonly EntityRef[];
}

export interface StoredCheckpoint {
  readonly shard: number;
  /** Every effect promised up to here is settled. */
  readonly pos: number;
  readonly epoch: number;
  /** null: what is stored stays. */
  readonly passed: Passed | null;
}

export interface OpenedShard {
  readonly lastPos: number;
  readonly effectsCheckpoint: number;
  /** null when nothing was passed beyond the checkpoint. */
  readonly passed: Passed | null;
}

/** What is stored of one entity came, and cannot be made sense of: waiting does not help. `cause` is why. */
export class UnreadableEntity extends Error {
  override readonly name = 'UnreadableEntity';
  readonly code = 'runtime.unreadable';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'unknown', { cause });
  }
}

/** Rejections mean "transient: may work later" (database away, connection lost with the outcome unknown), but for `UnreadableEntity`. */
export interface JournalStore {
  /** Rows that will be in a coming batch: work that can be done before it may be done now. Never throws. */
  encodeAhead?(rows: readonly JournalRow[]): void;
  commit(batch: CommitBatch): Promise<CommitResult>;
  /**
   * Snapshot and tail; without a snapshot of this state version the whole journal. Never rejects for an unknown entity:
   * `{ snapshot: null, events: [] }`. Batched inside. @throws UnreadableEntity when bytes of it do not open or decode
   */
  load(ref: EntityRef, kind: { readonly kindCode: number; readonly stateVersion: number }): Promise<LoadedEntity>;
  /** The stored answer of an already applied command; null when it was never applied. */
  findProcessed(ref: EntityRef, commandId: string): Promise<StoredReply | null>;
  saveSnapshot(ref: EntityRef, kindCode: number, snapshot: StoredSnapshot, subjectId: string | null): Promise<void>;
  /** Highest position and effect checkpoint of each shard. */
  openShards(shards: readonly number[]): Promise<ReadonlyMap<number, OpenedShard>>;
  /**
   * Whose promises the next `limit` rows with promises above `pos` hold, each entity once with the last of them: the next page is above the
   * highest. Empty only when nobody has any left. Who has promises in several pages comes in each. O(limit).
   */
  entitiesAfter(shard: number, pos: number, limit: number): Promise<readonly { readonly ref: EntityRef; readonly lastPos: number }[]>;
  /** None goes back, neither in `pos` nor in `passed.pos`, nor counts under an epoch older than the stored one. */
  saveCheckpoints(checkpoints: readonly StoredCheckpoint[]): Promise<void>;
  /** Timers due at `untilMs` (unix ms) or before, earliest first. */
  dueTimers(shards: readonly number[], untilMs: number, limit: number): Promise<readonly StoredTimer[]>;
  saveDeadLetter(letter: DeadLetter): Promise<void>;
  close(): Promise<void>;
}

export interface DeadLetter {
  readonly tenantId: number | null;
  readonly entityKey: string | null;
  /** `group.reason` */
  readonly reason: string;
  readonly tries: number;
  readonly body: unknown;
  readonly atMs: number;
}
