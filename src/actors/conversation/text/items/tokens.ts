/** A text as the words that are read one by one, spelled as the catalogue has them. Pure; must never know what they ask for. */
import type { Product } from '../../../tenant/protocol.ts';
import { type CompiledCatalogue, joinUnits, longestMatch } from '../catalogue/catalogue.ts';
import { SIZE_LETTERS, SIZE_NAMES, SIZES } from '../data/style-words.ts';
import { readNumber } from '../words/numbers.ts';
import { hasDigitsForLetters, withLetters } from '../words/spelling.ts';

/** Words of one text that are looked at. */
const TOKENS_MAX = 120;

const LITRES: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3 };
const GLUED = /\d[a-z]{3}|[a-z]{3}\d/;
/** "yeR65", "ngoR20", "kaR10": isiZulu joins "of" and "for" to the money. */
const OF_RANDS = /\b(?:[wyzlks][aeo]|a?ng[aeo])r(?=\d)/g;

/** "Ngicela u2 kota", "ungithathele o3": isiZulu and isiXhosa begin a number like a noun. */
const NOUN_OF_DIGITS = /\b[uo](?=\d{1,2}(?: |$))/g;

const REASON_MIN_CHARS = 16;
const REASON =
  /(?: ,)? (?:(?:because|coz|cos|cause|cz|as|since) )?(?:it|they|that|those) (?:always )?makes? (?:me|us|him|her|my [a-z]+) (?:sick|ill|cough|vomit|sneeze|itch\w*|swell|nauseous)\b/g;

/** "Vetkoek mince x2 vetkoek plain x4": with such a number at the end, each of them is of what stands in front. */
const COUNTED_BEHIND = /[a-z] ?x ?\d+$/;
const BEHIND_NAME = /(?<=[a-z] ?)(x ?\d+)(?= [a-z])/g;

/** "2x2l coke": two of two litres. */
const COUNT_OF_SIZE = /\b(\d+)x(?=\d+(?:[.,]\d+)?(?:ml|cl|l|g|kg)\b)/g;

/** "2xcoke", "x2", "kota2", "3kota2coke" become numbers and words; "500ml" stays one word. */
export function tokenise(parts: string): string[] {
  let words = parts;
  if (/\d/.test(parts)) {
    words = joinUnits(parts).replace(NOUN_OF_DIGITS, '');
    if (words.includes('x'))
      words = (COUNTED_BEHIND.test(words) ? words.replace(BEHIND_NAME, '$1 ,') : words)
        .replace(COUNT_OF_SIZE, '$1 ')
        .replace(/([a-z]{3,})x(?=\d)/g, '$1 ')
        .replace(/\b(\d+)(?:x(?=[a-z ]|$)| x(?= |$))/g, '$1 ')
        .replace(/\bx ?(?=\d|minus)/g, ' ');
    if (GLUED.test(words))
      words = words
        .replace(OF_RANDS, 'r')
        .replace(/([a-z]{3,})(?=\d)/g, '$1 ')
        .replace(/\b(\d+)(?=[a-z]{3})/g, '$1 ');
  }
  // "No onions, they make me sick": why, not what.
  if (words.length > REASON_MIN_CHARS && words.includes(' make')) words = words.replace(REASON, '');
  // "Two litre coke" is one of two litres.
  if (words.includes(' lit'))
    words = words.replace(/\b(one|two|three) lit(?:re|er)s?\b/g, (_given, number: string) => `${LITRES[number]}l`);
  if (words.includes('extra l')) words = words.replace(/\bextra large\b/g, 'xl');
  const tokens = words.split(' ', TOKENS_MAX);
  return tokens.includes('') ? tokens.filter((token) => token !== '') : tokens;
}

/** Sizes in other languages, names written in one, "fullhouse", numbers of a name, "1/4 chicken" and "six wings", and digits for letters, "k0ta", as the catalogue has them. */
export function asNamed(tokens: string[], catalogue: CompiledCatalogue): string[] {
  const { together, phrases } = catalogue;
  const lettered = tokens.some(hasDigitsForLetters) ? tokens.map((token) => withLetters(token, phrases)) : tokens;
  const sized = withSizes(lettered, catalogue);
  const spelled = sized.map((token, at) => (OTHER_SPELLING.has(token) ? numberOfName(sized, at, catalogue) : token));
  return spelled.some((token) => together.has(token)) ? spelled.flatMap((token) => together.get(token) ?? token) : spelled;
}

