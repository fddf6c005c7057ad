/** A few words that are a note once something is ordered: what somebody pays with, the hour it is wanted at. Pure; knows no cart. */

const PAYS_WITH =
  /^(?:(?:cash|kontant|u?kheshi|nge|ngo|with|a|my|the|it|is|s|in|of|i|ll|will|am|m|im|have|got|pay|paying|note) )*r ?\d{1,4}(?:\.\d{2})?(?: rand)?(?: (?:note|notes|cash|kontant|kheshi|in|only|please|pls))*$|^(?:(?:cash|with|a|my|pay|paying|i|ll|will) )*\d{2,4} (?:rand|bucks)(?: (?:note|notes|cash|in|please|pls))*$/;
/** "Deliver at 5": behind "for" a number may count people, and behind "in" minutes. */
const AT_HOUR_ALONE =
  /^(?:(?:please|pls|plz|ok|okay|can|could|you|u|must|should|deliver|delivery|bring|send|come|it|them|that|my|the|order|food|i|we|want|need|like|be|is|here|ready) )*(?:at|by|around) (?:about )?(?:[1-9]|1[0-2])(?: (?:o clock|oclock|please|pls|plz|today|tonight|thanks|asb))*$/;

/** "R200 cash", "deliver at 5". @param words normalised, nothing else understood in them. */
export function isShortNote(words: string): boolean {
  return PAYS_WITH.test(words) || AT_HOUR_ALONE.test(words);
}
