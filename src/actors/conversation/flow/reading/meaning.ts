/** Bridges text understanding to the flow: one text, in the light of what was asked last, becomes one meaning. */
import type { Language } from '../../../tenant/protocol.ts';
import { NAMED_MAX, NAMED_MAX_CHARS, QUANTITY_MAX, TEXT_MAX_CHARS } from '../../limits.ts';
import type { Turn } from '../../session/turn.ts';
import type { TableEvent } from '../../table.ts';
import { categoryNamed } from '../../text/catalogue/categories.ts';
import type { Amount } from '../../text/items/collected.ts';
import { mayBePartOfAddress, withoutLead } from '../../text/meaning/addresses.ts';
import type { Again } from '../../text/meaning/again.ts';
import { budgetIn } from '../../text/meaning/budget.ts';
import { countAlone } from '../../text/meaning/count.ts';
import { correctsAnswer, isForPerson } from '../../text/meaning/replies.ts';
import { takenBackIn } from '../../text/meaning/taken-back.ts';
import { type Expectation, type Service, type Understanding, understand } from '../../text/meaning/understand.ts';
import { cut } from '../../text/saying/cut.ts';
import { leadingLanguage } from '../../text/words/language.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { Wanted } from '../steps/cart.ts';
import { shelfOf } from '../steps/catalogue.ts';
import { openOrder } from '../steps/orders.ts';
import type { Wish } from '../steps/wishes.ts';
import { choiceAnswer, quantityAnswer, restatesCart, rowAnswer, shortNote, withFilling } from './in-context.ts';
import { sizeAnswer } from './size-said.ts';
import { insteadOfLast, partTakenAway } from './taken-back.ts';

/** Below this, detection says nothing. */
const LANGUAGE_CONFIDENCE = 0.7;
/** Shorter texts do not change a language that was detected before. */
const LANGUAGE_MIN_WORDS = 3;

/** "How much is that", asked of what is in the cart. */
const TOGETHER =
  /^\W*(?:h[oa]?w mu?ch|malini|yimalini|hoeveel(?: is dit)?|(?:ke|di)? ?bokae)(?: now| then| manje)?\W*$|^\W*(?:ngi|si)\w*khokh[ae] (?:ya)?malini\W*$|\bsekuyimalini\b|\bhow much (?:will|would|does) (?:that|it|this|everything|all)(?: of it| all)? (?:be|cost|come to)\b|\b(?:that|it|this|everything|all|altogether|together|total|konke|sekukonke|yonke|zonke|alles|saam|tsohle)\b\W*(?:please|pls|now)?\W*$/iu;

/** Of what was spoken of last. */
const HOW_MUCH =
  /^\W*(?:(?:ok|and|so) )?(?:how much|hw mch|malini|yimalini|hoeveel(?: is dit)?|(?:ke )?bokae|(?:what ?s |what is )?the price)(?: (?:is|for) (?:it|that|one))?\W*$/iu;

const TOTAL = /\b(?:total|totaal|bill|owe|pay|isamba|sekukonke)\b/iu;

/** A question that has words: of "??" nobody knows what is asked. */
const ASKING =
  /\p{L}{2}.*\?|^\W*(?:is|are|do|does|did|can|could|will|would|wh?[ea]n|wh?at|wh?ere|who|why|how|hw)\b|\b(?:nini|kanjani|ngobani|ubani|kuphi|yini)\W*$/iu;

const START = /^\W*start\W*$/i;

interface Spoken {
  /** Detected with high confidence, else null. */
  readonly language: Language | null;
}

/** `implied`: without a number; of what the cart has, that says nothing. `insteadOf`: as many as the cart has of this. `made`: so many are to become it, perhaps. `wrong`: so many of the line were somebody's. */
type Named = Wanted & {
  readonly implied?: boolean;
  readonly insteadOf?: string | undefined;
  readonly wrong?: number;
  readonly made?: true;
};

