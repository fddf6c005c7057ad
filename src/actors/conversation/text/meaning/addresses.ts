/** What tells an address from everything else that people say where one was asked for. Pure; knows no product and no state. */
import { isOrderWord, REFUSALS, TALK, WISHES } from '../data/order-words.ts';
import { NO_PLACE_WORDS, PLACE, PLACE_MARKS } from '../data/place-words.ts';
import { isFiller } from '../words/fillers.ts';

const ADDRESS_MIN_CHARS = 5;
const MARKS = new RegExp(PLACE_MARKS, 'g');
const NUMBER_AND_NAME = /^\d+[a-z]?\s+(?!for\b)[a-z]{3,}\s+[a-z]{2,}/;
/** A single one is also in "drive fast" and "close the gate"; a number counts as one. */
const SURE_MARKS_MIN = 2;
const ASKING = /^(?:is|are|do|does|did|can|could|will|would|how|what|where|when|why|who|which)\b/;
/** Somebody knows it, or is to be asked; "1 for gogo" counts. */
const NOT_SAID =
  /^\d+ for \b|\b(?:knows?|ask|tell|sending|sends|forgot|remember)\b|\b(?:se)?(?:ngi|si)\w*buza\b|\bang\w{0,4}azi\b|\bumshayeli\b|\b(?:ngi|si)thumelele\b/;
const SPEAKING = /\b(?:i|you|u|my|your|we|he|she|it|this|that|me|us)\b/;
/** "i stay at the hostel", "bring it to mandela village" */
const LEADING_THERE = /\b(?:at|in|by|stay|live|from|near|kwa|ngihlala|ngise)\b|\b(?:come|bring|deliver|send|take)\b.* to\b/;
const STREET =
  /\b\d+[a-z]? (?:[a-z]+ ){1,3}(?:street|str|st|road|rd|ave|avenue|drive|dr|lane|close|crescent|straat|weg|laan)\b|\b\d+[a-z]? [a-z]{3,}(?:straat|laan)\b/;
const NAME = /^\p{L}{3,}/u;

export function isAsking(text: string, words: string): boolean {
  return text.includes('?') || ASKING.test(words);
}

/** How much of it is what streets and places are made of. */
function addressMarks(words: string): number {
  return (words.match(MARKS) ?? []).length + (/\d/.test(words) ? 1 : 0);
}

/** Street and number, or two words of places: an address, whatever else is said. */
export function isSurelyAddress(words: string): boolean {
  return addressMarks(words) >= SURE_MARKS_MIN;
}

/** A street with its number: said unasked, nothing else is one. */
export function namesStreet(words: string): boolean {
  return STREET.test(words);
}

/** Behind a street they belong to it no more: how to pay, politeness, what else is wanted. */
const NOT_OF_PLACE =
  /[,.;\n]?\s+(?:and|with|plus|cash|card|eft|cod|i|we|my|pay\w*|paying|please|pls|plz|thanks?|thank|ngiyabonga|dankie|asap|now|quick\w*|call|phone|leave|put|drop|bring|tell|just|its|it|but|then|when|no|not|without|extra|deliver\w*|on delivery|for|by|before|at)\b.*$/isu;
const STREET_SAID =
  /\b\d+[a-z]?,? (?:(?:\p{L}+ ){1,3}(?:street|str|st|road|rd|ave|avenue|drive|dr|lane|close|crescent|straat|weg|laan)|\p{L}{3,}(?:straat|laan))\b\.?(?:,? \p{L}[\p{L}\d]*(?![\p{L}\d])){0,6}/iu;

/** @param text as it came. @returns the street with its number and what stands behind it, null when none is named. */
export function streetSaid(text: string): string | null {
  const [said] = STREET_SAID.exec(text.replace(/\s+/gu, ' ')) ?? [];
  return said === undefined ? null : said.replace(NOT_OF_PLACE, '');
}

/** "to zone 6 house 12", "to 123 zone 6 diepkloof", "ulethe ku 123 zone 6" at the end of an order. */
const PLACE_LED_TO =
  /\b(?:to|at|2|deliver|deliver it|send it|bring it|here|ku|leth(?:e|ele) e)\s+((?:(?:zone|house|section|phase|block|ext|extension|unit|flat|stand|erf|shack|room|kwa)|\d+[a-z]?,?\s+(?:zone|section|phase|block|ext|extension|kwa))\s.*)$/isu;

