/** Which of the five languages a text is in, by function words and prefixes. Proposes only: a chosen language always wins. Pure. */
import type { Language } from '../../../tenant/protocol.ts';
import type { LanguageScores } from '../data/intents.ts';

interface DetectedLanguage {
  readonly language: Language;
  /** 0-1: how far ahead of the second best. */
  readonly confidence: number;
}

interface Evidence {
  readonly words: ReadonlySet<string>;
  /** Words that it shares with a neighbour of whom there are more: they say less, and cast little doubt on that one. */
  readonly shared?: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  /** How its verbs begin, all of which end in a vowel: one says by itself which language it is. */
  readonly shape?: { readonly pattern: RegExp; readonly weight: number };
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Words of isiZulu and isiXhosa alike. */
const NGUNI = 'malini kodwa susa suse khipha khiphe engeza faka ufake letha thumela kulungile umntu umuntu imali';

/** Who does or does not, in both languages: "nivala", "siyeza", "uzofika", "kuyimalini", "asisayifuni". */
const SUBJECT_AND_VERB =
  '(?:ibi|bezi|beku|bewu)[a-z]{3}|ni(?:[ny]a|sa|zo|ng[ai]|di|th[aei]|vu|val|le|bu|kh|fu|me)|si(?:[yns]a|zo|ng[aei]|le|fu)|(?:i|u|zi)(?:ya|zo|nga)(?=[a-z]{3})|ku(?:y[aei]|zo|s[ae]|th[aei]|nga|ph[ei]|ba)|a(?:si|ku|yi|wu)(?:sa|ka|fi|fu|kh|tho|zu|yi)';
const ZULU_VERB = new RegExp(
  `^(?:${SUBJECT_AND_VERB}|(?:a|se|be)(?:ng|s)i(?=[a-z]{3})|anis?[ei]|um?sh[ao]|ngi(?:zo|ya|nga|be|ne(?=[mtp])|sa)|ngi(?=[a-z]{3,}(?:ele|eleni|ise|iseni)$))`,
);
const XHOSA_VERB = new RegExp(`^(?:${SUBJECT_AND_VERB}|(?:a|se|be)(?:nd|s)i(?=[a-z]{3})|ndi(?:za|ya|nga))`);

/** People and places, and English, that look like such verbs. */
const NO_VERBS = set(
  'siyanda siyabulela siyamthanda siyavuya siyasanga sinazo sinalo asiphe asimbonge asithandile uyanda kuyasa silence singapore sinatra',
);

const EVIDENCE: Readonly<Record<Language, Evidence>> = {
  en: {
    words: set(
      'the and please pls i want to with you my is can me for of some hello hi good morning how much where what would like get give it that order',
    ),
    prefixes: [],
  },
  zu: {
    words: set(
      'ngicela ngiyabonga sawubona sanibonani yebo cha futhi kanye nami ngifuna yimalini kakhulu unjani ukudla amabili amathathu ezimbili eyodwa oda mina wami yami kuphi iphi ngizo sicela ngcela bengicela besicela ngithanda ngidinga sifuna nginike ngiphe siyabonga ninjani ' +
        `yethu ikuphi uphi ukuphi likuphi yini kukhona ikhona zikhona akhona ukhona ingabe manje namhlanje kusasa noma kunjalo usho angisho anginayo ${NGUNI}`,
    ),
    prefixes: ['ngi', 'aman', 'izin', 'ama', 'ezi', 'siya', 'uku', 'nge', 'kwa'],
    shape: { pattern: ZULU_VERB, weight: 2 },
  },
  xh: {
    words: set('ndicela sicela bendicela ndiyabulela enkosi molo molweni ewe hayi ndifuna kakhulu unjani mbini ntathu phi njani nceda'),
    shared: set(NGUNI),
    prefixes: ['ndi', 'ndiya', 'uku', 'ama', 'izi', 'nd'],
    shape: { pattern: XHOSA_VERB, weight: 1 },
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
const SHARED_WORD_WEIGHT = 1;
const PREFIX_WEIGHT = 1;
const PREFIX_WORD_MIN_CHARS = 6;
const MIN_SCORE = 2;

interface Spoken {
  readonly language: Language;
  readonly weight: number;
}

/** What each word is evidence of. */
const SPEAKERS: ReadonlyMap<string, readonly Spoken[]> = speakers();
/** What words begin with, as one pattern each. */
const PREFIXED = ALL.flatMap((language) => {
  const { prefixes, shape } = EVIDENCE[language];
  return prefixes.length === 0 ? [] : [{ language, begins: new RegExp(`^(?:${prefixes.join('|')})`), shape }];
});
const VOWELS = 'aeiou';
const NOBODY: readonly Spoken[] = [];

function speakers(): Map<string, Spoken[]> {
  const found = new Map<string, Spoken[]>();
  const add = (word: string, language: Language, weight: number): unknown =>
    found.set(word, [...(found.get(word) ?? []), { language, weight }]);
  for (const language of ALL) {
    const { words, shared } = EVIDENCE[language];
    for (const word of words) add(word, language, word.length <= SHORT_WORD_CHARS ? SHORT_WORD_WEIGHT : WORD_WEIGHT);
    for (const word of shared ?? []) add(word, language, SHARED_WORD_WEIGHT);
  }
  return found;
}

/** @param words normalised text, of which the first 40 words are looked at. */
export function hearLanguages(words: string): LanguageScores {
  const scores: Record<Language, number> = { en: 0, zu: 0, xh: 0, st: 0, af: 0 };
  const tokens = words.split(' ', HEARD_WORDS_MAX);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as string;
    // "Ngicela i kota": behind words of theirs it begins a noun.
    if (token === NOUN_PREFIX && scores.zu + scores.xh > 0 && !SPEAKS_OF_ITSELF.has(tokens[at + 1] ?? '')) continue;
    const known = SPEAKERS.get(token) ?? NOBODY;
    if (known !== NOBODY) for (const { language, weight } of known) scores[language] += weight;
    if (token.length >= PREFIX_WORD_MIN_CHARS) hearPrefix(token, known, scores);
  }
  return scores;
}

/** Somebody who speaks English, or what isiZulu and isiXhosa put in front of a noun. */
const NOUN_PREFIX = 'i';
/** Behind the English one. */
const SPEAKS_OF_ITSELF = set(
  'am m ve ll d want wanted need will would have had can could do did don dont didn was just also only really think live stay like said meant mean love got paid pay ordered',
);

/** @param known languages that have the whole word: its beginning says nothing more about them. */
function hearPrefix(token: string, known: readonly Spoken[], scores: Record<Language, number>): void {
  if (NO_VERBS.has(token)) return;
  const mayBeVerb = VOWELS.includes(token.charAt(token.length - 1));
  for (const { language, begins, shape } of PREFIXED) {
    if (known !== NOBODY && known.some((spoken) => spoken.language === language)) continue;
    if (mayBeVerb && shape?.pattern.test(token) === true) scores[language] += shape.weight;
    else if (begins.test(token)) scores[language] += PREFIX_WEIGHT;
  }
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