/** Comes for something else in the cart: `instead` so many of it, null for all; `quantity` null: in its number; `last`: only for what was added last; `resized`: only for the same in another size. */
export interface Exchanged {
  readonly productId: string;
  readonly quantity: number | null;
  readonly instead: number | null;
  readonly last: boolean;
  readonly resized: boolean;
}

export interface ItemsMeaning extends Spoken {
  readonly kind: 'items';
  /** On top of what the cart has. Quantities as asked for: anything, also 0 or a part of one. */
  readonly added: readonly Named[];
  /** Instead of what the cart has of them: "make it 3 kota". */
  readonly counted: readonly Named[];
  readonly exchanged: readonly Exchanged[];
  /** `quantity` null takes the whole line. `refused`: of no account unless it is in the cart. */
  readonly removed: readonly {
    readonly productId: string;
    readonly quantity: number | null;
    readonly refused: boolean;
    readonly said?: string;
    /** Of whatever size. */
    readonly unsized?: true;
    readonly phrase?: string;
  }[];
  /** A number for the only line of the cart: "make it 3", "remove 1". */
  readonly amount: Amount | null;
  /** Said beside the order, when it was asked for. */
  readonly address: string | null;
  /** For the driver, said beside the order. */
  readonly note?: string;
  /** A part of the menu that was named instead of something in it: "2 kota and 3 drinks". */
  readonly category?: string;
  /** Asked for the price beside the order. */
  readonly about: readonly string[];
  /** Names that were counted like an item and are nothing we sell. */
  readonly unknown: readonly string[];
  /** Wishes and names that nothing is known of. */
  readonly unread: readonly string[];
  /** "2 and a coke": of what was asked about, perhaps. */
  readonly loose?: number;
  /** Or of the only thing in the cart. */
  readonly looseOfCart?: boolean;
  /** Asked about the shop beside the order. */
  readonly service?: Service;
  /** The last order once more, or to where it went; what is named besides comes on top of it. */
  readonly again?: Again;
  /** How something is wished: "no onions". */
  readonly wishes: readonly Wish[];
  /** Words that name several products. */
  readonly ambiguous: readonly {
    readonly what: string;
    readonly quantity: number;
    readonly productIds: readonly string[];
    /** Named one instead of the other: how many of each. */
    readonly quantities?: readonly number[];
    /** What was named is of another kind than is sold: the products are what there is. */
    readonly unsold?: string;
  }[];
}

export type Meaning =
  | (Spoken & {
      readonly kind: 'global';
      readonly event: Extract<TableEvent, 'menu' | 'cancel' | 'help' | 'person' | 'language' | 'stop'>;
      readonly chosen: Language | null;
    })
  | (Spoken & {
      readonly kind:
        | 'greet'
        | 'thanks'
        | 'start'
        | 'show_cart'
        | 'clear'
        | 'checkout'
        | 'yes'
        /** A "yes" from before the quote could be seen, or one that comes hours late. */
        | 'early_yes'
        | 'no'
        | 'track'
        | 'pay_cash'
        | 'pickup'
        | 'delivery'
        | 'how_long'
        | 'open'
        | 'wait'
        | 'too_dear'
        | 'change_address'
        | 'join_order'
        | 'emoji'
        | 'empty'
        | 'too_long';
    })
  /** A bare number that answers nothing: it may be of something in the cart. */
  | (Spoken & { readonly kind: 'number'; readonly quantity: number })
  /** One of these lines goes: which? */
  | (Spoken & { readonly kind: 'which_goes'; readonly productIds: readonly string[] })
  /** What somebody has to spend: what there is for it is shown. */
  | (Spoken & { readonly kind: 'budget'; readonly amountMinor: number })
  /** A row of the page of the menu that was just shown, by its place. */
  | (Spoken & { readonly kind: 'row'; readonly id: string })
  /** What costs least, of a part of the menu or of all. */
  | (Spoken & { readonly kind: 'cheapest'; readonly category: string | null })
  /** A part of the menu by its name. */
  | (Spoken & { readonly kind: 'category'; readonly category: string })
  /** `asking`: a question, which a person may know the answer to. */
  | (Spoken & { readonly kind: 'unknown'; readonly asking?: boolean })
  /** `instead`: of one that was wrong. */
  | (Spoken & { readonly kind: 'address'; readonly address: string; readonly agreed: boolean; readonly instead?: boolean })
  /** For the driver. `agreed`: behind the "yes" to the quote; `beside`: on top of what was noted before. */
  | (Spoken & { readonly kind: 'note'; readonly note: string; readonly agreed: boolean; readonly beside?: true })
  /** A question that the checkout under way answers by itself: "how much is delivery". */
  | (Spoken & {
      readonly kind: 'resume';
      /** Asked for and not sold. */
      readonly unsold?: readonly string[];
    })
  /** Asked for the price or whether it is sold: nothing is ordered. */
  | (Spoken & {
      readonly kind: 'asked';
      readonly productIds: readonly string[];
      /** Named and of another kind than is sold. */
      readonly unsold?: readonly string[];
      /** Asked with how many: what that comes to is said, too. */
      readonly counted?: readonly Wanted[];
    })
  | ItemsMeaning;

