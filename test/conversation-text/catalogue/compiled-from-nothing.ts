/** A catalogue compiled from nothing, rule by rule over all its products: what an index that is kept up must come to, however it came there. */
import type { CompiledCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue.ts';
import { joinUnits, SIZE } from '../../../src/actors/conversation/text/catalogue/catalogue.ts';
import { JOINING } from '../../../src/actors/conversation/text/data/order-words.ts';
import { SYNONYMS } from '../../../src/actors/conversation/text/data/synonyms.ts';
import { isFiller } from '../../../src/actors/conversation/text/words/fillers.ts';
import { normalise } from '../../../src/actors/conversation/text/words/normalise.ts';
import { readNumber } from '../../../src/actors/conversation/text/words/numbers.ts';
import { initialSound, singular } from '../../../src/actors/conversation/text/words/spelling.ts';
import type { Product } from '../../../src/actors/tenant/protocol.ts';

const NAME_WORDS_MAX = 5;
const PHRASE_PRODUCTS_MAX = 100;
const SLIP_OF_NAME_MIN_CHARS = 4;
const SLIP_OF_PART_MIN_CHARS = 5;
const JOINED_MIN_CHARS = 6;

/** All of it at once, each rule after the other over all products. */
export function compiledFromNothing(products: readonly Product[]): CompiledCatalogue {
  const named = products.map((product): Named => ({ product, words: nameWords(product.name).split(' ') }));
  const own = ownNames(named);
  const heads = headsOf(named);
  const partial = partsOfNames(named, own, numberedNames(named, own, heads));
  for (const group of SYNONYMS) addSynonyms(group, own, partial, heads);
  const phrases = new Map(partial);
  for (const [phrase, products] of own) phrases.set(phrase, products);
  const saysOnlyWhich = (phrase: string): boolean => !own.has(phrase) && !phrase.split(' ').some((word) => heads.has(word));
  const slipMinChars = (word: string): number => (own.has(word) || heads.has(word) ? SLIP_OF_NAME_MIN_CHARS : SLIP_OF_PART_MIN_CHARS);
  const [single, several] = [[...phrases.keys()].filter(isOneWord), [...phrases.keys()].filter((phrase) => !isOneWord(phrase))];
  return {
    phrases,
    wordsBySound: bySound(single.filter((word) => word.length >= slipMinChars(word))),
    starts: longestByStart(several),
    descriptors: new Set([...partial.keys()].filter(saysOnlyWhich)),
    numbered: new Set(numberedNames(named, own, heads).flatMap(({ word }) => forms(word))),
    beginnings: new Set(single.filter((word) => word.length >= JOINED_MIN_CHARS).flatMap(beginningsOf)),
    together: writtenTogether([...own.keys()], phrases),
    remembered: new Map(),
  };
}

function isOneWord(phrase: string): boolean {
  return !phrase.includes(' ');
}

interface Named {
  readonly product: Product;
  /** Of its name; one that is empty when the name has none. */
  readonly words: readonly string[];
}

/** Whole names and aliases, as they may be typed. */
function ownNames(named: readonly Named[]): Phrases {
  const own: Phrases = new Map();
  for (const { product, words } of named)
    for (const name of [words, ...product.aliases.map((alias) => nameWords(alias).split(' '))])
      for (const written of joinedForms(name)) for (const form of forms(written)) add(own, form, product);
  return own;
}

/** What the products are: "kota" of a "Full house kota". */
function headsOf(named: readonly Named[]): Set<string> {
  return new Set(named.flatMap(({ words }) => forms(headOf(words))));
}

/** Words of names that stand beside each other there, wherever they are no whole name. */
function partsOfNames(named: readonly Named[], own: Phrases, numbered: readonly Numbered[]): Phrases {
  const partial: Phrases = new Map();
  const addPart = (form: string, product: Product): void => {
    if (!own.has(form)) add(partial, form, product);
  };
  for (const { product, words } of named) {
    for (const form of eitherOrder(words)) addPart(form, product);
    for (const run of runsOf(words.filter((word) => !isFiller(word) && !JOINING.has(word) && readNumber(word) === null)))
      for (const form of forms(run)) addPart(form, product);
  }
  for (const { product, number, word } of numbered) for (const form of forms(`${number} ${word}`)) addPart(form, product);
  return partial;
}

interface Numbered {
  readonly product: Product;
  readonly number: string;
  readonly word: string;
}

/** "2 piece" of a "2 Piece Chicken", with the number as it stands there; "2 kota" of a "2 kota combo" counts what is sold by itself. */
function numberedNames(named: readonly Named[], own: Phrases, heads: ReadonlySet<string>): Numbered[] {
  return named.flatMap(({ product, words: [number = '', word = ''] }) => {
    const isPart =
      readNumber(number) !== null && word !== '' && !isFiller(word) && !JOINING.has(word) && !own.has(word) && !heads.has(word);
    return isPart ? [{ product, number, word }] : [];
  });
}

/** Every one to five words in a row. */
function runsOf(words: readonly string[]): string[] {
  const runs: string[] = [];
  for (let at = 0; at < words.length; at++) {
    let run = words[at] as string;
    runs.push(run);
    for (let next = at + 1; next < Math.min(words.length, at + NAME_WORDS_MAX); next++) {
      run = `${run} ${words[next]}`;
      runs.push(run);
    }
  }
  return runs;
}

/** Every word of a group names what is sold under one of them, or what has one in its name. */
function addSynonyms(group: readonly string[], own: Phrases, partial: Phrases, heads: Set<string>): void {
  const sold = group.flatMap((word) => [...(own.get(word) ?? [])]);
  const related = sold.length > 0 ? sold : group.flatMap((word) => [...(partial.get(word) ?? [])]);
  if (related.length === 0) return;
  for (const word of group) {
    heads.add(word);
    if (!own.has(word)) for (const product of related) add(partial, word, product);
  }
}

/** Of each phrase the first products that it may mean, PHRASE_PRODUCTS_MAX at most: no list made of these has more of any of them. */
type Phrases = Map<string, Product[]>;

function bySound(words: readonly string[]): Map<string, string[]> {
  const sounds = new Map<string, string[]>();
  for (const word of words) {
    const sound = initialSound(word);
    const known = sounds.get(sound);
    if (known === undefined) sounds.set(sound, [word]);
    else known.push(word);
  }
  return sounds;
}

/** "Vetkoek with mince" is a vetkoek, "Coke 500ml" a coke, "Large chips" are chips. */
function headOf(named: readonly string[]): string {
  const joined = named.findIndex((word, at) => at > 0 && (JOINING.has(word) || word === 'of'));
  return (joined < 0 ? named : named.slice(0, joined)).findLast((word) => !SIZE.test(word) && readNumber(word) === null) ?? '';
}

function nameWords(name: string): string {
  return joinUnits(normalise(name).words);
}

const JOINERS: readonly string[] = ['and', 'n'];

/** "pap and wors", "pap n wors" and "pap wors"; "&" is read as "n". */
function joinedForms(words: readonly string[]): string[] {
  const at = words.findIndex((word) => JOINERS.includes(word));
  if (at <= 0 || at === words.length - 1) return [words.join(' ')];
  const [left, right] = [words.slice(0, at).join(' '), words.slice(at + 1).join(' ')];
  return [...JOINERS.map((joiner) => `${left} ${joiner} ${right}`), `${left} ${right}`];
}

/** "Quarter chicken and pap" is also "pap and chicken": one plate, not two. */
function eitherOrder(words: readonly string[]): string[] {
  const at = words.findIndex((word) => JOINERS.includes(word));
  if (at <= 0 || at === words.length - 1) return [];
  const sides = [words.slice(0, at), words.slice(at + 1)].map((side) => [side.join(' '), side[side.length - 1] as string]);
  const [lefts = [], rights = []] = sides;
  return lefts.flatMap((left) =>
    rights.flatMap((right) => JOINERS.flatMap((joiner) => [`${left} ${joiner} ${right}`, `${right} ${joiner} ${left}`])),
  );
}

/** Of several ways to part a joint the one of most words, of those the first by the alphabet. */
function writtenTogether(names: readonly string[], phrases: CompiledCatalogue['phrases']): Map<string, string[]> {
  const ways: string[][] = [];
  for (const name of names) {
    const words = name.split(' ');
    if (words.length > 1) ways.push(words);
    // "fullhouse" of a "Full House Kota"
    if (words.length > 2)
      for (const [at, word] of words.entries()) {
        const pair = words.slice(at, at + 2);
        if (pair.length === 2 && word.length > 2 && pair.join('').length >= JOINED_MIN_CHARS) ways.push(pair);
      }
  }
  ways.sort((one, other) => other.length - one.length || (one.join(' ') < other.join(' ') ? -1 : 1));
  const together = new Map<string, string[]>();
  for (const words of ways) {
    const joint = words.join('');
    if (!phrases.has(joint) && !together.has(joint)) together.set(joint, words);
  }
  return together;
}

function beginningsOf(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_none, at) => word.slice(0, at + 1));
}

function longestByStart(phrases: readonly string[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const phrase of phrases) {
    const words = phrase.split(' ');
    const [first = ''] = words;
    starts.set(first, Math.max(starts.get(first) ?? 1, Math.min(NAME_WORDS_MAX, words.length)));
  }
  return starts;
}

/** A catalogue name as it may be typed: as it is, and in the plural or singular. */
function forms(phrase: string): string[] {
  if (phrase === '') return [];
  return phrase.endsWith('s') ? [phrase, ...singular(phrase)] : [phrase, `${phrase}s`];
}

function add(map: Phrases, phrase: string, product: Product): void {
  const known = map.get(phrase);
  if (known === undefined) map.set(phrase, [product]);
  else if (known.length < PHRASE_PRODUCTS_MAX && known[known.length - 1] !== product && !known.includes(product)) known.push(product);
}
