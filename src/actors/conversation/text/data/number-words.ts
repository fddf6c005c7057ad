/** Number words as people write them in orders, with the concords of Nguni and Sotho nouns. Data: translators add here. */

const EN = {
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
  12: 'twelve dozen',
  15: 'fifteen',
  20: 'twenty',
};
/** isiZulu and isiXhosa: amabili, ezimbili, ababili, izimbili … */
const NGUNI = {
  1: 'kunye eyodwa elilodwa oyedwa esisodwa yodwa lodwa enye elinye omunye nye munye',
  2: 'kubili amabili ababili ezimbili izimbili emibili mabili zimbili mbini amabini ezimbini zimbini emibini ababini',
  3: 'kuthathu amathathu abathathu ezintathu izintathu emithathu mathathu zintathu ntathu',
  4: 'kune amane abane ezine izine emine mane zine',
  5: 'isihlanu amahlanu abahlanu ezinhlanu izinhlanu emihlanu mahlanu zinhlanu ntlanu amahlanu ezintlanu',
  6: 'isithupha ayisithupha eziyisithupha thandathu',
  7: 'isikhombisa ayisikhombisa eziyisikhombisa sixhenxe',
  8: 'isishiyagalombili ayisishiyagalombili sibhozo',
  9: 'isishiyagalolunye lithoba',
  10: 'ishumi ayishumi eziyishumi lishumi',
};
const SOTHO = {
  1: 'nngwe emong lenngwe enngwe le leng',
  2: 'pedi tse pedi mabedi babedi mmedi',
  3: 'tharo mararo bararo meraro',
  4: 'nne mane bane mene',
  5: 'hlano mahlano bahlano mehlano',
  6: 'tshelela',
  7: 'supa',
  8: 'robedi',
  9: 'robong',
  10: 'leshome',
};
const AFRIKAANS = {
  1: 'een n',
  2: 'twee',
  3: 'drie',
  4: 'vier',
  5: 'vyf',
  6: 'ses',
  7: 'sewe',
  8: 'agt',
  9: 'nege',
  10: 'tien',
  12: 'dosyn',
};

/** Words that only introduce a number: "a mabedi", "tse tharo". */
export const NUMBER_PARTICLES: ReadonlySet<string> = new Set(['tse', 'a', 'ba', 'e', 'le', 'di', 'ayi']);

/** These stand behind their noun: "ama-vetkoek amabili necoke" is two vetkoek and a coke. */
export const POSTPOSED: ReadonlySet<string> = new Set(
  [NGUNI, SOTHO].flatMap((table) => Object.values(table).flatMap((words) => words.split(' '))),
);

export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  [EN, NGUNI, SOTHO, AFRIKAANS]
    .flatMap((table) =>
      Object.entries(table).flatMap(([value, words]) =>
        words
          .split(' ')
          .filter((word) => word.length > 1 || word === 'a')
          .map((word) => [word, Number(value)] as const),
      ),
    )
    .filter(([word]) => !['le', 'leng', 'tse'].includes(word)),
);