/** Never throws; cost grows with the length of the text, of which only the first TEXT_MAX_CHARS are worth reading. */
export function meaningOf(turn: Turn, text: string): Meaning {
  if (text.length > TEXT_MAX_CHARS) return { kind: 'too_long', language: null };
  const answer = quantityAnswer(turn, text) ?? choiceAnswer(turn, text);
  if (answer !== null) return answer;
  const back = turn.session.cart.lines.length === 0 ? null : takenBackIn(text);
  const instead = back === null ? null : meaningOf(turn, back.rest);
  if (back !== null && instead?.kind === 'items') return insteadOfLast(turn, instead, back.isAll);
  const part = partTakenAway(turn, text, (rest) => meaningOf(turn, rest));
  if (part !== null) return part;
  const row = rowAnswer(turn, text);
  if (row !== null) return { kind: 'row', id: row, language: null };
  const amountMinor = budgetOf(turn, text);
  const understood = understand(text, shelfOf(turn.context.view).compiled, expected(turn));
  const language = detectedIn(turn, understood, text);
  if (amountMinor !== null) return { kind: 'budget', amountMinor, language };
  switch (understood.intent) {
    case 'menu':
    case 'cancel':
    case 'help':
    case 'person':
    case 'stop':
      return { kind: 'global', event: understood.intent, chosen: null, language };
    case 'language':
      return { kind: 'global', event: 'language', chosen: understood.language, language };
    case 'price':
      if (understood.about.length === 0) return askedOfNothing(turn, text, language, understood.unsold ?? []);
      return { kind: 'asked', productIds: understood.about, unsold: understood.unsold ?? [], counted: understood.counted ?? [], language };
    case 'greet':
      // The keyword that takes back an opt-out.
      return { kind: turn.session.optedOut && START.test(text) ? 'start' : 'greet', language };
    case 'start':
    case 'thanks':
    case 'yes':
    case 'no':
    case 'checkout':
    case 'track':
    case 'pay_cash':
    case 'pickup':
    case 'delivery':
    case 'how_long':
    case 'open':
    case 'wait':
    case 'too_dear':
    case 'change_address':
    case 'join_order':
    case 'empty':
    case 'too_long':
      return { kind: understood.intent, language };
    case 'cheapest':
      return { kind: 'cheapest', category: categoryIn(turn, text), language };
    case 'unknown':
      return sizeAnswer(turn, text) ?? notUnderstood(turn, text, language);
    case 'view_cart':
      // The quote has the total.
      return { kind: turn.session.checkout?.phase === 'confirm' && TOTAL.test(text) ? 'resume' : 'show_cart', language };
    case 'clear_cart':
      return { kind: 'clear', language };
    case 'emoji_only':
      return { kind: 'emoji', language };
    case 'answer':
      return {
        kind: 'address',
        address: withoutLead(understood.text),
        agreed: understood.agreed === true,
        instead: correctsAnswer(text),
        language,
      };
    case 'note':
      return { kind: 'note', note: understood.text, agreed: understood.agreed, language };
    case 'items': {
      const sized = mayBeSize(turn, understood, text) ? sizeAnswer(turn, text) : null;
      if (sized !== null) return sized;
      if (restatesCart(turn, understood, text)) return { kind: 'resume', language };
      return withFilling(turn, itemsMeaning(turn, understood, language, text), text);
    }
    default:
      return assertNever(understood);
  }
}

