/** What is recognised inside a longer text, in five languages. Data: translators add here; words as `normalise` leaves them. */

import { ORDERING } from './around-words.ts';
import type { LanguageScores, SimpleIntent } from './intents.ts';
import { asksInNguni, complainsInNguni, NGUNI_RULES, NGUNI_WEAK_RULES, type Rules } from './rules-nguni.ts';

/** What people call what they wait for. */
const MINE = '(?:order|food|stuff|driver|delivery|parcel|things)';

/** They count whatever else is said; the most specific first. */
const RULES: Rules = [
  [
    /\bstop (?:messaging|texting|spamming|(?:the |your |these |all )?(?:promotions?|promos?|marketing|offers|adverts|ads))\b|\bno more (?:promotions?|promos?|marketing|offers|adverts|ads)\b|\bstop sending (?:me |us )?(?:messages|texts|sms|adverts|offers|specials|promo\w*|these|this)\b|\b(?:don t|dont|do not) (?:message|text|sms|spam) (?:me|us)\b|\b(?:don t|dont|do not) send (?:me |us )?(?:any ?more |any |more |these |your )?(?:messages|texts|sms|adverts|offers|specials|promo\w*)\b|\bunsubscribe\b|\b(?:u|ni)ngangithumeleli\b|\btake me off (?:your |the |this )?list\b/,
    'stop',
  ],
  [
    /\b(?:change|update|edit|new|different|another|wrong|other|correct) (?:my |the |our |a )?(?:delivery )?(?:address|location)\b|\b(?:address|location) (?:is|was) (?:wrong|incorrect|not (?:right|correct))\b|\bnot my (?:address|location)\b|\b(?:shintsha|guqula|ngishintshe|ushintshe) (?:i ?)?(?:kheli|adresi)\b|\b(?:ikheli|i ?adresi) (?:elisha|alilungile|lami lishintshile)\b|\bfetola (?:aterese|atrese)\b|\b(?:verander|ander|nuwe|verkeerde) (?:die |my )?adres\b/,
    'change_address',
  ],
  [
    new RegExp(
      `\\b(?:where ?(?:s|is|are)? ?(?:my|our|the) \\w+|track (?:my )?order|(?:is|are|has|have|did|when will|when is|how long (?:will|until|till|for|before|does)|how far is) (?:my|our|the) ${MINE}|(?:still )?waiting for (?:my|our|the) (?:order|food|driver|delivery)|(?:ukudla kwami|i ?oda yami|umshayeli wami) (?:kuphi|ikuphi|iphi|uphi)|ukuphi umshayeli|(?:my|our) (?:order|food|delivery) (?:is(?! (?:for )?(?:\\d|an?\\b|one|two|three|four|five))|has|isn t|hasn t|did|didn t|never)|order status|status of my order|iphi i ?oda|ikuphi i ?oda|i ?oda yami iphi|uphi umshayeli|o ?kae oda|oda ya ka e kae|waar (?:is|bly) my (?:bestelling|kos)|iphi i ?order)\\b`,
    ),
    'track',
  ],
  [
    new RegExp(
      `\\b(?:(?:what ?s|what is|check|give me|get) (?:the |my |our |a )?(?:order |delivery )?status|status (?:of|on|for|update)|any (?:updates?|news)|updates? (?:on|about|for|of) (?:my|our|the) ${MINE}|(?:what ?s|what is) (?:happening|going on|up|the (?:story|delay|hold ?up)) with (?:my|our|the) ${MINE}|(?:what|how) about (?:my|our|the) ${MINE}|how ?(?:s|is) (?:my|our|the) (?:order|delivery)|did (?:you|u|they) (?:guys )?(?:get|receive|see|take) (?:my|our|the) ${MINE}|when can i expect|how much longer|hoe lank nog)\\b|^updates?(?: please| pls| plz)?$`,
    ),
    'track',
  ],
  [
    /\b(?:oda|order|odara|orora|dijo)(?: ?(?:ya|tsa) ?(?:ka|me|rona|hao))? (?:e|di) kae\b|\bwaar (?:is|bly) (?:my|ons) (?:kos|bestelling|order|drywer)\b|\b(?:mokganni|driver|mootledi)(?: wa(?: ka)?)? o kae\b/,
    'track',
  ],
  [
    // Not "can i pay when it comes".
    /\b(?:when|what time)(?<!\bpay (?:\w+ )?(?:when|what time))(?: will| is| does| s| ll)? (?:it|he|she|they|this|that) (?:be (?:here|ready|done|delivered)|arriv(?:e|es|ing)|com(?:e|es|ing)|get(?:s|ting)? here|reach(?:ing)?|ready|done)\b|\bwhen (?:is|are|will) (?:my|our) (?:[a-z]+ ){1,3}(?:coming|come|arriv\w+|be here|be ready|ready)\b|\b(?:is|are) (?:it|he|she|they|you|u) (?:still )?(?:coming(?! with)|near|close|almost here|here yet|on (?:the|his|her|their|its|your) way)\b/,
    'track',
  ],
  [
    /\b(?:stop|cancel|yekela?|(?:u|ni|uku)?khansel[ae]|hlikihla|kansela|kanselleer|hlakola|rhoxisa) (?:the |my |this |i ?|le ?)?(?:order|oda|bestelling)\b/,
    'cancel',
  ],
  [
    /\b(?:talk|speak|chat) (?:to|with) (?:a |the |some)?(?:person|human|agent|someone|owner|somebody)\b|\bcan i (?:talk|speak|chat) (?:to|with) \w+|\b(?:real|actual|live) (?:person|human)\b|\bngifuna ukukhuluma nomuntu\b|\bkhuluma nomuntu\b|\b(?:u|ni)?khulum[ae] nami\b|\bbua le motho\b|\bpraat met iemand\b/,
    'person',
  ],
  [
    /\b(?:(?:are|r) (?:you|u)|is (?:this|it)) (?:a |an )?(?:bot|robot|human|machine|ai|computer|real person)\b|\b(?:need|want) (?:some )?help\b|\bhelp (?:me )?with\b|\b(?:ngidinga|ngifuna|ngicela) usizo\b/,
    'help',
  ],
  [/\b(?:clear|empty|delete) (?:my |the )?(?:cart|basket|everything|all)\b|\bsusa konke\b|\bmaak leeg\b/, 'clear_cart'],
  [
    /\b(?:show|view|see|what s in|whats in|check) (?:me )?(?:my |the )?(?:cart|basket)\b|\bhow much (?:do|must|should|will|would) (?:i|we) (?:owe|pay)\b|\bhow much is (?:my|the|our) (?:order|total|cart|basket|bill)\b|\b(?:what s|whats|what is|how much s) (?:my|the|our) total\b|\btotal (?:price|cost|amount)\b|\b(?:change|edit|update|modify|fix) (?:my |the |our )?order\b|\b(?:do|did|have) (?:i|we) (?:already )?(?:have|got|get|order|ordered|add|added|ask for)\b(?! to\b)|\bdid (?:you|u) (?:get|add|take|include|put) (?:the|my|all|everything)\b/,
    'view_cart',
  ],
  [/cheapest|lowest price|least expensive|(?:some|any)thing (?:that is |thats )?cheap|goedkoopste|eshibhile/, 'cheapest'],
  [
    /\b(?:show|see|send|view) (?:me )?(?:the |your )?menu\b|\bwhat (?:do you|do u|have you|can i|can we) (?:have|sell|got|order|get|eat|buy)\b|\bsee what (?:you|u) (?:have|sell|got)\b|\bwhat ?s (?:on the menu|available)\b|\b(?:categories|category|what else|anything else do (?:you|u))\b|\b(?:recommend|best ?sellers?|most popular)\b|\bsomething (?:nice|else|to eat)\b|\bwhat ?s (?:good|nice|cooking|fresh|there|for (?:lunch|supper|breakfast))\b|\bunani\b|\bninani\b|\bkukhona ini\b|\bnithengisani\b|\bwat het julle\b/,
    'menu',
  ],
];

