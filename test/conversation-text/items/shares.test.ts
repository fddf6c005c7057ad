/** Numbers that are spread over people or kinds, said twice, or left open; names of several words however they are joined; questions that order nothing. */
import { describe, expect, it } from 'vitest';
import { compileCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import { understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { PRODUCTS, told } from '../catalogue.ts';

describe('a number and its shares', () => {
  it.each([
    ['3 kotas, 2 full house and 1 normal', '2 kota-full, 1 kota'],
    ['2 vetkoek one mince one plain', '1 vetkoek-mince, 1 vetkoek'],
    // By another name than its kinds.
    ['20 magwinya 10 ka mince 10 plain', '10 vetkoek-mince, 10 vetkoek'],
    ['4 vetkoek 2 with mince 2 without', '2 vetkoek-mince, 2 vetkoek'],
    ['4 kota 2 with cheese 2 without', '4 kota, (kota: 2 with cheese, 2 without)'],
    ['20 magwinya 10 with mince', '20 vetkoek, 10 vetkoek-mince'],
    ['5 kota, 2 with no egg and 3 normal', '5 kota, (kota: 2 with no egg)'],
    // Own names with their own numbers are ordered beside it.
    ['2 kota 1 full house 1 coke', '2 kota, 1 kota-full, 1 coke'],
    ['2 coke and 1 normal', '2 coke, -normal'],
  ])('%j is %j', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['2 kota, 1 for me and 1 for my sister', '2 kota'],
    ['3 kotas 2 for me and 1 for my brother', '3 kota'],
    ['4 kota, 2 for the kids and 2 for us', '4 kota'],
    ['2 kota and 1 for my sister', '3 kota'],
    ['one kota please and one for my wife', '2 kota'],
    ['2 kota actually make it 1', '1 kota'],
    ['2 kota and a coke make it 3', '2 kota, 1 coke, #3'],
    ['3 kota, remove one', '2 kota'],
    ['ama kota amathathu, susa eyodwa', '2 kota'],
    ['3 kota and 2 coke, remove one', '3 kota, 2 coke, #1'],
    ['3 kota, remove 5', '3 kota, #5'],
    ['2 kota 2 house 22 zone 2 diepkloof', '2 kota'],
    ['2 house 1 coke', '2 kota-full, 1 coke'],
    ['1 kota and 1 for gogo', '2 kota'],
    ['2 kota and 2 for my kids', '4 kota'],
    ['2 kota for me and 1 for my sister', '3 kota'],
    ['3 kota for thabo and 2 for lerato', '5 kota'],
  ])('%j for people is %j', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['two-two kota and coke', '2 kota, 2 coke'],
    ['kota and coke two two', '2 kota, 2 coke'],
    ['2 kota or 3', '!kota'],
    ['2-3 kota', '!kota'],
    ['5 bob vetkoek', '1 vetkoek'],
    ['R50 worth of vetkoek', '!vetkoek'],
    ['2 coke and vetkoek worth R50', '2 coke, !vetkoek'],
    ['is it worth it', 'unknown'],
  ])('%j is %j', (text, expected) => expect(told(text)).toBe(expected));
});

describe('names', () => {
  const plates = compileCatalogue([
    ...PRODUCTS,
    ...['Pap and wors', 'Pap and beef stew', 'Quarter chicken and pap'].map((name) => ({
      ...(PRODUCTS[0] as (typeof PRODUCTS)[0]),
      id: name,
      name,
    })),
  ]);
  const ordered = (text: string): unknown => {
    const understood = understand(text, plates, null);
    return understood.intent === 'items'
      ? understood.items.map(({ quantity, productId }) => `${quantity} ${productId}`)
      : understood.intent;
  };

  it.each([
    ['2 pap & wors', ['2 Pap and wors']],
    ['pap n wors', ['1 Pap and wors']],
    ['wors and pap', ['1 Pap and wors']],
    ['pap and chicken', ['1 Quarter chicken and pap']],
    ['1/4 chicken and pap', ['1 Quarter chicken and pap']],
    ['2 kota & 3 coke', ['2 kota', '3 coke']],
    ['beer', 'unknown'],
  ])('%j is %j', (text, expected) => expect(ordered(text)).toEqual(expected));

  it.each([
    ['house 12 blue gate', 'unknown'],
    ['the blue gate house', 'unknown'],
    ['2 full house', '2 kota-full'],
  ])('a door is no full house: %j', (text, expected) => expect(told(text)).toBe(expected));
});

describe('nothing is ordered by asking, and no order is lost in a story', () => {
  it.each([
    ['kota price', 'asks kota'],
    ['types of kota', 'asks kota'],
    ['nina coke?', 'asks coke'],
    ['my order is 2 kota', '2 kota'],
    ['and a stoney, thats all', '1 stoney'],
    ['i want 2 kota but 1 must be without onions', '2 kota, (kota: 1 must be without onions)'],
  ])('%j is %j', (text, expected) => expect(told(text)).toBe(expected));
});
