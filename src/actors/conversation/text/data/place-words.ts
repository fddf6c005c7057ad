/** Words that addresses are made of, and words that are none. Data: translators add here; words as `normalise` leaves them. */

/** Townships, also where isiZulu says "in" of them. */
const NAMED_PLACE =
  'e?(?:soweto|orlando|meadowlands|diepkloof|tembisa|alexandra|khayelitsha|umlazi|mamelodi|pimville|dobsonville|kliptown|jabavu|jabulani|mofolo|chiawelo|eldorado park|lenasia|braamfischer|katlehong|vosloorus|thokoza|daveyton|sebokeng|evaton|diepsloot|atteridgeville|soshanguve|hammanskraal|kwamashu|inanda|ntuzuma|gugulethu|nyanga|mdantsane|mangaung|galeshewe|mzimhlophe)';

/** Where the name of a township begins. */
export const NAMED_PLACE_AHEAD = new RegExp(`^${NAMED_PLACE}(?: |$)`);

/** A township, or what has a number or a letter of its own there: "orlando west", "zone 6", "section c". */
export const PLACE =
  `(?:${NAMED_PLACE}(?: (?:east|west|north|south|central|mall|station|clinic|hospital|hostel|flats|ext(?:ension)? ?\\d{1,2}))?|` +
  '(?:zone|section|phase|block|ext|extension|house|unit|flat|stand|erf|shack|room) (?:\\d{1,5}[a-z]?|[a-z]))';

/** What streets and places are called, and what stands in front of them. */
export const PLACE_MARKS = new RegExp(
  `\\b(?:street|str|straat|laan|st|road|rd|ave|avenue|drive|dr|lane|close|crescent|cnr|corner|phase|section|zone|ext|extension|block|unit|flat|house|stand|erf|shack|next to|near|opposite|behind|kwa|eduze|school|church|spaza|clinic|station|taxi rank|mall|(?:e|kwe|i)sikole(?:ni)?|kwesonto|esontweni|(?:em|um)gwaq(?:o|weni)|(?:e|kwe|i)sitobhi(?:ni)?|(?:nga)?kweso(?:kudla|kunxele|bunxele)|ngemuva kwesi(?!khathi)\\w+|${NAMED_PLACE})\\b`,
);

/** Alone they lead no driver anywhere: "same address as last time", "sorry wrong number", "hahaha lol". */
export const NO_PLACE_WORDS: ReadonlySet<string> = new Set(
  (
    'home emakhaya work ekhaya ikhaya minute minutes hour hours same address location pin place last time before usual again always sorry wrong number name wait hold busy moment soon maybe idea ' +
    'haha hahaha hahahaha lol joking askis askies uxolo angazi andazi weet stupid useless nonsense rubbish voetsek voertsek idiot fool fuck shit hell what huh eish yoh hayibo haibo allergic allergy ' +
    'okay fine sure alright cool nice great thanks thank expensive cheap price much money total card cash monday tuesday wednesday thursday friday saturday sunday ' +
    'morning afternoon evening night noon lunch supper kusasa namuhla namhlanje manje emini ebusuku'
  ).split(' '),
);
