/** What everybody is to get: "1 kota each for 3 people", "kota for everyone, we are 4". Pure; knows nobody by name. */
import { ARTICLES } from '../../data/number-words.ts';
import { EVERYONE, JOINING, OF_SOMEBODY, OTHERS_WANT, PERSONS } from '../../data/order-words.ts';
import { numberAt } from '../../words/numbers.ts';
import type { Found, Scan } from '../scan.ts';
import { peopleNamed, peopleWanting } from './persons.ts';

/** "1 kota each for 3 people" are three. @returns how many people each number is for. */
export function eachOf(scan: Scan): number {
  const { tokens } = scan;
  // "2 kota, 1 each for me and mom" says how the two are shared.
  const people = scan.people ?? (scan.each === null ? peopleNamed(scan) : null) ?? peopleWanting(scan) ?? peopleServed(scan);
  if (people !== null) forEveryone(scan, people);
  const shared = people === null || !tokens.includes('each') ? [] : sharedBy(scan);
  // "4 people kota each"
  const isUncounted = shared.every(isOpen);
  for (const item of shared)
    if (isUncounted || item.before !== null || tokens[item.end] === 'each' || servedBy(tokens, item) > 1)
      item.before = (item.before ?? 1) * (people ?? 1);
  return shared.length > 0 ? (people ?? 1) : 1;
}

/** "1 kota each for 3 people and 2 coke": what stands in front of "each", and "a coke each" beside; else everything. */
function sharedBy({ tokens, found }: Scan): readonly Found[] {
  const meant = found.filter(({ end }) => end <= tokens.indexOf('each') || tokens[end] === 'each');
  return meant.length > 0 ? meant : found;
}

/** "Everyone wants a kota, we are 5" and "kota for everyone, we are 5" are five; "a platter for everyone, we are 5" is one. */
function forEveryone({ tokens, found }: Scan, people: number): void {
  const everyone = tokens.findIndex((token, at) => EVERYONE.has(token) && OTHERS_WANT.has(tokens[at + 1] ?? ''));
  const item = everyone < 0 ? undefined : found.find(({ end, change }) => end > everyone && change === 'add');
  if (item !== undefined && item.after === null) item.before = (item.before ?? 1) * people;
  const last = found.findIndex(({ end }) => tokens[end] === 'for' && EVERYONE.has(tokens[end + 1] ?? ''));
  if (last < 0 || tokens.includes('each')) return;
  for (const given of joinedTo(tokens, found, last)) if (isOpen(given)) given.before = people;
}

/** "Kota and a coke each for my 3 kids". @returns null when nobody is counted behind anything. */
function peopleServed({ tokens, found }: Scan): number | null {
  if (!tokens.includes('each')) return null;
  return found.map((item) => servedBy(tokens, item)).find((people) => people > 1) ?? null;
}

/** @returns for how many people it is said to be, 0 when nobody is counted: "for 4 people", "for my 3 kids". */
function servedBy(tokens: readonly string[], { end }: Found): number {
  if (tokens[end] !== 'for') return 0;
  const who = OF_SOMEBODY.has(tokens[end + 1] ?? '') ? end + 2 : end + 1;
  const number = numberAt(tokens, who);
  return number !== null && PERSONS.has(tokens[who + number.words] ?? '') ? number.value : 0;
}

/** The item at `last` and those that are joined in front of it: "kota and coke [for everyone]". */
function joinedTo(tokens: readonly string[], found: readonly Found[], last: number): readonly Found[] {
  let first = last;
  while (first > 0) {
    const item = found[first] as Found;
    const between = tokens.slice((found[first - 1] as Found).end, item.end - item.match.words);
    if (between.length === 0 || !between.every((token) => token === ',' || JOINING.has(token) || ARTICLES.has(token))) break;
    first--;
  }
  return found.slice(first, last + 1);
}

/** Without a number or a price. */
function isOpen({ change, before, after, worthMinor }: Found): boolean {
  return change === 'add' && before === null && after === null && worthMinor === undefined;
}
