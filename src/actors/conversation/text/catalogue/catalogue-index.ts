/**
 * From the products of a shop to what a phrase may mean, kept up as products change: a large shop changes one of thousands while its
 * thread serves all the others. What a change leaves is what the same products would have made from nothing. Pure; knows no shop.
 */
import type { Product } from '../../../tenant/protocol.ts';
import { SYNONYMS } from '../data/synonyms.ts';
import type { CompiledCatalogue } from './catalogue.ts';
import { forms, type Names, namesOf } from './names.ts';
import { countOf, PhraseWords } from './phrase-words.ts';
import { type Rank, Sounds } from './sounds.ts';
import { WrittenTogether } from './written-together.ts';

/** Products that one phrase may mean; one that means more says little. Keeps comparing them cheap. */
const PHRASE_PRODUCTS_MAX = 100;

const SLIP_OF_NAME_MIN_CHARS = 4;
/** A "beer" is no slip of what has beef in it. */
const SLIP_OF_PART_MIN_CHARS = 5;

/** When more than one in so many products changes, all are indexed anew: from there on that is the shorter way. */
const REMADE_FROM = 4;

/** Of equally near words: parts of names first, then synonyms, then whole names, each in the order of the catalogue. */
const [PART, SYNONYM, OWN] = [0, 1, 2];

/** Products that a phrase may mean, all of them, in the order of the catalogue. */
type Postings = Map<string, Product[]>;
/** Phrases that one change has touched. */
type Touched = Set<string>;

/** "full house kota" also answers to its words, but only where they are not another product's own name. @param products each id once. O(words of all names). */
export function compileCatalogue(products: readonly Product[]): CompiledCatalogue {
  return new CatalogueIndex().replace(products);
}

export class CatalogueIndex {
  #known = new Map<string, Product>();
  /** Place in the catalogue by id. */
  #places = new Map<string, number>();
  #own: Postings = new Map();
  #parts: Postings = new Map();
  /** By word, then by the number in front of it. */
  #counted = new Map<string, Postings>();
  #heads = new Map<string, number>();
  /** "2 piece", of words that are not sold by themselves; made anew with every change, as the synonyms are. */
  #countedPhrases: Postings = new Map();
  #synonyms: Postings = new Map();
  #synonymHeads: ReadonlySet<string> = new Set();
  #phrases = new Map<string, readonly Product[]>();
  #words = new PhraseWords();
  #sounds = new Sounds();
  #together = new WrittenTogether();
  #compiled: CompiledCatalogue = this.#shell();
  /** Of the products that the change at hand has met. */
  readonly #names = new Map<Product, Names>();

  /** Of the products of the last call; none before the first. */
  get compiled(): CompiledCatalogue {
    return this.#compiled;
  }

  /**
   * @param products each id once; taken over, as what the phrases mean
   * @returns the same as before when nothing but stock, pictures and options changed, though the products may be copies. What an earlier call returned
   * must not be used after one that changed something. O(products), and for each that changed O(words of its names).
   */
  replace(products: readonly Product[]): CompiledCatalogue {
    const places = new Map(products.map(({ id }, at) => [id, at]));
    const { gone, come } = this.#changes(products, places);
    if (gone.length + come.length === 0) {
      this.#places = places;
      return this.#compiled;
    }
    if (gone.length * REMADE_FROM > this.#known.size) {
      this.#clear();
      return this.replace(products);
    }
    const touched: Touched = new Set();
    for (const product of gone) this.#remove(product, touched);
    this.#places = places;
    for (const product of come) this.#insert(product, touched);
    this.#countPhrases(touched);
    this.#relate(touched);
    this.#settle(touched);
    this.#names.clear();
    this.#compiled = this.#shell();
    return this.#compiled;
  }

  /** One that stands elsewhere among the others goes and comes again. */
  #changes(products: readonly Product[], places: ReadonlyMap<string, number>): { gone: Product[]; come: Product[] } {
    const gone = [...this.#known.values()].filter(({ id }) => !places.has(id));
    const come: Product[] = [];
    let last = -1;
    for (const product of products) {
      const known = this.#known.get(product.id);
      const before = this.#places.get(product.id) ?? -1;
      if (known !== undefined && before > last && isSameButStock(known, product)) {
        last = before;
        continue;
      }
      if (known !== undefined) gone.push(known);
      come.push(product);
    }
    return { gone, come };
  }

