/**
 * "I'm allergic to peanuts", "we don't eat pork": the shop has to know, whatever is ordered beside it and whether the menu knows the
 * word. Pure; knows no state.
 */
import { ORDER_BEGINS } from '../data/telling-words.ts';
import { surelyNamed } from '../items/beside-names.ts';
import { NOTHING_NAMED, type ParsedItems } from '../items/collected.ts';
import { parseItems } from '../items/parse-items.ts';
import type { Reading } from './replies.ts';
import { wishesOf } from './telling.ts';

const LEADING = '(?:(?:but|and|because|cause|coz|cos|bcz|please note|pls note|note|remember|that) )*';
const WHO_IS =
  '(?:i m|im|i am|we are|we re|ngi|ngine|ngi ne|ek is|(?:she|he)(?: i)?s|my [a-z]+ (?:is|s)|(?:(?:i|we) |my [a-z]+ )?(?:have|has|got) (?:an? )?(?:[a-z]+ ){0,2}?)';
const ALLERGY = new RegExp(`(?:^| )(${LEADING}(?:${WHO_IS} ?)?(?:(?:very|really|highly|severely|so|also) )*allerg(?:ic|y|ies|ie)\\b[^,]*)`);
const DIET = new RegExp(
  `(?:^| )(${LEADING}(?:i|we|my [a-z]+) (?:really |also )?(?:don ?t|do not|doesn ?t|can ?t|cannot|never|am not allowed to|m not allowed to) eat [^,]+)`,
);
const COUNTED = / (?=\d)/;

/**
 * @param parts normalised.
 * @returns what is ordered beside it, and what is not eaten, in their own words, as a wish; null when nothing is said of that, and when
 * it is something that is sold: "I don't eat kota" chooses.
 */
export function notEaten(parts: string, { catalogue, noRefuses }: Reading): ParsedItems | null {
  const isAllergy = parts.includes('allerg');
  if (!isAllergy && !parts.includes(' eat ')) return null;
  const found = (isAllergy ? ALLERGY : DIET).exec(parts);
  if (found === null) return null;
  const toTheEnd = found[1] ?? '';
  const begins = [toTheEnd.search(ORDER_BEGINS), toTheEnd.search(COUNTED)].filter((at) => at > 0);
  const said = begins.length === 0 ? toTheEnd : toTheEnd.slice(0, Math.min(...begins));
  if (!isAllergy && surelyNamed(said, catalogue).length > 0) return null;
  const at = found.index + found[0].length - toTheEnd.length;
  const beside = `${parts.slice(0, at)} , ${parts.slice(at + said.length)}`.replace(/^[ ,]+|[ ,]+$/g, '');
  const wanted = beside === '' ? NOTHING_NAMED : parseItems(beside, catalogue, noRefuses);
  return { ...wanted, wishes: [...wanted.wishes, ...wishesOf([said.trim()], wanted)] };
}
