/** What is recognised inside a longer text of isiZulu or isiXhosa, tried only where one of them is heard. Data: translators add here; words as `normalise` leaves them. */
import type { SimpleIntent } from './intents.ts';

export type Rules = readonly (readonly [RegExp, SimpleIntent])[];

/** What people call what they wait for: "i-oda yami", "iorder", "ukudla kwami", "umshayeli". */
const AWAITED = '(?:i ?)?(?:oda|order|odolo|delivery|diliva)|(?:u ?)?kudla|(?:um|u) ?shayeli|(?:i ?)?driver';
/** Where it is: "iphi", "ikuphi", "isikuphi", "usekuphi". */
const WHERE = '(?:(?:isi|usu|use|seku|sezi|i|u|ku|li|zi)?(?:ku|yi)?phi)';
/** It comes, has not come, or is late: "ayikafiki", "uzofika", "kuyephuza". */
const COMES =
  '(?:(?!ngi|si)[a-z]*fik(?:a|i|ile|e)|(?!ngi|si)[a-z]*ephuz(?:a|ile|e)|(?:i|u|ku)?lethw[ae]|(?:isi|usu|seku)?seduze|(?:i|u|ku)(?:ya|sa)(?:eza|za)|(?:isi|seku)?lungile nini)';

/** They count whatever else is said. */
export const NGUNI_RULES: Rules = [
  [
    new RegExp(
      `\\b${WHERE} (?:manje )?(?:i |u )?(?:${AWAITED})\\b|\\b(?:${AWAITED})(?: (?:y|kw?|w)(?:ami|ethu|am|akhe))?(?: manje| mina)? (?:${WHERE}|${COMES})\\b|\\b(?:${COMES}|a[nb]?[gs]?ika[a-z]*tholi) (?:i |u )?(?:${AWAITED})\\b`,
    ),
    'track',
  ],
  [/\b(?:uku|ngi|si)?khulum[ae] (?:nomuntu|nani|nomphathi|nomnikazi|nemenenja|ne ?menenja)\b/, 'person'],
];

/** They count when nothing else was understood. */
export const NGUNI_WEAK_RULES: Rules = [
  [
    /\b(?:angi|asi)sa(?:yi|ku|zi|wa)?funi (?:i ?|u ?)?(?:oda|order|odolo|kudla|lutho)\b|\b(?:musa|musani) uku(?:yi|ku|zi)?(?:thumel|leth)a\b|\b(?:u|ni)nga(?:yi|ku|zi|sayi)?(?:thumel|leth)i\b|\bse(?:ngi|si)yekile\b|\b(?:uku|ngi|si|ni|u)?(?:ngi|si|yi)?kh?ansel(?:a|e|wa|we|iwe|eni|ele|ela|eleni)\b|\b(?:sengi|sesi)?(?:guqul|shintsh)(?:e|ile|a) (?:umqondo|ingqondo)\b/,
    'cancel',
  ],
  [
    /\b(?:u|ni)?(?:ngi|si)?f(?:ow|o)n(?:a|ele|eleni|ela|elani)\b|\b(?:ngi|si)shayel(?:e|eni) (?:ucingo|i ?phone)\b|\b(?:umphathi|umnikazi|imenenja)\b|\bucingo\b/,
    'person',
  ],
  [/\b(?:beku|ku|ibi|bezi|bewu|i|zi|bu|bebu)mnandi\b/, 'thanks'],
  [
    /\b(?:u|ni)?(?:nga)?(?:ngi|si)siz[ae](?:ni)?\b|\busizo\b|\b(?:ngi|si) ?(?:oda|order|thenga) kanjani\b|\bkanjani uku ?(?:oda|order|thenga)\b/,
    'help',
  ],
  [/\b(?:nisa|ni|u|i|ku)?(?:vuliwe|vulile|valiwe|valile)\b(?! (?:nini|nga))/, 'open'],
  [/\b(?:uku|ngi|si|ni|u)?shintsh(?:a|e|ele) (?:i ?)?(?:oda|order)\b/, 'view_cart'],
  [/\b(?:kangakanani|esingakanani)\b/, 'how_long'],
  [
    /\b(?:ngi|si|u|be(?:ngi|si))?(?:linda|lindile|lindele|linde)\b.*\b(?:isikhathi|kade|ihora|amahora|imizuzu)\b|\b(?:kade|sekunesikhathi)\b|fika ngasikhathi\b/,
    'track',
  ],
  [
    /\b(?:nga|ng)?(?:ngi|si)?zo?zi(?:landela|thathela)\b|\b(?:ngi|si)nga(?:zo)?(?:zi|yi|ku)?(?:landa|lande|landela|zilandela|zothatha)\b/,
    'pickup',
  ],
  [/\b(?:ni|u)?thatha? (?:i ?)?(?:khadi|card|eft|kheshi|cash)\b|\bnge ?(?:khadi|card|eft|kheshi|cash)\b/, 'pay_cash'],
];

