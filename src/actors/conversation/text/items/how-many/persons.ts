/** Numbers that belong to people: "1 for me and 2 for gogo", "sipho wants 1 not 2", "one each for me and my sister". Pure; knows nobody by name. */
import { longestMatch, type Match, SIZE } from '../../catalogue/catalogue.ts';
import { isIngredient } from '../../data/ingredient-words.ts';
import { JOINING, KIN, MORE, OF_SOMEBODY, OTHERS, OTHERS_WANT, PRONOUNS } from '../../data/order-words.ts';
import { DISHES, isKind, SIZES, STYLES, WANTED_ELSEWHERE } from '../../data/style-words.ts';
import { normalise } from '../../words/normalise.ts';
import { numberAt } from '../../words/numbers.ts';
import { isUnknown } from '../naming.ts';
import type { Found, Scan } from '../scan.ts';

const STARTS_WITH_LETTER = /^\p{L}/u;

/** @param at where the person begins: "me", "gogo", "my sister". @returns the first token behind, 0 when it is nobody. */
function somebodyEnd({ tokens, catalogue }: Scan, at: number): number {
  const who = OF_SOMEBODY.has(tokens[at] ?? '') && tokens[at + 1] !== undefined ? at + 1 : at;
  const name = tokens[who] ?? ',';
  if (who === at && PRONOUNS.has(name)) return at + 1;
  if (!isUnknown(name) || !STARTS_WITH_LETTER.test(name)) return 0;
  const sold = longestMatch(tokens, who, catalogue);
  return sold === null || isFirstName(sold) ? who + 1 : 0;
}

/** "Gogo" of a "Gogo Special" alone; "pap" is what "Pap and wors" is called, too. */
function isFirstName({ words, phrase, products }: Match): boolean {
  return (
    words === 1 &&
    products.every(({ name, aliases }) => {
      const [first, ...more] = normalise(name).words.split(' ');
      return (
        first === phrase &&
        more.length > 0 &&
        !more.every((word) => SIZE.test(word)) &&
        !aliases.some((alias) => alias.toLowerCase() === phrase)
      );
    })
  );
}

/** Where somebody stands: "a coke for gogo", "1 for the kids", "gogo wants 2". */
export function isNamesake({ tokens, found, change }: Scan, match: Match, at: number): boolean {
  const next = tokens[at + 1] ?? ',';
  const wants = OTHERS_WANT.has(next) || THEY_WANT.has(next);
  // "Papa wants 2 coke", though pap is sold.
  if (KIN.has(tokens[at] as string) && OTHERS_WANT.has(next)) return true;
  const behindFor = tokens[at - 1] === 'for' ? at - 1 : OF_SOMEBODY.has(tokens[at - 1] ?? '') && tokens[at - 2] === 'for' ? at - 2 : -1;
  if (behindFor < 0 && !wants) return false;
  const isFor =
    behindFor >= 0 && change !== 'swap' && found[found.length - 1]?.change !== 'swap' && found[found.length - 1]?.end === behindFor;
  return (isFor || wants) && isFirstName(match);
}

const THEY_WANT: ReadonlySet<string> = new Set(['want', 'need']);

/** "Sipho wants 1", "my sister wants 1 coke": who it is says nothing about what. @returns the first token behind it, 0 for any other word. */
export function takePerson(scan: Scan, token: string, at: number): number {
  const { tokens, quantity } = scan;
  const verb = tokens[at + 1] === 'also' ? at + 2 : at + 1;
  if (quantity !== null || !OTHERS_WANT.has(tokens[verb] ?? '') || !(OTHERS.has(token) || isUnknown(token))) return 0;
  scan.person = true;
  return verb + 1;
}

/** "1 more for gogo". @returns the first token behind it, 0 for any other word. */
export function takeForSomebody(scan: Scan, token: string, at: number): number {
  return token === 'for' && MORE.has(scan.tokens[at - 1] ?? '') ? somebodyEnd(scan, at + 1) : 0;
}

/** "1 for me and 2 for gogo" before anything is named. @returns the first token behind it, 0 when it is none. @param end behind the number. */
export function takeShare(scan: Scan, value: number, end: number): number {
  const { tokens, found, shares, part } = scan;
  const behind = found.length === 0 && tokens[end] === 'for' ? somebodyEnd(scan, end + 1) : 0;
  if (behind === 0) return 0;
  shares.push(value);
  part.settled = true;
  return behind;
}