/** @param heard in the words: rules of a language that nobody speaks here are not tried. */
export function ruleFor(words: string, heard: LanguageScores): SimpleIntent | null {
  return first(RULES, words) ?? (isNguni(heard) ? first(NGUNI_RULES, words) : null);
}

function isNguni({ zu, xh }: LanguageScores): boolean {
  return zu + xh > 0;
}

/** They count when nothing else was understood: a product named beside them is what is meant. */
const WEAK_RULES: Rules = [
  // "Cancel, i will go somewhere else", "just cancel its taking too long"
  [
    /^(?:(?:please|pls|plz|just|ok|okay|no|rather|sorry|then|i (?:want|need) to|can (?:i|you|u)) )*cancel(?: (?:it|that|everything|all|mine))?(?! (?:the|one|that|this|those|\d))\b/,
    'cancel',
  ],
  // "Cancel the food", "forget everything"
  [
    /^(?:(?:please|pls|plz|just|ok|okay|no|rather|sorry|then|i (?:want|need) to|can (?:i|you|u)) )*(?:cancel|scrap|forget(?: about)?) (?:(?:the|my|our|this|that|all|all of) )*(?:food|meal|lunch|supper|delivery|whole (?:thing|order)|everything|all)(?: (?:please|pls|plz|now|then|rather|asap))*$/,
    'cancel',
  ],
  [
    /\b(?:too|so|very|really|bit|quite|kinda|it s|its|thats|that s|is|are|this s) (?:much |damn |way )?(?:expensive|pricey)\b|\b(?:that s|thats|it s|its|is) (?:way )?too much(?: money)?$|\b(?:ku|i|li|zi)ya(?:biza|dula)\b|\bte duur\b|\b(?:i )?(?:can t|cant|cannot) afford\b/,
    'too_dear',
  ],
  [/\bwhere (?:is|s) (?:it|he|she|everything)\b/, 'track'],
  // "2 kota please, last time the driver was late" is an order.
  // "I never got my order", "the driver didnt give me change"
  [
    /\b(?:never|didn ?t|did not|haven ?t|has ?n ?t) (?:even )?(?:got|get|gotten|receive|received|bring|brought|give|gave|given)\b.*\b(?:order|food|change|money)\b|^(?:(?:i (?:want|need)|give me) )?(?:a |my )?refund\b/,
    'person',
  ],
  [/\b(?:order|food|delivery|driver) was (?:very |so |too )?late\b/, 'person'],
  [
    /\bpay (?:when|on|at|upon) (?!my\b)|\b(?:pay|swipe|tap) (?:in |with |by |using |via )?(?:my |a )?(?:cash|card|eft|snapscan|zapper|capitec|momo|ewallet|instant)\b|\b(?:take|accept|use) (?:cash|card|cards|visa|mastercard|capitec|fnb|absa|nedbank|payshap|eft|snapscan|zapper|momo|ewallet)\b|\b(?:how|where|when) (?:do|can|must|will|should) (?:i|we) pay\b|\b\w*khokha (?:kanjani|nge|ngo|nga)\w*\b|\bpayment (?:methods?|options?)\b|\bwhat payment|\bhoe betaal\b/,
    'pay_cash',
  ],
  [
    /\b(?:ngi|si)(?:zo|yo|ya|za)(?:yi|zi|wa|ku|li|m)?(?:landa|lande|landela|thathela|thatha mina)\b|\b(?:kom|sal) (?:dit |self )?haal\b|\bcome (?:and |to )?(?:fetch|collect)\b|\b(?:pick|picking|fetch|collect) it (?:up|myself)\b|\b(?:will|ll|can i|going to|gonna|want to|coming to|come to) (?:collect|pick up|fetch)\b/,
    'pickup',
  ],
  [
    /fika (?:\w+ )?nini\b|\b(?:(?:still|been) waiting|why (?:is it )?(?:so|taking so) long|not here yet|not (?:yet )?arrived|(?:so|too|very|is|it s) late|taking (?:so|too) long|hasn t come|eta|hurry(?: up)?|sheshani|shesha|phuthuma|phuthumani|maak gou|(?:i m|im|i am|we are|ngi|si)(?: still)? ?(?:waiting|lindile)|been (?:an|\d+) (?:hour|hours|min|mins|minutes)|where (?:are|r) (?:you|u)(?! (?:guys )?(?:located|based|situated|from|at$))|(?:i m|im|i am|we are) (?:outside|at the gate|by the gate))\b/,
    'track',
  ],
  [/\bhow (?:long|fast|quick(?:ly)?)\b|\b(?:kuthatha|kuzothatha) isikhathi esingakanani\b|\bhoe lank\b/, 'how_long'],
  [
    /^(?!.*\b(?:when|what time|till|until|from|on|tomorrow|nini|wanneer|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d+)\b).*\b(?:are|r|is) (?:you|u|ya ll|it|they|the shop)(?: guys)?(?: still)?(?: already)? (?:open|closed|operating|taking orders|working)\b|^open(?: now)?$|\b(?:ni|u)(?:vuliwe|vulile|valile|vule)\b|\bis julle (?:nog )?(?:oop|toe)\b/,
    'open',
  ],
  [
    /\b(?:get back to (?:you|u)|(?:let me|(?:i|we) (?:will|ll|must|need to|have to|want to)) (?:first )?(?:ask|check with|think|let (?:you|u) know|be back|come back|decide)|ngizobuya|sizobuya|ngizokwazisa|ngisacabanga|ke tla (?:kgutla|o bolella)|hosane|ek sal (?:terugkom|laat weet)|not (?:now|yet|today|tonight)|(?:don t|dont|do not) \w+ (?:it |anything )?(?:yet|now)|wait for (?:my|the|her|his|him|them))\b/,
    'wait',
  ],
  [/\b(?:i|we) (?:didn t|didnt|did not|never) order(?:ed)?(?: (?:anything|this|that|it))?$/, 'person'],
  [/\b(?:phone|call|ring) me\b|^(?:please |pls )?(?:phone|call)\b|\bcomplain/, 'person'],
  [
    /\b(?:(?:want|need|looking for|order|get) (?:some )?food|^food|ukudla|dijo|(?:place|make) an order|menu|imenyu|menyu|specials?|available|hungry|starving|surprise me|ngilambile|silambile|ke lapile|honger|ngingatheng\w+|ngingadla\w*|into (?:emnandi|yokudla)|okumnandi|ukutya|ho reka|kan (?:ek|ons) bestel|iets (?:lekker|te eet))\b/,
    'menu',
  ],
  [
    /\b(?:add|put|bring|send|deliver|combine|join|include|faka|engeza) .*?\b(?:to|with|in|on|into|onto|ku|ne) ?(?:my |the |that |this |our )?(?:(?:first |other |open |old |same |previous |last |current |existing )?(?:order|oda)|(?:first|other|open|old|same|previous|last|existing) (?:one|delivery))\b/,
    'join_order',
  ],
  [/\b(?:i|we) (?:have )?(?:already |just )?ordered\b/, 'view_cart'],
  [/\b(?:changed my mind|(?:don t|dont) want (?:it|this|anything|the order)(?: any ?more)?|nvm)\b/, 'cancel'],
  // "Sanibonani, ninjani? Ngiyaphila, ngiyabonga."
  [/\b(?:un|nin)jani\b/, 'greet'],
  [
    /\b(?:thank you|thank u|thanks|ngiyabonga|siyabonga|enkosi|dankie|ke ?a lebo[gh]a|re a lebo[gh]a|god bless|good ?night|good ?bye|bye+|wrong (?:number|person|chat|group))\b/,
    'thanks',
  ],
  [
    /^(?:hi+|hey+|hello|howzit|sawubona|sanibonani|molo|molweni|dumela|dumelang|hallo|heita|good (?:morning|afternoon|evening|day)|sharp)\b|\b(?:anyone|anybody|somebody|someone|are you|are u|you|u) there\b|\bhow (?:are|r) (?:you|u)\b/,
    'greet',
  ],
];

