/** What people say beside an order: notes to the driver, second thoughts behind a "yes", everything but one thing. Data: translators add here. */

/** How it is to be handed over. */
export const NOTE =
  /\b(?:(?:call|phone|ring|sms|text|whatsapp|buzz|hoot) (?:(?:me|us|for me) )?(?:(?:on|at) [\d ]+)?(?:when|wen|once|if|before|first|as soon|on arrival|outside)|(?:leave|drop|put) (?!(?:it |that )?at r ?\d)(?:(?:it|them|that|everything|my food|my order|the \w+) )?(?:at|by|with|on|in|outside|inside|next to|near|under|behind)|(?:don t|dont|do not|no need to|please don t) (?:hoot|ring|knock|buzz|call)|(?:beware|careful|mind|watch out) (?:of|for) the dogs?|gate code|(?:tell|ask) the driver|driver (?:must|should|can) (?:call|phone|ring)|bring (?:(?:me|us|my) )?change|(?:call|phone|ring|sms|text|whatsapp) (?:me |us )(?:on |at )?(?:0\d|27)[\d ]{7,}|change for r? ?\d+|(?:(?:i|we) (?:will |ll |only )?)?(?:pay|paying|have|got) (?:cash )?(?:with )?(?:a |only )?(?:r ?\d+\b|\d+ (?:rand|bucks))(?: notes?)?|(?:(?:(?:i|we) (?:will |ll |only )?)?(?:pay|paying|have|got|it s|its) )?(?:cash )?(?:with |only )?(?:an? )?(?:\d+|ten|twenty|fifty|(?:one |two )?hundred)(?: rand)? notes?\b|my change|(?:u|ni)?(?:ngi)?(?:fonele|shayele|ngifonele|ngishayele) (?:uma|ma|mawu\w+)|bel my (?:as|wanneer)|shiya \w+ (?:e|kw|ku|ng)\w+)\b/;

/** A note about what somebody pays with: before anything is ordered, a question about paying. */
export const PAYING_WITH = /\br ?\d|\b(?:rand|bucks)\b|\bchange for\b|\b(?:\d+|ten|twenty|fifty|hundred) notes?\b/i;

/** When it is wanted. The shop reads it beside the order; a "yes" with it places nothing before the customer has seen what it comes to. */
export const AT_TIME =
  /\b(?:for|at|by|around|before|after) (?:about )?(?:\d{1,2}(?:[ .h]\d{2})? ?(?:am|pm)|\d{1,2}[ .h][0-5]\d(?! (?!(?:please|pls|plz|today|tonight|tomorrow|and|thanks|asb|ngiyabonga)\b)[a-z]))\b/;

/** No hour is said without one of these. */
export const MAY_BE_AT_HOUR = / (?:at|by|around|before|after) (?:about )?(?:\d|half|quarter)/;

/** "2 kota at 6": only beside an order, and only where nothing follows that it could count. */
export const AT_HOUR =
  /\b(?:at|by|around|before|after) (?:about )?(?:(?:half past|quarter (?:past|to)) )?(?:[1-9]|1[0-2])(?= (?:please|pls|plz|thanks|asb|today)\b|$)/;

/** Nothing is wanted later without one of these. */
export const MAY_BE_LATER = /tomorrow|kusasa|tonight|clock|day|min|hour|hr/;

/** When it is wanted, said so loosely that it is a note only beside an order: "2 kota tomorrow". */
export const LATER =
  /\b(?:(?:for |by )?(?:tomorrow|kusasa|tonight)(?: (?:morning|afternoon|evening|night|lunch(?: ?time)?))?(?: (?:at|by|around) \d{1,2}(?:[ .h]\d{2})?(?: ?(?:am|pm|o ?clock))?)?|in (?:\d{1,3}|half an|an) ?(?:min\w*|hours?|hrs?)|(?:at|by|around|for) \d{1,2} ?o ?clock|(?:on|for) (?:mon|tues|wednes|thurs|fri|satur|sun)day(?: (?:morning|afternoon|evening|night))?)\b/;

/** What follows must come true first. */
export const CONDITION =
  /\b(?:if|unless|until|till|once|when(?:ever)?|(?:as|so) (?:long|soon) as|in case|provided|providing|assuming|subject to|depend(?:s|ing)|after|before (?:you|u|i|we|that|anything)|uma|mangabe|ukuba|inqobo|as ek|mits|indien|tensy|haeba)\b/;

/** A "yes" with one of these is no answer yet, nor is one with a condition. */
export const SECOND_THOUGHT =
  /\b(?:but|wait|except|maybe|might|not|no(?! (?:problem|worries|stress|rush))|nope|cha|hayi|nee|aowa|don t|dont|change|instead|first|later|tomorrow|think|thinking|ask|check|let me|away|elsewhere|never|expensive|pricey|too much|duur|abiza|biza|kuyabiza|iyabiza|leave it|make it|how|what|which|why|who|does|maar|wag|kodwa|mara|ima|empa|emela)\b/;

/** "remove everything except the kota": what stays, nobody says to take away. */
export const ALL_BUT = /\b(?:except|apart from|besides|other than|everything but|all but|behalwe|ntle le)\b/;

