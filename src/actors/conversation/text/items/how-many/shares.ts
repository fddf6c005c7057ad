/** A number told first and then spread over kinds: "3 kotas, 2 full house and 1 normal" are three, not six. Pure. */
import type { CompiledCatalogue, Match } from '../../catalogue/catalogue.ts';
import { reordered } from '../naming.ts';
import type { Found, Scan } from '../scan.ts';

/** Leaves what is found as it is unless the numbers add up and at least one share only makes sense beside the first name. */
export function spreadShares({ found, catalogue, unmatched, wishes }: Scan): void {
  const [whole] = found;
  const total = whole === undefined || whole.isPlain === true ? null : numberOf(whole);
  const shares = whole === undefined || total === null ? [] : sharesOf(whole, found.slice(1), catalogue);
  const sum = shares.reduce((number, { found: share }) => number + (numberOf(share) ?? 0), 0);
  const isSpread = whole !== undefined && sum === total && shares.some(({ isPart }) => isPart);
  if (isSpread) {
    for (const { found: share, match } of shares) share.match = match;
    found.splice(0, 1);
  } else leavePlain(found, unmatched, wishes.length > 0 && shares.length === found.length - 1 && total !== null && sum < total);
}

/** "5 kota, 2 with no egg and 3 normal" speaks of some of the five; "2 pap and 1 normal" is said back as not read. */
function leavePlain(found: Found[], unmatched: string[], areSome: boolean): void {
  if (found.every(({ plain }) => plain === undefined)) return;
  for (const { plain } of found) if (plain !== undefined && !areSome) unmatched.push(plain);
  found.splice(0, found.length, ...found.filter(({ plain }) => plain === undefined));
}

interface Share {
  readonly found: Found;
  readonly match: Match;
  /** "1 mince", "1 normal": alone they name something else, or nothing. */
  readonly isPart: boolean;
}

/** What directly follows the whole and is of its kind, each with its own number. */
function sharesOf(whole: Found, rest: readonly Found[], catalogue: CompiledCatalogue): readonly Share[] {
  const shares: Share[] = [];
  for (const found of rest) {
    const share = numberOf(found) === null || found.change !== whole.change ? null : shareOf(whole, found, catalogue);
    if (share === null) break;
    shares.push(share);
  }
  return shares;
}

function shareOf(whole: Found, found: Found, catalogue: CompiledCatalogue): Share | null {
  if (found.plain !== undefined) return { found, match: whole.match, isPart: true };
  const narrower = reordered(whole.match, found.match, catalogue);
  const isPart = catalogue.descriptors.has(found.match.phrase);
  if (narrower !== null) return { found, match: narrower, isPart };
  const [kind, other] = found.match.products;
  // "10 magwinya, 5 mince and 5 plain": a vetkoek with mince is a kind of what the menu calls vetkoek.
  const names = [whole.match.phrase.replace(/s$/, ''), ...whole.match.products.map(({ name }) => name.toLowerCase())];
  const isKind = kind !== undefined && other === undefined && names.some((name) => kind.name.toLowerCase().includes(name));
  return isKind ? { found, match: found.match, isPart } : null;
}

function numberOf({ before, after }: Found): number | null {
  return before ?? after;
}
