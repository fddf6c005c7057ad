/** What is spoken of is not ordered: stories, complaints, opinions and plans; what is ordered beside them is. */
import { describe, expect, it } from 'vitest';
import { told } from '../catalogue.ts';

describe('a story orders nothing', () => {
  it.each([
    'yesterday i had 2 kota',
    'my friend had a kota',
    'my friend ordered 3 kota yesterday',
    'lol my friend ate 3 kota yesterday',
    'last week i bought 2 kota, 1 coke and large chips',
    'i used to buy kota there',
    'izolo ngidle ikota emnandi',
    'umngani wami uthenge ikota',
  ])('%j', (text) => expect(told(text)).toMatch(/^asks/));

  it.each([
    ['my friend had a kota, please make me 2 kota', '2 kota'],
    ['yesterday i had a kota and now i want 2 coke', '2 coke'],
    ['2 kota please, my friend had one yesterday', '2 kota'],
    ['i want the kota that my friend had', '1 kota'],
    ['we had visitors, i need 3 kota', '3 kota'],
    ['had to wait, 2 kota', '2 kota'],
    ['we had load shedding so 3 kota pls', '3 kota'],
    ['i finished work now, 1 kota', '1 kota'],
    ['i may be late, 2 kota', '2 kota'],
    ['i ll take the best kota you have', '1 kota'],
    ['kota is fine', '1 kota'],
    ['my order is 2 kota and 1 coke', '2 kota, 1 coke'],
  ])('%j orders %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('what went wrong is for a person, what they wait for is followed', () => {
  it.each([
    ['u forgot my coke', 'person'],
    ['you sent stoney instead of coke', 'person'],
    ['i ordered 2 kota and got 1', 'person'],
    ['i got 1 kota instead of 2', 'person'],
    ['the kota is cold', 'person'],
    ['the kota i got was burnt', 'person'],
    ['the driver stole my food', 'person'],
    ['nobody came', 'person'],
    ['this is not what i ordered', 'person'],
    ['been waiting for my kota', 'track'],
    ['when is my kota coming', 'track'],
    ['i am at the gate', 'track'],
    ['i ordered 2 kota', 'view_cart'],
    ['i asked for 1 coke', 'view_cart'],
    ['i didnt order coke', 'view_cart'],
    ['you put 2 coke', 'view_cart'],
    ['i had asked for 2 kota', 'view_cart'],
    ['i got 2 coke in my cart?', 'view_cart'],
    ['i ordered an hour ago', 'view_cart'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));

  it('to the quote they agree to nothing and order nothing', () => {
    for (const text of ['my friend had a kota', 'i ordered 2 kota', 'the kota is nice', 'you forgot my coke'])
      expect(told(text, 'yes_no')).toBe('asks');
  });
});

describe('opinions, plans and what is no order show what is meant, and order nothing', () => {
  it.each([
    'i love kota',
    'yes my kids love kota',
    'kota is for my friend',
    'kota is life',
    'your kota is the best',
    'eish kota is expensive',
    'kota is finished?',
    'i could eat 10 kotas right now',
    'i will order 2 kota tomorrow',
    'maybe i will get a kota later',
    'i might want a kota',
    'send me a picture of the kota',
    'i want to sell kota',
    'can 2 people share a kota',
    'do you give discount if i buy 10 kota',
    'can u borrow me a kota',
    'free kota?',
    'tell my wife to buy 2 kota',
    'sorry 2 kota was for someone else',
  ])('%j', (text) => expect(told(text)).toBe('asks kota'));

  it.each([
    ['i ll have a kota', '1 kota'],
    ['i would like 2 kota', '2 kota'],
    ['my wife wants 2 kota', '2 kota'],
    ['can you put 2 kota', '2 kota'],
    ['your kota is the best, 2 please', '2 kota'],
    ['kota is nice, 2 coke', '2 coke'],
    ['i love your kota, 2 kota please', '2 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('what they will not eat is wished', () => {
  it.each([
    ['2 kota, im allergic to bread', '2 kota, (kota: im allergic to bread)'],
    ['i dont eat russian', '(: i dont eat russian)'],
    ['i cant eat eggs, 1 full house', '1 kota-full, (kota-full: i cant eat eggs)'],
    ['im allergic to coke, give me a stoney', '1 stoney, (stoney: im allergic to coke)'],
    ['i dont eat mince give me a kota', '~vetkoek-mince, 1 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('who chooses something else of its kind keeps the other out, and wishes nothing', () => {
  it.each([
    ['i dont drink coke give me stoney', '~coke, 1 stoney'],
    ['i dont like coke, 2 stoney please', '~coke, 2 stoney'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});
