/** Categories of the menu by name, as customers write them. Pure; knows no state. */
import { WISHES } from '../data/order-words.ts';
import { CATEGORY_SYNONYMS } from '../data/synonyms.ts';
import { normalise } from '../words/normalise.ts';
import { singular, spoken } from '../words/spelling.ts';

/** Words of a text that are looked at: who says more says something else, too. */
const WORDS_MAX = 7;

const NOTHING_SOLD: ReadonlySet<string> = new Set();

/** Every word that names a category, to its name; the first of two that share one has it. */
export function categoryWords(names: readonly string[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  const put = (word: string, name: string): void => {
    for (const form of [word, ...singular(word)]) if (form !== '' && !named.has(form)) named.set(form, name);
  };
  for (const name of names) put(normalise(name).words.replace(/ (?:and|n) /g, ' '), name);
  for (const group of CATEGORY_SYNONYMS) {
    const name = group.map((word) => named.get(word)).find((known) => known !== undefined);
    if (name !== undefined) for (const word of group) put(word, name);
  }
  return named;
}

/**
 * @param sold names of products: in "may i have 2 kotas" they are no part of the menu, though it has one of that name.
 * @returns the category that a short text names ("3 cold drinks", "neziphuzo ezintathu"), null when it names none.
 */
export function categoryNamed(
  text: string,
  named: ReadonlyMap<string, string>,
  sold: { readonly has: (name: string) => boolean } = NOTHING_SOLD,
): string | null {
  const tokens = normalise(text)
    .words.replace(/ (?:and|n) /g, ' ')
    .split(' ', WORDS_MAX + 1);
  if (tokens.length > WORDS_MAX) return null;
  for (const [at, token] of tokens.entries()) {
    if (WISHES.has(token) || spoken(token).some((form) => sold.has(form))) continue;
    const pair = named.get(`${token} ${tokens[at + 1] ?? ''}`);
    if (pair !== undefined) return pair;
    for (const form of spoken(token)) {
      const name = named.get(form);
      if (name !== undefined) return name;
    }
  }
  return null;
}