/** Several shares are of what is named behind them without a number, else of what the cart has; one alone is loose. @returns their sum when they are of the cart. */
export function sharedNumber(scan: Scan): number | null {
  const { shares, found } = scan;
  if (shares.length === 0) return null;
  const sum = shares.reduce((all, share) => all + share, 0);
  if (sum === 0) return null;
  const waiting = found.find(({ before, after, change }) => before === null && after === null && change !== 'refuse');
  if (waiting !== undefined) waiting.before = sum;
  else if (found.length === 0 && shares.length > 1) return sum;
  else if (found.length === 0) scan.loose = sum;
  return null;
}

/** "One kota each for me, sipho and my sister": for three. @returns null when nobody is named behind "each". */
export function peopleNamed(scan: Scan): number | null {
  const { tokens } = scan;
  const each = tokens.indexOf('each');
  if (each < 0 || tokens[each + 1] !== 'for') return null;
  return listOf(scan, each + 2).people || null;
}

/** "Me and my wife want a kota each": for two. @returns null when no such list stands in front of what is wanted. */
export function peopleWanting(scan: Scan): number | null {
  const { tokens } = scan;
  if (!tokens.includes('each')) return null;
  const wants = tokens.findIndex((token) => THEY_WANT.has(token));
  const start = wants < 0 ? -1 : tokens.findIndex((token) => PRONOUNS.has(token) || OF_SOMEBODY.has(token));
  if (start < 0 || start > wants) return null;
  const { people, end } = listOf(scan, start);
  return people > 1 && end === wants ? people : null;
}

/** Whoever is named from `start` on, with commas and "and" between them: who they are was not missed. */
function listOf(scan: Scan, start: number): { readonly people: number; readonly end: number } {
  const { tokens, unread, unmatched } = scan;
  let people = 0;
  let joined = false;
  let end = start;
  for (let at = start; ; ) {
    const somebody = listed(scan, at, people === 1 && tokens[at - 1] === ',');
    if (somebody === null) break;
    people += somebody.people;
    for (const missed of [unread, unmatched]) {
      const said = missed.findIndex((name) => name === tokens.slice(at, somebody.end).join(' ') || name === tokens[somebody.end - 1]);
      if (said >= 0) missed.splice(said, 1);
    }
    at = somebody.end;
    end = at;
    // "For me and sipho, cold please": the list ended with him.
    if (joined && tokens[at] === ',') break;
    for (; tokens[at] === ',' || JOINING.has(tokens[at] ?? ''); at++) joined = tokens[at] !== ',';
    if (at === somebody.end) break;
  }
  return { people, end };
}

/** @param second alone behind the first and a comma, where a wish may stand as well. @returns how many are named at `at`, null for nobody. */
function listed(scan: Scan, at: number, second: boolean): { readonly people: number; readonly end: number } | null {
  const { tokens } = scan;
  const isOfSomebody = OF_SOMEBODY.has(tokens[at] ?? '');
  const count = isOfSomebody ? numberAt(tokens, at + 1) : null;
  // "My 2 kids"
  if (count !== null && isUnknown(tokens[at + 1 + count.words] ?? ',')) return { people: count.value, end: at + 2 + count.words };
  // "My bra", whose word greets elsewhere.
  const isKin = isOfSomebody && STARTS_WITH_LETTER.test(tokens[at + 1] ?? '') && longestMatch(tokens, at + 1, scan.catalogue) === null;
  const end = isKin ? at + 2 : somebodyEnd(scan, at);
  if (end === 0) return null;
  const name = tokens[end - 1] as string;
  const next = tokens[end] ?? ',';
  const goesOn = tokens[end] === ',' || JOINING.has(next);
  const isName = isOfSomebody || PRONOUNS.has(name) || !(isUnknown(next) || mayBeFood(name) || (second && !goesOn));
  return isName ? { people: 1, end } : null;
}

/** "And pizza", "and ice cream": nobody is called so. */
function mayBeFood(word: string): boolean {
  return (
    WANTED_ELSEWHERE.has(word) ||
    DISHES.has(word) ||
    STYLES.has(word) ||
    SIZES.has(word) ||
    isIngredient(word) ||
    isKind(word, 'front') ||
    isKind(word, 'behind')
  );
}

/** "2 kota and 1 for my sister" are three, "1 kota and 1 for my wife" two; of "2 kota, 1 for me and 1 for my sister" both belong to somebody. */
export function withOwned({ before, after, owned }: Found): number | null {
  const number = before ?? after;
  if (number === null || owned?.joined !== true) return number;
  return owned.people > 1 && owned.number === number ? number : number + owned.number;
}
