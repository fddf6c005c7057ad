/** Whole messages that mean one thing, in five languages. Data: translators add here; lower case, no punctuation. */
import type { Language } from '../../../tenant/protocol.ts';
import type { SimpleIntent } from './intents.ts';

const BY_INTENT: Readonly<Record<SimpleIntent, string>> = {
  menu: 'menu|price|prices|price list|home|main menu|back|imenyu|uhlu|lenaneo|lenane|lenane la dijo|spyskaart|show menu|list|options|order|new order|make an order|i want to order|oda|ngifuna uku oda|ngifuna ukuoda|menyu|bona imenyu|bonisa imenyu|ngibonise imenyu|specials|restart|reset|imenu|thumela imenu|ngithumele imenu|ngithumelele imenu|thumela imenyu|ngithumelele imenyu|ek wil bestel|wat verkoop julle|le rekisa eng|wys my die spyskaart|stuur die spyskaart|die spyskaart',
  cancel:
    'yekela|yekela nje|ayi yeka|yeka nje|hayi yeka|cha yeka|hhayi yeka|ngifuna ukukhansela|ngicela ukukhansela|cancel|cancel it|ukhansele|khansele|khansela konke|khansela i oda|cancel order|cancel my order|cancel everything|cancel all|cancel it all|khansela|hlikihla|kansela|kanselleer|hlakola|rhoxisa|never mind|nevermind|nvm|forget it|ungakhathali|angisafuni|angisafuni lutho|angisayifuni|angisazifuni|angisawafuni|hayi angisafuni|cha angisafuni|angisakufuni|ek wil nie meer nie|tlogela|tlohela|e tlogele|e tlohele|phimola|ga ke sa batla|ha ke sa batla|ha ke sa e batla|los dit|los dit maar|vergeet dit|ek wil dit nie meer he nie',
  help: 'help|help me|usizo|ngisize|ngicela usizo|thusa|nthuse|uncedo|ndincede|hulp|how does this work|how',
  person:
    'ngifowneleni|ngifonele|ngifowunele|ngicela ukukhuluma nomuntu|person|human|agent|someone|owner|talk to someone|speak to someone|speak to agent|phone me|umuntu|ngifuna umuntu|motho|iemand|mens|call me|manager|complaint',
  stop: 'stop|unsubscribe|opt out|optout|end|yeka|yekani|emisa|misa|hou op|moenie meer stuur nie|stop messages|stop messaging me|no more messages|kgaotsa|leave me alone',
  start: 'subscribe|opt in|unstop|qala futhi|resume',
  greet:
    'start|hi|hii|hello|hey|heyy|hola|howzit|heita|sawubona|sanibona|sanibonani|molo|molweni|dumela|dumelang|hallo|goeie more|goeiemore|goeie dag|goeie naand|goeie middag|thobela|good morning|good afternoon|good evening|good day|morning|afternoon|evening|yebo sawubona|unjani|ninjani|eita|eta|sho|aweh|hi there|hello there|hola hola|yo|wassup|wasup|wussup|sup|are you still there|hey are you still there|hello are you there|who is this|whos this|who s this|who am i talking to|o mang|ngubani lo|wie is dit',
  thanks:
    'thanks|thank you|thanks a lot|thank u|thx|tx|ty|ngiyabonga|siyabonga|ngiyabonga kakhulu|enkosi|kea leboha|ke a leboha|ke a leboga|kea leboga|kealeboha|kealeboga|ke lebogile|re a leboga|re a leboha|baie dankie hoor|dankie|baie dankie|cheers|shap|sharp|sharp sharp|cool|great|nice|perfect|awesome|lovely|excellent|sounds good|i will wait|i ll wait|i can wait|let me wait|ngizolinda|sizolinda|ek sal wag|ke tla ema',
  yes: 'kunjalo|yebo kunjalo|kulungile ke|yebo kulungile|yebo faka|faka ke|kulungile faka|yes|yess|yea|yeh|yup|ya|yah|yes i do|yes correct|yes that s correct|yes thats correct|that s correct|thats correct|that is correct|yes its correct|y|yes please|yep|yeah|yebo|yebo ngiyavuma|ja|e|ee|e rra|e mma|e ntate|e mme|eng rra|go siame|go lokile|ke a dumela|tswelapele|tswela pele|natuurlik|dis reg|dit is reg|reg so|ja seker|ja graag|gaan voort|eya|ewe|ok|okay|k|oky|confirm|confirmed|confrim|comfirm|correct|right|sure|yes confirm|kulungile|ngiyavuma|ho lokile|goed|reg|qinisekisa|looks good|proceed|that s right|thats right|go ahead|kk|oki|okey|okie|okey dokey|okie dokie|alright|fine|do it|place it|send it|ithumele|yithumele|ngithumeleleni|yes cash|yebo cash|let s go|lets go|let s do it|lets do it|go for it|of course|absolutely|definitely|i agree|agreed|i accept|accept|i want it|i ll take it|ill take it|i will take it|nice i want it|i want that one|order it|order it please|order it now|ehhe|ehe|yebo ke',
  no: 'cha ngiyabonga|ayi|ayi ngiyabonga|hhayi ngiyabonga|cha siyabonga|anginalutho|andifuni enkosi|no|that s wrong|thats wrong|that is wrong|this is wrong|that s not right|thats not right|not right|no wait|nah wait|hhayi|hayibo|not yet|no i don t|n|nope|cha|hayi|nee|nee wat|nee man|moenie|ha ke batle|ga ke batle|ha ke e batle|ga ke e batle|nnyaa|nnya|nyaa|tjhe|tjhee|che bo|nah|no thanks|no thank you|not now|wrong|none|nothing|neither|neither one|none of them|not any|maybe later|not today|next time|not tonight|aowa|later|angisafuni manje|andifuni nto|nothing for now|nothing for now thanks|ngokuhamba kwesikhathi',
  checkout:
    'akusekho okunye|akukho okunye|akusekho|kuphela nje|kuphela ngiyabonga|yikho konke|qha|qha ke|yikho kuphela|ngiqedile ngiyabonga|konke lokho|akunalutho olunye|sengikhethile|checkout|check out|pay|done|finish|finished|that s all|thats all|that is all|that s it|thats it|just that|im done ordering|i m done ordering|that s my order|thats my order|kuphelele|ngiqedile|siqedile|sengiqedile|sesiqedile|qedela|faka i oda|faka ioda|faka i order|qeda|khokha|ngifuna ukukhokha|ke qetile|ke feditse|ke fetsitse|ke phetho|ke tsone fela|ke tsona fela|ke tsona feela|ke yona fela|ke yone fela|ke eona feela|fela|feela|ke fela|ke tsohle|ke tshotlhe|klaar|ek is klaar|dis al|dit is al|dis alles|dit is alles|net dit|betaal|i m done|im done|order now|deliver|place order|place my order|continue|qhubeka|that will be all|that s everything|nothing else|place the order|that it|yilokho kuphela|yilokho nje|yilokho|qedile|kuphela|thats it thanks|kwanele|sekwanele|enough|that s enough|thats enough|genoeg',
  view_cart:
    'cart|my cart|basket|my basket|view cart|show cart|ikalishi|inqola|mandjie|what s in my cart|whats in my cart|total|bill|the bill|bill please|what did i order|my order|isamba|sekukonke|yimalini sekukonke|what s the total|what is the total|totaal|wat is die totaal',
  clear_cart:
    'clear|clear cart|empty cart|empty my cart|start again|remove all|remove everything|susa konke|khipha konke|tlosa tsohle|start over|start afresh|start fresh|qala phansi|qala kabusha|begin again|begin oor|ho qala hape',
  track:
    'where is it|where is it now|wheres it|iphi manje|iphi|ikuphi manje|iphi oda yam|iphi oda yami|uphi umshayeli|isikuphi|track|track order|track my order|where is my order|where s my order|wheres my order|where is my food|order status|status|iphi i oda yami|i oda yami|ikuphi|landela|latela|waar is my bestelling|waar is my kos|e kae|di kae|is it ready|how far|how far is it|eta|uphi|kuphi|uphi manje|niphi|niphi kanti|niphi manje|nikuphi|ukuphi|ngiphandle|ngingaphandle|o kae',
  pay_cash:
    'cash|pay cash|cash on delivery|cod|imali|ukheshi|kheshi|chelete|kontant|i will pay cash|cash please|card|eft|snapscan|speedpoint|zapper|ewallet|cash ne|swipe|can i swipe|do you have swipe|card machine|speed point|capitec pay|capitec|cash send|instant money|send ewallet|kheshi ne',
  pickup:
    'pickup|pick up|pick it up|i will pick up|i ll pick up|collect|collection|i will collect|i ll collect|ngizolanda|ngizozilandela|ke tla e lata|haal self|ngizolanda i oda|ek sal dit kom haal|to go|takeaway|take away',
  cheapest: 'cheapest|the cheapest|cheap food|anything cheap|something cheap|something cheaper|anything cheaper|cheaper',
  too_dear:
    'expensive|pricey|yoh expensive|kuyabiza|kuyabiza kakhulu|iyabiza|iyadula|kuyadula|duur|te duur|baie duur|ke tura|di a tura|e a tura|dia tura',
  wait: 'leave it|leave it as it is|leave it as is|leave it like that|leave it like this|wait|please wait|hold on|hang on|hold|just a sec|one sec|one second|one moment|a moment|1 sec|1 min|2 min|2min|give me a minute|give me a sec|brb|let me think|let me check|still thinking|thinking|ima|ima kancane|yima|yima kancane|linda|linda kancane|wag|wag bietjie|wag n bietjie|ema|ema pele|ema hanyane|emela',
  how_long: 'how long|how long does it take|how long will it take',
  open: 'open|are you open|is it open|r u open|are you closed|nivuliwe|nivulile|nivalile|nivule|is julle oop',
  delivery: 'for delivery|do you deliver|delivery fee|delivery cost|delivery price|is delivery free|niyathumela|niyaletha|niyadeliver',
  join_order: 'add to my order|add it to my order|add this to my order|put it with my order|same order|with my order',
  change_address: 'change address|new address|wrong address|different address|shintsha ikheli|ikheli elisha|ander adres',
};

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'english|isingisi|isilungu|english please|engels|senyesemane',
  zu: 'zulu|isizulu|isi zulu|ngesizulu|sezulu',
  xh: 'xhosa|isixhosa|isi xhosa|ngesixhosa|sexhosa',
  st: 'sotho|sesotho|southern sotho|sesutho',
  af: 'afrikaans|isibhunu|seburu|in afrikaans',
};
const ASK_LANGUAGE = 'language|languages|change language|ulimi|shintsha ulimi|puo|taal|lulwimi';

/** What a whole message means; a language of null asks which. */
export type Meant = SimpleIntent | { readonly language: Language | null };

export const PHRASES: ReadonlyMap<string, Meant> = new Map<string, Meant>([
  ...Object.entries(BY_INTENT).flatMap(([intent, phrases]) =>
    phrases.split('|').map((phrase) => [phrase, intent as SimpleIntent] as const),
  ),
  ...Object.entries(LANGUAGE_NAMES).flatMap(([language, names]) =>
    names.split('|').map((name) => [name, { language: language as Language }] as const),
  ),
  ...ASK_LANGUAGE.split('|').map((phrase) => [phrase, { language: null }] as const),
]);
