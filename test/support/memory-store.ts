/** An in-memory journal store with the same promises as the real one, and scripted faults. For runtime tests and simulations. */
import { type EntityRef, entityKey } from '../../src/runtime/entity.ts';
import type {
  CommitBatch,
  CommitResult,
  DeadLetter,
  JournalRow,
  JournalStore,
  LoadedEntity,
  OpenedShard,
  Passed,
  StoredReply,
  StoredSnapshot,
  StoredTimer,
} from '../../src/runtime/journal/store.ts';

export class MemoryStore implements JournalStore {
  readonly rows = new Map<string, JournalRow[]>();
  readonly processed = new Map<string, StoredReply & { entity: string }>();
  readonly snapshots = new Map<string, StoredSnapshot>();
  readonly timers = new Map<string, StoredTimer>();
  readonly checkpoints = new Map<number, number>();
  readonly passed = new Map<number, Passed>();
  readonly #checkpointEpochs = new Map<number, number>();
  readonly epochs = new Map<number, number>();
  readonly deadLetters: DeadLetter[] = [];
  readonly readModels: CommitBatch['readModels'][number][] = [];
  batches = 0;
  /** Called before each commit; may throw (nothing stored) or return 'after' (stored, then the outcome is lost). */
  onCommit: (batch: CommitBatch) => 'ok' | 'after' | Promise<'ok' | 'after'> = () => 'ok';
  loadFails = false;

  async commit(batch: CommitBatch): Promise<CommitResult> {
    const fate = await this.onCommit(batch);
    const stale = [...batch.shardEpochs].filter(([shard, epoch]) => (this.epochs.get(shard) ?? 1) !== epoch).map(([shard]) => shard);
    if (stale.length > 0) return { ok: false, reason: 'fenced', shards: stale };
    const conflicts = new Set<string>();
    const next = new Map<string, number>();
    for (const row of batch.rows) {
      const key = entityKey(row.ref);
      const expected = (next.get(key) ?? this.rows.get(key)?.length ?? 0) + 1;
      if (row.seq !== expected) conflicts.add(key);
      next.set(key, expected);
    }
    for (const command of batch.processed) {
      if (this.processed.has(`${command.ref.tenantId}|${command.commandId}`)) conflicts.add(entityKey(command.ref));
    }
    if (conflicts.size > 0) return { ok: false, reason: 'conflict', entityKeys: [...conflicts] };
    this.#store(batch);
    if (fate === 'after') throw new Error('connection lost after commit');
    return { ok: true };
  }

  #store(batch: CommitBatch): void {
    this.batches++;
    for (const row of batch.rows) {
      const key = entityKey(row.ref);
      const list = this.rows.get(key) ?? [];
      list.push(structuredClone(row));
      this.rows.set(key, list);
    }
    for (const command of batch.processed)
      this.processed.set(`${command.ref.tenantId}|${command.commandId}`, {
        fingerprint: command.fingerprint,
        reply: command.reply,
        entity: entityKey(command.ref),
      });
    for (const timer of batch.timers) {
      const key = `${entityKey(timer.ref)}|${timer.name}`;
      if (timer.op === 'cancel') this.timers.delete(key);
      else this.timers.set(key, { ref: timer.ref, name: timer.name, dueAtMs: timer.dueAtMs, command: timer.command });
    }
    this.readModels.push(...batch.readModels);
  }

  async load(ref: EntityRef, kind?: { readonly stateVersion: number }): Promise<LoadedEntity> {
    if (this.loadFails) throw new Error('store away');
    const stored = this.snapshots.get(entityKey(ref)) ?? null;
    const snapshot = kind === undefined || stored?.stateVersion === kind.stateVersion ? stored : null;
    const rows = (this.rows.get(entityKey(ref)) ?? []).filter((row) => row.seq > (snapshot?.seq ?? 0));
    return { snapshot: structuredClone(snapshot), events: structuredClone(rows) };
  }

  async findProcessed(ref: EntityRef, commandId: string): Promise<StoredReply | null> {
    return this.processed.get(`${ref.tenantId}|${commandId}`) ?? null;
  }

  async saveSnapshot(ref: EntityRef, _kindCode: number, snapshot: StoredSnapshot): Promise<void> {
    const before = this.snapshots.get(entityKey(ref));
    if (before === undefined || before.seq < snapshot.seq) this.snapshots.set(entityKey(ref), structuredClone(snapshot));
  }

  async openShards(shards: readonly number[]) {
    const held = new Map<number, OpenedShard>();
    for (const shard of shards) {
      let lastPos = 0;
      for (const rows of this.rows.values()) for (const row of rows) if (row.ref.shard === shard && row.pos > lastPos) lastPos = row.pos;
      const effectsCheckpoint = this.checkpoints.get(shard) ?? 0;
      const passed = this.passed.get(shard) ?? null;
      held.set(shard, { lastPos, effectsCheckpoint, passed: passed !== null && passed.pos > effectsCheckpoint ? passed : null });
    }
    return held;
  }

  async entitiesAfter(shard: number, pos: number, limit: number) {
    const above = [...this.rows.values()].flat().filter((row) => row.ref.shard === shard && row.pos > pos);
    const found = new Map<string, { ref: EntityRef; lastPos: number }>();
    for (const { ref, pos: lastPos } of above.sort((a, b) => a.pos - b.pos).slice(0, limit)) found.set(entityKey(ref), { ref, lastPos });
    return [...found.values()].sort((a, b) => a.lastPos - b.lastPos);
  }

  async saveCheckpoints(checkpoints: Parameters<JournalStore['saveCheckpoints']>[0]): Promise<void> {
    for (const { shard, pos, epoch, passed } of checkpoints) {
      if ((this.#checkpointEpochs.get(shard) ?? 0) > epoch) continue;
      this.checkpoints.set(shard, Math.max(pos, this.checkpoints.get(shard) ?? 0));
      if (passed !== null && passed.pos > (this.passed.get(shard)?.pos ?? 0)) this.passed.set(shard, structuredClone(passed));
      this.#checkpointEpochs.set(shard, epoch);
    }
  }

  async dueTimers(shards: readonly number[], untilMs: number, limit: number): Promise<readonly StoredTimer[]> {
    const due = [...this.timers.values()].filter((timer) => shards.includes(timer.ref.shard) && timer.dueAtMs <= untilMs);
    return due.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, limit);
  }

  async saveDeadLetter(letter: DeadLetter): Promise<void> {
    this.deadLetters.push(letter);
  }

  async close(): Promise<void> {}
}
