/** How people point at one of several, or at all of them, in five languages. Data: translators add here. */

const set = (words: string): ReadonlySet<string> => new Set(words.split('|'));

/** They say nothing about which one. */
export const BESIDE_A_CHOICE = set(
  'the|one|ones|i|ll|d|we|want|take|have|like|give|me|us|please|pls|plz|ok|okay|yes|yebo|then|just|rather|thanks|number|no|nr|option|choice|of|them|those|these|and|ngicela|ngifuna|ngithatha|nje|kopa|ke|ek|wil|die|asb|asseblief|dankie',
);

export const BOTH = set('both|two|bobedi|kokubili|kokubini|zombili|zombini|womabili|yomibili|bobabili|albei|twee|beide|dibedi');
export const ALL_OF_THEM = set(
  'all|everything|each|konke|zonke|wonke|yonke|tsohle|kaofela|alles|almal|all three|all four|zontathu|zozintathu',
);
export const LAST = set('last|latter|bottom|laaste|okokugcina|yokugcina|eyokugcina|qetello|ya ho qetela');

const BY_PLACE: readonly string[] = [
  'first|1st|former|top|eyokuqala|yokuqala|okokuqala|lokuqala|pele|ya pele|eerste|1ste',
  'second|2nd|eyesibili|yesibili|okwesibili|lesibili|yesibini|eyesibini|ya bobedi|tweede|2de',
  'third|3rd|eyesithathu|yesithathu|okwesithathu|ya boraro|derde|3de',
  'fourth|4th|eyesine|yesine|ya bone|vierde|4de',
  'fifth|5th|eyesihlanu|yesihlanu|ya bohlano|vyfde',
];
export const ORDINALS: ReadonlyMap<string, number> = new Map(
  BY_PLACE.flatMap((words, at) => words.split('|').map((word) => [word, at + 1] as const)),
);