  #clear(): void {
    this.#known = new Map();
    this.#places = new Map();
    this.#own = new Map();
    this.#parts = new Map();
    this.#counted = new Map();
    this.#heads = new Map();
    this.#countedPhrases = new Map();
    this.#synonyms = new Map();
    this.#synonymHeads = new Set();
    this.#phrases = new Map();
    this.#words = new PhraseWords();
    this.#sounds = new Sounds();
    this.#together = new WrittenTogether();
    this.#compiled = this.#shell();
  }

  #namesOf(product: Product): Names {
    let names = this.#names.get(product);
    if (names === undefined) {
      names = namesOf(product);
      this.#names.set(product, names);
    }
    return names;
  }

  #remove(product: Product, touched: Touched): void {
    const { own, parts, heads, counted } = this.#namesOf(product);
    this.#known.delete(product.id);
    for (const phrase of own) {
      this.#takeOut(this.#own, phrase, product, touched);
      if (!this.#own.has(phrase)) this.#together.count(phrase, -1);
    }
    for (const phrase of parts) this.#takeOut(this.#parts, phrase, product, touched);
    for (const head of heads) if (countOf(this.#heads, head, -1)) touched.add(head);
    const numbers = counted === null ? undefined : this.#counted.get(counted.word);
    if (counted !== null && numbers !== undefined) {
      this.#takeOut(numbers, counted.number, product, touched);
      if (numbers.size === 0) this.#counted.delete(counted.word);
    }
  }

  #insert(product: Product, touched: Touched): void {
    const { own, parts, heads, counted } = this.#namesOf(product);
    this.#known.set(product.id, product);
    for (const phrase of own) {
      if (!this.#own.has(phrase)) this.#together.count(phrase, 1);
      this.#putIn(this.#own, phrase, product, touched);
    }
    for (const phrase of parts) this.#putIn(this.#parts, phrase, product, touched);
    for (const head of heads) if (countOf(this.#heads, head, 1)) touched.add(head);
    if (counted === null) return;
    const numbers: Postings = this.#counted.get(counted.word) ?? new Map();
    this.#counted.set(counted.word, numbers);
    this.#putIn(numbers, counted.number, product, touched);
  }

  #putIn(postings: Postings, phrase: string, product: Product, touched: Touched): void {
    const known = postings.get(phrase);
    if (known === undefined) {
      postings.set(phrase, [product]);
      touched.add(phrase);
      return;
    }
    const at = this.#placeIn(known, product);
    if (at === known.length) known.push(product);
    else known.splice(at, 0, product);
    if (at <= PHRASE_PRODUCTS_MAX) touched.add(phrase);
  }

  #takeOut(postings: Postings, phrase: string, product: Product, touched: Touched): void {
    const known = postings.get(phrase);
    const at = known === undefined ? 0 : this.#placeIn(known, product);
    if (known === undefined || known[at] !== product) return;
    if (known.length > 1) known.splice(at, 1);
    else postings.delete(phrase);
    if (at <= PHRASE_PRODUCTS_MAX) touched.add(phrase);
  }

  /** @returns where it stands, or would stand, among products that are in order */
  #placeIn(known: readonly Product[], product: Product): number {
    const place = this.#placeOf(product);
    let high = known.length;
    // Mostly behind all others: they come in order.
    let low = this.#placeOf(known[high - 1] as Product) < place ? high : 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#placeOf(known[middle] as Product) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #placeOf(product: Product): number {
    return this.#places.get(product.id) ?? -1;
  }

  /** "2 piece" of a "2 Piece Chicken", with the number as it stands there; "2 kota" of a "2 kota combo" counts what is sold by itself. */
  #countPhrases(touched: Touched): void {
    const before = this.#countedPhrases;
    this.#countedPhrases = new Map();
    for (const [word, numbers] of this.#counted) {
      if (this.#own.has(word) || this.#heads.has(word)) continue;
      for (const [number, products] of numbers)
        for (const form of forms(`${number} ${word}`)) {
          const others = this.#countedPhrases.get(form);
          // "2 piece" and "2 pieces"
          if (others === undefined) this.#countedPhrases.set(form, products);
          else
            this.#countedPhrases.set(
              form,
              [...others, ...products].sort((one, other) => this.#placeOf(one) - this.#placeOf(other)),
            );
        }
    }
    for (const form of before.keys()) touched.add(form);
    for (const form of this.#countedPhrases.keys()) touched.add(form);
  }

  /** Every word of a group names what is sold under one of them, or what has one in its name. */
  #relate(touched: Touched): void {
    const heads = new Set<string>();
    for (const words of [this.#synonyms.keys(), this.#synonymHeads]) for (const word of words) touched.add(word);
    this.#synonyms = new Map();
    for (const group of SYNONYMS) {
      const sold = group.flatMap((word) => firstOf(this.#own.get(word)));
      const related = sold.length > 0 ? sold : group.flatMap((word) => firstOf(this.#part(word)));
      if (related.length === 0) continue;
      for (const word of group) {
        heads.add(word);
        touched.add(word);
        if (!this.#own.has(word)) this.#synonyms.set(word, firstOf([...new Set([...firstOf(this.#part(word)), ...related])]));
      }
    }
    this.#synonymHeads = heads;
  }

  /** What a phrase means that is nobody's whole name. */
  #part(phrase: string): readonly Product[] | undefined {
    if (this.#own.has(phrase)) return undefined;
    return this.#synonyms.get(phrase) ?? this.#parts.get(phrase) ?? this.#countedPhrases.get(phrase);
  }

  #settle(touched: Touched): void {
    const single: string[] = [];
    for (const phrase of touched) {
      const products = this.#own.get(phrase) ?? this.#part(phrase);
      const wasThere = this.#phrases.has(phrase);
      if (products === undefined) this.#phrases.delete(phrase);
      else this.#phrases.set(phrase, firstOf(products));
      if (!phrase.includes(' ')) single.push(phrase);
      if (wasThere !== (products !== undefined)) this.#words.count(phrase, wasThere ? -1 : 1);
    }
    this.#sounds.put(single, (word) => this.#slipRank(word));
  }

  /** @returns null for what is no word of the catalogue, or too short for a slip. */
  #slipRank(word: string): Rank | null {
    if (!this.#phrases.has(word) || word.length < this.#slipMinChars(word)) return null;
    if (this.#own.has(word)) return this.#ownRank(word);
    const [first] = this.#parts.get(word) ?? [];
    if (first !== undefined) return [PART, this.#placeOf(first), this.#namesOf(first).parts.indexOf(word)];
    return [SYNONYM, 0, [...this.#synonyms.keys()].indexOf(word)];
  }

  #ownRank(name: string): Rank {
    const [first] = this.#own.get(name) ?? [];
    return first === undefined ? [OWN, -1, -1] : [OWN, this.#placeOf(first), this.#namesOf(first).own.indexOf(name)];
  }

  #slipMinChars(word: string): number {
    return this.#own.has(word) || this.#isHead(word) ? SLIP_OF_NAME_MIN_CHARS : SLIP_OF_PART_MIN_CHARS;
  }

  #isHead(word: string): boolean {
    return this.#heads.has(word) || this.#synonymHeads.has(word);
  }

  #saysOnlyWhich(phrase: string): boolean {
    if (!this.#phrases.has(phrase) || this.#own.has(phrase)) return false;
    return phrase.includes(' ') ? !phrase.split(' ').some((word) => this.#isHead(word)) : !this.#isHead(phrase);
  }

  #shell(): CompiledCatalogue {
    const [phrases, together] = [this.#phrases, this.#together];
    const numbered = [...this.#counted.keys()].filter((word) => !this.#own.has(word) && !this.#isHead(word));
    return {
      phrases,
      wordsBySound: this.#sounds.bySound,
      starts: this.#words.starts,
      descriptors: { has: (phrase) => this.#saysOnlyWhich(phrase) },
      numbered: new Set(numbered.flatMap(forms)),
      beginnings: this.#words.beginnings,
      together: {
        has: (joint) => together.has(joint) && !phrases.has(joint),
        get: (joint) => (phrases.has(joint) ? undefined : together.wordsOf(joint)),
      },
      remembered: new Map(),
    };
  }
}

/** Stock changes with every order and is never read here: whoever sells looks it up by the id. */
function isSameButStock(one: Product, other: Product): boolean {
  if (one === other) return true;
  return (
    one.name === other.name &&
    one.priceMinor === other.priceMinor &&
    one.description === other.description &&
    one.category === other.category &&
    one.aliases.length === other.aliases.length &&
    one.aliases.every((alias, at) => alias === other.aliases[at])
  );
}

function firstOf(products: readonly Product[] | undefined): Product[] {
  if (products === undefined) return [];
  return products.length <= PHRASE_PRODUCTS_MAX ? (products as Product[]) : products.slice(0, PHRASE_PRODUCTS_MAX);
}