/** @param heard in the words; null leaves out what only one language needs. */
export function weakRuleFor(words: string, heard: LanguageScores | null): SimpleIntent | null {
  const nguni = heard !== null && isNguni(heard) ? first(NGUNI_WEAK_RULES, words) : null;
  return nguni ?? first(WEAK_RULES, words);
}

function first(rules: Rules, words: string): SimpleIntent | null {
  for (const [pattern, intent] of rules) if (pattern.test(words)) return intent;
  return null;
}

/** Of what was delivered: no status of an order puts that right. */
const COMPLAINT =
  /\b(?:you|u) (?:guys|people) (?:are|r) (?:so |too |very |just )?(?:slow|useless|rude|terrible|unprofessional)\b|\b(?:my|our|the) (?:(?:food|order|delivery) (?:is|are)|\w+ (?:was|were|came|arrived)) (?:cold|wrong|stale|off|rotten|raw|burnt|spoiled|incomplete|missing|damaged|spilled)\b|\b(?:wrong|incorrect|missing) (?:order|item|items|food|thing|things)\b|\b(?:missing|left out) (?:from|of|in) (?:my|our|the) order\b|\b(?:didn t|did not|never) (?:get|got|receive|received) (?:my|our|the) (?!order|food|delivery|driver)|\b(?:a|my|want|need) refund\b|\brefund me\b|\b(?:was|been|got) (?:charged|billed) (?:twice|double|too much)\b|\bmoney back\b|\bdriver (?:was|is) (?:so |very )?(?:rude|drunk)\b|\bdriver (?:stole|took|ate|is lost|got lost)\b|\b(?:your|the|this|my) (?:food|service|order|\w+) (?:is|was) (?:so |very |too |just )?(?:trash|rubbish|terrible|horrible|disgusting|pathetic|awful|shocking|kak|nonsense)\b|\b(?:bad|poor|terrible|worst|pathetic|slow) service\b|\b(?:nobody|no one|driver) (?:never|didn ?t|did not) (?:come|came|show)|\b(?:nobody|no one) (?:came|showed)\b|\bnot what (?:i|we) (?:ordered|asked)\b|\bshort ?changed\b|\bwhere (?:is |s )?my change\b|\bu owe (?:me|us)\b|\byou owe (?:me|us)\b|\bwrong change\b|\bfood ?poison\w*|\b(?:hair|worms?|maggots?|insects?|fly|flies|cockroach\w*) in (?:my|the|our|your) \w+|\bmade (?:me|us|him|her|my \w+) (?:sick|ill)\b|\b(?:your|ur) (?:\w+ ){1,2}makes (?:me|us|him|her|my \w+) (?:sick|ill)\b|\b(?:ripped (?:me|us) off|overcharged|scammers?)\b/;

