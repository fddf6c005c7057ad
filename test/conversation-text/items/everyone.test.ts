/** What everybody is to get, however the people are counted; who somebody is orders nothing. */
import { describe, expect, it } from 'vitest';
import { told } from '../catalogue.ts';

describe('one for everybody', () => {
  it.each([
    ['kota for everyone we are 4', '4 kota'],
    ['kota for everybody, we are 4', '4 kota'],
    ['kota and coke for everyone we are 3', '3 kota, 3 coke'],
    // A number of its own says it, and so does an article.
    ['2 kota for everyone, we are 4', '2 kota'],
    ['a kota for everyone, we are 4', '1 kota'],
    ['we are three each one wants kota', '3 kota'],
    ['me and my wife want a kota each', '2 kota'],
    ['me, sipho and my wife want 2 kota each', '6 kota'],
    ['kota for my 3 kids and a coke each', '3 kota, 3 coke'],
    ['2 vetkoek each for me and my 2 kids', '6 vetkoek'],
  ])('%j orders %j', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['i have 2 kids 1 kota', '1 kota'],
    ['my 2 kids want kota', '2 kota'],
    ['2 kota for my 3 kids', '2 kota'],
  ])('%j is %j, and sells no kids', (text, expected) => expect(told(text)).toBe(expected));
});

describe('one person after the other', () => {
  it.each([
    ['one kota for me one for my sister and one for my brother', '3 kota'],
    ['kota one for me one for my sister and one for my brother', '3 kota'],
    ['1 kota for me, 2 for my sister', '3 kota'],
    ['2 kota for me, 1 for sipho', '3 kota'],
    // Of all of us.
    ['2 kota for us, 1 for me 1 for thabo', '2 kota'],
    ['kota 2 for me and my sister', '2 kota'],
  ])('%j orders %j', (text, expected) => expect(told(text)).toBe(expected));
});

describe('where to, between a number and what it is of', () => {
  it.each([
    ['2 to zone 6 kota', '2 kota'],
    ['3 for section 4 kota', '3 kota'],
  ])('%j orders %j', (text, expected) => expect(told(text)).toBe(expected));
});