/** Beside a question they make the rest an order: "i want 2 kota, do you have coke?" */
export const ORDERING =
  /\b(?:i want|i need|can i|could i|give me|get me|send me|bring me|let me (?:get|have)|lemme (?:get|have)|add|i d like|i ll have|ngicela|ngifuna|ndicela|ndifuna|ke kopa|ek wil)\b/;

/** To "shall I place the order?" they are a yes; anywhere else they greet, thank or praise. */
export const STREET_YES: ReadonlySet<string> = new Set(
  'sho sharp shap sharpie eita aweh moja aight ayt aite lekker cool perfect go bet fede grand'.split(' '),
);
/** The same, in two words: "say less, bra". */
export const STREET_YES_PAIRS: ReadonlySet<string> = new Set(['say less', 'you bet', 'no problem', 'hundred percent', 'bring it']);
/** All that may stand beside it. */
export const BESIDE_YES: ReadonlySet<string> = new Set(
  'ok okay yes yebo ja yeah please pls thanks thank you ngiyabonga siyabonga enkosi dankie boss bra bro my da fede grootman mfethu sisi mama baba bhuti ausi s'.split(
    ' ',
  ),
);

const MULTIPLIERS: readonly (readonly [RegExp, number])[] = [
  [/^(?:please |pls |can you |actually )*(?:double|dubbel|verdubbel) (?:it|that|this|dit)(?: please| pls| asb)?$/, 2],
  [/^(?:twice|two times) (?:it|that|this)(?: please| pls)?$|^(?:yenze |ziphinde |phinda )?kabili$/, 2],
  [/^(?:please |pls |can you |actually )*triple (?:it|that|this)(?: please| pls)?$/, 3],
];

/** None of the multipliers does without one. */
const MAY_MULTIPLY = /doub|dubbel|twice|two times|triple|kabili/;

/** "Double that": as many times what is in the cart. */
export function multiplierIn(words: string): number | null {
  if (!MAY_MULTIPLY.test(words)) return null;
  return MULTIPLIERS.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

const TIMES =
  /^(?:(?:please|pls|can you|can i|could you|actually|ok|i want(?: to)?|i d like|make it|ngicela) )*(double|dubbel|verdubbel|twice|two times|triple)(?: (?:as (?:many|much)|the (?:number|amount) of))?(?: (?:the|my|that|those|all the|die))? (.+?)(?: please| pls| asb| asseblief)?$/;
const ALL_IN_CART = /^(?:everything|all|all of (?:it|them)|(?:the )?(?:whole )?(?:order|cart)|alles|konke)$/;

/** "Double the kota", "twice as many cokes": how many times, and of what; null `what` for everything in the cart. */
export function timesIn(words: string): { readonly factor: number; readonly what: string | null } | null {
  const [, times, what] = (MAY_MULTIPLY.test(words) && TIMES.exec(words)) || [];
  if (times === undefined || what === undefined) return null;
  return { factor: times === 'triple' ? 3 : 2, what: ALL_IN_CART.test(what) ? null : what };
}

const MAY_TAKE_AWAY = /remove|delete|take|scrap|scratch|sus[ae]|khiph[ae]|verwyder/;
const IT = '(?:it|that|this|them|those|that one|this one)';
const TAKE_AWAY = new RegExp(
  `^(?:(?:please|pls|can you|could you|actually|ok|no|sorry) )*(?:(?:remove|delete|scrap|scratch|verwyder|take (?:off|out|away)) ${IT}|take ${IT} (?:off|out|away|back)|(?:ngicela )?(?:u|ni)?(?:wa|yi|zi|li|si|lu|ba)?(?:sus|khiph)[ae](?: lokho| leyo)?)(?: please| pls| asseblief)?$`,
);

/** "Remove it", "take that off": of what is in the cart, without a name. */
export function takesAway(words: string): boolean {
  return MAY_TAKE_AWAY.test(words) && TAKE_AWAY.test(words);
}

/** Every exchange has one of these. */
export const IN_PLACE_WORDS: ReadonlySet<string> = new Set(
  'make change switch swap turn replace must should mean meant said ngisho bengisho bengiqonde instead rather liewer eerder esikhundleni'.split(
    ' ',
  ),
);

/** Right in front of an item that comes instead of what is in the cart: "make it a …", "change to …", "i meant …", "make one of them a …". */
export const IN_PLACE_AHEAD =
  /(?:^|[ ,])(?:(?:make|change|switch|swap|turn|replace) (?:(?:it|that|this|them|(one|two|three|\d{1,2})(?: of (?:them|those|these)| (?=an? *$)|(?= (?:to|for|with|into)(?: (?:an?|the|n))? *$)))(?: (?:to|for|with|into|be))?|(?:to|for|with|into))|(one|two|three|\d{1,2})(?: of (?:them|those|these))? (?:must|should) be|(?:i )?(?:meant|said)|i mean|(?:be)?ngisho|bengiqonde|(?:instead|rather|liewer|eerder)(?: (?:have|want|get|take|give me))?)(?: ?(?:a|an|the|n))?$/;
/** "Full house, i mean": at the end of a text. */
export const MEANT_BEHIND: ReadonlySet<string> = new Set(['mean', 'meant']);
/** Right behind it. "Instead of coke" says what goes. */
export const IN_PLACE_BEHIND = /^(?:instead|rather|eerder|liewer|esikhundleni)(?!\S)(?! (?:of|yoku|ya))/;
