/** What is in, on or beside food: words that make "no …" and "with …" a wish about an item. Data: translators add here. */
const INGREDIENTS: ReadonlySet<string> = new Set(
  (
    'onion onions tomato tomatoes lettuce cucumber pickle pickles gherkin gherkins cheese egg eggs polony vienna viennas bacon ham beans chakalaka atchar achar salad coleslaw beetroot mushroom mushrooms ' +
    'pepper peppers chilli chillies chili chilies chilly garlic herbs sauce sauces mayo mayonnaise mustard ketchup gravy vinegar salt sugar spice spices spicy masala peri oil butter margarine marge jam syrup milk cream ice straw lemon avo avocado ' +
    'mince meat nyama fat skin bones crust vegetables veggies serviettes cutlery spoon fork plastic ' +
    'anyanisi utamatisi tamatisi ushizi shizi iqanda amaqanda qanda usawoti sawoti ushukela upelepele pelepele isosi sosi atshari itshizi tshizi uie kaas tamatie eier sous sout suiker brandrissie ys ' +
    'hanyanese letswai tswekere'
  ).split(' '),
);

/** With the prefixes that isiZulu puts in front: "ngo anyanisi" comes apart by itself. */
export function isIngredient(word: string): boolean {
  return INGREDIENTS.has(word) || (PREFIX_BEGINS.includes(word.charAt(0)) && INGREDIENTS.has(word.replace(PREFIX, '')));
}

const PREFIX = /^(?:ngo|no|ne|na|kwe|ku|lo|i|u|ama)(?=\w{4})/;
/** A look at the first letter spares most words the pattern. */
const PREFIX_BEGINS = 'nkliua';

/** isiZulu says what something has or lacks in one word: "enoshizi" is with cheese, "engenashizi" without. */
export function hasIngredient(word: string): boolean {
  return HAVING_BEGINS.includes(word.charAt(0)) && HAVING.test(word) && INGREDIENTS.has(word.replace(HAVING, ''));
}

const HAVING = /^(?:eli|esi|olu|ezi|[eao])(?:ng[ae])?n[aeo](?=\w{3})/;
const HAVING_BEGINS = 'eao';
