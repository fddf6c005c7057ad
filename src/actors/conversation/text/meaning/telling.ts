/** What is spoken of and not ordered: stories, complaints, opinions and plans, with what is ordered beside them. Pure; knows no state. */

import type { Product } from '../../../tenant/protocol.ts';
import { isIngredient } from '../data/ingredient-words.ts';
import { WANTING } from '../data/rules.ts';
import { BAD_DELIVERY, DISLIKE, MAY_TELL, NO_ORDER, OF_ORDER, OPINION, ORDER_BEGINS, PLAN, STORY, WAITING } from '../data/telling-words.ts';
import { counts, surelyNamed, withNamesMarked } from '../items/beside-names.ts';
import { NOTHING_NAMED, type ParsedItems } from '../items/collected.ts';
import { parseItems } from '../items/parse-items.ts';
import { namedIn, namesSomething, type Reading } from './replies.ts';
import type { Expectation, Understood } from './understand.ts';

/** `story`: of other days; `order`: of what they have just ordered; `mention`: of what is sold; `opinion`: of how it is; `dislike`: of what they will not eat. */
type Kind = 'story' | 'bad' | 'order' | 'waiting' | 'dislike' | 'mention' | 'opinion';

/** A part that tells something. */
interface Told {
  readonly kind: Kind;
  /** What is ordered behind it: "my friend had a kota, please make me one". Empty for nothing. */
  readonly rest: string;
}

/** The first that matches has it. */
const TELLS: readonly (readonly [RegExp, Kind])[] = [
  [BAD_DELIVERY, 'bad'],
  [STORY, 'story'],
  [OF_ORDER, 'order'],
  [WAITING, 'waiting'],
];

/**
 * @param parts normalised, something sold is named in it. @param parsed what it would order.
 * @returns null when it tells nothing; else what is ordered beside it, or what the telling itself asks for.
 */
export function spokenOf(parts: string, parsed: ParsedItems, reading: Reading, expect: Expectation): Understood | null {
  if (!MAY_TELL.test(parts)) return null;
  const ordered: string[] = [];
  const disliked: string[] = [];
  let first: Kind | null = null;
  for (const part of parts.split(' , ')) {
    const told = toldIn(part, reading);
    if (told === null) {
      // "Yesterday I bought 2 kota, 1 coke": the list goes on.
      if (first === null || first === 'dislike' || first === 'opinion' || ORDER_BEGINS.test(part)) ordered.push(part);
      continue;
    }
    first ??= told.kind;
    if (told.kind === 'dislike') disliked.push(told.rest === '' ? part : part.slice(0, -told.rest.length).trimEnd());
    ordered.push(told.rest);
  }
  if (first === null) return null;
  const rest = ordered.filter((part) => part !== '');
  const wanted = rest.length === 0 ? NOTHING_NAMED : parseItems(rest.join(' , '), reading.catalogue, reading.noRefuses);
  if (disliked.length > 0)
    return { intent: 'items', ...withDisliked(wanted, disliked, surelyNamed(rest.join(' '), reading.catalogue), reading) };
  // "I love your coke, one more please": what they praise is what they want.
  if (first === 'opinion' && wanted.items.length + wanted.ambiguous.length === 0 && WANTING.test(parts)) return null;
  return namesSomething(wanted) ? { intent: 'items', ...wanted } : answerTo(first, parsed, expect);
}

/** What a story, a complaint or an opinion is answered with. In the middle of a checkout, its question stands. */
function answerTo(kind: Kind, parsed: ParsedItems, expect: Expectation): Understood {
  if (expect === 'yes_no') return { intent: 'price', about: [] };
  switch (kind) {
    case 'bad':
      return { intent: 'person' };
    case 'order':
      return { intent: 'view_cart' };
    case 'waiting':
      return { intent: 'track' };
    default:
      return { intent: 'price', about: expect === null ? namedIn(parsed) : [] };
  }
}

function toldIn(part: string, { catalogue }: Reading): Told | null {
  if (!MAY_TELL.test(part)) return null;
  const marked = withNamesMarked(part, catalogue);
  const begins = marked.search(ORDER_BEGINS);
  for (const [pattern, kind] of TELLS) {
    const at = marked.search(pattern);
    // "I want the kota my friend had" orders.
    if (at >= 0 && (begins < 0 || begins > at)) return { kind, rest: begins < 0 ? '' : part.slice(part.search(ORDER_BEGINS)) };
  }
  // "I don't drink coke give me water", "i can't eat eggs"
  const dislikes = Math.max(marked.search(DISLIKE), withIngredientsMarked(part).search(DISLIKE));
  if (dislikes >= 0) return { kind: 'dislike', rest: begins > dislikes ? part.slice(part.search(ORDER_BEGINS)) : '' };
  // A plan may count what it is about: "I could eat 10 kotas".
  if (NO_ORDER.test(marked) || (begins < 0 && PLAN.test(marked))) return { kind: 'mention', rest: '' };
  return begins < 0 && OPINION.test(marked) && !counts(part, catalogue) ? { kind: 'opinion', rest: '' } : null;
}

/** @returns the words with a comma in the place of what food is made of. */
function withIngredientsMarked(words: string): string {
  return words
    .split(' ')
    .map((word) => (isIngredient(word) ? ',' : word))
    .join(' ');
}

/** Something else of the same part of the menu is chosen instead: what they do not like is only kept out. Anything else is a wish. */
function withDisliked(wanted: ParsedItems, disliked: readonly string[], ordered: readonly Product[], { catalogue }: Reading): ParsedItems {
  const chosenInstead = (part: string): readonly Product[] => {
    const named = part.includes('allergic') ? [] : surelyNamed(part, catalogue);
    return named.every(({ category }) => ordered.some((product) => product.category === category)) ? named : [];
  };
  const wished = disliked.filter((part) => chosenInstead(part).length === 0);
  const out = disliked.flatMap(chosenInstead).filter((product) => !ordered.includes(product));
  return {
    ...wanted,
    removed: [...wanted.removed, ...out.map(({ id, name }) => ({ productId: id, name, quantity: null, refused: true }))],
    wishes: [...wanted.wishes, ...wishesOf(wished, wanted)],
  };
}

/** What they will not eat is wished of the one thing that they order, else of nothing yet. */
export function wishesOf(disliked: readonly string[], { items }: ParsedItems): ParsedItems['wishes'] {
  const [only, other] = items;
  const productId = only !== undefined && other === undefined ? only.productId : null;
  return disliked.map((what) => ({ productId, what }));
}
