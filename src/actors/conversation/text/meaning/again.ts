/** What is to come as it came before: "same as last time", "the usual but no coke", "same address". Pure; knows no order. */

import { AGAIN, AGAIN_ALONE, AGAIN_PLACE, NOT_AGAIN, ONCE_MORE } from '../data/again-words.ts';
import { PLACE_MARKS } from '../data/place-words.ts';
import { asks } from '../data/rules.ts';
import { NOTHING_NAMED, type ParsedItems } from '../items/collected.ts';
import { parseItems } from '../items/parse-items.ts';
import type { PlainText } from '../words/normalise.ts';
import { namesStreet, streetSaid } from './addresses.ts';
import type { Reading } from './replies.ts';

export interface Again {
  /** What was ordered last. */
  readonly order: boolean;
  /** Where it went. */
  readonly place: boolean;
  /** "Same again": before any order, what is in the cart. */
  readonly onceMore?: boolean;
}

/** Words beside it that belong to nothing: more of them tell another story. */
const NOISE_MAX = 2;

/** @returns what else is ordered or refused beside it, too; null when nothing is to come again, or it is asked about. */
export function againIn(
  { words, parts, text }: PlainText,
  { catalogue, noRefuses }: Reading,
): ({ readonly again: Again; readonly address?: string } & ParsedItems) | null {
  const place = AGAIN_PLACE.test(words);
  const whole = AGAIN_ALONE.test(words);
  const order = whole || AGAIN.test(words);
  if (!(place || order) || NOT_AGAIN.test(words) || asks(words)) return null;
  const rest = whole ? '' : parts.replace(AGAIN_PLACE, ' ').replace(AGAIN, ' ').replace(/ {2,}/g, ' ').trim();
  if (PLACE_MARKS.test(rest)) {
    const street = order && namesStreet(words) ? streetSaid(text) : null;
    return street === null ? null : { ...NOTHING_NAMED, address: street, again: { order, place: false } };
  }
  const parsed = parseItems(rest, catalogue, noRefuses);
  return parsed.noise > NOISE_MAX ? null : { ...parsed, again: { order, place, ...(ONCE_MORE.test(words) ? { onceMore: true } : {}) } };
}