const MARKS_BEHIND = /[\s?!.,]+$/u;

/** "2 kota deliver to orlando", "kota zone 3": one that everybody knows needs no second mark. */
const KNOWN_PLACE_LED_TO = new RegExp(
  `\\b(?:(?:to|2|at|in|ku|ko|ho|mo|ulethe|deliver(?: it)?)\\s+|(?=(?:\\d{2,5}[a-z]?\\s+)?(?:zone|section|phase|block|ext|extension)\\s))((?:\\d{2,5}[a-z]?\\s+)?${PLACE}(?:[\\s,]+${PLACE})*)(?:[\\s,.!]+(?:please|pls|plz|cash|card|thanks|asap|now|asb))*[\\s.!]*$`,
  'iu',
);

/** @param text as it came. @returns a place that the text ends with, of two marks or known by its name, null for none. */
export function placeLedTo(text: string, words: string): string | null {
  if (!PLACE_MARKS.test(words)) return null;
  const said = text.replace(/\s+/gu, ' ');
  const [, place] = (isSurelyAddress(words) && PLACE_LED_TO.exec(said)) || [];
  if (place !== undefined && isSurelyAddress(place.toLowerCase())) return place.replace(NOT_OF_PLACE, '').replace(MARKS_BEHIND, '');
  return KNOWN_PLACE_LED_TO.exec(said)?.[1] ?? null;
}

/** Speaks of sending or lacking one: no address yet, though it has the words of one. */
const OF_ADDRESS =
  /\b(?:no|without|don t have|don t know|haven t got|have no) (?:an? |the |my |any |our )?(?:street|house|address|number|adres|kheli)\b|\b(?:send|sending|sent|share|sharing|shared|drop|dropping|thumel\w*|ngithumel\w*|ngizothumel\w*|stuur) (?:\w+ ){0,2}(?:i ?)?(?:location|pin|lokasie)\b|\b(?:have|got|do|send|share|want|need) (?:you |u )?(?:my |the )?(?:address|location)$|^(?:(?:at|to|my|the) )*(?:home|house|place|work)$|^(?:my |our |the )?(?:address|adres|ikheli)(?: is| lami)?$/;

export function speaksOfAddress(words: string): boolean {
  return OF_ADDRESS.test(words);
}

/** "deliver to zone 4 next to the church", "bring it here house 45 mofolo", "i am at 1234 section b": said unasked. */
const LEADING =
  /^(?:(?:please|pls|plz|just|ok|and|hi|hello|then) )*(?:(?:deliver|send|bring)(?: (?:it|them|that|everything|my \w+|the \w+))?(?: (?:to (?:me|us)|here|there))?(?: (?:to|at|in|by))?|(?:i ?m|i am|we are|we re) (?:at|in)|(?:my |the )?address(?: is)?|(?:i|we) (?:stay|live) (?:at|in)|ek (?:bly|woon) (?:by|in|op)|ke (?:dula|nna) (?:ko|ho|mo)|tlis[ae] (?:ho|ko)) |^(?:ngicela )?(?:(?:ngi|si|ndi)(?:hlala|se|lapha|kwa|ku)|(?:u|ni)(?:yi|wa|zi|ngi|si)?leth(?:e|ele)|(?:letha|thumela)|ikheli(?: lami)?(?: li)?)\b/;