/** "Amachips amancane", "twee klein skyfies", "chips S" and "chips x2 small": sizes as the menu writes them, right behind or in front of their name. */
function withSizes(tokens: readonly string[], catalogue: CompiledCatalogue): readonly string[] {
  if (!tokens.some((token) => sizeOf(token) !== null || JOINED_SIZES.has(token))) return tokens;
  const sized = tokens.flatMap((token) => {
    const size = JOINED_SIZES.get(token);
    return size !== undefined && catalogue.phrases.has(size) ? ['and', size] : token;
  });
  for (let at = 0; at < sized.length; at++) {
    const token = sized[at] as string;
    const size = sizeOf(token);
    if (size === null) continue;
    const number = sized[at - 1] ?? '';
    const isNext = !SIZE_LETTERS.has(token) && longestMatch(sized, at + 1, catalogue) !== null;
    if (isNext || names(sized, at - 1, catalogue, SIZE_LETTERS.has(token))) sized[at] = size;
    // "di chips tse kgolo"
    else if (SESOTHO_LINKS.has(number) && names(sized, at - 2, catalogue, true)) sized.splice(at - 1, 2, size);
    else if (readNumber(number) !== null && names(sized, at - 2, catalogue, true) && !isToldApart(sized, at))
      sized.splice(at - 1, 2, size, number);
  }
  return sized;
}

/** Between a noun and how it is. */
const SESOTHO_LINKS: ReadonlySet<string> = new Set(['tse', 'e', 'se', 'le', 'ya', 'yo', 'ba', 'o']);

/** @param inSizes whether only what is sold in sizes will do. */
function names(tokens: readonly string[], at: number, catalogue: CompiledCatalogue, inSizes: boolean): boolean {
  const match = longestMatch(tokens, at, catalogue);
  return match !== null && (!inSizes || match.products.some(isSized));
}

/** "2 large chips 1 small" and "chips large 2 small 1" are two lines. @param at of the second size. */
function isToldApart(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 3] ?? '';
  return SIZES.has(before) || SIZES.has(tokens[at - 2] as string) || readNumber(before) !== null;
}

function sizeOf(token: string): string | null {
  return SIZE_WORDS.get(token) ?? null;
}

/** "Namancane amathathu": "and three small ones". */
const JOINED_SIZES: ReadonlyMap<string, string> = new Map(
  [...SIZE_NAMES].filter(([word]) => /^[aei]/.test(word)).map(([word, size]) => [`n${word.replace(/^i/, 'e')}`, size]),
);

const SIZE_WORDS: ReadonlyMap<string, string> = new Map([
  ...SIZE_LETTERS,
  ...SIZE_NAMES,
  ...[...SIZES].map((size) => [size, size] as const),
]);

/** A size in the customer's own word: "enkulu" for what is read as large. @param written the words before they were read. @param at where it was read. */
export function sizeAsWritten(word: string, written: readonly string[], at: number): string {
  if (!SIZES.has(word)) return word;
  const said = written[at] ?? '';
  // Words that are spelled in more or fewer of them move those behind.
  return sizeOf(said) === word ? said : (written.find((known) => sizeOf(known) === word) ?? word);
}

function isSized({ name }: Product): boolean {
  return name
    .toLowerCase()
    .split(' ')
    .some((word) => SIZES.has(word));
}

const SMALL_NUMBERS: readonly string[] = 'two three four five six seven eight nine ten eleven twelve'.split(' ');
/** "1/4" and "1/2" as `normalise` leaves them, and small numbers both ways. */
const OTHER_SPELLING: ReadonlyMap<string, string> = new Map([
  ['0.25', 'quarter'],
  ['0.5', 'half'],
  ...SMALL_NUMBERS.flatMap((word, at): [string, string][] => [
    [word, String(at + 2)],
    [String(at + 2), word],
  ]),
]);

/** "Six wings" where "6 Wings" are sold, "7 up" where it is "Seven Up"; a number that begins no name stays. */
function numberOfName(tokens: readonly string[], at: number, { phrases, starts }: CompiledCatalogue): string {
  const token = tokens[at] as string;
  const other = OTHER_SPELLING.get(token) as string;
  for (let words = starts.get(other) ?? 1; words > 1; words--) {
    const rest = tokens.slice(at + 1, at + words).join(' ');
    if (phrases.has(`${other} ${rest}`)) return phrases.has(`${token} ${rest}`) ? token : other;
  }
  return token;
}
