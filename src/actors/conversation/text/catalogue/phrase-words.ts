/** What the phrases of a catalogue begin with, kept up as phrases come and go. Must never know a product. */
import { JOINED_MIN_CHARS, NAME_WORDS_MAX } from './catalogue.ts';

export class PhraseWords {
  /** What long single words begin with, and how many do. */
  readonly #beginnings = new Map<string, number>();
  /** Of each first word how many phrases there are of so many words, and the most of them. */
  readonly #lengths = new Map<string, number[]>();
  readonly #starts = new Map<string, number>();

  get beginnings(): ReadonlyMap<string, number> {
    return this.#beginnings;
  }

  get starts(): ReadonlyMap<string, number> {
    return this.#starts;
  }

  /** Once for each phrase that came, and once when it goes. @param by 1 or -1 */
  count(phrase: string, by: 1 | -1): void {
    const blank = phrase.indexOf(' ');
    if (blank >= 0) this.#countStart(phrase.slice(0, blank), Math.min(NAME_WORDS_MAX, phrase.split(' ').length), by);
    else if (phrase.length >= JOINED_MIN_CHARS)
      for (let end = 1; end < phrase.length; end++) countOf(this.#beginnings, phrase.slice(0, end), by);
  }

  #countStart(first: string, words: number, by: 1 | -1): void {
    let lengths = this.#lengths.get(first);
    if (lengths === undefined) {
      lengths = new Array<number>(NAME_WORDS_MAX + 1).fill(0);
      this.#lengths.set(first, lengths);
    }
    lengths[words] = (lengths[words] ?? 0) + by;
    const most = lengths.findLastIndex((count) => count > 0);
    if (most > 0) this.#starts.set(first, most);
    else {
      this.#starts.delete(first);
      this.#lengths.delete(first);
    }
  }
}

/** Keeps no zeros. @returns whether the word came or went */
export function countOf(counts: Map<string, number>, word: string, by: 1 | -1): boolean {
  const count = (counts.get(word) ?? 0) + by;
  if (count === 0) counts.delete(word);
  else counts.set(word, count);
  return count === 0 || count === by;
}
