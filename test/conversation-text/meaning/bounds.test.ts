/** Understanding does a bounded amount of work, counted in looked-up phrases and compared words, whatever is written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue.ts';
import { compileCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import { soundAlike } from '../../../src/actors/conversation/text/catalogue/sounds-alike.ts';
import { UNDERSTOOD_MAX_CHARS, understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { cut, cutLines } from '../../../src/actors/conversation/text/saying/cut.ts';
import { CATALOGUE, PRODUCTS } from '../catalogue.ts';

const LOOKED_UP_PER_WORD_MAX = 60;
/** Every word with each of its prefixes taken off, against every catalogue word that begins alike. */
const FORMS_PER_WORD_MAX = 40;
const WORDS_MAX = 120;

class Counting<V> extends Map<string, V> {
  reads = 0;
  override get(key: string): V | undefined {
    this.reads++;
    return super.get(key);
  }
}

function counted(): { catalogue: CompiledCatalogue; phrases: Counting<unknown>; sounds: Counting<unknown> } {
  const phrases = new Counting(CATALOGUE.phrases);
  const sounds = new Counting(CATALOGUE.wordsBySound);
  const catalogue = { ...CATALOGUE, phrases, wordsBySound: sounds, remembered: new Map() };
  // What its names sound like is found out once for each catalogue.
  soundAlike(['nobody'], catalogue);
  phrases.reads = 0;
  sounds.reads = 0;
  return { catalogue, phrases, sounds };
}

describe('the work for one text', () => {
  const word = fc.oneof(
    fc.constantFrom('kota', 'coke', 'full', 'vetkoek', '2', 'amanamakota', 'nezinamaikota', 'large', 'and', ','),
    fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abciknoezlt') }),
  );

  it('stays in proportion to 120 words', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 300 }), (words) => {
        const { catalogue, phrases, sounds } = counted();
        understand(words.join(' ').slice(0, UNDERSTOOD_MAX_CHARS), catalogue, null);
        const read = Math.min(WORDS_MAX, words.length);
        expect(phrases.reads).toBeLessThanOrEqual(read * LOOKED_UP_PER_WORD_MAX);
        expect(sounds.reads).toBeLessThanOrEqual(read * FORMS_PER_WORD_MAX);
      }),
      { numRuns: 300 },
    );
  });

  it('reads 120 words and no more', () => {
    const quantities = (before: number): number[] => {
      const understood = understand(`${'q '.repeat(before)}2 kota`, CATALOGUE, null);
      return understood.intent === 'items' ? understood.items.map((item) => item.quantity) : [];
    };
    expect([quantities(WORDS_MAX - 2), quantities(WORDS_MAX)]).toEqual([[2], []]);
  });

  it('is nothing for a text that is too long, and less for a word that was met before', () => {
    const { catalogue, phrases, sounds } = counted();
    expect(understand('kota '.repeat(800), catalogue, null).intent).toBe('too_long');
    expect(phrases.reads).toBe(0);
    understand('kotza vetkok', catalogue, null);
    const first = sounds.reads;
    understand('kotza vetkok', catalogue, null);
    expect([first > 0, sounds.reads]).toEqual([true, first]);
  });

  it('remembers a bounded number of words', () => {
    const { catalogue } = counted();
    for (let at = 0; at < 9_000; at++) understand(`w${at.toString(36)}q`, catalogue, null);
    expect(catalogue.remembered.size).toBeLessThanOrEqual(4_000);
  });

  it('a phrase of a large catalogue means a bounded number of products', () => {
    const many = Array.from(
      { length: 1_000 },
      (_, at) => ({ ...PRODUCTS[0], id: `p${at}`, name: `Kota no${at.toString(36)}` }) as (typeof PRODUCTS)[0],
    );
    const compiled = compileCatalogue(many);
    expect(Math.max(...[...compiled.phrases.values()].map((products) => products.length))).toBeLessThanOrEqual(100);
    const understood = understand('2 kota', compiled, null);
    expect(understood.intent === 'items' && understood.ambiguous[0]?.candidates.length).toBe(9);
  });
});

describe('cutting', () => {
  const graphemes = (text: string): string[] =>
    [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map((part) => part.segment);

  it('fits, and keeps only whole graphemes of the text', () => {
    const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('👨‍👩‍👧‍👦', '🇿🇦', 'é', 'kota ', '👍🏾', '\r\n'));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => `a${pieces.join('a')}`),
        fc.integer({ min: 1, max: 90 }),
        (text, maxChars) => {
          const short = cut(text, maxChars);
          expect(short.length).toBeLessThanOrEqual(maxChars);
          if (text.length <= maxChars) expect(short).toBe(text);
          else {
            expect(short.endsWith('…')).toBe(true);
            const kept = graphemes(short.slice(0, -1));
            expect(graphemes(text).slice(0, kept.length)).toEqual(kept);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['Kota 👨‍👩‍👧‍👦', 10, 'Kota …'],
    ['🇿🇦🇿🇦🇿🇦', 7, '🇿🇦…'],
    ['kotakota', 5, 'kota…'],
    ['kota', 4, 'kota'],
  ])('%j to %i', (text, maxChars, expected) => expect(cut(text, maxChars)).toBe(expected));

  it('of lines keeps whole ones and says how many are missing', () => {
    expect(cutLines('one\ntwo\nthree\nfour', 14)).toBe('one\ntwo\n… +2');
    expect(cutLines('one\ntwo', 14)).toBe('one\ntwo');
    const lines = Array.from({ length: 30 }, (_, at) => `${at} x Kota · R45`).join('\n');
    expect(cutLines(lines, 400).length).toBeLessThanOrEqual(400);
  });
});
