/** Categories of the menu by name, as customers write them. Pure; knows no state. */
import { CATEGORY_SYNONYMS } from './data/synonyms.ts';
import { normalise } from './normalise.ts';
import { singular, spoken } from './spelling.ts';

/** Words of a text that are looked at: who says more says something else, too. */
const WORDS_MAX = 7;

/** Every word that names a category, to its name; the first of two that share one has it. */
export function categoryWords(names: readonly string[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  const put = (word: string, name: string): void => {
    for (const form of [word, ...singular(word)]) if (form !== '' && !named.has(form)) named.set(form, name);
  };
  for (const name of names) put(normalise(name).words, name);
  for (const group of CATEGORY_SYNONYMS) {
    const name = group.map((word) => named.get(word)).find((known) => known !== undefined);
    if (name !== undefined) for (const word of group) put(word, name);
  }
  return named;
}

/** @returns the category that a short text names ("3 cold drinks", "neziphuzo ezintathu"), null when it names none. */
export function categoryNamed(text: string, named: ReadonlyMap<string, string>): string | null {
  const tokens = normalise(text).words.split(' ', WORDS_MAX + 1);
  if (tokens.length > WORDS_MAX) return null;
  for (const [at, token] of tokens.entries()) {
    const pair = named.get(`${token} ${tokens[at + 1] ?? ''}`);
    if (pair !== undefined) return pair;
    for (const form of spoken(token)) {
      const name = named.get(form);
      if (name !== undefined) return name;
    }
  }
  return null;
}
