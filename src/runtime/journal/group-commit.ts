/**
 * Group commit: gathers what all actors of this thread produced and writes it as one batch at a time.
 *
 * Modes: idle -> scheduled (first entry; until `flushMs` have passed or a full batch waits) -> writing (one batch in flight;
 * newcomers gather and leave as soon as it returns) -> idle; after a rejected write -> reopening (positions and epochs are read again) -> idle.
 * Invariant: an entity's entries reach the store in the order of its sequence numbers, or none after a failed one does.
 */

import type { ReadModelWrite } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import { entityKey } from '../entity.ts';
import type { CommitBatch, CommitResult, DurableTimerWrite, JournalRow, JournalStore, ProcessedCommand } from './store.ts';

/** What one decision wants to have written. */
export interface Entry {
  readonly ref: EntityRef;
  readonly rows: JournalRow[];
  readonly processed: ProcessedCommand | null;
  readonly timers: readonly DurableTimerWrite[];
  readonly readModels: readonly (ReadModelWrite & { readonly ref: EntityRef; readonly seq: number; readonly subjectId: string | null })[];
  /** Durable: reply, start effects. */
  committed(): void;
  /** Not durable, and nothing after it of this entity will be. */
  failed(reason: 'conflict' | 'fenced' | 'unavailable'): void;
}

export interface ShardHold {
  readonly epoch: number;
  readonly lastPos: number;
}

export interface GroupCommitOptions {
  readonly store: JournalStore;
  /** Most events in one batch. */
  readonly batchMax: number;
  /** How long the first event waits for company when nothing is in flight; 0: to the end of this turn. A batch costs the database far more than an event. */
  readonly flushMs: number;
  /** Proves again that the shards are ours after a write with unknown outcome: new epochs (which waits out any
   *  transaction that may still commit) and last positions. Rejects while the database is away. */
  reopen(shards: readonly number[]): Promise<ReadonlyMap<number, ShardHold>>;
  /** Called when another owner was found. */
  fenced(shards: readonly number[]): void;
  schedule(task: () => void): void;
  after(ms: number, task: () => void): void;
  retryLater(task: () => void): void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #holds = new Map<number, { epoch: number; lastPos: number }>();
  #gathered: Entry[] = [];
  /** Entries whose actors have not heard yet that they are refused: what such an actor decides meanwhile builds on them. */
  #refusing = 0;
  #mode: 'idle' | 'scheduled' | 'writing' | 'reopening' | 'closed' = 'idle';
  /** Who waits for the end of what is gathered and on its way. */
  #whenQuiet: (() => void)[] = [];
  #flushes = 0;
  #batches = 0;
  #events = 0;
  #failures = 0;
  /** Counts schedulings, so that the timer of one that was overtaken by a full batch does nothing. */
  #generation = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Takes a shard into ownership with its epoch and last position. */
  hold(shard: number, hold: ShardHold): void {
    this.#holds.set(shard, { ...hold });
  }

  holds(shard: number): boolean {
    return this.#holds.has(shard);
  }

  epochOf(shard: number): number | undefined {
    return this.#holds.get(shard)?.epoch;
  }

  lastPos(shard: number): number {
    return this.#holds.get(shard)?.lastPos ?? 0;
  }

