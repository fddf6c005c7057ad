/** "In a can", "2l", "the big one", said after something was added or asked about: its size. Must never know what it leads to. */
import type { Product } from '../../../tenant/protocol.ts';
import type { Turn } from '../../session/turn.ts';
import { SIZE_NAMES, SIZES } from '../../text/data/style-words.ts';
import { CANS, measureIn } from '../../text/items/how-wanted/measures.ts';
import { isFiller } from '../../text/words/fillers.ts';
import { normalise } from '../../text/words/normalise.ts';
import { productOf, shelfOf } from '../steps/catalogue.ts';
import { NOTHING_MEANT } from './in-context.ts';
import type { ItemsMeaning, Meaning } from './meaning.ts';

const SAID_WORDS_MAX = 6;
/** Beside a size they say nothing more. */
const BESIDE: ReadonlySet<string> = new Set('ones bottle bottles pack meant mean said make size rather instead yes no sorry a'.split(' '));
const MORE_SIZES: ReadonlyMap<string, string> = new Map([
  ...SIZE_NAMES,
  ['bigger', 'large'],
  ['biggest', 'large'],
  ['smaller', 'small'],
  ['smallest', 'small'],
]);
const MEASURE = /(?<![\d.])\d+(?:[.,]\d+)? ?(?:ml|cl|l|kg|g)\b/g;
const LITRES = /(\d) ?(?:litres?|liters?|lt|ltr)\b/g;

/** `measured`: in millilitres or grams, as `measureIn` has it. */
type Size = { readonly said: string } & (
  | { readonly kind: 'measured'; readonly measure: string }
  | { readonly kind: 'canned' }
  | { readonly kind: 'named'; readonly size: string }
);

/** @returns what the size means of what was asked about or added last; null for any other text, and where that has no sizes. */
export function sizeAnswer(turn: Turn, text: string): Meaning | null {
  const { checkout, cart } = turn.session;
  const { quantityAsked } = turn.before.session;
  const line = cart.lines[cart.lines.length - 1];
  const id = quantityAsked ?? line?.productId;
  if (id === undefined || (checkout !== null && checkout.phase !== 'confirm')) return null;
  const size = sizeIn(text);
  const product = size === null ? null : productOf(turn, id);
  if (size === null || product === null || !hasSize(product, size)) return null;
  const meant = inSize(turn, product, size);
  const unsold =
    meant === null
      ? [size.kind === 'canned' ? `${nameWithoutSize(product)} ${size.said}` : `${size.said} ${nameWithoutSize(product)}`]
      : [];
  if (quantityAsked != null) return { kind: 'asked', productIds: [(meant ?? product).id], unsold, language: null };
  return line === undefined ? null : resized(line, meant?.id ?? line.productId, unsold);
}

function resized(
  { productId, quantity }: { readonly productId: string; readonly quantity: number },
  to: string,
  unknown: readonly string[],
): ItemsMeaning {
  if (to === productId) return { ...NOTHING_MEANT, unknown };
  return { ...NOTHING_MEANT, removed: [{ productId, quantity: null, refused: false }], added: [{ productId: to, quantity }] };
}

/** @returns null when the text says anything but one size. */
function sizeIn(text: string): Size | null {
  const words = normalise(text).words.replace(LITRES, '$1l');
  const [measured, other] = words.match(MEASURE) ?? [];
  if (other !== undefined) return null;
  const rest = (measured === undefined ? words : words.replace(measured, '')).split(' ').filter((word) => word !== '');
  if (rest.length > SAID_WORDS_MAX) return null;
  const said = rest.filter((word, at) => isCan(rest, at) || !(isFiller(word) || BESIDE.has(word)));
  const [word, more] = said;
  if (measured !== undefined) {
    const measure = said.length === 0 ? measureIn(measured) : null;
    return measure === null ? null : { kind: 'measured', measure, said: measured };
  }
  if (word === undefined || more !== undefined) return null;
  if (CANS.has(word)) return { kind: 'canned', said: `in a ${word.replace(/s$/, '')}` };
  const named = MORE_SIZES.get(word) ?? word;
  return SIZES.has(named) ? { kind: 'named', size: named, said: word } : null;
}

/** "In a can", "can", but not "can i". */
function isCan(words: readonly string[], at: number): boolean {
  return CANS.has(words[at] as string) && (words.length === 1 || CAN_AHEAD.has(words[at - 1] ?? ''));
}

const CAN_AHEAD: ReadonlySet<string> = new Set(['a', 'in', 'the', 'of', 'one']);

/** "2l" of a kota means nothing, nor does a big one where none is measured or sized. */
function hasSize({ name }: Product, { kind }: Size): boolean {
  const measure = measureIn(name);
  if (kind === 'canned') return measure?.endsWith('ml') === true;
  return (
    measure !== null ||
    (kind === 'named' &&
      normalise(name)
        .words.split(' ')
        .some((word) => SIZES.has(word)))
  );
}

/** The same in this size; itself where it has it. @returns null when it is not sold so. */
function inSize(turn: Turn, product: Product, size: Size): Product | null {
  const base = nameWithoutSize(product);
  const alike = (shelfOf(turn.context.view).categories.get(product.category) ?? []).filter((other) => nameWithoutSize(other) === base);
  if (size.kind === 'measured') return alike.find(({ name }) => measureIn(name) === size.measure) ?? null;
  if (size.kind === 'canned')
    return alike.find(({ name, aliases, description }) => CAN_NAMED.test([name, ...aliases, description ?? ''].join(' '))) ?? null;
  const named = alike.find(({ name }) => normalise(name).words.split(' ').includes(size.size));
  if (named !== undefined) return named;
  const byMeasure = alike.filter(({ name }) => measureIn(name) !== null).sort((a, b) => amountOf(a) - amountOf(b));
  if (byMeasure.length < 2) return null;
  return (size.size === 'large' ? byMeasure.at(-1) : size.size === 'small' ? byMeasure[0] : undefined) ?? null;
}

const CAN_NAMED = /\b(?:cans?|tins?)\b/i;

function amountOf({ name }: Product): number {
  return Number.parseInt(measureIn(name) ?? '0', 10);
}

function nameWithoutSize({ name }: Product): string {
  return normalise(name)
    .words.replace(MEASURE, '')
    .split(' ')
    .filter((word) => word !== '' && !SIZES.has(word) && !CANS.has(word))
    .join(' ');
}
