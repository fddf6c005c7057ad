/** What a shop owner would expect of each text. The tables are written from that, not from the source. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_QUANTITY } from '../../src/actors/conversation/text/items.ts';
import { type Expectation, understand } from '../../src/actors/conversation/text/understand.ts';
import { CATALOGUE } from './catalogue.ts';

/** "2 kota, 1 coke", with `remove`/`set` in front for other modes, `?chips` for a question, `!kota` for a quantity that cannot be, `-pizza` for what is not sold. */
function told(text: string, expect: Expectation = null): string {
  const understood = understand(text, CATALOGUE, expect);
  if (understood.intent === 'language') return `language ${understood.language ?? '?'}`;
  if (understood.intent !== 'items') return understood.intent;
  const parts = [
    ...understood.items.map((item) => `${item.quantity} ${item.productId}`),
    ...understood.ambiguous.map((entry) => `?${entry.phrase}`),
    ...understood.quantityProblems.map((entry) => `!${entry.productId}`),
    ...understood.unmatched.map((name) => `-${name}`),
  ].join(', ');
  return understood.mode === 'add' ? parts : `${understood.mode} ${parts}`;
}

describe('an order in English', () => {
  it.each([
    ['2 kota and a coke pls', '2 kota, 1 coke'],
    ['1x kota 2xcoke', '1 kota, 2 coke'],
    ['kota', '1 kota'],
    ['Two Kotas & 1 coke!', '2 kota, 1 coke'],
    ['2 Kotas, 3 cokes', '2 kota, 3 coke'],
    ['kota x 2', '2 kota'],
    ['x2 kota', '2 kota'],
    ['kota*2', '2 kota'],
    ['kota x2 coke x3', '2 kota, 3 coke'],
    ['kota 2 coke 3', '2 kota, 3 coke'],
    ['2kota', '2 kota'],
    ['a dozen vetkoek', '12 vetkoek'],
    ['half a dozen vetkoek', '6 vetkoek'],
    ['a couple of kotas', '2 kota'],
    ['another coke', '1 coke'],
    ['one more coke', '1 coke'],
    ['can i get 2 full house kota please', '2 kota-full'],
    ['kota full house', '1 kota, 1 kota-full'],
    ['2 large chips and 1 small chips', '2 chips-l, 1 chips-s'],
    ['chips', '?chips'],
    ['i want a kota with a coke and chips', '1 kota, 1 coke, ?chips'],
    ['hi can i have 2 kota', '2 kota'],
    ['Good morning, 3 vetkoek please', '3 vetkoek'],
    ['twenty vetkoek', '20 vetkoek'],
    ['500ml coke', '1 coke'],
    ['2 x 500ml coke', '2 coke'],
    ['coke 500 ml', '1 coke'],
    ['2 loaves of bread', '2 bread'],
    ['7 colours', '1 seven'],
    ['2 7 colours', '2 seven'],
    ['2 cold cokes', '2 coke'],
    ['2 kota\n1 coke\n3 vetkoek', '2 kota, 1 coke, 3 vetkoek'],
    ['- 2 kota\n- 1 coke', '2 kota, 1 coke'],
    ['2 KOTA!!!', '2 kota'],
    ['Kota😋 2', '2 kota'],
    ['😀😀 2 kota', '2 kota'],
    ['２ kota', '2 kota'],
    ['2️⃣ kota', '2 kota'],
    ['2\u0000 ko\ud800ta', '2 kota'],
    ['give me 2 of the kota', '2 kota'],
    ['2 kotas pls and 2 cokes pls', '2 kota, 2 coke'],
    ['2 kota 2 kota', '4 kota'],
    ['a kota and a russian', '1 kota, 1 russian'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('an order with a slip', () => {
  it.each([
    ['kotta', '1 kota'],
    ['2 kotas and 1 coek', '2 kota, 1 coke'],
    ['vetkok', '1 vetkoek'],
    ['chiken', '1 chicken'],
    ['chickn', '1 chicken'],
    ['stony', '1 stoney'],
    ['russain', '1 russian'],
    ['koke', '1 coke'],
    ['cike', '1 coke'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));

  it('is not read into short words that mean something else', () => {
    for (const text of ['code', 'cope with it', 'note', 'red', 'bear']) expect(told(text)).toBe('unknown');
  });
});

describe('an order in isiZulu and its neighbours', () => {
  it.each([
    ['ngicela ama-vetkoek amabili necoke', '2 vetkoek, 1 coke'],
    ['ngicela amavetkoek amathathu', '3 vetkoek'],
    ['ngifuna ikota eyodwa', '1 kota'],
    ['ngicela ikota nekoki', '1 kota, 1 coke'],
    ['ngicela ikota no coke', '1 kota, 1 coke'],
    ['ngicela i-coke', '1 coke'],
    ['sawubona ngicela izinkwa ezimbili', '2 bread'],
    ['ngicela amagwinya ayishumi', '10 vetkoek'],
    ['ngicela amagwinya ayi-3', '3 vetkoek'],
    ['ek wil twee kota he asseblief', '2 kota'],
    ['ke kopa kota tse pedi', '2 kota'],
    ['ndicela ikota ezimbini', '2 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('a quantity that cannot be', () => {
  it.each([
    ['0 kota', '!kota'],
    ['1000 kota', '!kota'],
    ['51 kota', '!kota'],
    ['50 kota', '50 kota'],
    ['30 kota and 30 kota', '30 kota, !kota'],
    ['1.5 kota', '!kota'],
    ['2,5 kota', '!kota'],
    ['1,000 coke', '!coke'],
    ['99999999999999999999 kota', '!kota'],
  ])('%j is asked about: %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('a change', () => {
  it.each([
    ['remove the coke', 'remove 1 coke'],
    ['take out the kota', 'remove 1 kota'],
    ['no coke', 'remove 1 coke'],
    ['without coke', 'remove 1 coke'],
    ["i don't want the coke", 'remove 1 coke'],
    ['susa i-coke', 'remove 1 coke'],
    ['make it 3 kota', 'set 3 kota'],
    ['change kota to 3', 'set 3 kota'],
    ['kota no onions', '1 kota'],
    ['2 kota without russian', '2 kota'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('what is not sold', () => {
  it.each([
    ['2 pizza', '-pizza'],
    ['2 kota and a pizza', '2 kota, -pizza'],
    ['2 cheese burgers and 1 coke', '1 coke, -cheese burgers'],
    ['pizza', 'unknown'],
    ['i am 5 minutes away from school', 'unknown'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
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
    ['how much is a kota', 'price'],
    ["what's the price of a coke", 'price'],
    ['where is my order?', 'track'],
    ['wheres my food', 'track'],
    ['iphi i-oda yami', 'track'],
    ['cancel', 'cancel'],
    ['cancel my order', 'cancel'],
    ['khansela', 'cancel'],
    ['yes', 'yes'],
    ['yebo', 'yes'],
    ['no', 'no'],
    ['cha', 'no'],
    ['help', 'help'],
    ['usizo', 'help'],
    ['talk to a person', 'person'],
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

describe('where an address was asked for', () => {
  it.each(['12 Vilakazi Street, Orlando West', '1234B Zone 6 near the spaza', 'eduze kwesikole sase Orlando', 'house 5 behind the church'])(
    '%j is one',
    (text) => expect(told(text, 'address')).toBe('answer'),
  );

  it.each([
    ['cancel', 'cancel'],
    ['2 kota', '2 kota'],
    ['help', 'help'],
  ])('%j is still %s', (text, expected) => expect(told(text, 'address')).toBe(expected));
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
