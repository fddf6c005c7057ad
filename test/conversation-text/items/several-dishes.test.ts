/** Several dishes with sizes, parts and other names in one text: nothing is ordered twice, in another size, or beside what it is part of. */
import { expect, it } from 'vitest';
import { compileCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import { type Expectation, understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import type { Product } from '../../../src/actors/tenant/protocol.ts';

const sold = (id: string, name: string, rands: number, description: string | null, aliases: readonly string[] = []): Product => ({
  id,
  name,
  priceMinor: rands * 100,
  category: 'all',
  description,
  aliases,
  stock: null,
  options: [],
  imageUrl: null,
  available: true,
});

const MENU = compileCatalogue([
  sold('kota', 'Kota', 45, 'Quarter bread, chips, polony, atchar', ['ikota']),
  sold('full', 'Full house kota', 65, 'Russian, cheese, egg, chips, polony, atchar', ['full house']),
  sold('vetkoek', 'Vetkoek', 5, null, ['amagwinya']),
  sold('mince', 'Vetkoek with mince', 25, null),
  sold('polony', 'Vetkoek with polony', 12, null),
  sold('stew', 'Pap and beef stew', 60, 'With chakalaka', ['pap', 'stew', 'uphuthu']),
  sold('wors', 'Pap and wors', 55, null, ['wors']),
  sold('mogodu', 'Mogodu and pap', 70, null, ['mogodu', 'tripe']),
  sold('small', 'Small chips', 20, null),
  sold('large', 'Large chips', 35, null, ['chips']),
  sold('atchar', 'Atchar', 8, 'Small tub'),
  sold('coke', 'Coke 500ml', 16, null, ['coke']),
  sold('water', 'Still water 500ml', 10, null, ['water']),
]);

/** "2 kota (no egg), 1 coke"; another intent by its name. */
function read(text: string, expect: Expectation = null): string {
  const understood = understand(text, MENU, expect);
  if (understood.intent !== 'items') return understood.intent;
  const { items, wishes, removed } = understood;
  const of = (id: string): string => {
    const wished = wishes.filter(({ productId }) => productId === id).map(({ what }) => what);
    return wished.length === 0 ? '' : ` (${[...wished].sort().join(', ')})`;
  };
  const gone = removed.filter(({ refused }) => !refused).map(({ productId }) => `~${productId}`);
  return [...items.map(({ productId, quantity }) => `${quantity} ${productId}${of(productId)}`), ...gone].join(', ');
}

it.each([
  // A size with its own number.
  ['chips large 2 small 1', '2 large, 1 small'],
  ['chips small 2 large 3', '2 small, 3 large'],
  ['2 large chips 1 small', '2 large, 1 small'],
  // Two names of one plate, in any of our languages.
  ['pap en wors asseblief', '1 wors'],
  ['pap le wors', '1 wors'],
  ['tripe and pap', '1 mogodu'],
  ['2 pap and tripe', '2 mogodu'],
  ['uphuthu and stew', '1 stew'],
  ['ngicela umogodu nopapa', '1 mogodu'],
  ['ke kopa bogobe le mogodu', '1 mogodu'],
  ['stew and mogodu', '1 stew, 1 mogodu'],
  // What something else is called is called so with its filling, too.
  ['2 fat cakes with mince', '2 mince'],
  ['3 amagwinya with polony and 1 plain amagwinya', '3 polony, 1 vetkoek'],
  ['magwinya le mince le coke', '1 mince, 1 coke'],
  ['2 vetkoek and 1 vetkoek with mince', '2 vetkoek, 1 mince'],
  ['vetkoek and coke', '1 vetkoek, 1 coke'],
  // Part of a dish, whatever is sold beside it.
  ['kota please but not too much atchar', '1 kota (not too much atchar)'],
  ['kota with not too much chips', '1 kota (with not too much chips)'],
  ['3 kotas, 2 with atchar and 1 without', '3 kota (2 with atchar, 1 without)'],
  ['mogodu 2 plates with extra pap', '2 mogodu (extra pap)'],
  ['2 kota extra atchar and a tub of atchar', '2 kota (extra atchar), 1 atchar'],
  ['2 kota and extra atchar', '2 kota, 1 atchar'],
  // A number said anew.
  ['2 kota i mean 3', '3 kota'],
  ['2 kota oh i meant 3', '3 kota'],
  ['2 kota i want 3 coke', '2 kota, 3 coke'],
  // For each by name.
  ['coke for sipho, 2 for me', '3 coke'],
  ['kota for gogo and 2 for me', '3 kota'],
  ['coke for walter', '1 coke'],
  // No slips of what is sold: a mistake, to pay, the worst.
  ['iphutha lami ngifuna ikota', '1 kota'],
  ['ngizokhokha ngekheshi, khokha, 1 kota', '1 kota'],
  ['worst day ever, 1 kota please', '1 kota'],
  ['2 kota, 1 for me and 1 for thabo', '2 kota'],
  // By its price.
  ['the 20 rand chips x2', '2 small'],
  ['R20 chips x 2', '2 small'],
  ['2 kotas for 90', '2 kota'],
  ['kota yeR65', '1 full'],
  ['amagwinya angoR20', '4 vetkoek'],
  // What there is to spend on all of it counts none.
  ['with R100 i want kota and coke', '1 kota, 1 coke'],
  ['R20 vetkoek and a coke', '4 vetkoek, 1 coke'],
  ['ichips zaR20', '1 small'],
  ['ngicela ikota ka-R65', '1 full'],
  // Told and asked.
  ['my kota had no atchar', 'person'],
  ['my kota had no atchar, also send 1 coke', '1 coke'],
  ['any mogodu left', 'price'],
  ['still have mogodu?', 'price'],
  ['2 coke please and do you have mogodu', '2 coke'],
])('%s: %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

it('an extra of what only another dish is called by is of what was ordered, behind a refusal as well', () => {
  expect(read('kota, no chips, extra polony please, and a coke')).toBe('1 kota (extra polony), 1 coke');
});

it('where an address is asked for, so many for somebody is none', () => {
  expect(understand('1 for gogo', MENU, 'address').intent).not.toBe('answer');
  expect(understand('17 2nd ave', MENU, 'address').intent).toBe('answer');
  expect(understand('12 forest hill', MENU, 'address').intent).toBe('answer');
});

it.each([
  ['3 vetkoek with mince and polony', 3],
  ['vetkoek with mince & polony', 1],
  ['amagwinya amathathu anemince nepolony', 3],
])('%s, where each is sold with one of them only, is asked', (text, quantity) => {
  const understood = understand(text, MENU, null);
  expect(understood).toMatchObject({
    items: [],
    ambiguous: [{ quantity, candidates: ['mince', 'polony'], unsold: 'vetkoek with mince and polony' }],
  });
});

it('each filling with a number of its own is ordered', () => {
  expect(read('3 vetkoek with mince and 2 with polony')).toBe('3 mince, 2 polony');
});
