/** What one product may be called, whatever else is sold. Pure; knows no catalogue. */
import type { Product } from '../../../tenant/protocol.ts';
import { JOINING } from '../data/order-words.ts';
import { isFiller } from '../words/fillers.ts';
import { normalise } from '../words/normalise.ts';
import { readNumber } from '../words/numbers.ts';
import { singular } from '../words/spelling.ts';
import { joinUnits, NAME_WORDS_MAX, SIZE } from './catalogue.ts';

/** Each list without repetition. */
export interface Names {
  /** Whole names and aliases, as they may be typed. */
  readonly own: readonly string[];
  /** Words of the name that stand beside each other there. */
  readonly parts: readonly string[];
  /** What it is: "kota" of a "Full house kota". */
  readonly heads: readonly string[];
  /** "2" and "piece" of a "2 Piece Chicken", unless that is sold by itself. */
  readonly counted: { readonly number: string; readonly word: string } | null;
}

/** O(words of its names); its name is read once. */
export function namesOf(product: Product): Names {
  const words = nameWords(product.name).split(' ');
  const names = [words, ...product.aliases.map((alias) => nameWords(alias).split(' '))];
  const said = words.filter((word) => !isFiller(word) && !JOINING.has(word) && readNumber(word) === null);
  const [number = '', word = ''] = words;
  const isCounted = readNumber(number) !== null && word !== '' && !isFiller(word) && !JOINING.has(word);
  return {
    own: [...new Set(names.flatMap(joinedForms).flatMap(forms))],
    parts: [...new Set([...eitherOrder(words), ...runsOf(said).flatMap(forms)])],
    heads: [...new Set(forms(headOf(words)))],
    counted: isCounted ? { number, word } : null,
  };
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

/** A catalogue name as it may be typed: as it is, and in the plural or singular. */
export function forms(phrase: string): string[] {
  if (phrase === '') return [];
  return phrase.endsWith('s') ? [phrase, ...singular(phrase)] : [phrase, `${phrase}s`];
}