export function isComplaint(words: string, heard: LanguageScores): boolean {
  return COMPLAINT.test(words) || (isNguni(heard) && complainsInNguni(words));
}

/** Whether, how far and for how much it is brought. */
const DELIVERY =
  /^(?:is it |do (?:you|u) (?:have|offer|do) |any )?free delivery$|\b(?:are|r) (?:you|u)(?: guys)?(?: still| also)? delivering\b|\b(?:do|can|will|does) (?:you|u|they|ya ?ll)(?: guys)?(?: also| still)? deliver\b|\b(?:is|are|what s|what is|how much|how much is|how much for|price (?:of|for)|cost of) (?:the |your )?delivery\b|\bdelivery (?:to|for|in) .*(?:how much|malini|hoeveel)\b|\bhow much .*\bdelivery\b|\bdelivery (?:fee|fees|cost|costs|price|charge|charges|free)\b|\bhow far (?:do|can|will) (?:you|u) (?:go|deliver)\b|\b(?:ni|u)(?:ya)?(?:thumela|letha|diliva|delivera)\b|\byoku(?:lethwa|thunyelwa)\b|malini (?:uku|i ?)?(?:thunyelwa|letha|lethwa|delivery|thumela)|\b(?:is|hoeveel is) (?:die )?aflewering\b|\blewer julle\b/;

