/** A text as the words that are read one by one, spelled as the catalogue has them. Pure; must never know what they ask for. */
import { type CompiledCatalogue, joinUnits } from '../catalogue.ts';
import { SIZE_LETTERS, SIZE_NAMES, SIZES } from '../data/style-words.ts';
import { hasDigitsForLetters, withLetters } from '../spelling.ts';

/** Words of one text that are looked at. */
const TOKENS_MAX = 120;

const GLUED = /\d[a-z]{3}|[a-z]{3}\d/;

/** "2xcoke", "x2", "kota2", "3kota2coke" become numbers and words; "500ml" stays one word. */
export function tokenise(parts: string): string[] {
  let words = parts;
  if (/\d/.test(parts)) {
    words = joinUnits(parts);
    if (words.includes('x'))
      words = words
        .replace(/([a-z]{3,})x(?=\d)/g, '$1 ')
        .replace(/\b(\d+)(?:x(?=[a-z ]|$)| x(?= |$))/g, '$1 ')
        .replace(/\bx ?(?=\d|minus)/g, ' ');
    if (GLUED.test(words)) words = words.replace(/([a-z]{3,})(?=\d)/g, '$1 ').replace(/\b(\d+)(?=[a-z]{3})/g, '$1 ');
  }
  const tokens = words.split(' ', TOKENS_MAX);
  return tokens.includes('') ? tokens.filter((token) => token !== '') : tokens;
}

/** Sizes in other languages, names written in one, "fullhouse", numbers of a name, "1/4 chicken" and "six wings", and digits for letters, "k0ta", as the catalogue has them. */
export function asNamed(tokens: string[], catalogue: CompiledCatalogue): string[] {
  const { together, phrases } = catalogue;
  const lettered = tokens.some(hasDigitsForLetters) ? tokens.map((token) => withLetters(token, phrases)) : tokens;
  const spelled = lettered.map((token, at) => {
    const size = sizeNamed(lettered, at, catalogue);
    if (size !== null) return size;
    return OTHER_SPELLING.has(token) ? numberOfName(lettered, at, catalogue) : token;
  });
  return spelled.some((token) => together.has(token)) ? spelled.flatMap((token) => together.get(token) ?? token) : spelled;
}

/** "Amancane" and "chips S" where sizes are sold. */
function sizeNamed(tokens: readonly string[], at: number, { phrases }: CompiledCatalogue): string | null {
  const token = tokens[at] as string;
  const size = SIZE_NAMES.get(token);
  if (size !== undefined) return phrases.has(size) ? size : null;
  const letter = SIZE_LETTERS.get(token);
  if (letter === undefined) return null;
  const named = phrases.get(tokens[at - 1] ?? '') ?? [];
  return named.some(({ name }) =>
    name
      .toLowerCase()
      .split(' ')
      .some((word) => SIZES.has(word)),
  )
    ? letter
    : null;
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
