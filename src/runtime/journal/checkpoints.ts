/**
 * Effect checkpoints: up to which position of each shard every promised effect is settled. After a crash only
 * the entities above it are woken to resume theirs. Saved now and then; being behind costs a longer wake-up, never a loss.
 */
import type { Answer } from '../behaviour.ts';
import type { Clock } from '../clock.ts';
import type { EntityRef } from '../entity.ts';
import type { GroupCommit } from './group-commit.ts';
import type { JournalStore } from './store.ts';

const SAVE_MS = 2_000;
const WAKE_PAGE = 200;
/** Until those of whom some could not be woken are tried again: doubled each time, up to the second. */
const WAKE_RETRY_MS = 1_000;
const WAKE_RETRY_MAX_MS = 10_000;
/** Entities of one shard that could not be woken, beyond which no more of it are tried before some of these are. */
const ASLEEP_MAX = 1_000;

interface Hold {
  readonly lastPos: number;
  readonly effectsCheckpoint: number;
}

/** How far the waking of one shard is. */
interface Waking {
  readonly shard: number;
  readonly lastPos: number;
  /** Everybody with a promise up to here was tried. */
  pos: number;
  /** Those of them who could not be woken. */
  asleep: readonly EntityRef[];
}

interface CheckpointsOptions {
  readonly clock: Clock;
  readonly store: JournalStore;
  readonly journal: GroupCommit;
  unfinished(): ReadonlyMap<number, number>;
  activate(ref: EntityRef): Promise<Answer>;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #saved = new Map<number, number>();
  /** Shards whose left-over effects are all running again; only these may advance. */
  readonly #woken = new Set<number>();
  /** Entities a shard whose last batch may or may not be stored: while there is one, its promises are not all known. */
  readonly #doubts = new Map<number, number>();
  #cancelSave: () => void = () => undefined;
  #stopped = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  of(shard: number): number {
    return this.#saved.get(shard) ?? 0;
  }

  /** True when every effect that a crash left behind runs again. */
  get settled(): boolean {
    return this.#woken.size === this.#saved.size;
  }

  /** +1 when an entity of the shard is in doubt, -1 when it was read again. */
  countDoubt(shard: number, change: 1 | -1): void {
    const count = (this.#doubts.get(shard) ?? 0) + change;
    if (count === 0) this.#doubts.delete(shard);
    else this.#doubts.set(shard, count);
  }

  start(holds: ReadonlyMap<number, Hold>): void {
    const behind: number[] = [];
    for (const [shard, hold] of holds) {
      this.#saved.set(shard, hold.effectsCheckpoint);
      if (hold.effectsCheckpoint >= hold.lastPos) this.#woken.add(shard);
      else behind.push(shard);
    }
    void this.#wake(behind, holds);
    this.#saveLater();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancelSave();
    await this.#save();
  }

  /** Shard after shard; one in which somebody cannot be woken holds nobody up, and only who could not be is tried again. */
  async #wake(shards: readonly number[], holds: ReadonlyMap<number, Hold>): Promise<void> {
    let left = shards.map((shard): Waking => {
      const { lastPos, effectsCheckpoint } = holds.get(shard) as Hold;
      return { shard, lastPos, pos: effectsCheckpoint, asleep: [] };
    });
    for (let pauseMs = WAKE_RETRY_MS; left.length > 0; pauseMs = Math.min(WAKE_RETRY_MAX_MS, 2 * pauseMs)) {
      const again: Waking[] = [];
      for (const waking of left) {
        const all = await this.#wakeShard(waking);
        if (this.#stopped) return;
        if (all) this.#woken.add(waking.shard);
        else again.push(waking);
      }
      left = again;
      if (left.length > 0) await this.#pause(pauseMs);
    }
  }

  /** @returns false when not everybody above the checkpoint is awake. */
  async #wakeShard(waking: Waking): Promise<boolean> {
    const { shard, lastPos } = waking;
    waking.asleep = await this.#tryToWake(waking.asleep);
    while (waking.pos < lastPos && waking.asleep.length < ASLEEP_MAX && !this.#stopped) {
      const page = await this.#options.store.entitiesAfter(shard, waking.pos, WAKE_PAGE).catch(() => null);
      if (page === null) {
        // The database is away, for the other shards too.
        await this.#pause(WAKE_RETRY_MS);
        continue;
      }
      const asleep = await this.#tryToWake(page.map((entity) => entity.ref));
      if (asleep.length > 0) waking.asleep = [...waking.asleep, ...asleep];
      waking.pos = page.length < WAKE_PAGE ? lastPos : Math.max(waking.pos + 1, ...page.map((entity) => entity.lastPos));
    }
    return waking.pos >= lastPos && waking.asleep.length === 0;
  }

  /** @returns those who could not be woken. */
  async #tryToWake(refs: readonly EntityRef[]): Promise<EntityRef[]> {
    const answers = await Promise.all(refs.map((ref) => this.#options.activate(ref)));
    return refs.filter((_ref, i) => {
      const answer = answers[i] as Answer;
      return !answer.ok && 'fault' in answer && answer.fault.code !== 'runtime.quarantined';
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }

  #saveLater(): void {
    this.#cancelSave = this.#options.clock.after(SAVE_MS, () => {
      void this.#save().finally(() => {
        if (!this.#stopped) this.#saveLater();
      });
    });
  }

  async #save(): Promise<void> {
    const unfinished = this.#options.unfinished();
    const changed: { shard: number; pos: number; epoch: number }[] = [];
    for (const shard of this.#woken) {
      const lowest = unfinished.get(shard);
      const pos = lowest === undefined ? this.#options.journal.lastPos(shard) : lowest - 1;
      const epoch = this.#options.journal.epochOf(shard);
      if (epoch !== undefined && !this.#doubts.has(shard) && pos > (this.#saved.get(shard) ?? 0)) changed.push({ shard, pos, epoch });
    }
    if (changed.length === 0) return;
    try {
      await this.#options.store.saveCheckpoints(changed);
      for (const { shard, pos } of changed) this.#saved.set(shard, pos);
    } catch {
      // Behind is safe; the next round tries again.
    }
  }
}
