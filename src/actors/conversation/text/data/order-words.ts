/** Small words that steer an order: what adds, removes, refuses, joins and measures. Data: translators add here. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** What the items behind a verb are for. `swap`: what stands there goes, unless only its number changes. */
export type Change = 'add' | 'set' | 'remove' | 'swap';

/** isiZulu says in the verb who takes what away: "uwasuse", "niyikhiphe". */
const NGUNI_REMOVING = ['', 'u', 'ni', 'ngi', 'si', 'uku'].flatMap((who) =>
  ['', 'wa', 'yi', 'zi', 'li', 'si', 'lu', 'ba', 'ngi'].flatMap((what) =>
    ['susa', 'suse', 'khipha', 'khiphe', 'khansela', 'khansele'].map((verb) => who + what + verb),
  ),
);

const VERBS_BY_CHANGE: Readonly<Record<Change, string>> = {
  add: 'add want get give have order need bring but rather just only engeza wengeze engezela faka ufake ufakele ngifakele ungifakele fak engez ungiphe ngifuna ngicela ndicela ndifuna nginike kopa batla eketsa voeg soek gee',
  set: 'make increase reduce set meant mean said bengisho bengithi angisho ngisho bengiqonde ngiqonde bekufanele kube yenza yenze wenze awenze azenze ayenze zenze lenze kwenze libe ibe abe zibe mabe mazibe mayibe malibe maak',
  remove: `remove delete cancel drop forget scrap instead sus khiph ungisusele tlosa tlogela tlohela verwyder los kanselleer ${NGUNI_REMOVING.join(' ')}`,
  swap: 'change replace swap swop switch exchange shintsha shintshe ushintshe ngishintshe ngishintshele guqula fetola verander ruil',
};
export const VERBS: ReadonlyMap<string, Change> = new Map(
  (Object.entries(VERBS_BY_CHANGE) as [Change, string][]).flatMap(([change, words]) =>
    words.split(' ').map((word) => [word, change] as const),
  ),
);
/** "take the coke off", "leave out the chips": only with one of these behind it does taking mean removing. */
export const TAKING = set('take leave haal vat neem');
export const AWAY = set('off out away uit af weg');
/** Between what goes and what comes: "swap coke for stoney". */
export const EXCHANGED_FOR = set('to with for by into vir na ibe libe abe zibe kube be');

/** A correction begins with one of these and goes on with a number, or with somebody who means or wants something. */
export const CORRECTING = set('oh no nee nah cha hayi hhayi hayibo haibo wait sorry sory oops eish askies askis uxolo jammer actually ag');
/** Beside a number alone they make it tell of something else: "no 1 is here". */
export const TELLING = set('is are am was were here there late when where why how');
export const SPEAKERS = set('i we ke ek');
export const MEANING = set(
  'meant mean said want wanted need only just rather ngifuna ngicela ngisho bengifuna bengisho bengiqonde ngiqonde ndifuna batla wil bedoel angisho bengithi',
);
/** Of those, the ones that say that what was put down is not what was said; the others may only say no to a question. */
export const MEANT = set('meant mean said wanted ngisho bengifuna bengisho bengiqonde ngiqonde bedoel angisho bengithi');
/** In front of a number they begin a correction that puts something else in its place. */
export const NOES = set('no nee nah cha hayi hhayi hayibo haibo');
/** "only 2 kota", "just the kota", "i only want 2": counted anew. */
export const RESTRICTING = set('only just');

