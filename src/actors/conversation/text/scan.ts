/** What one pass over a text keeps: the words, what was named so far, and what still waits for its item. Types only, with their start. */
import type { CompiledCatalogue, Match } from './catalogue.ts';
import type { Change } from './data/order-words.ts';

/** Something named, with what is to become of it. `refuse`: "kota, no coke". */
export interface Found {
  match: Match;
  change: Change | 'refuse';
  readonly before: number | null;
  after: number | null;
  /** First token behind it. */
  end: number;
}

/** One pass over a text. */
export interface Scan {
  readonly tokens: readonly string[];
  readonly catalogue: CompiledCatalogue;
  readonly noRefuses: boolean;
  readonly found: Found[];
  /** Counted and not sold. */
  readonly unmatched: string[];
  /** Wishes and names without a number that nothing is known of. */
  readonly unread: string[];
  change: Change;
  /** A number that waits for its item. */
  quantity: number | null;
  /** "2 each": for all that have no number of their own. */
  each: number | null;
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
  unknown: number;
  /** It named or counted something, or people were talking. */
  settled: boolean;
}

export function newPart(start: number): Part {
  return { start, wish: false, unknown: 0, settled: false };
}
