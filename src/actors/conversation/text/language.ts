/** Which of the five languages a text is in, by function words and prefixes. Proposes only: a chosen language always wins. Pure. */
import type { Language } from '../../tenant/protocol.ts';

interface DetectedLanguage {
  readonly language: Language;
  /** 0-1: how far ahead of the second best. */
  readonly confidence: number;
}

interface Evidence {
  readonly words: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const EVIDENCE: Readonly<Record<Language, Evidence>> = {
  en: {
    words: set(
      'the and please pls i want to with you my is can me for of some hello hi good morning how much where what would like get give it that order',
    ),
    prefixes: [],
  },
  zu: {
    words: set(
      'ngicela ngiyabonga sawubona sanibonani yebo cha futhi kanye nami ngifuna yimalini kakhulu unjani ukudla amabili amathathu ezimbili eyodwa oda mina wami yami kuphi iphi ngizo sicela ngcela bengicela besicela ngithanda ngidinga sifuna nginike ngiphe siyabonga ninjani',
    ),
    prefixes: ['ngi', 'aman', 'izin', 'ama', 'ezi', 'siya', 'uku', 'nge', 'kwa'],
  },
  xh: {
    words: set('ndicela sicela bendicela ndiyabulela enkosi molo molweni ewe hayi ndifuna kakhulu unjani mbini ntathu phi njani nceda'),
    prefixes: ['ndi', 'ndiya', 'uku', 'ama', 'izi', 'nd'],
  },
  st: {
    words: set('ke kopa dumela dumelang le a tse ka ea e o tharo pedi mabedi lebese leboha tla batla bokae hantle motho ho haeso'),
    prefixes: ['di', 'ma', 'bo', 'mo'],
  },
  af: {
    words: set('ek wil asseblief asb dankie hallo goeie een twee drie met en die n is my jou hoeveel kan julle het vir baie nie'),
    prefixes: [],
  },
};
const ALL = Object.keys(EVIDENCE) as Language[];
const HEARD_WORDS_MAX = 40;
const WORD_WEIGHT = 2;
/** Words this short mean something else in the next language. */
const SHORT_WORD_CHARS = 2;
const SHORT_WORD_WEIGHT = 1;
const PREFIX_WEIGHT = 1;
const PREFIX_WORD_MIN_CHARS = 6;
const MIN_SCORE = 2;

/** How much of a text speaks for each language; heard once, weighed among whichever languages matter. */
export type LanguageScores = Readonly<Record<Language, number>>;

/** The languages that each word is evidence of. */
const SPEAKERS: ReadonlyMap<string, readonly Language[]> = speakers();
const PREFIXED = ALL.filter((language) => EVIDENCE[language].prefixes.length > 0);
const NOBODY: readonly Language[] = [];

function speakers(): Map<string, Language[]> {
  const found = new Map<string, Language[]>();
  for (const language of ALL) for (const word of EVIDENCE[language].words) found.set(word, [...(found.get(word) ?? []), language]);
  return found;
}

/** @param words normalised text, of which the first 40 words are looked at. */
export function hearLanguages(words: string): LanguageScores {
  const scores: Record<Language, number> = { en: 0, zu: 0, xh: 0, st: 0, af: 0 };
  for (const token of words.split(' ', HEARD_WORDS_MAX)) {
    const known = SPEAKERS.get(token) ?? NOBODY;
    for (const language of known) scores[language] += token.length <= SHORT_WORD_CHARS ? SHORT_WORD_WEIGHT : WORD_WEIGHT;
    if (token.length >= PREFIX_WORD_MIN_CHARS) hearPrefix(token, known, scores);
  }
  return scores;
}

/** @param known languages that have the whole word: its beginning says nothing more about them. */
function hearPrefix(token: string, known: readonly Language[], scores: Record<Language, number>): void {
  for (const language of PREFIXED)
    if (!known.includes(language) && EVIDENCE[language].prefixes.some((prefix) => token.startsWith(prefix)))
      scores[language] += PREFIX_WEIGHT;
}

/**
 * @param among only these compete: neighbours share prefixes, and one that the shop does not speak must not cast doubt on one that it
 *   does. @returns null when nothing speaks for any.
 */
export function leadingLanguage(scores: LanguageScores, among: readonly Language[] = ALL): DetectedLanguage | null {
  let best: Language | null = null;
  let bestScore = 0;
  let second = 0;
  for (const language of among) {
    const score = scores[language];
    if (score > bestScore) {
      second = bestScore;
      best = language;
      bestScore = score;
    } else if (score > second) second = score;
  }
  return best === null || bestScore < MIN_SCORE ? null : { language: best, confidence: (bestScore - second) / bestScore };
}
