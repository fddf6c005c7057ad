/** Names of several words written in one, kept up as names come and go. Must never know a product. */
import { JOINED_MIN_CHARS } from './catalogue.ts';
import { countOf } from './phrase-words.ts';

/** Shorter first words join into anything. */
const JOINED_FIRST_MIN_CHARS = 3;

export class WrittenTogether {
  /** How many names are written so: "full house". */
  readonly #written = new Map<string, number>();
  /** "fullhouse" to all that is written so; nearly always one. */
  readonly #ways = new Map<string, string | readonly string[]>();

  /** Once for each name that came, and once when it goes. @param by 1 or -1 */
  count(name: string, by: 1 | -1): void {
    if (!name.includes(' ')) return;
    for (const words of waysOf(name.split(' '))) {
      const way = words.join(' ');
      if (countOf(this.#written, way, by)) this.#put(words.join(''), way, by > 0);
    }
  }

  #put(joint: string, way: string, isThere: boolean): void {
    const others = this.#all(joint).filter((other) => other !== way);
    const [only = way, another] = others;
    if (isThere) this.#ways.set(joint, others.length === 0 ? way : [...others, way]);
    else if (others.length === 0) this.#ways.delete(joint);
    else this.#ways.set(joint, another === undefined ? only : others);
  }

  #all(joint: string): readonly string[] {
    const ways = this.#ways.get(joint);
    return typeof ways === 'string' ? [ways] : (ways ?? []);
  }

  has(joint: string): boolean {
    return this.#ways.has(joint);
  }

  /** @returns the words that a joint stands for: of several ways the one of most words, of those the first by the alphabet */
  wordsOf(joint: string): readonly string[] | undefined {
    const ways = this.#all(joint);
    return ways.length === 0 ? undefined : first(ways).split(' ');
  }
}

function first(ways: readonly string[]): string {
  return ways.reduce((best, way) => {
    const more = way.split(' ').length - best.split(' ').length;
    return more > 0 || (more === 0 && way < best) ? way : best;
  });
}

/** All of a name, and the pairs in it: "fullhouse" of a "Full House Kota". */
function waysOf(words: readonly string[]): (readonly string[])[] {
  if (words.length === 2) return [words];
  const pairs = words.slice(1).map((word, at) => [words[at] as string, word] as const);
  return [words, ...pairs.filter(([one, other]) => one.length >= JOINED_FIRST_MIN_CHARS && one.length + other.length >= JOINED_MIN_CHARS)];
}
