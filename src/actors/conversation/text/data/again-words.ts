/** How people ask for what they had before, in five languages. Data: translators add here; words as `normalise` leaves them. */

const BEFORE =
  '(?:(?:the )?(?:last|previous) (?:time|order|one|week|night|month|weekend)|before|yesterday|always|usual|ever|earlier|(?:the )?other day)';

/** Inside a longer text. */
export const AGAIN = new RegExp(
  `\\b(?:(?:(?:the|my|our) )?(?:same|usual|exact same)(?: (?:order|thing|things|one|stuff|food|meal))?(?: again)?,? (?:as|like|from) (?:i (?:had|got|ordered) )?${BEFORE}|(?:the|my|our) usual(?! (?:place|address|spot|location|time|driver|price|house))(?: (?:order|thing|stuff|meal))?|(?:the |my )?same (?:again|order|thing|stuff)|(?:repeat|redo|reorder|re order)(?: (?:my|the|our|that))?(?: (?:last|previous|old))? orders?|order (?:the )?same(?: again| thing| things)?|what (?:i|we) (?:had|ordered|got|took) ${BEFORE}|(?:my|our|the) (?:last|previous) order again|like ${BEFORE}|^(?:the )?same(?= (?:but|and|plus|with)\\b)` +
    '|okufanayo|(?:into|i ?oda) efanayo|izinto ezifanayo|okujwayelekile|okwejwayelekile|okuvamile|njenga(?:yizolo|izolo|kuqala|phambilini|ngesikhathi esedlule|okujwayelekile)|njengokujwayelekile|njengenjwayelo|okwayizolo|phinda (?:le |i ?)?oda(?: yami)?' +
    '|njengesiqhelo|okuqhelekileyo|njengangaphambili|phinda i ?odolo' +
    '|(?:tse|se|e) tshwanang|jwalo ?ka (?:maobane|mehleng|pele)|(?:ya|tsa) mehleng|pheta oda(?: ya ka)?' +
    '|dieselfde(?! (?:adres|plek))(?: ding| bestelling)?(?: as (?:laas|gister|altyd|voorheen|die vorige keer|laas keer))?|die gewone|soos (?:altyd|laas|gister|gewoonlik|die vorige keer)|herhaal (?:my |die )?(?:vorige |laaste )?bestelling)\\b',
);

/** They mean it when they are all that is said. */
export const AGAIN_ALONE =
  /^(?:(?:hi|hello|hey|sawubona|can i (?:get|have)|i want|i ll have|give me|ngicela|ngifuna|please|pls) )*(?:(?:the |my )?(?:same|usual)|repeat|reorder|re order|repeat that|order again|same same|phinda|herhaal)(?: (?:please|pls|thanks|asb|asseblief|futhi|again))*$/;

/** Before any order they mean what is in the cart: twice as much of it. */
export const ONCE_MORE =
  /^(?:(?:please|pls|ok|and|yes) )*(?:(?:the )?same again|same same|repeat that|phinda|again)(?: (?:please|pls|thanks|asb|futhi))*$/;

/** Where the last order went. */
export const AGAIN_PLACE =
  /\b(?:(?:to |at )?(?:(?:the|my|our) )?(?:(?:same|usual) (?:delivery )?(?:address|place|location|spot|house)|(?:last|previous|old) (?:delivery )?address)(?: (?:as|like) (?:last time|before|always|yesterday|usual|the last (?:time|one|order)))?|(?:i)?kheli (?:elifanayo|elidala|elijwayelekile)|(?:e)?ndaweni efanayo|(?:dieselfde|ou) (?:adres|plek)|aterese e tshwanang)\b/;

/** Nobody who says so wants it again. */
export const NOT_AGAIN =
  /\b(?:not|never|don t|dont|isn t|wasn t|no) (?:\w+ ){0,3}?(?:same|usual|repeat|reorder)\b|\b(?:a|ku)ngafani\b|\bnie dieselfde\b|\b(?:instead of|unlike) (?:the |my )?(?:same|usual)\b/;