/** The same in the text as it came. */
const LEAD_SAID =
  /^\W*(?:(?:please|pls|plz|just|ok|and|hi|hello|no|sorry|wait|actually|oh|then)[\s,]+)*(?:(?:deliver|send|bring|come)(?:\s+(?:it|them|that|everything|my\s+\w+|the\s+(?:food|order)))?(?:\s+(?:to\s+(?:me|us)|here|there))?[\s,:]+(?:to|at|in|by)|(?:deliver|send|bring)(?:\s+(?:it|them|that|everything|my\s+\w+|the\s+(?:food|order)))?(?:\s+(?:to\s+(?:me|us)|here|there))|(?:deliver|send|bring)(?=\s+\d)|(?:i\s?['’]?m|i\s+am|we\s+are|we\s?['’]?re)\s+(?:at|in)|(?:this\s+is\s+)?(?:my\s+|the\s+)?address(?:\s+is)?|(?:i|we)\s+(?:stay|live)\s+(?:at|in)|it\s?['’]?s\s+(?:at|in)|it\s+is\s+(?:at|in)|(?:to|at|it\s?['’]?s|it\s+is)(?=\s+(?:\d|(?:house|flat|unit|stand|erf|room|shack|zone|section|block|phase|ext|kwa)\b))|ek\s+(?:bly|woon)\s+(?:by|in|op)|ke\s+(?:dula|nna)\s+(?:ko|ho|mo)|tlis[ae]\s+(?:ho|ko)|(?:ngicela\s+)?(?:u|ni)(?:yi|wa|zi|ngi|si)?(?:leth|thumel)(?:e|ele)\s+(?:ku|e)(?=\s+\d)|(?:letha|thumela|(?:ngi|si|ndi)(?:hlala|lapha))\s+(?:ku|e|kwa))\b[\s:,.–-]*/iu;

