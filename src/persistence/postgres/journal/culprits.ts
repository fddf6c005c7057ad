/** Which entities make a batch impossible to store, so that only they are refused. Must never know how a batch is written. */
import { type EntityRef, entityKey } from '../../../runtime/entity.ts';
import type { CommitBatch } from '../../../runtime/journal/store.ts';

/**
 * Halves the batch and tries each half.
 *
 * @param isStorable tries a part of the batch without keeping it
 * @returns keys of entities, at least one. All of the batch when no half by itself complains.
 */
export async function findCulprits(batch: CommitBatch, isStorable: (part: CommitBatch) => Promise<boolean>): Promise<string[]> {
  const keys = [...new Set([...batch.rows.map((row) => entityKey(row.ref)), ...batch.timers.map((timer) => entityKey(timer.ref))])];
  if (keys.length === 1) return keys;
  const latecomers = latecomersOf(batch);
  if (latecomers.length > 0) return latecomers;
  const found: string[] = [];
  const search = async (suspects: readonly string[]): Promise<void> => {
    if (await isStorable(only(batch, new Set(suspects)))) return;
    if (suspects.length === 1) {
      found.push(suspects[0] as string);
      return;
    }
    const middle = Math.ceil(suspects.length / 2);
    await search(suspects.slice(0, middle));
    await search(suspects.slice(middle));
  };
  await search(keys);
  // What collides only with each other and in no way known today: neither half complains.
  return found.length === 0 ? keys : found;
}

/** Entities whose command id another entity of the batch brought first: no half without its other half would complain of them. */
function latecomersOf(batch: CommitBatch): string[] {
  const firstOf = new Map<string, string>();
  const latecomers = new Set<string>();
  for (const { ref, commandId } of batch.processed) {
    const id = `${ref.tenantId}/${commandId}`;
    const key = entityKey(ref);
    const first = firstOf.get(id);
    if (first === undefined) firstOf.set(id, key);
    else if (first !== key) latecomers.add(key);
  }
  return [...latecomers];
}

function only(batch: CommitBatch, keys: ReadonlySet<string>): CommitBatch {
  const mine = (item: { readonly ref: EntityRef }): boolean => keys.has(entityKey(item.ref));
  return {
    ...batch,
    rows: batch.rows.filter(mine),
    processed: batch.processed.filter(mine),
    timers: batch.timers.filter(mine),
    readModels: batch.readModels.filter(mine),
  };
}
