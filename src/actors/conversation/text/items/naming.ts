/** What a name names where it stands: alone, beside another that it narrows, or nothing that is sold. Pure. */
import { type CompiledCatalogue, everydaySlip, longestMatch, type Match, SIZE, sharedBy } from '../catalogue/catalogue.ts';
import { ABOUT, CORRECTING, DOORS, isOrderWord, PRONOUNS } from '../data/order-words.ts';
import { PHRASES } from '../data/phrases.ts';
import { SYNONYMS } from '../data/synonyms.ts';
import { isFiller, isHesitation } from '../words/fillers.ts';
import { normalise } from '../words/normalise.ts';
import { numberAt } from '../words/numbers.ts';
import { singular } from '../words/spelling.ts';
import type { Found, Scan } from './scan.ts';

const UNKNOWN_MIN_CHARS = 3;

/** "R35" */
const PRICE = /^r\d/;

/** "large" names the large chips, unless it stands beside another product ("large kota"), something unknown ("large pizza"), or is put on top ("kota with mince"). */
export function namesAlone({ tokens, found, catalogue, quantity }: Scan, match: Match, at: number): boolean {
  const end = at + match.words;
  // "Still waiting" asks for no still water.
  if (OF_TIME.has(match.phrase) && quantity === null && longestMatch(tokens, end, catalogue) === null) return false;
  // "Full of hope", "quarter to 6", "i am full"
  if (quantity === null && match.words === 1 && (leadsElsewhere(tokens, end, catalogue) || SAID_OF.has(tokens[at - 1] ?? ''))) return false;
  // "to my house"
  if (PRONOUNS.has(tokens[at - 1] ?? '')) return false;
  const last = found[found.length - 1];
  if (last !== undefined && last.end === at)
    return sharedBy(last.match, match).length > 0 || reordered(last.match, match, catalogue) !== null;
  if (last !== undefined && last.end === at - 1 && (tokens[at - 1] === 'with' || tokens[at - 1] === 'met')) return false;
  const next = longestMatch(tokens, end, catalogue);
  // "2l coke", though the one that is called just coke is smaller.
  if (next !== null)
    return (
      sharedBy(match, next).length > 0 ||
      reordered(match, next, catalogue) !== null ||
      // "Ama-veggie kota": a name that begins with a prefix.
      catalogue.phrases.has(`${match.phrase} ${next.phrase}`)
    );
  // "2 coke, one litre": a size behind a comma is of what stands in front, whatever else is sold in it.
  if (
    SIZE.test(match.phrase) &&
    last !== undefined &&
    last.end === at - 1 &&
    tokens[at - 1] === ',' &&
    sharedBy(last.match, match).length === 0
  )
    return false;
  // "cooldrink 2l"
  if (SIZE.test(match.phrase) && isUnknown(tokens[at - 1] ?? ',') && numberAt(tokens, at - 1) === null) return false;
  const behind = tokens[end];
  return behind === undefined || !isUnknown(behind) || numberAt(tokens, end) !== null;
}

/** In front of a word that describes they say it of something. */
const SAID_OF: ReadonlySet<string> = new Set(['am', 'm', 'is', 'are', 'was', 'so', 'too', 'very']);

/** "Full of hope", "quarter to 6": what stands behind makes it another word than the menu's. */
function leadsElsewhere(tokens: readonly string[], end: number, catalogue: CompiledCatalogue): boolean {
  const next = tokens[end];
  if (next === 'of') return longestMatch(tokens, end + 1, catalogue) === null;
  return (next === 'to' || next === 'past') && numberAt(tokens, end + 1) !== null;
}

/** Words of names that say when as well. */
const OF_TIME: ReadonlySet<string> = new Set(['still']);

/** "to house 12", "the blue gate house": no full house kota, unless it is counted. */
export function isDoor({ tokens, quantity, catalogue, found }: Scan, match: Match, at: number): boolean {
  const { words, phrase } = match;
  if (words !== 1 || !DOORS.has(tokens[at] as string)) return false;
  // "Amafull house": the rest of a name.
  const last = found[found.length - 1];
  if (last?.end === at && sharedBy(last.match, match).length > 0) return false;
  // "zone 6 house 1234"
  if (DOORS.has(tokens[at - 2] ?? '') && numberAt(tokens, at - 1)?.words === 1) return true;
  return ABOUT.has(tokens[at - 1] ?? '') || (quantity === null && catalogue.descriptors.has(phrase));
}

export function stoodBeside({ found }: Scan, at: number): boolean {
  return found[found.length - 1]?.end === at;
}

/** Between a counted noun and its kind in isiZulu, each a word of its own. */
const OF_KIND: ReadonlySet<string> = new Set(['ama', 'a', 'e', 'i', 'ye', 'awu', 'ayi', 'angu']);