/** "2l", "the 2 litre one" */
const MEASURED = /^\W*(?:the |a )?\d+(?:[.,]\d+)? ?(?:ml|cl|l|lt|ltr|lit\w+|kg|g)\b/i;

/** A size that something else is sold in, too: "500ml", or "the small one" of what was asked about. */
function mayBeSize(
  turn: Turn,
  { items, ambiguous, unmatched, exchanged }: Extract<Understanding, { intent: 'items' }>,
  text: string,
): boolean {
  if (items.length > 0) return items.length === 1 && MEASURED.test(text);
  return (
    ambiguous.length + unmatched.length === 1 || (turn.before.session.quantityAsked != null && exchanged.some(({ resized }) => resized))
  );
}

const MINOR_PER_RAND = 100;

/** "What can i get for R50"; only said, "i have R50", it may be what somebody pays with as soon as there is something to pay. */
function budgetOf({ session }: Turn, text: string): number | null {
  if (!/\d/.test(text) || session.checkout !== null) return null;
  const budget = budgetIn(normalise(text).words);
  if (budget === null) return null;
  const mayPay = session.cart.lines.length > 0 || openOrder(session) !== null;
  return budget.asks || !mayPay ? Math.round(budget.rands * MINOR_PER_RAND) : null;
}

/** A question about nothing that is sold: the checkout, a part of the menu or the cart's total answers it, else the menu, where prices stand. */
function askedOfNothing(turn: Turn, text: string, language: Language | null, unsold: readonly string[] = []): Meaning {
  const { checkout, cart } = turn.session;
  if (checkout !== null) return { kind: 'resume', unsold: unsold.slice(0, NAMED_MAX), language };
  const category = categoryIn(turn, text);
  if (category !== null) return { kind: 'category', category, language };
  // "Do you have kota?", "how much"
  const { quantityAsked } = turn.before.session;
  if (quantityAsked != null && HOW_MUCH.test(text)) return { kind: 'asked', productIds: [quantityAsked], language };
  if (cart.lines.length > 0 && TOGETHER.test(text)) return { kind: 'show_cart', language };
  // "Do you have fanta": no, and what there is instead.
  if (unsold.length > 0) return { kind: 'asked', productIds: [], unsold: unsold.slice(0, NAMED_MAX), counted: [], language };
  return { kind: 'global', event: 'menu', chosen: null, language };
}

function notUnderstood(turn: Turn, text: string, language: Language | null): Meaning {
  const category = isForPerson(text) ? null : categoryIn(turn, text);
  if (category !== null) return { kind: 'category', category, language };
  const { words } = normalise(text);
  const short = shortNote(turn, text, words);
  if (short !== null) return { ...short, language };
  if (turn.session.checkout?.phase === 'confirm' && turn.session.checkout.addressTyped === true && mayBePartOfAddress(text, words))
    return { kind: 'address', address: text, agreed: false, language };
  const quantity = numberOfCart(turn, text);
  if (quantity !== null) return { kind: 'number', quantity, language };
  return isForPerson(text) || ASKING.test(text) ? { kind: 'unknown', asking: true, language } : { kind: 'unknown', language };
}

