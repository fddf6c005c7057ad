/** How words are shortened in chats, with what they stand for. Only what is no word of another of our languages. Data: translators add here. */

const SHORT: Readonly<Record<string, string>> = {
  'rather than': 'instead of',
  'thanks a mil': 'thanks',
  'thanks a million': 'thanks',
  hw: 'how',
  wth: 'with',
  hwmuch: 'how much',
  'hm is': 'how much is',
  'hm r': 'how much are',
  'hm are': 'how much are',
  'hm for': 'how much for',
  howmuch: 'how much',
  wats: 'whats',
  whts: 'whats',
  wht: 'what',
  wat: 'what',
  wen: 'when',
  wher: 'where',
  whr: 'where',
  hv: 'have',
  hav: 'have',
  av: 'have',
  thts: 'thats',
  dats: 'thats',
  smth: 'something',
  sumthing: 'something',
  '4 me': 'for me',
  '4 my': 'for my',
  'masome a mabedi': '20',
  'mashome a mabedi': '20',
  'masome a mararo': '30',
  'mashome a mararo': '30',
  'masome a mane': '40',
  'mashome a mane': '40',
  otherwise: 'or',
  'le lesome': 'lesome',
  'le leshome': 'leshome',
  w: 'with',
  delivry: 'delivery',
  deliva: 'deliver',
};

/** Afrikaans has a "wat", too, and a township a section W. */
const ANY = new RegExp(
  `\\b(?:${Object.keys(SHORT)
    .filter((word) => word !== 'wat' && word !== 'w')
    .join('|')}|wat(?= (?:do|does|r|u|are|is|time)\\b)|(?<!(?:section|block|zone|unit|phase|flat) )w(?= [a-z]{3}))\\b`,
);
const EVERY = new RegExp(ANY.source, 'g');

/** isiZulu joins "of" to what goes: "esikhundleni sekhokho". */
const IN_PLACE = 'esikhundleni';
const IN_PLACE_OF = new RegExp(`\\b${IN_PLACE} s[aeo] ?(?=[a-z]{3})`, 'g');

/** @param words normalised. @returns the same with what was shortened written out, for rules to read. */
export function spelledOut(words: string): string {
  const written = ANY.test(words) ? words.replace(EVERY, (word) => SHORT[word] ?? word) : words;
  return written.includes(IN_PLACE) ? written.replace(IN_PLACE_OF, 'instead of ') : written;
}