export function isAboutDelivery(words: string): boolean {
  return DELIVERY.test(words);
}

/** Nothing is ordered by asking. */
const QUESTION =
  /^(?:(?:hi|hello|hey|hola|sawubona|please|pls|sorry|excuse me|and|ok|okay|but|also) )*(?:do (?:you|u|they) (?:still )?(?:have|hv|sell|do|make|got|stock)|(?:have )?(?:you|u) (?:got|gat|hav|hv)|got(?! (?:\d|one|two|three|a)\b)|is there|are there|(?:have you )?got any|how much|how many|what about(?! (?:\d|one|two|three|four|five|six|ten|me|us|you|u|making|if)\b)|(?:any|still have|still got|you still have|is there still) [a-z0-9 ]{1,30} (?:left|available|today)$|still (?:have|got|hv)|nina|una|what ?(?:i? ?s|are) (?:the price|in|inside|on)|what comes|price (?:of|for)|ninayo|ninawo|ninazo|ninaso|unayo|unawo|unazo|nithengisa|niyayithengisa|ke bokae|wat kos|verkoop julle|het julle|na le na le)\b|\b(?:how much|[a-z]*malini|(?:i|li|zi|a|bu)ngakanani|(?:i|li|zi|a)n(?:ani|jani)|(?:i|li|zi|ku|a)biza|bokae|hoeveel|prices?(?! list)|cost|costs|(?:(?:wants?|need|like) to know|find out|(?:wondering|checking|asking|confirm|check|ask|know) (?:if|whether) (?:you|u|there|its|it))|(?:types?|kinds?|sorts?|flavours?|flavors?) of)\b|\b(?:is|are) [a-z0-9 ]{1,40} (?:available|in stock|still there)\b/;

