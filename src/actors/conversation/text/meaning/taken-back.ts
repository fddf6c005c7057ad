/** What is no longer wanted without its name: "forget that, i want pap", "remove the drink". Pure; knows no cart. */

const BEFORE = '(?:(?:no|nah|nee|cha|hhayi|ok|okay|oh|actually|sorry|wait|eish|yoh|ag|please|pls|and|but|just|rather)\\b\\W*)*';
/** What comes in its place is asked for. */
const WANTING =
  "(?=(?:(?:just|rather|instead|now)\\s+)*(?:i\\s?['’]?(?:d|ll)?\\s+(?:(?:just|only|rather|now)\\s+)?(?:want|need|have|like|take)|i\\s+(?:will|would)\\s+(?:have|like|take)|(?:give|get|bring|send|make)\\s+(?:me|us)|(?:let\\s+me|can\\s+i|could\\s+i|may\\s+i)\\s+(?:get|have|order)|(?:put|add)\\b|(?:ngi|si|ndi)(?:funa|cela)|ke\\s+(?:batla|kopa)|ek\\s+wil|gee\\s+my))";
const TAKEN_BACK = new RegExp(
  `^\\W*${BEFORE}(?:(?:forget(?:\\s+about)?|scrap|scratch|leave|drop|cancel|ditch|remove|delete)\\s+(that|it|this|those|them|everything|all)(?:\\s+(?:one|of\\s+(?:it|that|them)|that))?|(?:yekela|susa|khipha|tlogela|tlohela)\\s+(lokho|lokhu|konke|tseo|tsohle)|(?:los|vergeet)\\s+(dit|alles))\\b(?:\\s+(?:then|and|rather|instead)\\b)*[\\s,.;!-]*(?:(?:and|then|rather|instead)\\b\\s*)*${WANTING}`,
  'iu',
);
const EVERYTHING: ReadonlySet<string> = new Set(['everything', 'all', 'konke', 'tsohle', 'alles']);

/** "Leave it, add chips", "forget that, another coke": what is there stays. */
const ON_TOP = /\b(?:too|also|another|more|extra|as\s+well|plus|futhi|ook)\b/i;
const LEFT = /\bleave\b/i;
const PUT_ON = /^(?:(?:just|rather|instead|now)\s+)*(?:put|add)\b/i;

/** "Nah forget that, i want pap". @param text as it came. @returns what is wanted instead, and whether of all of it; null for any other text. */
export function takenBackIn(text: string): { readonly rest: string; readonly isAll: boolean } | null {
  const [lead, english, nguni, afrikaans] = TAKEN_BACK.exec(text) ?? [];
  if (lead === undefined) return null;
  const rest = text.slice(lead.length);
  if (ON_TOP.test(rest) || (LEFT.test(lead) && PUT_ON.test(rest))) return null;
  return { rest, isAll: EVERYTHING.has((english ?? nguni ?? afrikaans ?? '').toLowerCase()) };
}

const PART_GIVEN_UP =
  /^(?:(?:ok|okay|no wait|sorry|actually|please|pls|and|but|oh|wait|eish) )*(?:(?:can|could) (?:you|u|i) (?:please |pls )?)?(?:remove|take (?:off|out|away)|cancel|drop|leave out|delete|scrap|forget|skip|no|without|minus|(?:(?:i|we) )?(?:do not|don t|dont) (?:want|need)|susa|khipha|verwyder|sonder|tlosa|(?:angi|asi)funi)(?: (?:the|my|any|that|those|a|all))* ([a-z]+(?: [a-z]+){0,2}?)(?: (?:please|pls|plz|anymore|any more|now|asb))*(?: (?:but |and |so |rather )?((?:i (?:just |only |rather )?(?:want|need)|just|only|add|(?:give|get|bring) me|ngifuna|ngicela|ke kopa|ke batla|ek wil) .+))?$/;

/**
 * "Remove the drink", "no drinks": words that may name a part of the menu; `rest`: what is wanted besides, "i dont want a drink, i want chips".
 * @param words normalised. @returns null for any other text.
 */
export function partGivenUp(words: string): { readonly what: string; readonly rest: string | null } | null {
  const [, what, rest = null] = PART_GIVEN_UP.exec(words) ?? [];
  return what === undefined ? null : { what, rest };
}