/** With something in the cart, a number alone is of that, or of one of several; below a quote it is asked what it means; to a question of ours it is an answer, or none. */
function numberOfCart({ session, before }: Turn, text: string): number | null {
  if (
    (session.checkout !== null && session.checkout.phase !== 'confirm') ||
    session.cart.lines.length === 0 ||
    before.session.choiceAsked != null
  )
    return null;
  const quantity = countAlone(text);
  return quantity !== null && quantity >= 1 && quantity <= QUANTITY_MAX && Number.isInteger(quantity) ? quantity : null;
}

/** Only worth to look for when nothing sold is named. */
function categoryIn(turn: Turn, text: string): string | null {
  return categoryNamed(text, shelfOf(turn.context.view).categoryWords);
}

function itemsMeaning(
  turn: Turn,
  understood: Extract<Understanding, { intent: 'items' }>,
  language: Language | null,
  text: string,
): ItemsMeaning {
  // "R7 magwinya" at R2: how many is asked.
  const items = understood.items.map((item) => (item.misprices === 'several' ? { ...item, quantity: Number.NaN } : item));
  const wanted = [...items, ...understood.quantityProblems];
  const { categoryWords, compiled } = shelfOf(turn.context.view);
  const named = [...understood.unmatched, ...understood.unread].map((name) => ({ name, category: categoryNamed(name, categoryWords) }));
  const beside = understood.noise > 0 ? categoryNamed(text, categoryWords, compiled.phrases) : null;
  const category = named.find((entry) => entry.category !== null)?.category ?? beside;
  const mispriced = understood.items.filter(({ misprices }) => misprices !== undefined);
  const isNoCategory = (name: string): boolean => !named.some((entry) => entry.name === name && entry.category !== null);
  return {
    kind: 'items',
    added: wanted.filter((item) => item.change === 'add'),
    counted: wanted.filter((item) => item.change === 'set'),
    exchanged: understood.exchanged,
    removed: understood.removed,
    amount: understood.amount,
    address: understood.address ?? null,
    about: [...(understood.about ?? []), ...mispriced.map(({ productId }) => productId)],
    ...(understood.note === undefined ? {} : { note: understood.note }),
    ...(understood.loose === undefined ? {} : { loose: understood.loose, looseOfCart: understood.looseOfCart === true }),
    ...(understood.service === undefined ? {} : { service: understood.service }),
    ...(understood.again === undefined ? {} : { again: understood.again }),
    language,
    ...(category === null ? {} : { category }),
    unknown: understood.unmatched.filter(isNoCategory).map((name) => cut(name, NAMED_MAX_CHARS)),
    unread: understood.unread.filter(isNoCategory).map((name) => cut(name, NAMED_MAX_CHARS)),
    wishes: understood.wishes.map(({ productId, what }) => ({ productId, what: cut(what, NAMED_MAX_CHARS) })),
    ambiguous: understood.ambiguous.map(({ phrase, quantity, candidates, quantities, unsold }) => ({
      ...(unsold === undefined ? {} : { unsold: cut(unsold, NAMED_MAX_CHARS) }),
      what: cut(phrase, NAMED_MAX_CHARS),
      quantity,
      productIds: candidates,
      ...(quantities === undefined ? {} : { quantities }),
    })),
  };
}

/** A street's name or a short "yes" says nothing about the language of a conversation that already has one. */
function detectedIn(turn: Turn, understood: Understanding, text: string): Language | null {
  if (understood.heard === null) return null;
  const detected = leadingLanguage(understood.heard, turn.context.view?.settings.languages);
  if (detected === null || detected.confidence < LANGUAGE_CONFIDENCE || understood.intent === 'answer') return null;
  const settled = turn.session.greeted && turn.session.language !== null;
  return settled && text.trim().split(/\s+/u).length < LANGUAGE_MIN_WORDS ? null : detected.language;
}

function expected(turn: Turn): Expectation {
  const phase = turn.session.checkout?.phase;
  return phase === 'address' ? 'address' : phase === 'confirm' ? 'yes_no' : null;
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String(value)}`);
}
