/** Words that say of what kind or how done something sold is wanted. Data: translators add here; words as `normalise` leaves them. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Of what kind: another product than one that is not of it. "Brown bread" is no white bread, "coke zero" no coke. */
const KINDS_BEHIND = set(
  'brown white wholewheat wholegrain rye seeded sourdough glutenfree nsundu onsundu emhlophe omhlophe bruin wit volkoring ' +
    'zero diet light lite sugarfree decaf cherry vanilla lemon lime grape orange strawberry banana chocolate choc caramel mango apple pineapple granadilla peach berry raspberry blueberry guava litchi mint cinnamon ginger tropical creamsoda ' +
    'sparkling fizzy skim skimmed lowfat fullcream longlife powdered condensed ' +
    'mini midi jumbo mega xl xxl special',
);
/** Behind a name they begin the next one of a list: "kota fish chips". */
const KINDS_IN_FRONT = set('beef pork lamb mutton chicken fish tuna bacon steak veg vegan veggie vegetarian halaal halal');
/** One kind by several names. A vegan asks for more. */
export const VEGETARIAN = set('veg veggie vegetarian');
/** Dishes of their own: "chicken wings" are no chicken. Behind a name that does not have them. */
export const DISHES = set(
  'wing wings drumstick drumsticks thigh thighs breast breasts leg legs liver livers heart hearts head heads feet gizzards giblets intestines necks dust stew tikka tenders poppers popcorn nuggets strips burger burgers pie pies roll rolls sandwich sandwiches wrap wraps pizza curry breyani biryani salad schnitzel milkshake sundae combo combos meal deal platter bucket',
);
/** Of those, several things sold as one. */
export const MEALS = set('combo combos meal deal platter bucket');
/** What customers ask for by name and not every shop has: alone it is said not to be sold. */
export const WANTED_ELSEWHERE = set(
  'fanta sprite pepsi twist stoney coke schweppes appletiser grapetiser redbull monster powerade energade lucozade oros juice milkshake cider savanna gatsby pizza burger burgers hotdog hotdogs sandwich sandwiches pie pies roll rolls wings curry breyani biryani salad sushi noodles pasta spaghetti lasagne fish beef pork lamb steak ribs shawarma wrap wraps doughnut doughnuts donut donuts muffin muffins cake icecream yoghurt rice samp magwinya kota bunny dagwood sphatlo vetkoek skopo mala mogodu airtime cigarettes',
);

/** @param where beside the name of a product. */
export function isKind(word: string, where: 'front' | 'behind'): boolean {
  if (where === 'behind') return KINDS_BEHIND.has(word) || DISHES.has(word);
  // "Zero coke" is a number.
  return KINDS_IN_FRONT.has(word) || (KINDS_BEHIND.has(word) && word !== 'zero');
}

/** A size is another product only where sizes are sold; beside anything else it is not known what is meant. */
export const SIZES = set('small medium large');
/** Sizes in the other languages; read as the menu writes them. */
export const SIZE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    small: 'encane omncane elincane esincane amancane ezincane imincane klein nyane',
    large: 'big enkulu omkhulu elikhulu esikhulu amakhulu ezinkulu emikhulu groot kgolo',
  }).flatMap(([size, words]) => words.split(' ').map((word): [string, string] => [word, size])),
);
/** Right behind the name of what is sold in sizes: "chips L". */
export const SIZE_LETTERS: ReadonlyMap<string, string> = new Map([
  ['s', 'small'],
  ['m', 'medium'],
  ['l', 'large'],
]);
/** isiZulu says cold, hot and spicy, or not, in agreement with the noun: "amanzi abandayo", "elilodwa elingababi". */
const NGUNI_STYLES = ['a', 'e', 'o', 'eli', 'esi', 'olu', 'ezi', '']
  .flatMap((concord) => ['bandayo', 'shisayo', 'babayo', 'ngababi'].map((stem) => concord + stem))
  .join(' ');
/** How it is to be made or served: a wish. */
export const STYLES = set(
  `spicy mild hot cold warm chilled frozen icecold fresh crispy crispier crunchy toasted untoasted soft dry grilled fried deepfried steamed boiled burnt saucy juicy cheesy salty unsalted sliced unsliced cut halved wrapped ${NGUNI_STYLES} koud koue gesny batang chesang`,
);
/** In front of a style they belong to it: "very spicy". */
export const INTENSIFIERS = set('very super extra so nice nicely less more lightly slightly');
/** Behind "well" only. */
export const WELL_DONE = set('done cooked fried toasted grilled');
/** "Make it spicy": in front of a style they begin a wish. */
export const MAKING = set('make yenza yenze wenze maak');
/** What is made so: "make one spicy". */
export const MADE = set('it them that this mine those these both all one two three 1 2 3 ibe abe zibe dit hulle');
/** Between an item and its style: "2 kota both spicy". */
export const ALL_OF_IT = set('it both all them everything zonke wonke konke alles');
/** In front of food they say how much of it: "easy on the chilli", "plenty sauce", "lots of cheese", "allergic to eggs". */
export const MEASURING = set('plenty lots lot loads double triple less more easy light heavy little enough much allergic');
/** Between such a word and the food. */
export const OF_FOOD = set('on of the with to a any my');
