/** What one pass over a text keeps: the words, what was named so far, and what still waits for its item. Types only, with their start. */
import type { CompiledCatalogue, Match } from '../catalogue/catalogue.ts';
import type { Change } from '../data/order-words.ts';

/** What a correction puts in its place: `said` whatever stands there, `last` only what was added last. */
export type Corrected = 'said' | 'last';

/** Something named, with what is to become of it. `refuse`: "kota, no coke". */
export interface Found {
  match: Match;
  change: Change | 'refuse';
  before: number | null;
  after: number | null;
  /** "2 kota or 3 coke": what was named instead so far, each with its number. */
  choices?: readonly Choice[];
  /** "1 coke, no wait 2 coke": counted anew within the text. */
  corrects?: boolean;
  /** "coke, if no coke …": what follows comes instead. */
  open?: boolean;
  /** Refused, in the customer's words: "no atchar on one". */
  said?: string | undefined;
  /** "1 normal", as written: of what was named first. */
  plain?: string;
  /** "Vetkoek 2 plain": no number of all of them. */
  isPlain?: boolean;
  /** "2 kota, 1 for me and 1 for my sister": how many of them were said whose they are, of how many people, and whether each with an "and". */
  owned?: { readonly number: number; readonly people: number; readonly joined: boolean };
  /** "Stoney instead": for so many of what is not named, null for all of it. */
  instead?: number | null | undefined;
  /** A size alone, "small": of what stands there. */
  resized?: boolean;
  /** "R10 magwinya": for so much money; undefined for none. */
  worthMinor: number | undefined;
  /** That money is all that there is to spend. */
  isPurse?: boolean;
  /** For money that makes no whole number at its price; `several`: of more than one. */
  misprices?: 'one' | 'several';
  /** "The coke": only spoken of when there is one already. */
  pointed?: boolean;
  /** Of another kind than is sold, as written: "brown bread". It is offered what there is. */
  unsold?: string;
  /** "Sipho wants 1 kota not 2": so many of a line were theirs. */
  wrong?: number;
  /** "Make one russian": so many are to become it, perhaps. */
  made?: boolean;
  /** First token behind it. */
  end: number;
}

export interface Choice {
  readonly match: Match;
  readonly number: number | null;
}

/** What a price behind a number is of: one of them, all of them, or nobody knows which. */
export type PricedOf = 'one' | 'all' | 'either';

/** One pass over a text. */
export interface Scan {
  readonly tokens: readonly string[];
  /** The words before they were spelled as the catalogue has them. */
  readonly written: readonly string[];
  readonly catalogue: CompiledCatalogue;
  readonly noRefuses: boolean;
  readonly found: Found[];
  /** Counted and not sold. */
  readonly unmatched: string[];
  /** Names without a number that nothing is known of, and wishes about nothing. */
  readonly unread: string[];
  /** "no onions", with the item that it is about, null when none was named; `end`: the first token behind a part of it. */
  readonly wishes: { what: string; readonly item: Found | null; end?: number }[];
  change: Change;
  /** What the text corrects takes the place of something. */
  readonly corrected: Corrected | null;
  /** A number that waits for its item. */
  quantity: number | null;
  /** "2 each": for all that have no number of their own. */
  each: number | null;
  /** Money that waits for its item, and the first token behind it. */
  money: { readonly amountMinor: number; readonly end: number } | null;
  /** "2 chips for R40": what the customer says that so many cost. */
  priced: { readonly found: Found; readonly amountMinor: number; readonly of: PricedOf } | null;
  /** "1 kota each for 3 people": for so many; null when nobody is counted. */
  people: number | null;
  /** "1 for me and 2 for gogo", before anything is named. */
  readonly shares: number[];
  /** "2 and a coke": a number in front that no item has. */
  loose: number | null;
  /** Somebody else wants it: the numbers are theirs, not those of the whole line. */
  person: boolean;
  /** "14 not 12": the number that was wrong. */
  wrong: number | null;
  /** Words between that number and an item: an adjective ("2 cold cokes"), or something that we do not sell ("2 pizza"). */
  unknown: string[];
  /** Words that belong to nothing. */
  noise: number;
  /** "take": what follows may be "off". */
  taking: boolean;
  /** The words since the last separator. */
  part: Part;
}

/** The words between two separators. */
export interface Part {
  readonly start: number;
  readonly wish: boolean;
  /** Behind "and" or "or": it goes on with the wish in front. */
  readonly continues: boolean;
  unknown: number;
  /** It named or counted something. */
  settled: boolean;
  /** People were talking: what they named is nothing sold. */
  talking: boolean;
}

export function newPart(start: number): Part {
  return { start, wish: false, continues: false, unknown: 0, settled: false, talking: false };
}
