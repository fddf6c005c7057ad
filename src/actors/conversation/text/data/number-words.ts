/** Number words as people write them in orders, with the concords of Nguni and Sotho nouns. Data: translators add here. */

type NumberTable = Readonly<Record<number, string>>;

const EN: NumberTable = {
  // A few is no number: it is asked how many.
  0: 'zero few several many',
  1: 'one a an',
  2: 'two couple pair',
  3: 'three',
  4: 'four',
  5: 'five',
  6: 'six',
  7: 'seven',
  8: 'eight',
  9: 'nine',
  10: 'ten',
  11: 'eleven',
  12: 'twelve',
  13: 'thirteen',
  14: 'fourteen',
  15: 'fifteen',
  16: 'sixteen',
  17: 'seventeen',
  18: 'eighteen',
  19: 'nineteen',
  20: 'twenty',
  30: 'thirty',
  40: 'forty fourty',
  50: 'fifty',
  60: 'sixty',
  70: 'seventy',
  80: 'eighty',
  90: 'ninety ninty',
};

/** Class prefixes that a Nguni number takes after its noun: ama-bili, ezim-bili, emi-thathu. */
const CONCORDS = [
  'ama',
  'ma',
  'aba',
  'ba',
  'emi',
  'mi',
  'ezi',
  'izi',
  'zi',
  'ezim',
  'izim',
  'zim',
  'ezin',
  'izin',
  'zin',
  'oku',
  'ku',
  'lama',
  'leza',
];
const withConcords = (...stems: readonly string[]): string =>
  stems
    .flatMap((stem) => CONCORDS.map((concord) => concord + stem))
    .filter((word) => !FALSE_FRIENDS.has(word))
    .join(' ');
/** English words that would come out. */
const FALSE_FRIENDS: ReadonlySet<string> = new Set(['mine', 'mane']);

/** isiZulu and isiXhosa: amabili, ezimbili, ababili, izimbili … */
const NGUNI: NumberTable = {
  0: 'ambalwa ezimbalwa embalwa abambalwa',
  1: 'kunye eyodwa elilodwa oyedwa esisodwa owodwa olulodwa yodwa lodwa enye elinye omunye esinye olunye nye munye',
  2: `${withConcords('bili', 'bini')} mbini zombili womabili bobabili kabili kabini`,
  3: `${withConcords('thathu', 'tathu', 'ntathu')} ntathu zontathu womathathu kathathu`,
  4: `${withConcords('ne')} kane`,
  5: `${withConcords('hlanu', 'nhlanu', 'ntlanu')} isihlanu ayisihlanu yisihlanu eziyisihlanu abayisihlanu ntlanu kahlanu`,
  6: 'isithupha ayisithupha yisithupha eziyisithupha abayisithupha thandathu amathandathu ezintandathu',
  7: 'isikhombisa ayisikhombisa yisikhombisa eziyisikhombisa abayisikhombisa sixhenxe',
  8: 'isishiyagalombili ayisishiyagalombili yisishiyagalombili eziyisishiyagalombili sibhozo',
  9: 'isishiyagalolunye ayisishiyagalolunye yisishiyagalolunye eziyisishiyagalolunye lithoba',
  10: 'ishumi yishumi alishumi ezilishumi abalishumi elishumi ayishumi eziyishumi abayishumi lishumi',
  100: 'ikhulu ayikhulu eziyikhulu',
  1000: 'inkulungwane ayinkulungwane eziyinkulungwane',
};
const SOTHO: NumberTable = {
  1: 'nngwe emong lenngwe enngwe',
  2: 'pedi mabedi babedi mmedi',
  3: 'tharo mararo bararo meraro',
  4: 'nne mane bane mene',
  5: 'hlano mahlano bahlano mehlano',
  6: 'tshelela',
  7: 'supa',
  8: 'robedi',
  9: 'robong',
  10: 'leshome lesome',
};
const AFRIKAANS: NumberTable = {
  1: 'een',
  2: 'twee',
  3: 'drie',
  4: 'vier',
  5: 'vyf',
  6: 'ses',
  7: 'sewe',
  8: 'agt',
  9: 'nege',
  10: 'tien',
  11: 'elf',
  12: 'twaalf',
  20: 'twintig',
};