/** A name ends at these. */
export const JOINING = set('and plus with n kanye futhi en met na le');
/** Between two items or two numbers they leave open which: "kota or coke", "2 noma 3". */
export const ALTERNATIVES = set('or noma okanye kapa');
/** isiZulu refuses in agreement with the noun: "elingenawo", "esinganayo". */
const NGUNI_WITHOUT = ['e', 'a', 'o', 'eli', 'esi', 'olu', 'ezi', 'elo', 'li'].flatMap((concord) =>
  ['nge', 'nga'].flatMap((not) => ['nawo', 'nayo', 'nazo', 'nalo', 'naso', 'nabo'].map((what) => concord + not + what)),
);
/** "Asisayifuni", "angidingi": who no longer wants what, in one word. */
const NGUNI_UNWANTED = ['angi', 'asi', 'andi', 'aka', 'aba'].flatMap((who) =>
  ['', 'sa'].flatMap((still) =>
    ['', 'yi', 'wa', 'wu', 'zi', 'li', 'si', 'ku', 'lu', 'ba', 'm'].flatMap((what) =>
      ['funi', 'dingi', 'thandi'].map((verb) => who + still + what + verb),
    ),
  ),
);
/** In front of an item they refuse it: "kota without onions". English "no" is one too, but joins in Nguni languages. */
export const REFUSALS = set(
  `without dont don doesnt doesn not hold skip minus less fewer ngaphandle engenawo engenayo engenazo enganawo ingabi engabi zingabi angabi lingabi singabi lungabi wangabi mangabi ingabina sonder geen nie moenie ungafaki ningafaki batle ${[...NGUNI_WITHOUT, ...NGUNI_UNWANTED].join(' ')}`,
);
/** Right behind an item they give it up: "ikota ngiyayeka", "ikota angisayifuni". */
export const GIVING_UP = set(
  `ngiyayeka ngiyayiyeka ngizoyeka sengiyayeka siyayeka ayisadingeki ayisafuneki awasadingeki ${NGUNI_UNWANTED.join(' ')}`,
);
/** isiZulu begins with one of these what is wanted instead: "hhayi ikota, ngifuna amagwinya". */
export const WANTED_RATHER = set('ngifuna ngicela ndifuna ndicela sifuna sicela kodwa');
/** Those that, with a number behind them, ask for something all the same: "hold 2 kota". */
export const PUTTING_OFF = set('hold skip minus');
/** Between a refusal and what is refused. */
export const LOOKED_OVER = set(
  'the any a an t have want need add more put send give bring eat drink like me us kwe i na nayo nawo nalo naso nalu nazo',
);
/** Behind a "no" they begin what is wanted: "no, add a coke". */
export const ORDERED_WITH = set('want need add put send give bring i we');
/** Beside a number they put it on top of what is in the cart: "2 more", "engeza amabili". */
export const MORE = set(
  'more another add plus engeza ngeza nengeza wengeze engezela eketsa amanye ezinye eminye enye elinye esinye olunye omunye',
);
/** They say that it comes on top: "no, i want a coke too". */
export const TOO = set('also too futhi ook aswell');
/** In front of a name they point at what is known already: "the coke". */
export const POINTING = set('the my our that this');
/** They put an ingredient on what is ordered: "add cheese". */
export const ADDING = set('add put faka ufake fakela engeza wengeze voeg');
/** They say how something is to be: "the coke must be cold", "kota must be 2". */
export const BEING = set('must should');
/** A wish begins: "extra cheese", "no onions". */
export const WISHES = set('extra ekstra must should');
/** More of what is in it, or of what is sold beside it. */
export const EXTRA = set('extra ekstra');