  get stats(): { batches: number; events: number; failures: number; waiting: number } {
    return { batches: this.#batches, events: this.#events, failures: this.#failures, waiting: this.#gathered.length };
  }

  /** Number of the batch under way, another one for each; null when none is. */
  get writing(): number | null {
    return this.#mode === 'writing' ? this.#flushes : null;
  }

  /** False while writes cannot succeed; readiness asks. */
  get writable(): boolean {
    return this.#mode !== 'reopening' && this.#mode !== 'closed';
  }

  append(entry: Entry): void {
    if (!this.writable || this.#refusing > 0 || !this.#holds.has(entry.ref.shard)) {
      this.#refuse(entry);
      return;
    }
    this.#gathered.push(entry);
    // The database has work; use the wait.
    if (this.#mode === 'writing') this.#options.store.encodeAhead?.(entry.rows);
    if (this.#mode === 'idle') {
      this.#mode = 'scheduled';
      const generation = ++this.#generation;
      const flush = (): void => {
        if (generation === this.#generation) this.#flush();
      };
      if (this.#options.flushMs === 0) this.#options.schedule(flush);
      else this.#options.after(this.#options.flushMs, flush);
    } else if (this.#mode === 'scheduled' && this.#gathered.length === this.#options.batchMax) this.#options.schedule(() => this.#flush());
  }

  /**
   * Sends what has gathered without waiting for company, and resolves when nothing is on its way any more, or nothing can be written now.
   * @returns false when there was something to wait for: its answers may have brought more
   */
  async quiet(): Promise<boolean> {
    this.#flush();
    if (this.#mode !== 'writing') return true;
    await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
    return false;
  }

  /** Never synchronously: the caller is still in the middle of applying the decision. */
  #refuse(entry: Entry): void {
    this.#refusing++;
    this.#options.schedule(() => {
      this.#refusing--;
      entry.failed(this.#holds.has(entry.ref.shard) ? 'unavailable' : 'fenced');
    });
  }

  /** Refuses new entries; what waits is failed as unavailable. */
  close(): void {
    this.#mode = 'closed';
    this.#isQuiet();
    const waiting = this.#gathered;
    this.#gathered = [];
    for (const entry of waiting) entry.failed('unavailable');
  }

  #flush(): void {
    if (this.#mode !== 'scheduled') return;
    const entries = this.#takeBatch();
    if (entries.length === 0) {
      this.#mode = 'idle';
      return;
    }
    this.#mode = 'writing';
    this.#flushes++;
    void this.#write(entries);
  }

  #takeBatch(): Entry[] {
    let events = 0;
    let count = 0;
    while (count < this.#gathered.length && events < this.#options.batchMax) {
      events += Math.max(1, (this.#gathered[count] as Entry).rows.length);
      count++;
    }
    if (count === this.#gathered.length) {
      const all = this.#gathered;
      this.#gathered = [];
      return all;
    }
    return this.#gathered.splice(0, count);
  }

  async #write(first: Entry[]): Promise<void> {
    let entries = first;
    while (entries.length > 0) {
      let result: CommitResult;
      const batch = this.#assemble(entries);
      try {
        result = await this.#options.store.commit(batch);
      } catch {
        this.#failures++;
        await this.#unknownOutcome(entries);
        return;
      }
      if (result.ok) {
        this.#accept(entries, batch);
        return;
      }
      entries = this.#drop(entries, result);
    }
    this.#next();
  }

  #assemble(entries: readonly Entry[]): CommitBatch {
    const rows: JournalRow[] = [];
    const processed: ProcessedCommand[] = [];
    const timers: DurableTimerWrite[] = [];
    const readModels: CommitBatch['readModels'][number][] = [];
    const tenantIds = new Set<number>();
    const shardEpochs = new Map<number, number>();
    const positions = new Map<number, number>();
    for (const entry of entries) {
      const shard = entry.ref.shard;
      const hold = this.#holds.get(shard);
      tenantIds.add(entry.ref.tenantId);
      shardEpochs.set(shard, hold?.epoch ?? -1);
      let pos = positions.get(shard) ?? hold?.lastPos ?? 0;
      for (const row of entry.rows) {
        row.pos = ++pos;
        rows.push(row);
      }
      positions.set(shard, pos);
      if (entry.processed !== null) processed.push(entry.processed);
      for (const timer of entry.timers) timers.push(timer);
      for (const write of entry.readModels) readModels.push(write);
    }
    return { rows, processed, timers, readModels, tenantIds: [...tenantIds], shardEpochs };
  }

  #accept(entries: readonly Entry[], batch: CommitBatch): void {
    this.#batches++;
    this.#events += batch.rows.length;
    for (const row of batch.rows) {
      const hold = this.#holds.get(row.ref.shard);
      if (hold !== undefined && row.pos > hold.lastPos) hold.lastPos = row.pos;
    }
    // The next batch leaves before anyone is answered: the database works while we reply.
    this.#next();
    for (const entry of entries) entry.committed();
  }

  #next(): void {
    if (this.#mode === 'closed') return;
    this.#mode = 'idle';
    if (this.#gathered.length > 0) {
      this.#mode = 'scheduled';
      this.#flush();
    } else this.#isQuiet();
  }

  #isQuiet(): void {
    for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }

  /** Takes the refused entities out, whole, and everything of theirs that gathered meanwhile. @returns what is left to retry. */
  #drop(entries: readonly Entry[], result: Exclude<CommitResult, { ok: true }>): Entry[] {
    let refused: (entry: Entry) => boolean;
    if (result.reason === 'conflict') {
      const keys = new Set(result.entityKeys);
      refused = (entry) => keys.has(entityKey(entry.ref));
    } else {
      const shards = new Set(result.shards);
      refused = (entry) => shards.has(entry.ref.shard);
      for (const shard of shards) this.#holds.delete(shard);
      this.#options.fenced(result.shards);
    }
    const left = entries.filter((entry) => !refused(entry));
    // A store that names nobody we know would have us retry for ever: then nobody is spared.
    const lost = left.length === entries.length ? [...entries] : entries.filter(refused);
    const lostKeys = new Set(lost.map((entry) => entityKey(entry.ref)));
    const followers = this.#gathered.filter((entry) => lostKeys.has(entityKey(entry.ref)));
    this.#gathered = this.#gathered.filter((entry) => !lostKeys.has(entityKey(entry.ref)));
    for (const entry of [...lost, ...followers]) entry.failed(result.reason);
    return left.length === entries.length ? [] : left;
  }

  /** The connection broke: the batch may or may not be stored. Nothing is written until the shards are ours again for certain. */
  async #unknownOutcome(entries: readonly Entry[]): Promise<void> {
    if (this.#mode === 'closed') {
      for (const entry of entries) entry.failed('unavailable');
      return;
    }
    this.#mode = 'reopening';
    this.#isQuiet();
    const waiting = this.#gathered;
    this.#gathered = [];
    for (const entry of [...entries, ...waiting]) entry.failed('unavailable');
    this.#tryReopen();
  }

  #tryReopen(): void {
    const shards = [...this.#holds.keys()];
    this.#options.reopen(shards).then(
      (held) => {
        if (this.#mode !== 'reopening') return;
        const lost = shards.filter((shard) => !held.has(shard));
        for (const shard of lost) this.#holds.delete(shard);
        for (const [shard, hold] of held) this.#holds.set(shard, { ...hold });
        if (lost.length > 0) this.#options.fenced(lost);
        this.#mode = 'idle';
      },
      () => {
        if (this.#mode === 'reopening') this.#options.retryLater(() => this.#tryReopen());
      },
    );
  }
}
