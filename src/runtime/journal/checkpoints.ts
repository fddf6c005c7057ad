/**
 * Effect checkpoints: up to which position of each shard every promised effect is settled. After a crash only
 * the entities above it are woken to resume theirs. Saved now and then; being behind costs a longer wake-up, never a loss.
 * A promise may wait for hours: where only few do, the checkpoint names them and says up to where everybody else's are settled.
 */
import type { Answer } from '../behaviour.ts';
import type { Clock } from '../clock.ts';
import { type EntityRef, entityKey } from '../entity.ts';
import type { GroupCommit } from './group-commit.ts';
import type { JournalStore, OpenedShard, Passed, StoredCheckpoint } from './store.ts';

const SAVE_MS = 2_000;
/** Saves from one that also names who waits to the next: the names of many are long. */
const NAMED_EVERY = 15;
/** Entities of one shard that are named; beyond the first promise of the next one nothing is passed. */
const NAMED_MAX = 256;
const WAKE_PAGE = 200;
/** Until those of whom some could not be woken are tried again: doubled each time, up to the second. */
const WAKE_RETRY_MS = 1_000;
const WAKE_RETRY_MAX_MS = 10_000;
/** Entities of one shard that could not be woken, beyond which no more of it are tried before some of these are. */
const ASLEEP_MAX = 1_000;

/** How far the waking of one shard is. */
interface Waking {
  readonly shard: number;
  readonly lastPos: number;
  /** Everybody with a promise up to here was tried. */
  pos: number;
  /** Those of them who could not be woken. */
  asleep: readonly EntityRef[];
}

/** A promise that is not settled, and where it stands at the earliest. */
interface Promised {
  readonly ref: EntityRef;
  readonly pos: number;
}

interface CheckpointsOptions {
  readonly clock: Clock;
  readonly store: JournalStore;
  readonly journal: GroupCommit;
  unfinished(): ReadonlyMap<number, number>;
  promised(): Iterable<Promised>;
  activate(ref: EntityRef): Promise<Answer>;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #saved = new Map<number, number>();
  /** Up to where each shard was passed beside those who wait. */
  readonly #passed = new Map<number, number>();
  #saves = 0;
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

  start(holds: ReadonlyMap<number, OpenedShard>): void {
    const behind: number[] = [];
    for (const [shard, hold] of holds) {
      this.#saved.set(shard, hold.effectsCheckpoint);
      this.#passed.set(shard, hold.passed?.pos ?? 0);
      if (hold.effectsCheckpoint >= hold.lastPos) this.#woken.add(shard);
      else behind.push(shard);
    }
    void this.#wake(behind, holds);
    this.#saveLater();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancelSave();
    await this.#save(true);
  }

  /** Shard after shard; one in which somebody cannot be woken holds nobody up, and only who could not be is tried again. */
  async #wake(shards: readonly number[], holds: ReadonlyMap<number, OpenedShard>): Promise<void> {
    let left = shards.map((shard): Waking => {
      const { lastPos, effectsCheckpoint, passed } = holds.get(shard) as OpenedShard;
      return { shard, lastPos, pos: Math.max(effectsCheckpoint, passed?.pos ?? 0), asleep: passed?.except ?? [] };
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
      const tried = new Set(waking.asleep.map(entityKey));
      const asleep = await this.#tryToWake(page.flatMap(({ ref }) => (tried.has(entityKey(ref)) ? [] : [ref])));
      if (asleep.length > 0) waking.asleep = [...waking.asleep, ...asleep];
      waking.pos = page.length === 0 ? lastPos : Math.max(waking.pos + 1, ...page.map((entity) => entity.lastPos));
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
      void this.#save(this.#saves++ % NAMED_EVERY === NAMED_EVERY - 1).finally(() => {
        if (!this.#stopped) this.#saveLater();
      });
    });
  }

  async #save(named: boolean): Promise<void> {
    const unfinished = this.#options.unfinished();
    const passable = named ? this.#passable() : null;
    const changed: StoredCheckpoint[] = [];
    for (const shard of this.#woken) {
      const lowest = unfinished.get(shard);
      const pos = lowest === undefined ? this.#options.journal.lastPos(shard) : lowest - 1;
      const epoch = this.#options.journal.epochOf(shard);
      if (epoch === undefined || this.#doubts.has(shard)) continue;
      const next = passable?.get(shard) ?? null;
      const passed = next !== null && next.pos > Math.max(pos, this.#passed.get(shard) ?? 0) ? next : null;
      if (passed !== null || pos > this.of(shard)) changed.push({ shard, pos, epoch, passed });
    }
    if (changed.length === 0) return;
    try {
      await this.#options.store.saveCheckpoints(changed);
      for (const { shard, pos, passed } of changed) {
        this.#saved.set(shard, pos);
        if (passed !== null) this.#passed.set(shard, passed.pos);
      }
    } catch {
      // Behind is safe; the next round tries again.
    }
  }

  /** By shard who waits, and up to where nobody else does. O(unsettled promises). */
  #passable(): Map<number, Passed> {
    const first = new Map<number, Map<string, Promised>>();
    for (const promised of this.#options.promised()) {
      const { shard } = promised.ref;
      const entities = first.get(shard) ?? new Map<string, Promised>();
      first.set(shard, entities);
      const key = entityKey(promised.ref);
      const known = entities.get(key);
      if (known === undefined || promised.pos < known.pos) entities.set(key, promised);
    }
    const passable = new Map<number, Passed>();
    for (const [shard, entities] of first) {
      const waiting = [...entities.values()].sort((a, b) => a.pos - b.pos);
      const unnamed = waiting[NAMED_MAX];
      const pos = unnamed === undefined ? this.#options.journal.lastPos(shard) : unnamed.pos - 1;
      passable.set(shard, { pos, except: waiting.slice(0, NAMED_MAX).map(({ ref }) => ref) });
    }
    return passable;
  }
}