/** "Amakota amabili ama full house": so many of that kind. A number of its own makes it another thing. */
function kindBehindNumber(last: Found, match: Match, { tokens, catalogue }: Pick<Scan, 'tokens' | 'catalogue'>, at: number): Match | null {
  const number = numberAt(tokens, last.end);
  if (number?.behind !== true || numberAt(tokens, at + match.words) !== null) return null;
  const end = last.end + number.words;
  if (end !== at && !(end === at - 1 && OF_KIND.has(tokens[end] as string))) return null;
  return reordered(last.match, match, catalogue) ?? reordered(byItsName(last.match), match, catalogue);
}

/** "Ikota ye full house", "kota ya russian": of that kind. */
const KIND_LINKS: ReadonlySet<string> = new Set(['ye', 'ya', 'yo', 'e']);

/** "500ml coke", "chips large", "loaves of bread": two names beside each other that share a product mean that one, once. */
export function narrow(last: Found, match: Match, { tokens, catalogue }: Scan, at: number): Match | null {
  if (last.change === 'refuse') return null;
  if (last.after !== null) return kindBehindNumber(last, match, { tokens, catalogue }, at);
  const beside = last.end === at;
  const link = last.end === at - 1 ? (tokens[at - 1] as string) : '';
  const isKind = KIND_LINKS.has(link);
  if (!beside && link !== 'of' && !isKind) return null;
  const named = last.match;
  const whole = beside ? reordered(named, match, catalogue) : isKind ? reordered(byItsName(named), match, catalogue) : null;
  if (whole !== null || isKind) return whole;
  // "Amarussian kota": a name that begins with a prefix.
  const inOrder = beside && last.before === null ? catalogue.phrases.get(`${named.phrase} ${match.phrase}`) : undefined;
  if (inOrder !== undefined)
    return { phrase: `${named.phrase} ${match.phrase}`, products: inOrder, words: match.words, exact: named.exact && match.exact };
  if (beside && !named.exact && endsItsName(named, match)) return named;
  const shared = sharedBy(named, match);
  // "coke coke" is two, "500ml fanta" one: a size alone names nothing. "stoney ginger beer" is one by two names.
  const isTwice =
    named.phrase === match.phrase && named.products.length === 1 && match.products.length === 1 && !catalogue.descriptors.has(named.phrase);
  if (shared.length === 0 || (beside && isTwice)) return null;
  return {
    phrase: shared.length === 1 ? match.phrase : named.phrase,
    products: shared,
    words: match.words,
    exact: named.exact && match.exact,
  };
}

/** "Ikota" as the menu has it. */
function byItsName(named: Match): Match {
  const [product, other] = named.products;
  return product === undefined || other !== undefined ? named : { ...named, phrase: normalise(product.name).words };
}

/** "Full hous kotas": the last word of a name whose others were read with a slip. */
function endsItsName({ products, phrase }: Match, last: Match): boolean {
  const [product, other] = products;
  if (product === undefined || other !== undefined) return false;
  const name = normalise(product.name).words;
  return [last.phrase, ...singular(last.phrase)].some((word) => name.endsWith(` ${word}`) && !` ${phrase} `.includes(` ${word} `));
}

const JOINERS: ReadonlySet<string> = new Set(['and', 'n', 'en', 'le', 'with', 'met']);
/** "Umogodu nopapa": isiZulu joins in one word. */
const NGUNI_AND = /^n[aeo][a-z]{3}/;
const OF_TWO = /\b(?:and|n)\b|&/i;

/** "Tripe and pap" of a "Mogodu and pap" that is also called tripe, "pap en wors": one plate, not two. @returns null for two things. */
export function joinedPlate(last: Found, match: Match, { tokens }: Scan, at: number): Match | null {
  // "Ulusu olulodwa nopapa": the number stands behind its noun.
  const number = last.after === null ? null : numberAt(tokens, last.end);
  const isCounted = number?.behind === true && last.end + number.words === at;
  const isNguni = (last.end === at || isCounted) && NGUNI_AND.test(tokens[at] as string);
  const isJoined = isNguni || (last.end === at - 1 && JOINERS.has(tokens[at - 1] as string));
  if (!isJoined || last.change !== 'add' || (last.after !== null && !isCounted)) return null;
  if (isPlateWith(match, last.match)) return match;
  return isPlateWith(last.match, match) ? last.match : null;
}

