/** Names as a phone hears them: "koter" for kota, "fet cook" for vetkoek. Only ever asked about, never taken. Pure. */
import type { Product } from '../../../tenant/protocol.ts';
import { EVERYDAY } from '../data/order-words.ts';
import { singular } from '../words/spelling.ts';
import type { CompiledCatalogue, Match } from './catalogue.ts';

/** Fewer sounds are in too many words. */
const SOUNDS_MIN = 2;
const WORD_MIN_CHARS = 4;

/** Consonants that speech to text takes for each other are one; vowels, "h" and the "r" of "koter" are none. */
const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/(.)\1+/g, '$1'],
  [/ph/g, 'f'],
  [/[aeiouy]rs?$/, ''],
  [/[vw]/g, 'f'],
  [/c(?=[eiy])|z/g, 's'],
  [/ck|[cqg]/g, 'k'],
  [/d/g, 't'],
  [/[aeiouyh]/g, ''],
];

/** Of each catalogue when it is first asked for; a change of names makes another catalogue. */
const keysOf = new WeakMap<CompiledCatalogue, ReadonlyMap<string, Product | null>>();

/** @returns the one product that sounds like it, null for none or several. O(words of the menu) once for each catalogue, then O(1). */
export function soundAlike(words: readonly string[], catalogue: CompiledCatalogue): Match | null {
  const said = words.join('');
  if (said.length < WORD_MIN_CHARS || (words.length === 1 && EVERYDAY.has(said))) return null;
  let keys = keysOf.get(catalogue);
  if (keys === undefined) {
    keys = keysIn(catalogue);
    keysOf.set(catalogue, keys);
  }
  for (const form of [said, ...singular(said)]) {
    const product = keys.get(keyOf(form));
    if (product != null) return { phrase: words.join(' '), products: [product], words: words.length, exact: false };
  }
  return null;
}

/** Null for what several products sound like. */
function keysIn({ wordsBySound, phrases, descriptors }: CompiledCatalogue): ReadonlyMap<string, Product | null> {
  const keys = new Map<string, Product | null>();
  for (const words of wordsBySound.values())
    for (const word of words) {
      const [product, other] = phrases.get(word) ?? [];
      const key = keyOf(word);
      // "Court" is no quarter of anything.
      if (product === undefined || key.length < SOUNDS_MIN || descriptors.has(word)) continue;
      const known = keys.get(key);
      keys.set(key, other !== undefined || (known !== undefined && known !== product) ? null : product);
    }
  return keys;
}

function keyOf(word: string): string {
  return SOUNDS.reduce((heard, [pattern, sound]) => heard.replace(pattern, sound), word);
}
