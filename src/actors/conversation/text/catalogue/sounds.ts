/** Words by how they begin, each list in an order that others say: the first of two that are equally near is meant. Must never know a product. */
import { initialSound } from '../words/spelling.ts';

/** Place of a word among all: compared part by part, smaller first. */
export type Rank = readonly [kind: number, product: number, name: number];

export class Sounds {
  readonly #bySound = new Map<string, string[]>();

  get bySound(): ReadonlyMap<string, readonly string[]> {
    return this.#bySound;
  }

  /**
   * Takes these words out and puts those of them that have a rank back in. O(words of the sounds that are touched).
   * @param rankOf null for a word that belongs in no list; for any other word of the lists, its rank among them as it is now
   */
  put(words: Iterable<string>, rankOf: (word: string) => Rank | null): void {
    const touched = new Map<string, { readonly all: Set<string>; readonly ranked: { readonly word: string; readonly rank: Rank }[] }>();
    for (const word of words) {
      const sound = initialSound(word);
      let of = touched.get(sound);
      if (of === undefined) {
        of = { all: new Set(), ranked: [] };
        touched.set(sound, of);
      }
      of.all.add(word);
      const rank = rankOf(word);
      if (rank !== null) of.ranked.push({ word, rank });
    }
    for (const [sound, { all, ranked }] of touched) {
      ranked.sort((one, other) => compare(one.rank, other.rank));
      const kept = (this.#bySound.get(sound) ?? []).filter((word) => !all.has(word));
      const merged = merge(kept, ranked, rankOf);
      if (merged.length === 0) this.#bySound.delete(sound);
      else this.#bySound.set(sound, merged);
    }
  }
}

function merge(
  kept: readonly string[],
  ranked: readonly { readonly word: string; readonly rank: Rank }[],
  rankOf: (word: string) => Rank | null,
): string[] {
  const merged: string[] = [];
  let from = 0;
  for (const { word, rank } of ranked) {
    const at = firstBehind(kept, from, rank, rankOf);
    for (; from < at; from++) merged.push(kept[from] as string);
    merged.push(word);
  }
  for (; from < kept.length; from++) merged.push(kept[from] as string);
  return merged;
}

/** @returns the first place from `low` on whose word ranks behind. */
function firstBehind(kept: readonly string[], low: number, rank: Rank, rankOf: (word: string) => Rank | null): number {
  let high = kept.length;
  let from = low;
  while (from < high) {
    const middle = (from + high) >>> 1;
    const other = rankOf(kept[middle] as string);
    if (other !== null && compare(other, rank) > 0) high = middle;
    else from = middle + 1;
  }
  return from;
}

function compare(one: Rank, other: Rank): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
