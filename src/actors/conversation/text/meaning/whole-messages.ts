/** Messages that are nothing but phrases: one, one with politeness, or several that come to one meaning. Pure; must never look at what is sold. */
import type { SimpleIntent } from '../data/intents.ts';
import { type Meant, PHRASES } from '../data/phrases.ts';
import { isFiller } from '../words/fillers.ts';
import { hasHeldLetter } from '../words/spelling.ts';

/** Words of a message that is nothing but phrases: "yes thanks", "hi menu please". */
const COMBINED_WORDS_MAX = 5;

/** The whole message as one phrase: as it is, without politeness, with "yesss" shortened, or phrase after phrase. */
export function wholeMeaning(words: string): Meant | null {
  const known = PHRASES.get(words);
  if (known !== undefined) return known;
  const short = stripPoliteness(hasHeldLetter(words) ? words.replace(/([a-z])\1{2,}/g, '$1') : words);
  return PHRASES.get(short) ?? combined(short) ?? behindLead(short);
}

const LEAD = /^(?:ok|okay|no|nah|yes|yebo|cool|great|sharp|alright|and) (?=\S+ )/;

/** "ok that s all", "no call me" */
function behindLead(words: string): Meant | null {
  return LEAD.test(words) ? (PHRASES.get(words.replace(LEAD, '')) ?? null) : null;
}

/** What an answer may be about: alone it asks for the menu, in "confirm order" it says nothing. */
export const NEUTRAL: ReadonlySet<string> = new Set(['order', 'oda']);

/** How much a word says beside others: "ok thanks" is yes, "hi menu" the menu. A number, "cancel one", is of what there is. */
const WEIGHT: Readonly<Partial<Record<SimpleIntent, number>>> = { greet: 0, thanks: 0, start: 0, yes: 1, no: 1 };
const FULL_WEIGHT = 2;

function combined(words: string): Meant | null {
  const tokens = words.split(' ', COMBINED_WORDS_MAX + 1);
  if (tokens.length < 2 || tokens.length > COMBINED_WORDS_MAX) return null;
  let best: { meant: Meant; weight: number } | null = null;
  for (const token of tokens) {
    if (NEUTRAL.has(token)) continue;
    const meant = PHRASES.get(token);
    if (meant === undefined) {
      if (isFiller(token) && token !== 'one') continue;
      return null;
    }
    const weight = typeof meant === 'object' ? FULL_WEIGHT : (WEIGHT[meant] ?? FULL_WEIGHT);
    if (best !== null && weight === best.weight && meant !== best.meant) {
      if (weight > 0) return null;
    } else if (best === null || weight > best.weight) best = { meant, weight };
  }
  if (!tokens.some((token) => NEUTRAL.has(token))) return best?.meant ?? null;
  // "stop the order" is no "stop".
  return best === null ? 'menu' : best.weight < FULL_WEIGHT ? best.meant : null;
}

const POLITE =
  /^(?:please |pls |plz |can i |could i |i want to |i d like to |ngicela uku|ngicela |ke kopa |ndicela |asseblief )|(?: please| pls| plz| asb| asseblief| ngiyabonga| thanks|(?: baie)? dankie| ke a lebo[gh]a| kea lebo[gh]a| tle| hle)$/g;

function stripPoliteness(words: string): string {
  return words.replace(POLITE, '').trim();
}