/** Written as they sound; read so only where an order may begin and something sold follows: "to kotas", "i want for kotas". */
export const SOUNDS_LIKE: ReadonlyMap<string, number> = new Map([
  ['to', 2],
  ['too', 2],
  ['tu', 2],
  ['tow', 2],
  ['tree', 3],
  ['thre', 3],
  ['for', 4],
  ['fore', 4],
  ['fo', 4],
]);
/** They multiply what stands before them: "2 dozen", "three hundred". Alone they count themselves. */
export const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['dozen', 12],
  ['dozens', 12],
  ['dosyn', 12],
  ['hundred', 100],
  ['honderd', 100],
  ['thousand', 1_000],
  ['duisend', 1_000],
  ['million', 1_000_000],
]);
/** Parts of one. */
export const FRACTIONS: ReadonlyMap<string, number> = new Map([
  ['half', 0.5],
  ['halwe', 0.5],
  ['uhhafu', 0.5],
  ['quarter', 0.25],
  ['kwart', 0.25],
]);
/** Joined to a ten in Nguni languages: "ishumi nambili" is twelve. */
export const JOINED_UNITS: ReadonlyMap<string, number> = new Map([
  ['nanye', 1],
  ['nambili', 2],
  ['nantathu', 3],
  ['nane', 4],
  ['nanhlanu', 5],
  ['nesihlanu', 5],
  ['nesithupha', 6],
  ['nesikhombisa', 7],
  ['nesishiyagalombili', 8],
  ['nesishiyagalolunye', 9],
]);
/** "amashumi amabili", "angamashumi amathathu": so many tens. */
export const TENS_SUFFIX = 'mashumi';

/** Number words that by themselves say no number. */
export const ARTICLES: ReadonlySet<string> = new Set(['a', 'an', 'one', 'een']);
/** Words that only introduce a number: "a mabedi", "tse tharo". */
export const NUMBER_PARTICLES: ReadonlySet<string> = new Set(['tse', 'a', 'ba', 'e', 'le', 'di', 'ayi']);
/** Concords in front of digits: "amakota ama-2", "izinkwa ezi-3". Such a number stands behind its noun. */
export const DIGIT_CONCORDS: ReadonlySet<string> = new Set([
  ...CONCORDS,
  'awu',
  'ayi',
  'eyi',
  'aba',
  'esi',
  'eli',
  'olu',
  'tse',
  'angu',
  'engu',
  'elingu',
  'esingu',
  'ezingu',
]);

const wordsOf = (table: NumberTable): [string, number][] =>
  Object.entries(table).flatMap(([value, words]) => words.split(' ').map((word): [string, number] => [word, Number(value)]));

/** Shorter ones are other words: "nine", "nenye". */
const JOINED_MIN_CHARS = 6;
/** "And two" in one word, in front of what it counts: "nezimbili i-coke", "neyodwa i-stoney". */
const NGUNI_AND = wordsOf(NGUNI)
  .filter(([word, value]) => value > 0 && value < 10 && /^[aeo]/.test(word))
  .map(([word, value]): [string, number] => [`n${word}`, value])
  .filter(([word]) => word.length >= JOINED_MIN_CHARS);

export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...MULTIPLIERS,
  ...NGUNI_AND,
  ...[EN, NGUNI, SOTHO, AFRIKAANS].flatMap(wordsOf),
]);

/** They join and count what follows. */
export const COUNTING_NEXT: ReadonlySet<string> = new Set(NGUNI_AND.map(([word]) => word));

/** These stand behind their noun: "ama-vetkoek amabili necoke" is two vetkoek and a coke. */
export const POSTPOSED: ReadonlySet<string> = new Set([NGUNI, SOTHO].flatMap(wordsOf).map(([word]) => word));
