/** What a shop owner would expect of a text that is no plain order. The tables are written from that, not from the source. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_QUANTITY } from '../../../src/actors/conversation/text/items/collected.ts';
import { type Expectation, understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { CATALOGUE, told } from '../catalogue.ts';

const SAID_BACK_MAX = 5;
const LIST_ROWS_MAX = 10;

describe('numbers that count nothing sold', () => {
  it.each([
    ['R35 kota', '1 kota'],
    ['R 35 kota', '1 kota'],
    ['35 rand kota', '1 kota'],
    ['kota for R35', '1 kota'],
    ['kota for 2 people', '1 kota'],
    ['send 2 kota to my house', '2 kota'],
    ['2 kota in 30 minutes', '2 kota'],
    ['kota for 5 pm', '1 kota'],
    ['2 kota, call me on 0821234567', '2 kota'],
    ['2 kota and hurry up please', '2 kota'],
    ['1 kota 14 Main road', '1 kota'],
    ['2 kota and coke to 14 Vilakazi street', '2 kota, 1 coke'],
    ['2 kota and a coke to 14 vilakazi', '2 kota, 1 coke'],
    ['my number is 082 555 1234 i want kota', '1 kota'],
    ['2 kota at house number 45 section B', '2 kota'],
    ['hello my friend, can i have 2 kota', '2 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('a question orders nothing', () => {
  it.each([
    ['do you have kota?', 'asks kota'],
    ['do you sell pizza?', 'asks'],
    ['how much are the chips', 'asks chips-s chips-l'],
    ['how much', 'asks'],
    ['yimalini ikota', 'asks kota'],
    ['ninayo i-coke?', 'asks coke'],
    ['is there any stoney', 'asks stoney'],
    ['where is my kota', 'track'],
    ['iyimalini ikota', 'asks kota'],
    ['amakota amabili malini', 'asks kota'],
    ['ibiza malini i-coke', 'asks coke'],
    ['the kota how much', 'asks kota'],
    ['is the stoney still available', 'asks stoney'],
  ])('%j %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('a text that is no order', () => {
  it.each([
    ['hi', 'greet'],
    ['Sawubona', 'greet'],
    ['hello there my friend', 'greet'],
    ['start', 'greet'],
    ['thanks', 'thanks'],
    ['menu', 'menu'],
    ['imenyu', 'menu'],
    ['what do you sell?', 'menu'],
    ['ninani', 'menu'],
    ['show me the menu', 'menu'],
    ['how much is a kota', 'asks kota'],
    ["what's the price of a coke", 'asks coke'],
    ['where is my order?', 'track'],
    ['wheres my food', 'track'],
    ['iphi i-oda yami', 'track'],
    ['i-oda yami ikuphi', 'track'],
    ['is my order ready yet', 'track'],
    ['when will my food come', 'track'],
    ['what is the status', 'track'],
    ['are you a bot', 'help'],
    ['is this a robot', 'help'],
    ['can i talk to thandi', 'person'],
    ['i want food', 'menu'],
    ['can i place an order', 'menu'],
    ['bill please', 'view_cart'],
    ['just that', 'checkout'],
    ['whats the status of my order', 'track'],
    ['any update?', 'track'],
    ['any news on my order', 'track'],
    ['update please', 'track'],
    ['what is happening with my order', 'track'],
    ['what about my order', 'track'],
    ['did you get my order', 'track'],
    ['when will it arrive', 'track'],
    ['what time will it come', 'track'],
    ['is it coming', 'track'],
    ['how much longer', 'track'],
    ['where my food at', 'track'],
    ['iphi i-order yami', 'track'],
    ['cancel', 'cancel'],
    ['ok cancel', 'cancel'],
    ['please cancel', 'cancel'],
    ['ngicela ukukhansela', 'cancel'],
    ['cancel my order', 'cancel'],
    ['khansela', 'cancel'],
    ['yes', 'yes'],
    ['yebo', 'yes'],
    ['yesss', 'yes'],
    ['ok thanks', 'yes'],
    ['yup', 'yes'],
    ['hi menu please', 'menu'],
    ['can we speak zulu', 'language zu'],
    ['ngicela ukhulume isizulu', 'language zu'],
    ['speak english please', 'language en'],
    ['molo', 'greet'],
    ['dumela', 'greet'],
    ['hallo', 'greet'],
    ['مرحبا', 'unknown'],
    ['😀 '.repeat(1_000), 'emoji_only'],
    ['\ud800', 'empty'],
    ['no', 'no'],
    ['cha', 'no'],
    ['help', 'help'],
    ['usizo', 'help'],
    ['talk to a person', 'person'],
    ['is this a real person?', 'person'],
    ['i need help with my order', 'help'],
    ['my order is late', 'track'],
    ['ngifuna ukukhuluma nomuntu', 'person'],
    ['stop', 'stop'],
    ['checkout', 'checkout'],
    ["that's all", 'checkout'],
    ['cart', 'view_cart'],
    ['clear cart', 'clear_cart'],
    ['english', 'language en'],
    ['isiZulu', 'language zu'],
    ['language', 'language ?'],
    ['cash', 'pay_cash'],
    ['😀', 'emoji_only'],
    ['👨‍👩‍👧‍👦🇿🇦', 'emoji_only'],
    ['???', 'empty'],
    ['', 'empty'],
    ['\u200b\u0000', 'empty'],
    ['x'.repeat(4_096), 'too_long'],
    ['2', 'unknown'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('what people say around an order', () => {
  it.each([
    ['confirm order', 'yes'],
    ['ok order', 'yes'],
    ['oda', 'menu'],
    ['may i see the menu', 'menu'],
    ['ngicela ukubona imenyu', 'menu'],
    ['ngibonise imenyu', 'menu'],
    ["what's available today", 'menu'],
    ['any specials?', 'menu'],
    ['im hungry', 'menu'],
    ["what's my total", 'view_cart'],
    ['how much do i owe you', 'view_cart'],
    ['change my order', 'view_cart'],
    ['thank you so much my friend', 'thanks'],
    ['anyone there?', 'greet'],
    ['how are you', 'greet'],
    ['nvm', 'cancel'],
    ['i changed my mind', 'cancel'],
    ['my order is not here yet', 'track'],
    ['still waiting', 'track'],
    ['please call me', 'person'],
    ['my food is cold', 'person'],
    ['you sent the wrong order', 'person'],
    ['the kota was burnt', 'person'],
    ['something is missing from my order', 'person'],
    ['i want my money back', 'person'],
    ['2 kota, make sure the coke is cold', '2 kota, =1 coke'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('who wants no more messages is heard', () => {
  it.each(['stop sending me messages', "please don't text me again", 'do not send me any more specials', 'ningangithumeleli imiyalezo'])(
    '%j',
    (text) => expect(told(text)).toBe('stop'),
  );

  it.each([
    ["don't send me coke", '~coke'],
    ['stop the order', 'cancel'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('paying and fetching', () => {
  it.each([
    ['do you take card', 'pay_cash'],
    ['can i pay with snapscan', 'pay_cash'],
    ['how do i pay?', 'pay_cash'],
    ['ngikhokha kanjani', 'pay_cash'],
    ["i'll pay cash", 'pay_cash'],
    ['2 kota and i will pay by card', '2 kota'],
    ['can i collect', 'pickup'],
    ['i will pick it up', 'pickup'],
    ['2 kota, i will collect', '2 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('another address', () => {
  it.each(['change address', 'i want to change my delivery address', 'wrong address', 'shintsha ikheli', 'that is not my address'])(
    '%j is asked for, whatever was asked last',
    (text) => {
      for (const expected of [null, 'address', 'yes_no'] as const) expect(told(text, expected)).toBe('change_address');
    },
  );

  it.each([
    ['my new address is 12 Vilakazi Street', 'address', 'answer'],
    ['my new address is 12 Vilakazi Street', 'yes_no', 'answer'],
    ['my new address is 12 Vilakazi Street', null, 'change_address'],
    ['2 kota to a different address', null, '2 kota'],
  ] as const)('%j to %s is %s', (text, expected, meant) => expect(told(text, expected)).toBe(meant));
});

describe('where an address was asked for', () => {
  it.each([
    '12 Vilakazi Street, Orlando West',
    '1234B Zone 6 near the spaza',
    'eduze kwesikole sase Orlando',
    'house 5 behind the church',
    '12 Chris Hani',
    '12 coke street',
  ])('%j is one', (text) => expect(told(text, 'address')).toBe('answer'));

  it.each([
    ['cancel', 'cancel'],
    ['2 kota', '2 kota'],
    ['help', 'help'],
    ['2 kota and a coke', '2 kota, 1 coke'],
    ['1 more coke please', '1 coke'],
  ])('%j is still %s', (text, expected) => expect(told(text, 'address')).toBe(expected));
});

describe('where a yes or no was asked for', () => {
  it.each([
    ['👍', 'yes'],
    ['👍🏾', 'yes'],
    ['👎', 'no'],
    ['😀', 'emoji_only'],
    ['yebo faka', 'yes'],
    ['no wait', 'no'],
    ['confirm order', 'yes'],
    ['wrong order', 'no'],
    ['no, make it 3 kota', '=3 kota'],
    ['yes and a coke', '1 coke'],
  ])('%j is %s', (text, expected) => expect(told(text, 'yes_no')).toBe(expected));
});

describe('any text', () => {
  const WORDS = [
    'kota',
    '2',
    'and',
    'coke',
    'x',
    'no',
    'of',
    'to',
    'chips',
    '500ml',
    'a',
    'remove',
    'pizza',
    '0',
    '1.5',
    'amabili',
    'swap',
    'for',
    'make',
    'each',
    'half',
    'dozen',
    'large',
    'extra',
    ',',
    '😀',
    '\u0000',
    '-',
  ];
  const chat = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(' '));

  it('gives one bounded answer and never throws', () => {
    const text = fc.oneof(chat, fc.string({ maxLength: 700, unit: 'binary' }), fc.string({ maxLength: 300, unit: 'grapheme' }));
    fc.assert(
      fc.property(text, fc.constantFrom<Expectation>(null, 'address', 'yes_no', 'name'), (words, expected) => {
        const understood = understand(words, CATALOGUE, expected);
        if (understood.intent !== 'items') return;
        for (const item of understood.items) {
          expect(Number.isInteger(item.quantity)).toBe(true);
          expect(item.quantity).toBeGreaterThanOrEqual(1);
          expect(item.quantity).toBeLessThanOrEqual(MAX_LINE_QUANTITY);
        }
        expect(understood.unread.length + understood.unmatched.length).toBeLessThanOrEqual(2 * SAID_BACK_MAX);
        for (const entry of understood.ambiguous) {
          expect(entry.candidates.length).toBeLessThanOrEqual(LIST_ROWS_MAX);
          expect(entry.quantity).toBeLessThanOrEqual(MAX_LINE_QUANTITY);
        }
        expect(new Set(understood.items.map((item) => item.productId)).size).toBe(understood.items.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('means the same in capitals, with more spaces and with a full stop', () => {
    fc.assert(
      fc.property(chat, (words) => {
        const plain = told(words);
        expect(told(words.toUpperCase())).toBe(plain);
        expect(told(`  ${words.replaceAll(' ', '   ')} .`)).toBe(plain);
      }),
    );
  });
});
