/** Numbers that belong to people, as the one who orders for them means them. */
import { describe, expect, it } from 'vitest';
import { told } from '../catalogue.ts';

describe('numbers of people', () => {
  it.each([
    ['1 for me and 2 for gogo, kota', '3 kota'],
    ['sipho wants 2 kota and thandi wants 1 coke', '2 kota, 1 coke'],
    ['one kota each for me and my sister', '2 kota'],
    ['2 kota each for me, sipho and thandi', '6 kota'],
    // What stands behind is no more for everybody.
    ['2 kota each for me and sipho and a coke', '4 kota, 1 coke'],
    ['1 kota each for 3 people and 2 coke', '3 kota, 2 coke'],
    ['1 kota 1 coke each for 3 people', '3 kota, 3 coke'],
    ['for 3 people a kota each and a coke each', '3 kota, 3 coke'],
    ['3 of us kota each and coke each', '3 kota, 3 coke'],
    ['we are 3, kota each and a coke each', '3 kota, 3 coke'],
    ['we are 5 minutes away 2 kota', '2 kota'],
    ['1 more for gogo', '*1'],
  ])('%j orders %j', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['1 for me and 2 for gogo', '=*3'],
    ['1 for me, 1 for my sister and 2 for the kids', '=*4'],
    ['sipho wants 1 not 2', '=*1'],
  ])('%j is %j of what is in the cart', (text, expected) => expect(told(text)).toBe(expected));

  it.each(['2 for r50', 'table for 2', 'is it 2 for 1'])('%j is nobody and orders nothing', (text) => expect(told(text)).not.toMatch(/\d/));
});

describe('a number is of what it is said of', () => {
  it.each([
    ['ngicela amakota awu 2 nekhokho', '2 kota, 1 coke'],
    ['awu 2 kota', '2 kota'],
    // One size of it is sold, and it is another.
    ['coke two liter', '^1 coke 2l'],
    ['2 stoney', '2 stoney'],
    ['can you put 2 kota on my tab', 'asks kota'],
  ])('%j is %j', (text, expected) => expect(told(text)).toBe(expected));
});
