/** How people speak of food without ordering it: stories, complaints, opinions, plans. Data: translators add here; words as `normalise` leaves them, a name of something sold is a comma. */

const SOMEBODY = '(?:i|we|he|she|they|someone|somebody|everyone|(?:my|our|his|her) [a-z]+(?: [a-z]+)?)';
const SHORTLY = '(?:(?:just|once|already|also|even|only|all|both|never|usually|then) )*';

/** "2 kota", "the nice kota": "I had a long day 2 kota" speaks of the day. */
const A_NAME = '(?: [a-z0-9]+){0,3} (?:,|one\\b)';

/** None of the patterns below matches a text without one of these. */
export const MAY_TELL =
  /\b(?:a(?:te|llergic|sked|dded)|had|tried|bought|tasted|finished?|took|gave|sent|brought|forgot|put|charged|got|received|ordered|didn ?t|did not|never|haven ?t|don ?t|do not|doesn ?t|can ?t|cannot|wait\w*|coming|come[s]?|is|are|isn|aren|was|were|looks?|tastes?|smells?|love|like|hate|miss|enjoy|best|worst|free|too|pics?|pictures?|photos?|images?|recipe|discount|difference|calories|sell|tell|borrow|credit|tab|account|book|(?:i|nge|e)?sikweletu|skuld|vs|versus|share|feed|eat|if|when|thinking|might|may|maybe|ll|will|gonna|going|used|(?:be)?(?:ngi|si|u|ba)(?:dle|dlile|thenge|thengile))\b/;

/** Somebody had it. */
export const STORY = new RegExp(
  `\\b${SOMEBODY} ${SHORTLY}(?:ate|had(?! (?:to|asked|said|ordered)\\b)|tried|bought|tasted|took|used to (?:eat|buy|get|have|order))${A_NAME}` +
    `|\\b(?:yesterday|last (?:night|week|time|month|weekend|sunday|saturday|friday)|the other day|days? ago|weeks? ago)\\b.* ${SOMEBODY} (?:got|ordered)${A_NAME}|\\b${SOMEBODY} (?:got|ordered)${A_NAME}.* (?:yesterday|last (?:night|week|time|month|weekend)|the other day|days? ago|weeks? ago)\\b` +
    `|\\b(?:be)?(?:ngi|si|u|ba)(?:dle|dlile|thenge|thengile)${A_NAME}`,
);

/** What came was not what should have come. */
export const BAD_DELIVERY =
  /\b(?:my|our|the|that) , (?:had|has|have|came with) no\b|, (?:that )?(?:i|we|you|u|they) (?:got|received|bought|ordered|sent|gave)(?: (?:me|us))?(?: (?:today|now|earlier|yesterday))? (?:had|has|have|was|were|came)\b|\bcharged (?:me|us)\b.*\b(?:got|received)\b|\b(?:my|our|the|that) , (?:had|came) without\b|\b(?:you|u|they|he|she|driver) (?:guys |people )?(?:only |just |never |also )?(?:gave|sent|brought|forgot|delivered)\b|\b(?:i|we) (?:only |just )(?:got|received)\b|\b(?:i|we) (?:got|received)\b.*\binstead of\b|\b(?:i|we) (?:ordered|asked for|wanted|paid for)\b.*\b(?:got|received|came|gave)\b|, (?:(?:[a-z]+ ){0,6})?(?:is|are|was|were|came) (?:too |very |so |all )*(?:burnt|stale|raw|rotten|spoiled|disgusting|horrible|terrible|cold(?! (?:please|pls)))\b/;

/** They speak of what they ordered a moment ago. */
export const OF_ORDER =
  /\b(?:i|we) (?:have |had )?(?:already |just |only )?(?:ordered|asked for)\b|\b(?:i|we) (?:didn t|didnt|did not|never|haven t|havent) (?:even )?(?:order|want|say|said|ask|ordered|wanted|asked|add|added)\b|(?<!\b(?:can|could|will|would|must|should|if|did|have) )\b(?:you|u) (?:put|added|charged)\b|\b(?:i|we) (?:have|got)\b.* in (?:my|the) (?:cart|order|basket)\b|(?<!\bnot )\btoo (?:much|many) ,/;

/** They wait for it. */
export const WAITING =
  /\bwait(?:ing|ed)?\b.* for (?:my |our |the |a |an |\d+ )?,|\bwhen (?:is|are) (?:my|our) , (?:coming|arriving|ready|here)\b/;

/** It is not to be in what they get. */
export const DISLIKE =
  /\b(?:don ?t|do not|doesn ?t|can ?t|cannot|never) (?:really )?(?:eat|like|do|drink|take) (?:any |the |my )?,|\ballergic to (?:any |the )?,/;

/** Never an order, whatever stands beside it. */
export const NO_ORDER =
  /\b(?:pics?|pictures?|photos?|images?|recipes?) (?:of|for)\b|\b(?:discount|difference|calories|vs|versus|on credit|on (?:my |the |our )?(?:tab|account|book)|(?:i|nge|e)?sikweletu|op skuld|borrow|lend)\b|\b(?:to|can i|could i) sell\b|^(?:please |pls )?(?:tell|ask) (?:my|him|her|them|your)\b|\b(?:do|does|did)\b.* comes? with\b|\bcan\b.* (?:share|feed)\b|^(?:tell|ask) [a-z]+ to buy\b|, (?:was|were) (?:for|not|a mistake)\b/;

/** Praise, blame and plans, in which nothing is counted or asked for. */
export const OPINION =
  /, (?:is|are|isn t|aren t|was|were|wasn t|weren t|looks?|tastes?|smells?)\b(?! (?:\d|one|two|three|four|five|fine|ok|okay|alright|perfect|enough|sharp)\b)|\b(?:i|we|they|(?:my|our) [a-z]+) (?:really |so |also |just )*(?:love|like|hate|miss|enjoy) (?:your |ur |the |that |this |those )?,|\b(?:best|worst)\b.*,|\bfree ,|\b(?:never|only once) had\b/;

/** Not now, or only perhaps. */
export const PLAN =
  /\b(?:could|would) (?:eat|finish|kill)\b|\b(?:if|when|whenever) (?:i|we) (?:order|buy|get|take|want)\b|\bthinking (?:of|about)\b|\b(?:i|we) (?:might|may)(?! (?:be|come|arrive)\b)\b|\b(?:i|we) ?(?:will|ll|am going to|m going to|gonna|am gonna|m gonna)\b.* (?:later|tomorrow|next (?:week|time|month|weekend)|soon|another (?:day|time)|some ?day|month end)\b/;

/** From here on something is ordered, whatever was told before. */
export const ORDER_BEGINS =
  /\b(?:i|we) (?:want|need|ll have|ll take|d like)\b|\b(?:can|could|may) (?:i|we|you)\b|\b(?:give|get|send|bring|make) (?:me|us)\b|\b(?:also (?:send|give|bring|get)|please|pls|plz|add|another|(?:now|today) (?:i|we)|(?:and|but|so) (?:now|today)|ngicela|ngifuna|ndicela|ndifuna|ke kopa|ek wil|must|should|make (?:it|sure)|change|remove|cancel|swap|replace)\b/;