/** "12 Main Road please deliver", "zone 6 house 12 is my address": behind the place. */
const LED_BEHIND =
  /(?:,? (?:is|thats?|that ?['’]?s|that is|this is) (?:my address|the address|where (?:i|we) (?:stay|live|am|are))|,?(?: and)?(?: please| pls| plz)? (?:deliver|bring|send)(?: (?:it|them|that|everything|my \w+|the (?:food|order)))?(?: (?:here|there|to me|to us))?)(?: please| pls| plz)?[\s.!]*$/iu;

/** @param said an address as it came. @returns what a driver reads of it: without "deliver to" and the like in front or behind. */
export function withoutLead(said: string): string {
  const place = said.replace(LEAD_SAID, '').replace(LED_BEHIND, '');
  return /[\p{L}\d]/u.test(place) ? place : said;
}

/** Words of places and a number of which no talk has so many by chance: "kwa mashu section d 123". */
const PLACE_ITSELF_MARKS_MIN = 3;

export function leadsToPlace(words: string): boolean {
  const marks = addressMarks(words);
  if (marks < SURE_MARKS_MIN) return false;
  if (LEADING.test(words) || LED_BEHIND.test(words)) return true;
  return marks >= PLACE_ITSELF_MARKS_MIN && /\d/.test(words) && !OF_DRIVER.test(words) && mayBeAddress(words, words);
}

/** What may stand in front of a place that is all there is to say. */
const PLACE_ALONE = new RegExp(
  `^(?:(?:hi|hello|please|pls|plz|just|ok|okay|and|then|to|at|in|by|im|i|m|am|we|are|stay|live|it|s|its|deliver|bring|send|me|us|here|there|ku|ko|ho|mo|ngise|ngihlala|ke|dula|nna) )*${PLACE}(?:(?: ,| in| at)? ${PLACE})*(?: (?:please|pls|plz|thanks|asb|asap|now))*$`,
);

/** "Zone 6", "i am in orlando west": a place and nothing else. */
export function isPlaceAlone(words: string): boolean {
  return PLACE_ALONE.test(words);
}

const DELIVER_TO =
  /^(?:(?:hi|hello|please|pls|plz|can|could|you|u|just|ok|okay|and|then|ngicela) )*(?:deliver|bring|send)(?: (?:it|them|that|everything|(?:my|the) (?:order|food|stuff)))?(?: to (?!an? )(.+?))?(?: (?:please|pls|plz|asap|now|thanks|asb))*$/;
const IN_PLACE = new RegExp(`^(?:\\w+ ){1,4}(?:in|at|by|near) ${PLACE}$`);
const TO_THEM = /^(?:me|us)$/;
const PLACE_WORDS_MAX = 5;

/** "Deliver to phomolong" says where to, "deliver it to my house" only that it is to be brought. @returns null for neither. */
export function deliverySaid(words: string): 'place' | 'wish' | null {
  const said = DELIVER_TO.exec(words);
  if (said === null) return null;
  const place = said[1];
  // "To my sister in orlando"
  if (place !== undefined && IN_PLACE.test(place)) return 'place';
  if (place === undefined || TO_THEM.test(place) || speaksOfAddress(place)) return 'wish';
  const tokens = place.split(' ', PLACE_WORDS_MAX + 1);
  return tokens.length <= PLACE_WORDS_MAX && !tokens.some(isNoPlace) && mayBeAddress(place, place) ? 'place' : null;
}

const OF_DRIVER = /\b(?:driver|order|food|late|wrong|waiting)\b/;

/** "12 Vilakazi": nobody orders that many of one thing that is not sold. */
const DOOR_AND_NAME = /^\d{2,}[a-z]? ([a-z]{4,})$/;

/** "12 Vilakazi", unasked: with a capital that no keyboard made by itself. */
export function namesDoor(text: string, words: string): boolean {
  return isDoorAndName(words) && /^\W*\d+[a-z]? \p{Lu}/u.test(text) && !words.endsWith('s');
}

function isDoorAndName(words: string): boolean {
  const name = DOOR_AND_NAME.exec(words)?.[1];
  return name !== undefined && !isFiller(name) && !isOrderWord(name) && !NO_PLACE_WORDS.has(name);
}

/** A door of its own; the number of a zone or section is none. */
const DOOR = /\b(?:house|flat|unit|room|shack|stand|erf|yard|indlu)\b|(?<!\b(?:zone|section|phase|ext|extension|block) )\b\d/;

/** "Next to the church", "zone 6" behind "12 Vilakazi Street": more of the same address. Two doors are two addresses. @param words both normalised. */
export function isMoreOfAddress(words: string, known: string): boolean {
  return !DOOR.test(words) || !DOOR.test(known);
}

const PART_WORDS_MAX = 5;
/** "White City Jabavu": a keyboard makes one capital by itself. */
const NAMED_WITH_CAPITALS = /^\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)+$/u;

/** Right behind an address: "Orlando West", "by the robots". */
export function mayBePartOfAddress(text: string, words: string): boolean {
  const tokens = words.split(' ', PART_WORDS_MAX + 1);
  if (tokens.length > PART_WORDS_MAX || !mayBeAddress(text, words) || tokens.some(isNoPlace)) return false;
  return PLACE_MARKS.test(words) || NAMED_WITH_CAPITALS.test(text.trim()) || (tokens.length > 1 && PART_LEAD.test(words));
}

function isNoPlace(word: string): boolean {
  return NO_PLACE_WORDS.has(word) || TALK.has(word) || WISHES.has(word) || REFUSALS.has(word);
}

const PART_LEAD = /^(?:in|at|by|near|kwa|e?duze) /;

const LINK = /https?:\/\//i;

/** "do you deliver to zone 6?": asked, not said where to. */
const ASKS_DELIVERY = /^(?:hi |hello |hey )?(?:do|does|don t) (?:you|u|they)\b|^(?:are|r) (?:you|u) (?:guys )?delivering\b/;
/** Where it does not go. */
const NOT_THERE = /^(?:no |sorry )*not (?:at |to |in )?\d|\bused to (?:live|stay)\b/;

/** A house number with a name, or a word that places are made of. A question is none, and a link leads no driver. @param asked whether nothing but where to is in question. */
export function looksLikeAddress(text: string, words: string, asked = false): boolean {
  if (words.length < ADDRESS_MIN_CHARS || LINK.test(text) || (isAsking(text, words) && !isSurelyAddress(words))) return false;
  if (NOT_THERE.test(words) || (ASKS_DELIVERY.test(words) && isAsking(text, words))) return false;
  return PLACE_MARKS.test(words) || NUMBER_AND_NAME.test(words) || (asked && isDoorAndName(words));
}

/** To the question where to: any name of a place, but no question, time, telephone number, person or small talk. */
export function mayBeAddress(text: string, words: string): boolean {
  if (words.length < ADDRESS_MIN_CHARS || LINK.test(text) || isAsking(text, words)) return false;
  if (SPEAKING.test(words) && !LEADING_THERE.test(words)) return false;
  if (NOT_SAID.test(words) || NOT_THERE.test(words)) return false;
  return words.split(' ').some((word) => NAME.test(word) && !isFiller(word) && !isOrderWord(word) && !NO_PLACE_WORDS.has(word));
}