/** "Trip and pap": an everyday word is a slip where it makes one plate with its neighbour. @returns null for any other word. */
export function platedSlip({ tokens, catalogue, found }: Scan, token: string, at: number): Match | null {
  const next = JOINERS.has(tokens[at + 1] ?? '') ? longestMatch(tokens, at + 2, catalogue) : null;
  const last = JOINERS.has(tokens[at - 1] ?? '') ? found[found.length - 1] : undefined;
  const other = next ?? (last?.end === at - 1 ? last.match : null);
  if (other === null) return null;
  const meant = everydaySlip(token, catalogue);
  return meant !== null && (isPlateWith(meant, other) || isPlateWith(other, meant)) ? meant : null;
}

/** By its name, which has both. */
function isPlateWith({ products, phrase }: Match, other: Match): boolean {
  const [product, more] = products;
  if (product === undefined || more !== undefined || other.products.length !== 1 || !OF_TWO.test(product.name)) return false;
  // "Uphuthu and stew": by two of its names.
  if (other.products[0] === product) return other.phrase !== phrase;
  const name = normalise(product.name).words.split(' ');
  return name.includes(other.phrase) || GROUPS.get(other.phrase)?.some((word) => name.includes(word)) === true;
}

/** What each word is a synonym of. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map(
  SYNONYMS.toReversed().flatMap((group) => group.map((word) => [word, group] as const)),
);

/** "Fat cakes with mince" where a vetkoek is a fat cake and "Vetkoek with mince" is sold. @param at of the word behind "with". @returns null when nothing sold is called so. */
export function filledWith({ match: { products } }: Found, { tokens, catalogue }: Scan, at: number): Match | null {
  const [product, other] = products;
  if (product === undefined || other !== undefined || longestMatch(tokens, at, catalogue)?.words !== 1) return null;
  return filledBy(product.name, tokens[at] as string, catalogue);
}

function filledBy(name: string, filling: string, { phrases }: CompiledCatalogue): Match | null {
  const phrase = `${normalise(name).words} with ${filling}`;
  const products = phrases.get(phrase);
  return products === undefined ? null : { phrase, products, words: 1, exact: true };
}

/** "3 vetkoek with mince and polony" where each is sold with one of them only: nobody knows which, or whether both in one. @returns null for anything else. */
export function filledTwice(last: Found, match: Match, { tokens, catalogue }: Scan, at: number): Match | null {
  const [one, two] = [last.match.products[0], match.products[0]];
  if (one === undefined || two === undefined || one === two || last.match.products.length + match.products.length > 2) return null;
  const joint = tokens[at - 1] as string;
  // "Amagwinya amathathu anemince nepolony": the number stands between.
  const counted = last.after !== null && HAVING.test(joint) ? last.end + (numberAt(tokens, last.end)?.words ?? 0) + 1 : 0;
  const isNguni = (last.end === at ? last.after === null : counted === at) && NGUNI_AND.test(tokens[at] as string);
  const isJoined = isNguni || (last.end === at - 1 && last.after === null && JOINERS.has(joint) && joint !== 'with' && joint !== 'met');
  if (!isJoined || isUnwanted(last) || !catalogue.descriptors.has(match.phrase)) return null;
  const [named, filling] = normalise(one.name).words.split(' with ');
  const isAlike = filling !== undefined && normalise(two.name).words === `${named} with ${match.phrase}`;
  return isAlike ? { ...match, phrase: last.match.phrase, products: [one, two] } : null;
}

function isUnwanted({ change }: Found): boolean {
  return change === 'remove' || change === 'refuse';
}

/** How isiZulu says "that has": "igwinya elinemince", "amagwinya anepolony". */
const HAVING = /^(?:a|e|o|eli|esi|olu|ezi)n[aeo](?=[a-z]{3})/;

/** The same, and "amagwinya nemince": vetkoek and mince. */
const FILLED = /^(?:a|e|o|eli|esi|olu|ezi)?n[aeo](?=[a-z]{3})/;

/** @param word behind the name. @returns null when nothing sold is called so. */
export function filledInNguni({ match: { products } }: Found, word: string, catalogue: CompiledCatalogue): Match | null {
  const [product, other] = products;
  return product === undefined || other !== undefined || !FILLED.test(word)
    ? null
    : filledBy(product.name, word.replace(FILLED, ''), catalogue);
}

/** "kota full house" is the full house kota. */
export function reordered(last: Match, match: Match, catalogue: CompiledCatalogue): Match | null {
  const phrase = `${match.phrase} ${last.phrase}`;
  const products = catalogue.phrases.get(phrase);
  return products === undefined ? null : { phrase, products, words: last.words + match.words, exact: last.exact && match.exact };
}

export function isUnknown(token: string): boolean {
  return (
    token !== ',' &&
    token.length >= UNKNOWN_MIN_CHARS &&
    !isFiller(token) &&
    !isHesitation(token) &&
    !isOrderWord(token) &&
    !CORRECTING.has(token) &&
    !PHRASES.has(token) &&
    !PRICE.test(token)
  );
}