/** What some may not eat, by faith or by illness. */
const FORBIDDEN = /\b(?:halaa?l|haraam|haram|kosher|pork|vark|ingulube|allerg\w*|peanuts?|nuts|gluten|lactose|vegan)\b/;
// "My son is allergic" asks nothing.
const ASKED_OF_IT =
  /\b(?:(?:is|are)(?! (?:very |really |also |highly |severely |so )?allerg)|does|do you|any|contains?|what|which|ingabe|inayo|ine|ikhona)\b/;

/** "Is the kota halal", "any nuts in it": no menu answers that, and a price is no answer. */
export function asksWhatIsForbidden(text: string, words: string): boolean {
  return FORBIDDEN.test(words) && (text.includes('?') || ASKED_OF_IT.test(words));
}

const WHAT_ABOUT = /^(?:(?:hi|hello|hey|ok|okay|and|so|please|pls|sorry|then) )*(?:what|how) about \S/;

/** "What about 2 Piece Chicken" asks where the number is the name's; "what about 2 kota" orders. */
export function suggests(words: string): boolean {
  return WHAT_ABOUT.test(words);
}

export function isQuestion(words: string): boolean {
  return QUESTION.test(words);
}

/** Of what they had; what they want is no praise. */
const PRAISE =
  /\b(?:thanks|thank (?:you|u)|thx|ngiyabonga|siyabonga|enkosi|dankie) (?:so much |very much |a lot |again )?(?:for|vir|nge\w*|ngo\w*) (?:the|my|your|that|those|our|die)\b|\b(?:i|we) (?:really |just |so )?(?:love|loved|enjoy|enjoyed|liked) (?:your|ur|the|my|that|those)\b|\b(?:was|were) (?:so |very |really |too |just )?(?:nice|good|great|tasty|yummy|delicious|lekker|amazing|mnandi|awesome|perfect|the best)\b/;
/** They ask for something. */
export const WANTING = /\b(?:please|pls|plz|asb|another|again|more|same)\b/;

export function praises(words: string): boolean {
  return PRAISE.test(words) && !ORDERING.test(words) && !WANTING.test(words);
}

/** About what is named behind it: "is the kota fresh", "ok but does kota have egg". Small talk is none: "how are you". */
const OPENING =
  /^(?:(?:ok|okay|and|but|so|sure|yes|yebo|hi|hello|hey|please|pls|sorry|eish|no) )*(?:is|are|was|were|does|did|why|whos?|when|wheres?|which|whats?|hows?)\b(?! (?:about|you|u|r|i|we|this|are (?:you|u)|it (?:possible|ok|okay|fine)|s (?:up|good))\b)/;

/** @param part of a text, between two separators. */
export function asks(part: string): boolean {
  return QUESTION.test(part) || asksOtherwise(part);
}

function asksOtherwise(part: string): boolean {
  return asksInNguni(part) || (OPENING.test(part) && !ORDERING.test(part));
}

/** Behind an order, without a mark: "6 scones please and do you have malva". */
const ASKED_TOO = / and (?:do (?:you|u|they)|have (?:you|u)) (?:still |also )?(?:have|hv|sell|got|get)\b/;

/** @param parts normalised text with its separators, of which `isQuestion` says no; something sold is named in it. */
export function asksAbout(parts: string): boolean {
  if (parts.includes(' and ') && ASKED_TOO.test(parts)) return true;
  return parts.includes(',') ? parts.split(' , ').some(asks) : asksOtherwise(parts);
}
