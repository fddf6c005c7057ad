/** What a second reader found in texts of customers: orders that were refused, counted wrongly, or answered in another language. */
import { describe, expect, it } from 'vitest';
import { compileCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import { type Understanding, understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { hearLanguages, leadingLanguage } from '../../../src/actors/conversation/text/words/language.ts';
import { DEMO_PRODUCTS } from '../../../src/demo/demo-tenant.ts';

const MENU = compileCatalogue(DEMO_PRODUCTS.map((product) => ({ ...product, available: true })));

const read = (text: string): Understanding => understand(text, MENU, null);
const ordered = (text: string): readonly string[] => {
  const understood = read(text);
  return understood.intent === 'items' ? understood.items.map(({ quantity, name, change }) => `${change} ${quantity} ${name}`) : [];
};
const unsold = (text: string): readonly string[] => {
  const understood = read(text);
  return understood.intent === 'price' ? (understood.unsold ?? []) : understood.intent === 'items' ? understood.unmatched : [];
};

describe('in isiZulu, what is wanted if there is any is an order', () => {
  it.each([
    ['uma ikhona ikota ngicela ezimbili', ['add 2 Kota']],
    ['ikota ikhona ngicela ezimbili', ['add 2 Kota']],
    ['ngicela umogodu uma usekhona', ['add 1 Mogodu and pap']],
    ['uma umogodu ukhona ngicela 2', ['add 2 Mogodu and pap']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });

  it.each([
    'kukhona umogodu',
    'umogodu usekhona',
    'ngicela ukubuza ukuthi ikhona ikota',
    'ingabe kukhona ikota uma ngifika ngo 5',
    'kukhona umogodu uma ngifika',
  ])('%s: asked all the same', (text) => {
    expect(read(text).intent).toBe('price');
  });
});

describe('an everyday word that ends a longer name is a slip of it', () => {
  it.each([
    ['pap and worse', ['add 1 Pap and wors']],
    ['2 pap and word', ['add 2 Pap and wors']],
    ['pap n worse x2', ['add 2 Pap and wors']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });

  it.each(['worse', 'in other words', 'stoned'])('%s: alone it is none', (text) => {
    expect(read(text).intent).toBe('unknown');
  });
});

describe('names and English words that begin like an isiZulu verb are no isiZulu', () => {
  it.each(['kota 2 siyanda', '2 kota silence', '2 kota to kuyasa', 'asiphe 1 kota'])('%s', (text) => {
    expect(leadingLanguage(hearLanguages(text), ['en', 'zu'])?.language ?? 'en').toBe('en');
  });
});

describe('"maak vir my" asks for more, "maak dit" counts anew', () => {
  it.each([
    ['maak vir my 2 kotas', ['add 2 Kota']],
    ['maak vir ons 3 vetkoek', ['add 3 Vetkoek']],
    ['maak dit 2 kotas', ['set 2 Kota']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });
});

describe('the numbers of a list on one line are no quantities', () => {
  it.each([
    ['1. kota 2. coke', ['add 1 Kota', 'add 1 Coke 500ml']],
    ['1) 2 kotas 2) 3 cokes 3) chips', ['add 2 Kota', 'add 3 Coke 500ml', 'add 1 Large chips']],
    ['order: 1. kota 2. coke', ['add 1 Kota', 'add 1 Coke 500ml']],
    // No list: it does not count on, or not from one.
    ['1. kota 3. coke', ['add 1 Kota', 'add 3 Coke 500ml']],
    ['2. kota 3. coke', ['add 2 Kota', 'add 3 Coke 500ml']],
    ['1 kota. 2 coke.', ['add 1 Kota', 'add 2 Coke 500ml']],
    ['1. kota 2 coke', ['add 1 Kota', 'add 2 Coke 500ml']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });
});

describe('so many of each kind are so many of every product of that kind', () => {
  it.each([
    ['2 of each kota', ['add 2 Kota', 'add 2 Full house kota', 'add 2 Russian kota', 'add 2 Veggie kota']],
    ['1 of each chips', ['add 1 Small chips', 'add 1 Large chips']],
    ['2 of each coke', ['add 2 Coke 500ml']],
    // Each of what is listed.
    ['2 of each kota and coke', ['add 2 Kota', 'add 2 Coke 500ml']],
    ['2 of each, kota and coke', ['add 2 Kota', 'add 2 Coke 500ml']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });

  it('of nine kinds; of ten nobody means every one, so none is guessed', () => {
    const names = ['Full house', 'Russian', 'Veggie', 'Cheese', 'Polony', 'Vienna', 'Chicken', 'Beef', 'Egg', 'Fish'].map(
      (kind) => `${kind} kota`,
    );
    const shelf = DEMO_PRODUCTS.slice(0, 1).flatMap((product) =>
      names.map((name, n) => ({ ...product, id: `K${n}`, name, aliases: [], available: true })),
    );
    const of = (kinds: number) => understand('2 of each kota', compileCatalogue(shelf.slice(0, kinds)), null);
    expect(of(9)).toMatchObject({ intent: 'items', items: names.slice(0, 9).map((name) => ({ change: 'add', quantity: 2, name })) });
    expect(of(10)).toMatchObject({ items: [] });
  });
});

describe('a question for what is not sold hears that', () => {
  it.each([
    ['do you have fanta', ['fanta']],
    ['do you sell burgers', ['burgers']],
    ['ninayo i-fanta', ['fanta']],
    ['do you have chips and burgers', ['burgers']],
    ['do you have coke', []],
    ['do you have kota', []],
    ['what do you have', []],
  ])('%s', (text, expected) => {
    expect(unsold(text)).toEqual(expected);
  });

  it('beside an order, which is taken', () => {
    expect([ordered('2 kota, do you have fanta'), unsold('2 kota, do you have fanta')]).toEqual([['add 2 Kota'], ['fanta']]);
  });
});

describe('what they meant takes the place of what they said', () => {
  it.each([
    ['2 kota i mean full house', ['add 2 Full house kota']],
    ['2 kota i meant russian kota', ['add 2 Russian kota']],
    ['2 kotas i mean 1 full house', ['add 1 Full house kota']],
    ['1 kota 1 coke i mean stoney', ['add 1 Kota', 'add 1 Stoney 500ml']],
    ['2 kota i mean full house and a coke', ['add 2 Full house kota', 'add 1 Coke 500ml']],
    // Six words in between are still one breath; with a seventh the first is not taken back.
    ['2 kota oh sorry ag i meant a full house', ['add 1 Full house kota']],
    ['2 kota for my sister oh yes i mean full house', ['add 2 Kota']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });
});

describe('a plate said "with" what its name joins is one plate', () => {
  it.each([
    ['mogodu with pap', ['add 1 Mogodu and pap']],
    ['2 chicken with pap and chakalaka', ['add 2 Quarter chicken and pap', 'add 1 Chakalaka']],
    ['pap met wors', ['add 1 Pap and wors']],
    ['kota with pap', ['add 1 Kota', 'add 1 Pap and beef stew']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });
});

describe('"still" says when, and names water only where it is counted or beside it', () => {
  it.each([
    ['still waiting', 'track'],
    ['i am still waiting', 'track'],
    ['still nothing', 'unknown'],
    ['why is it taking so long', 'track'],
    ['refund me please', 'person'],
    ['i was charged twice', 'person'],
  ])('%s: %s', (text, expected) => {
    expect(read(text).intent).toBe(expected);
  });

  it.each(['2 still', '2 still water'])('%s', (text) => {
    expect(ordered(text)).toEqual(['add 2 Still water 500ml']);
  });
});

describe('a question behind "and" or "ok" orders nothing', () => {
  it.each(['and do you have coke', 'ok do you have coke', 'also do you have malva'])('%s', (text) => {
    expect(read(text).intent).toBe('price');
  });

  it('and leaves what stands in front of it', () => {
    expect(ordered('2 kotas and have you got stoney')).toEqual(['add 2 Kota']);
  });
});

describe('isiZulu joins "and" to a number, which counts what follows', () => {
  it.each([
    ['nezimbili i-coke', ['add 2 Coke 500ml']],
    ['ikota eyodwa nezimbili i-coke', ['add 1 Kota', 'add 2 Coke 500ml']],
    ['ngicela ikota nezimbili i coke', ['add 1 Kota', 'add 2 Coke 500ml']],
    ['ama-kota amabili neyodwa i-stoney', ['add 2 Kota', 'add 1 Stoney 500ml']],
    ['amagwinya ayishumi nambili', ['add 12 Vetkoek']],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected);
  });
});
