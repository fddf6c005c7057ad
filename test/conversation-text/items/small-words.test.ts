/** Small words and letters beside a number, and one wrong letter in a name: each changes how many, of what, or where to. */
import { describe, expect, it } from 'vitest';
import { type Understanding, understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { CATALOGUE, told } from '../catalogue.ts';

const read = (text: string): Understanding => understand(text, CATALOGUE, null);

describe('the prefix of a noun in front of a digit leaves the number what it is', () => {
  it.each([
    ['ngicela u2 kota', '2 kota'],
    ['ngifuna u-3 kota', '3 kota'],
    ['ngicela u2 kota no1 coke', '2 kota, 1 coke'],
    ['kota o2', '2 kota'],
  ])('%s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });
});

describe('"a", "at" and "@" in front of money say what one of them costs, and count nothing', () => {
  const mispriced = (text: string): readonly unknown[] => {
    const understood = read(text);
    return understood.intent === 'items'
      ? understood.items.map(({ productId, quantity, misprices }) => [productId, quantity, misprices ?? null])
      : [];
  };

  // Everything costs R10 here.
  it.each([
    ['magwinya a R30', [['vetkoek', 3, null]]],
    ['magwinya @R10', [['vetkoek', 1, null]]],
    ['magwinya a 20 rand', [['vetkoek', 2, null]]],
    ['2 magwinya a R10', [['vetkoek', 2, null]]],
    ['2 magwinya a R20', [['vetkoek', 2, 'one']]],
    ['2 magwinya @ R20', [['vetkoek', 2, 'one']]],
    ['2 magwinya R20', [['vetkoek', 2, null]]],
    ['2 magwinya for R20', [['vetkoek', 2, null]]],
  ])('%s', (text, expected) => {
    expect(mispriced(text)).toEqual(expected);
  });

  it('is still an article in front of something sold', () => {
    expect(told('3 kota a coke')).toBe('3 kota, 1 coke');
  });
});

describe('"2" in front of where somebody lives is "to"', () => {
  it.each([
    ['send 2 kota + coke 2 orlando', '2 kota, 1 coke', 'orlando'],
    ['2 kota 2 orlando west', '2 kota', 'orlando west'],
    ['kota 2 my house', '1 kota', undefined],
    ['send 2 kota 2 my sister', '2 kota', undefined],
  ])('%s', (text, expected, address) => {
    expect(told(text)).toBe(expected);
    const understood = read(text);
    expect(understood.intent === 'items' ? understood.address : null).toBe(address);
  });

  it('counts what stands behind the name of the place', () => {
    expect(told('2 soweto kota')).toBe('2 kota');
  });
});

describe('the rest of a name speaks for a word that is one letter off', () => {
  it.each([
    ['full hause kota', '1 kota-full'],
    ['2 full hose kota', '2 kota-full'],
    ['kota full hause', '1 kota-full'],
  ])('%s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });

  it.each([
    ['hause kota', '1 kota'],
    ['full kota', '1 kota'],
  ])('%s: nothing else is said of that', (text, expected) => {
    expect(told(text).startsWith(expected)).toBe(true);
  });
});

describe('what sounds like one thing sold is offered, in its number, and never taken', () => {
  it.each([
    ['2 koter', '^2 koter'],
    ['2 fet cook and a coke', '1 coke, ^2 fet cook'],
    ['3 rashon', '^3 rashon'],
  ])('%s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });

  it.each([
    ['2 cakes', '-cakes'],
    ['2 pizza', '-pizza'],
    ['2 court', '-court'],
    ['12 koter', '-koter'],
  ])('%s: an everyday word, another sound, a kind only or a door offers nothing', (text, expected) => {
    expect(told(text)).toBe(expected);
  });
});

describe('"w" in front of a word is "with"', () => {
  it.each([
    ['3 vetkoek w mince', '3 vetkoek-mince'],
    ['2 kota w extra cheese', '2 kota, (kota: extra cheese)'],
  ])('%s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });

  it('is a section of a township behind that word', () => {
    const understood = read('2 kota to section w house 12');
    expect(understood.intent === 'items' ? understood.address : null).toBe('section w house 12');
  });
});

it('says how it is paid once: as a note, not as something that was not read', () => {
  const understood = read('2 kota to 12 Vilakazi Street, I will pay cash with a R200 note, thank you');
  expect(understood.intent === 'items' ? [understood.unread, understood.note] : null).toEqual([
    [],
    'i will pay cash with a r200 note thank you',
  ]);
});