const MAY_COMPLAIN =
  /band|bol|nuk|shil|shis|shod|anga\b|kho\b|jabulile|fane|ngek|ephut|ngal|phuth|odang|buyis|mali|khohl|delel|luhl|kabi|robh|dak/;
const COMPLAINT =
  /\b(?:angi|asi)[a-z]*(?:thol|lethel|phiw|fumen)anga\b|\b[a-z]+ (?:y|k|w|z|l)ami a(?:yi|wu|zi|li|ku|ka)(?:kho|phelele)\b|\b(?:ibi|bezi|beku|bewu|ubu)(?:ya)?(?:band|sh(?:is)?il|bol|nuk)[a-z]*|\b(?:ku|i|zi|oku)shodayo\b|\b(?:angi|asi)jabul(?:ile|anga)\b|\b(?:(?:u ?)?kudla|[a-z]+ (?:y|k|w|z)ami) (?:be|b)?(?:i|ku|u|zi|bu)?(?:bi|ya|be)?(?:band(?:a|e|ile)|bolile|nuk[ae]|shile|ngavuthiwe|shoda|shodile)\b|\b(?:bekubanda|ibibanda|ubanda|kuyanuka|kubolile|bekunuka|kuyashoda|iyashoda|kushodile|ishodile)\b|\b(?:into|ukudla|i ?oda|i ?order) (?:engafanele|okungafanele|engekho|okungekho|okwephutha|engalungile|okungalungile)\b|\b(?:engi|esi|oku|engangi)\w*odanga\b|\b(?:(?:ngi|si|ku|i|li)nephutha|nenze iphutha)\b|\b(?:ni|u)?buyis(?:a|e|ele|eni|eleni|elani)? (?:i ?)?mali\b|\bimali (?:yami|yethu)(?: \w+){0,2} (?:ibuy\w*|ni?buyise\w*)\b|\b(?:ngi|si)?(?:funa|nike|nikeni|phe|pheni|cela|nake) imali (?:yami|yethu)\b|\b(?:ni|u)(?:khohlwe|khohliwe|ngikhohlwe|ngidlelele|ngirobhile|sirobhile)\b|\bumshayeli (?:\w+ )?(?:u|be)\w*(?:delela|luhlaza|dakiwe)\b|\bsebenza kabi\b/;

const MAY_ASK = /khona|gabe|sen[ae]/;
/** "Kukhona ama-scones", "ingabe ikota inayo i-atchar", "umogodu usekhona". */
const ASKS = /^(?:sawubona |sanibonani |molo )?(?:in|ng)gabe\b|\b(?:ku|i|zi|a|u|ba|li|si)(?:se)?khona\b|\b(?:ani|awu)se(?:na|ne)[a-z]{2}\b/;

/** Of what was delivered, and of money. */
export function complainsInNguni(words: string): boolean {
  return MAY_COMPLAIN.test(words) && COMPLAINT.test(words);
}

/** "Uma ikhona ikota ngicela ezimbili", "ngicela umogodu uma usekhona": if there is any it is wanted. "Ngicela ukubuza" asks all the same. */
const WANTED_IF =
  /^(?!.*\b(?:in|ng)gabe\b).*(?:\buma (?:\w+ )?\w{1,4}khona\b|khona\b.* (?:ngicela|sicela|ndicela|ngifuna|sifuna|ngiphe|siphe|nginike|sinike|ngithathe|ngizothatha|ngizocela)\b(?! uk))/;

/** About what is named beside it. */
export function asksInNguni(part: string): boolean {
  return MAY_ASK.test(part) && ASKS.test(part) && !WANTED_IF.test(part);
}
