/** How a word may be spelt: with joining and noun-class prefixes, in the plural, with a slip of the thumb. Pure; knows no product. */
import { distance } from 'fastest-levenshtein';

const SHORT_WORD_MAX_CHARS = 5;

const SLIPS_TOO_MANY = 9;

/** Joining and noun-class prefixes, longest first: necoke = ne + coke, ama-vetkoek, dikota. */
const PREFIXES = [
  'nama',
  'nezi',
  'neza',
  'noku',
  'ngama',
  'ama',
  'izi',
  'ezi',
  'aba',
  'isi',
  'imi',
  'nge',
  'kwe',
  'neli',
  'ne',
  'no',
  'na',
  'le',
  'di',
  'ma',
  'li',
  'i',
  'u',
];

const STEM_MIN_CHARS = 3;

/** Written with a dash in front of a foreign word, they stay one word with it: "ama-vetkoek", "i-coke", "ii-kota". */
export const DASHED_PREFIXES: ReadonlySet<string> = new Set([
  ...PREFIXES,
  'ii',
  'oo',
  'a',
  'e',
  'o',
  'kwa',
  'ye',
  'ya',
  'we',
  'se',
  'be',
  'nase',
]);

/** Joined to a noun, "na" takes the noun's first vowel: nezinkwa = na + izinkwa, nobisi = na + ubisi. */
const JOINED_VOWELS: readonly (readonly [RegExp, string])[] = [
  [/^(?:nge|ne|kwe)(?=[^aeiou])/, 'i'],
  [/^(?:ngo|no|kwo)(?=[^aeiou])/, 'u'],
  [/^(?:nga|na|kwa)(?=[^aeiou])/, 'a'],
];

/** @returns the noun with the vowel that it had by itself. */
function unjoined(word: string): string[] {
  return JOINED_VOWELS.flatMap(([joint, vowel]) => (joint.test(word) ? [word.replace(joint, vowel)] : [])).filter(
    (noun) => noun.length > STEM_MIN_CHARS,
  );
}

/** The word itself, then with its own first vowel, then without its prefixes, once or twice. */
export function spoken(word: string): string[] {
  const tried = new Set([word, ...unjoined(word)]);
  for (const known of [...tried])
    for (const stem of stems(known)) {
      tried.add(stem);
      for (const again of stems(stem)) tried.add(again);
    }
  return [...tried].flatMap((form) => [form, ...singular(form)]);
}

/** "kotaaa": a letter held down. */
export function squeezed(word: string): string[] {
  return hasHeldLetter(word) ? [word.replace(HELD_ALL, '$1'), word.replace(HELD_ALL, '$1$1')] : [];
}

/** As a loop: of every text it is asked, and a pattern that looks back is slow. */
export function hasHeldLetter(words: string): boolean {
  let held = 0;
  for (let at = 1; at < words.length; at++) {
    const code = words.charCodeAt(at);
    held = code === words.charCodeAt(at - 1) && isLetter(code) ? held + 1 : 0;
    if (held === HELD_MIN - 1) return true;
  }
  return false;
}

const HELD_MIN = 3;
const HELD_ALL = /([a-z])\1{2,}/g;

function stems(word: string): string[] {
  return PREFIXES.filter((prefix) => word.startsWith(prefix) && word.length - prefix.length >= STEM_MIN_CHARS).map((prefix) =>
    word.slice(prefix.length),
  );
}

export function singular(word: string): string[] {
  if (word.length < 4 || !word.endsWith('s')) return [];
  return word.endsWith('es') && word.length > 4 ? [word.slice(0, -1), word.slice(0, -2)] : [word.slice(0, -1)];
}

/** Edit distance, with two changed neighbours as one slip, and in a short word a wrong letter only where a thumb or an ear errs: "code" is no coke. */
export function slipsBetween(given: string, word: string): number {
  const slips = distance(given, word);
  if (given.length !== word.length || slips > 2) return slips;
  let at = 0;
  while (given[at] === word[at]) at++;
  if (slips === 2) return given[at] === word[at + 1] && given[at + 1] === word[at] && given.slice(at + 2) === word.slice(at + 2) ? 1 : 2;
  return word.length <= SHORT_WORD_MAX_CHARS && !soundsAlike(given[at], word[at]) && !isBeside(given[at], word[at])
    ? SLIPS_TOO_MANY
    : slips;
}

/** Whatever the letter: for where something else speaks for the word. */
export function isOneOff(given: string, word: string): boolean {
  return Math.abs(given.length - word.length) <= 1 && distance(given, word) === 1;
}

function soundsAlike(one: string | undefined, other: string | undefined): boolean {
  return one === other || ((one === 'c' || one === 'k') && (other === 'c' || other === 'k'));
}

/** Words that differ in it are no slip of each other: "c" and "k" are one sound. */
export function initialSound(word: string): string {
  const first = word.charAt(0);
  return first === 'c' ? 'k' : first;
}

const KEYBOARD = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Neighbours on a phone's keyboard. */
function isBeside(one = '', other = ''): boolean {
  const place = (letter: string): readonly [row: number, column: number] => {
    const row = KEYBOARD.findIndex((letters) => letters.includes(letter));
    return [row, row < 0 ? Number.NaN : (KEYBOARD[row] as string).indexOf(letter)];
  };
  const [a, b] = [place(one), place(other)];
  return Math.abs(a[0] - b[0]) <= 1 && Math.abs(a[1] - b[1]) <= 1;
}

/** "k0ta": a digit that is drawn like a letter, between letters. */
const BETWEEN_LETTERS = /(?<=[a-z])[013457](?=[a-z])/g;
const DRAWN_LIKE: readonly Readonly<Record<string, string>>[] = [
  { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' },
  { 0: 'o', 1: 'l', 3: 'e', 4: 'a', 5: 's', 7: 't' },
];

export function hasDigitsForLetters(token: string): boolean {
  return isLetter(token.charCodeAt(0)) && hasDigit(token) && token.search(BETWEEN_LETTERS) > 0;
}

/** Every word of every text is looked at: that is no work for a pattern. */
function hasDigit(token: string): boolean {
  for (let at = 1; at < token.length - 1; at++) if (isDigit(token.charCodeAt(at))) return true;
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** @returns the word that is known, else the token as it is: "5l" and "x3y" stay. */
export function withLetters(token: string, known: { readonly has: (word: string) => boolean }): string {
  if (!hasDigitsForLetters(token)) return token;
  for (const drawn of DRAWN_LIKE) {
    const word = token.replace(BETWEEN_LETTERS, (digit) => drawn[digit] ?? digit);
    if (known.has(word)) return word;
  }
  return token;
}
