/** Pictures of food that stand in place of words, "2 🥖 and a coke", written as those words; beside a name they only adorn it. Pure. */
import { PICTURE_WORDS } from '../data/picture-words.ts';

const PICTURE = Object.keys(PICTURE_WORDS).join('|');
const ANY = new RegExp(PICTURE, 'u');
/** Counted, with no name behind it: "2 kota 🍔" and "2 🍔 kota" are about the kota. */
const COUNTED = new RegExp(
  `((?:^|[,;.\\n+&]|\\p{Extended_Pictographic}|\\b(?:and|n|plus|with|want|need|get|give me|ne|na|le|en|me|please|pls|hi|hey|hello))\\s*)(\\d{1,2})\\s*(?:x\\s*)?(${PICTURE})\\ufe0f?(?=\\s*(?:$|[\\d,;.\\n+&!?]|\\p{Extended_Pictographic}|(?:and|n|plus|with|please|pls|ne|na|le|en)\\b))`,
  'giu',
);
const ONLY = new RegExp(`^\\s*(?:(?:${PICTURE})\\ufe0f?\\s*)+$`, 'u');
const EACH = new RegExp(PICTURE, 'gu');
const ASCII = /^[\0-~]*$/;

/** @param sold whether a word names something: pictures alone are an order only with something sold among them. @returns the text itself when no picture is a word. */
export function withoutPictures(text: string, sold: (word: string) => boolean): string {
  if (ASCII.test(text) || !ANY.test(text)) return text;
  if (!ONLY.test(text))
    return text.replace(COUNTED, (_all, lead: string, count: string, picture: string) => `${lead}${count} ${wordOf(picture)} `);
  const numbers = new Map<string, number>();
  for (const picture of text.match(EACH) ?? []) numbers.set(wordOf(picture), (numbers.get(wordOf(picture)) ?? 0) + 1);
  return [...numbers.keys()].some(sold) ? [...numbers].map(([word, number]) => `${number} ${word}`).join(', ') : text;
}

function wordOf(picture: string): string {
  return PICTURE_WORDS[picture] ?? '';
}
