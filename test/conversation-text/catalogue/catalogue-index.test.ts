/** A catalogue that is kept up as products change says what the same products compiled from nothing say, whatever happened before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue.ts';
import { CatalogueIndex } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import type { Product } from '../../../src/actors/tenant/protocol.ts';
import { product } from '../catalogue.ts';
import { compiledFromNothing } from './compiled-from-nothing.ts';

/** Names that overlap: slips of each other, words of several groups of synonyms, numbers, joiners, fillers, sizes, plurals. */
const WORDS =
  'kota kotas bunny chow full house fullhouse 2 3 two piece pieces wings wing chicken chickens and n with of large 500ml 500 ml coke cola cold drink the vetkoek vetkoeks fat cake russian russians roll rolls bread loaf egg eggs pap wors'.split(
    ' ',
  );

const nameArb = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));

type Change = (products: readonly Product[], fresh: () => string) => Product[];

const patched = (products: readonly Product[], at: number, patch: Partial<Product>): Product[] =>
  products.map((each, i) => (i === at % products.length ? { ...each, ...patch } : each));

const changeArb: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(nameArb, fc.array(nameArb, { maxLength: 2 }), fc.nat(50)).map(
    ([name, aliases, at]): Change =>
      (products, fresh) =>
        products.toSpliced(at % (products.length + 1), 0, product(fresh(), name, aliases)),
  ),
  fc.nat(50).map(
    (at): Change =>
      (products) =>
        products.filter((_product, i) => i !== at % products.length),
  ),
  fc.tuple(nameArb, fc.nat(50)).map(
    ([name, at]): Change =>
      (products) =>
        patched(products, at, { name }),
  ),
  fc.tuple(nameArb, fc.nat(50)).map(
    ([alias, at]): Change =>
      (products) =>
        patched(products, at, { aliases: [alias] }),
  ),
  fc.tuple(fc.nat(9), fc.nat(50)).map(
    ([priceMinor, at]): Change =>
      (products) =>
        patched(products, at, { priceMinor }),
  ),
  fc.tuple(fc.nat(50), fc.nat(50)).map(([from, to]): Change => {
    return (products) => {
      const [moved] = products.slice(from % Math.max(1, products.length));
      return moved === undefined ? [] : products.filter((each) => each !== moved).toSpliced(to % products.length, 0, moved);
    };
  }),
  fc.tuple(fc.constantFrom('with egg', null), fc.nat(50)).map(
    ([description, at]): Change =>
      (products) =>
        patched(products, at, { description }),
  ),
  fc.constant((products: readonly Product[]): Product[] => products.toReversed()),
  fc.constant((products: readonly Product[]): Product[] => products.map((each) => ({ ...each, stock: 1 }))),
  fc.constant((): Product[] => []),
);

/** All that anybody may ask of it. @param questions words and phrases, of this catalogue and of earlier ones. */
function said(
  { phrases, wordsBySound, starts, descriptors, numbered, beginnings, together }: CompiledCatalogue,
  questions: readonly string[],
) {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    phrases: sorted(phrases).map(([phrase, products]) => [
      phrase,
      ...products.map(({ id, name, priceMinor, description }) => `${id} ${name} ${priceMinor} ${description}`),
    ]),
    wordsBySound: sorted(wordsBySound),
    starts: sorted(starts),
    together: questions.map((question) => (together.has(question) ? together.get(question) : 'none')),
    descriptors: questions.filter((question) => descriptors.has(question)),
    numbered: questions.filter((question) => numbered.has(question)),
    beginnings: questions.filter((question) => beginnings.has(question)),
  };
}

const begun = (word: string): string[] => Array.from(word, (_letter, at) => word.slice(0, at + 1));

function walk(start: readonly Product[], changes: readonly Change[]): void {
  const index = new CatalogueIndex();
  const questions = new Set(WORDS.flatMap(begun));
  let products = start;
  let made = 0;
  index.replace(products);
  for (const change of changes) {
    products = change(products, () => `made${made++}`);
    const whole = compiledFromNothing(products);
    for (const phrase of whole.phrases.keys()) questions.add(phrase).add(phrase.replaceAll(' ', ''));
    expect(said(index.replace(products), [...questions])).toEqual(said(whole, [...questions]));
  }
}

describe('a catalogue that is kept up', () => {
  it('says after every change what its products say that were compiled at once, ties in the same order', () => {
    fc.assert(
      fc.property(fc.array(nameArb, { maxLength: 12 }), fc.array(changeArb, { minLength: 1, maxLength: 12 }), (names, changes) => {
        walk(
          names.map((name, i) => product(`p${i}`, name)),
          changes,
        );
      }),
      { numRuns: 400 },
    );
  });

  it('and so where a phrase means more products than are kept of it', () => {
    const many = Array.from({ length: 150 }, (_none, i) => product(`p${i}`, `${WORDS[i % WORDS.length]} kota no${i % 40}`));
    fc.assert(
      fc.property(fc.array(changeArb, { minLength: 1, maxLength: 6 }), (changes) => walk(many, changes)),
      { numRuns: 20 },
    );
  });

  it('a word that stops being what something is needs another letter for a slip, however many have it in their names', () => {
    const boxes = Array.from({ length: 105 }, (_none, i) => product(`p${i}`, `Pear box b${i}`));
    walk([...boxes, product('last', 'Box pear')], [(products) => products.slice(0, -1)]);
  });

  it('is the same while only stock changes, though every product is a copy', () => {
    const index = new CatalogueIndex();
    const compiled = index.replace([product('a', 'Kota'), product('b', 'Coke')]);
    expect(index.replace([product('a', 'Kota'), { ...product('b', 'Coke'), stock: 3 }])).toBe(compiled);
    expect(index.replace([product('a', 'Kota'), product('b', 'Cola')])).not.toBe(compiled);
  });
});
