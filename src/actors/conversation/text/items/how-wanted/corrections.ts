/** Whether a text corrects what was said before: "sorry, i meant 3 kota", "no, 3", "cha ngifuna amathathu". Pure. */
import { longestMatch, sharedBy } from '../../catalogue/catalogue.ts';
import { ABOUT, CORRECTING, JOINING, MEANING, MEANT, MORE, NOES, RESTRICTING, SPEAKERS, TOO, VERBS } from '../../data/order-words.ts';
import { isFiller } from '../../words/fillers.ts';
import { numberAt } from '../../words/numbers.ts';
import type { Corrected, Scan } from '../scan.ts';

/** Numbers that are small words too: "no one", "sorry, a coke please". */
const UNSURE_NUMBERS: ReadonlySet<string> = new Set(['a', 'an', 'one', 'een']);

/** @returns the first token behind the words of a correction, from where everything is counted anew; 0 when the text is none. */
export function correctedFrom(tokens: readonly string[]): number {
  let at = 0;
  while (CORRECTING.has(tokens[at] ?? '') || (at > 0 && tokens[at] === ',')) at++;
  if (at === 0 && tokens[1] !== 'wanted' && tokens[1] !== 'but' && tokens[0] !== 'not') return 0;
  if (tokens.some((token, place) => MORE.has(token) || TOO.has(token) || (token === 'well' && tokens[place - 1] === 'as'))) return 0;
  if (at === 0 && tokens[1] === 'but') return AGREEING.has(tokens[0] ?? '') && numberAt(tokens, 2) !== null ? 2 : 0;
  const wrong = insteadOf(tokens, at);
  // "I wanted a stoney"; "i wanted to order" only asks.
  const isWanted = SPEAKERS.has(tokens[at] ?? '') && tokens[at + 1] === 'wanted' && tokens[at + 2] !== 'to';
  if (wrong > 0 || (at === 0 && !isWanted)) return wrong;
  const verb = SPEAKERS.has(tokens[at] ?? '') ? at + 1 : at;
  if (MEANING.has(tokens[verb] ?? '')) return verb + 1;
  // "Cha, amagwinya amahlanu": the number stands behind its noun.
  const behind = numberAt(tokens, at + 1);
  if (behind?.behind === true && behind.value > 1 && numberAt(tokens, at) === null) return at;
  return numberAt(tokens, at) !== null && !UNSURE_NUMBERS.has(tokens[at] ?? '') ? at : 0;
}

/** "Yes but 3 kota": not on top of what is quoted. */
const AGREEING: ReadonlySet<string> = new Set(['yes', 'yebo', 'ok', 'okay', 'yeah', 'ja', 'sure', 'cool']);

/** @param from where the words of a correction end. @returns null when it only counts anew. */
export function correctionOf(tokens: readonly string[], from: number): Corrected | null {
  const said = tokens[from - 1] ?? '';
  if (MEANT.has(said)) return 'said';
  return MEANING.has(said) || NOES.has(said) ? 'last' : null;
}

/** "not 2, 3", "not 2 but 3": the first number is wrong. @returns where the right one begins, 0 when there is none. */
function insteadOf(tokens: readonly string[], at: number): number {
  const wrong = tokens[at] === 'not' ? numberAt(tokens, at + 1) : null;
  if (wrong === null) return 0;
  let next = at + 1 + wrong.words;
  while (tokens[next] === ',' || tokens[next] === 'but') next++;
  return next > at + 1 + wrong.words && numberAt(tokens, next) !== null ? next : 0;
}

/** "only 2 kota", "just the kota", "i only want 2": not on top of what the cart has. "just a coke" is one more. */
export function countsAnew(tokens: readonly string[], at: number): boolean {
  const token = tokens[at] as string;
  if (token === 'want' && RESTRICTING.has(tokens[at - 1] ?? '')) return true;
  if (!RESTRICTING.has(token)) return false;
  const next = tokens[at + 1] ?? '';
  return next === 'the' || (next !== 'a' && next !== 'an' && numberAt(tokens, at + 1) !== null);
}

/** "3 not 2", "1 coke, not 2 coke": what stands in front is counted anew. @returns where the wrong number ends, 0 when there is none. */
export function correctedEnd(scan: Scan, at: number): number {
  const { tokens, catalogue } = scan;
  const last = scan.found[scan.found.length - 1];
  const wrong = numberAt(tokens, at);
  if (wrong === null || (last === undefined && scan.quantity === null)) return 0;
  if (last === undefined) {
    scan.change = 'set';
    scan.wrong = wrong.value;
  } else if (last.change === 'add') {
    last.change = 'set';
    if (scan.person) last.wrong = wrong.value;
  }
  const end = at + wrong.words;
  const again = longestMatch(tokens, end, catalogue);
  return again !== null && last !== undefined && sharedBy(last.match, again).length > 0 ? end + again.words : end;
}

/** Words that say by themselves that what was just said is wrong; "no" alone also refuses and numbers doors. */
const TAKING_BACK: ReadonlySet<string> = new Set([...CORRECTING].filter((word) => word !== 'no' && word !== 'oh' && word !== 'ag'));

/** "1 coke no wait 2 coke", "2 kota sorry 3 kota": the later number counts. @param from where the words in between begin. */
export function isTakenBack(tokens: readonly string[], from: number, at: number): boolean {
  const between = tokens.slice(from, at);
  return between.some((token) => TAKING_BACK.has(token)) && !between.some((token) => MORE.has(token) || JOINING.has(token));
}

/** "2 kota actually make it 1": a number of what was just named. @param at of the number. */
export function isMadeIt(tokens: readonly string[], at: number): boolean {
  return IT.has(tokens[at - 1] ?? '') && VERBS.get(tokens[at - 2] ?? '') === 'set';
}

const IT: ReadonlySet<string> = new Set(['it', 'that', 'this', 'them']);

/** "I mean", "oh i meant". */
const MEANT_WITHIN = 4;

/** "kota 2 no 3", "2 kota, sorry 3", "2 kota i mean 3": the number alone behind it replaces the item's. @returns whether it did. */
export function correctNumber({ tokens, found }: Scan, at: number, end: number, value: number): boolean {
  const last = found[found.length - 1];
  const next = tokens[end];
  const from = RESTRICTING.has(tokens[at - 1] ?? '') ? at - 1 : at;
  const before = tokens[from - 1] ?? '';
  if (last === undefined || last.change === 'refuse' || ABOUT.has(tokens[from - 2] ?? '')) return false;
  if (
    !CORRECTING.has(before) &&
    !(MEANING.has(before) && last.end >= from - MEANT_WITHIN) &&
    !(found.length === 1 && isMadeIt(tokens, from))
  )
    return false;
  if (last.before === null && last.after === null) return false;
  if (next !== undefined && next !== ',' && !isFiller(next)) return false;
  last.before = null;
  last.after = value;
  return true;
}