/** Behind a number it is of every thing that was named: "2 each", "one of everything". */
export const EACH = set('each every eash elk elke ngalinye ngayinye ngakunye ngasinye ngalunye everything');
/** One more of it without a number: "add another". */
export const ONE_MORE = set('another nother anotherone');
/** Behind a number alone they take so many away: "one less". */
export const FEWER = set('less fewer minder');
/** Behind a number they say for how many it is. */
export const PEOPLE = set('people persons person ppl');
/** So do these, where "for" stands in front: "kota for my 3 kids". */
export const PERSONS = set('people persons ppl kids children adults ladies guys friends');
/** Behind a number they make it money. */
export const RANDS = set('rand rands bucks buck bob zar');
/** Behind a number they make it no quantity: "R35", "30 minutes", "for 2 people". */
export const MEASURES = set(
  'rand rands bucks buck bob zar note notes sec secs second seconds moment min mins minute minutes hour hours hr hrs pm am oclock people persons person ppl times km meters percent',
);
/** In front of a number they make it a time, a place or a price, unless an item follows. */
export const ABOUT = set('for in at by before after until till under around from on to');
/** Where somebody lives: the number behind one of them is a door's, "to house 12". */
export const DOORS = set('house unit flat block section zone stand erf room shack number gate door street road');
/** Nothing sold is called by these, so that the number belongs to them even where an item follows: "zone 3 kota". */
export const NUMBERED_PLACES = set('zone section block phase ext extension unit flat room stand erf shack');
/** They say for how much money, not how many: that is asked. */
export const WORTH = set('worth');
/** Of several kinds, the one without anything: "2 full house and 1 normal". */
export const PLAIN = set('normal plain ordinary regular standard gewone');
/** Behind a number and a name they make it an address: "14 Vilakazi Street". */
export const STREETS = set('street str st road rd ave avenue drive dr lane close crescent straat weg laan');
/** "4 me": a letter saved. */
export const PRONOUNS = set('me my u you us him her them our');
/** All that may stand beside a number that answers "how many": anything else, and it is no bare number. */
export const BESIDE_A_COUNT = set(
  ', i we d ll would like want need take have get give me us send make it that to be just only ok okay yes yebo no oh sorry of them those these please pls plz thanks thx thank you x ngicela ngifuna ngithathe ndicela ndifuna mazibe zibe abe nje kuphela then ngiyabonga ke kopa batla feela ek wil asseblief asb net dankie',
);
/** In front of a person: "my sister", "the kids". */
export const OF_SOMEBODY = set('my the our his her your their');
/** Of the family, also where something sold is called the same. */
export const KIN = set('papa mama tata ntate baba gogo mkhulu malume');
/** Somebody else, without a name. */
export const OTHERS = set('he she they everyone everybody');
/** Whoever is counted: "everyone wants a kota, we are 5". */
export const EVERYONE = set('everyone everybody');
/** What somebody else does who is to get something. */
export const OTHERS_WANT = set('wants wanted needs gets takes orders');
/** Words of people who talk to each other: a part with one of them is no name of anything sold. */
export const TALK = set(
  'i you your my theres we he she it its is are am was me u us they that this these those god bless what when where how why who will can call here there see let phone deliver delivery door gate hurry quick quickly fast asap soon late waiting hungry problem worries rush stress sure know bye later tomorrow tonight today now come comes came coming arrive arrived arrives ngilambile phuthuma',
);

/** Things that people name and that look like a slip of something sold: "load shedding" is no loaf, a cake no coke, chops are no chips. */
export const EVERYDAY = set(
  'load loadshedding shedding cake cakes cook cooked cooking chop chops ship shop beer beers rice wine pies soup mala iphutha phutha khokha ukukhokha word words worse worst trip trips stone stoned wafer walter padding code coat mil mill son sons mine',
);

const ORDER_WORDS: ReadonlySet<string> = new Set(
  [VERBS.keys(), TAKING, AWAY, EXCHANGED_FOR, JOINING, ALTERNATIVES, REFUSALS, MORE, WISHES, MEASURES, TALK].flatMap((words) => [...words]),
);

/** They ask for something, refuse it, or put it on top. */
export function isOrderVerb(word: string): boolean {
  return VERBS.has(word) || REFUSALS.has(word) || MORE.has(word) || ORDERED_WITH.has(word) || word === 'can' || word === 'no';
}

/** Known words steer; they are no unknown product, and no product with a slip of the thumb. */
export function isOrderWord(word: string): boolean {
  return ORDER_WORDS.has(word);
}
