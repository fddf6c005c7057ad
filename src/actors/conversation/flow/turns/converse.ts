/** What a text leads to, once it is understood: the customer flow from the first greeting to the confirmation. */
import type { Language } from '../../../tenant/protocol.ts';
import { CATEGORY_ID_MAX_CHARS } from '../../limits.ts';
import { buttons, itemNames, menuButton, money, say, shopName } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { isMoreOfAddress } from '../../text/meaning/addresses.ts';
import { cut } from '../../text/saying/cut.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { Meaning } from '../reading/meaning.ts';
import { isQuoteUnderWay } from '../reading/seen.ts';
import { quantityWasAsked } from '../steps/asked.ts';
import { showCart, type Wanted } from '../steps/cart.ts';
import {
  askedLines,
  chooseProducts,
  enterCustomerFlow,
  isSellable,
  productOf,
  showCategory,
  showCheapest,
  showMenu,
  showWithin,
} from '../steps/catalogue.ts';
import {
  beginCheckout,
  changeAddress,
  isPlacing,
  keepAddress,
  showCheckout,
  takeAddress,
  tellAddressOfOrder,
  tellToWait,
} from '../steps/checkout.ts';
import { openOrder, showOrder } from '../steps/orders.ts';
import { takeAgain } from './again.ts';
import { agree, disagree, takeNote } from './agreeing.ts';
import { miss, missNumber, missQuestion } from './misses.ts';
import { optIn } from './service.ts';
import { greetBack, takeEmoji, takeThanks, takeTooDear, takeYourTime, tellAndShow, tellDelivery, tellHowLong } from './small-talk.ts';
import { mayTakeAddress, productsOf, takeItems } from './taking.ts';
import { emptyCart, tap } from './taps.ts';
import { askAmountOfWhich, askWhichAgain, askWhichGoes } from './which.ts';

/** First words of a session: a newcomer is greeted whatever they ask, a known customer only when they ask for nothing. */
export function begin(turn: Turn, meaning: Meaning): void {
  const { greeted, contact } = turn.session;
  const shop = shopName(turn);
  const asksNothing =
    meaning.kind === 'greet' ||
    (meaning.kind === 'unknown' && meaning.asking !== true) ||
    meaning.kind === 'emoji' ||
    meaning.kind === 'empty';
  if (!greeted) turn.leads.push(say(turn, 'greeting_new', { shop }));
  else if (asksNothing) turn.leads.push(say(turn, 'greeting_back', { shop, name: contact.name ?? '' }));
  change(turn, { greeted: true });
  if (!asksNothing) {
    converse(turn, meaning);
    return;
  }
  if (openOrder(turn.session) !== null) showOrder(turn, null);
  else {
    showMenu(turn, 0);
    change(turn, { state: 'GREETING' });
  }
}

/** Detection only proposes: it changes the language of the answers as long as the customer has chosen none. */
export function adoptLanguage(turn: Turn, detected: Language | null): void {
  const { language, languageChosen } = turn.session;
  const offered = turn.context.view?.settings.languages ?? [];
  if (languageChosen) return;
  const next = detected !== null && offered.includes(detected) ? detected : (language ?? offered[0] ?? null);
  if (next !== language) change(turn, { language: next });
}

/** To "which one?" they are no answer. */
const SAYS_NOT_WHICH: ReadonlySet<Meaning['kind']> = new Set<Meaning['kind']>(['yes', 'emoji', 'unknown']);

/** How each meaning is carried out; nothing for what the table has its own actions for. */
const ANSWERS: { readonly [Kind in Meaning['kind']]: (turn: Turn, meaning: Meaning & { readonly kind: Kind }) => void } = {
  global: () => undefined,
  greet: greetBack,
  thanks: takeThanks,
  start: optIn,
  show_cart: showOrdered,
  clear: emptyCart,
  // "Bring it please" of what is on its way.
  checkout: (turn) => {
    if (turn.session.cart.lines.length === 0 && openOrder(turn.session) !== null) showOrder(turn, null);
    else beginCheckout(turn);
  },
  yes: agree,
  early_yes: (turn) => {
    if (!isQuoteUnderWay(turn)) showCheckout(turn);
  },
  no: disagree,
  track: tellProgress,
  resume: (turn, { unsold }) => {
    for (const what of unsold ?? []) turn.leads.push(say(turn, 'not_found', { what }));
    showCheckout(turn);
  },
  note: (turn, { note, agreed, beside }) => takeNote(turn, note, { agreed, beside: beside === true }),
  join_order: (turn) => {
    const open = openOrder(turn.session);
    const { checkout } = turn.session;
    if (isPlacing(checkout)) return;
    if (open !== null) tellToWait(turn, open);
    else showCheckout(turn);
  },
  // Cash is the only way, so the answer is where the order stands.
  pay_cash: (turn) => tellAndShow(turn, 'pay_cash'),
  pickup: (turn) => tellAndShow(turn, 'delivery_only'),
  delivery: tellDelivery,
  how_long: tellHowLong,
  open: (turn) => tellAndShow(turn, 'open_now'),
  wait: takeYourTime,
  too_dear: takeTooDear,
  cheapest: (turn, { category }) => showCheapest(turn, category),
  change_address: changeAddress,
  address: takeWhereTo,
  number: (turn, { quantity }) => {
    if (turn.session.checkout !== null) missNumber(turn, quantity);
    else askAmountOfWhich(turn, { quantity, change: 'set' });
  },
  which_goes: (turn, { productIds }) => askWhichGoes(turn, productIds),
  budget: (turn, { amountMinor }) => showWithin(turn, amountMinor),
  row: (turn, { id }) => tap(turn, id),
  category: (turn, { category }) => showCategory(turn, cut(category, CATEGORY_ID_MAX_CHARS), 0),
  asked: showAsked,
  items: (turn, meaning) => {
    if (meaning.again !== undefined) takeAgain(turn, meaning, meaning.again);
    else if (!takeItems(turn, meaning)) miss(turn);
  },
  too_long: (turn) => {
    turn.reply = buttons(say(turn, 'too_long'), [menuButton(turn)]);
  },
  emoji: takeEmoji,
  empty: miss,
  unknown: (turn, { asking }) => (asking === true ? missQuestion(turn) : miss(turn)),
};

/** One text of a running conversation. Leaves exactly one reply, or none when an answer is already under way. */
export function converse(turn: Turn, meaning: Meaning): void {
  if (SAYS_NOT_WHICH.has(meaning.kind) && askWhichAgain(turn)) return;
  // TypeScript does not see that the key and the meaning are of one kind.
  const answer = ANSWERS[meaning.kind] as (turn: Turn, meaning: Meaning) => void;
  answer(turn, meaning);
}

/** "My order?" of somebody who waits for one. */
function showOrdered(turn: Turn): void {
  if (turn.session.cart.lines.length === 0 && openOrder(turn.session) !== null) showOrder(turn, null);
  else showCart(turn);
}

/** With nothing on its way yet they ask about what they are ordering: the quote says how long it takes, the cart what is missing. */
function tellProgress(turn: Turn): void {
  if (openOrder(turn.session) !== null) showOrder(turn, null);
  else if (turn.session.checkout !== null) showCheckout(turn);
  else if (turn.session.cart.lines.length > 0) {
    turn.leads.push(say(turn, 'no_order'));
    showCart(turn);
  } else showOrder(turn, null);
}

function takeWhereTo(turn: Turn, { address, agreed, instead }: Meaning & { readonly kind: 'address' }): void {
  const { checkout, place } = turn.session;
  if (!mayTakeAddress(turn)) {
    takeAddressEarly(turn, address);
    return;
  }
  if (agreed && repeatsAddress(turn, address)) {
    agree(turn);
    return;
  }
  const known = checkout?.addressTyped === true && instead !== true ? (place?.address ?? null) : null;
  const isMore = known !== null && isMoreOfAddress(normalise(address).words, normalise(known).words);
  takeAddress(turn, isMore ? `${known}, ${address}` : address);
}

/** Before anything is ordered, or while another order is open: kept for what comes. Where that order goes, only a person changes. */
function takeAddressEarly(turn: Turn, address: string): void {
  const { checkout, cart } = turn.session;
  const open = openOrder(turn.session);
  if (isPlacing(checkout)) return;
  if (open !== null && cart.lines.length === 0) {
    tellAddressOfOrder(turn, open);
    return;
  }
  keepAddress(turn, address);
  if (open === null) showCart(turn);
  else tellToWait(turn, open);
}

/** "yes to 12 main road" says nothing new. */
function repeatsAddress({ session }: Turn, address: string): boolean {
  const known = session.place?.address ?? null;
  return known !== null && normalise(address).words.endsWith(normalise(known).words);
}

/** What a question was about, with prices; a tap orders it. */
function showAsked(turn: Turn, { productIds, unsold, counted }: Meaning & { readonly kind: 'asked' }): void {
  enterCustomerFlow(turn);
  const products = productsOf(turn, productIds);
  const [only, other] = products;
  for (const what of unsold ?? []) turn.leads.push(say(turn, 'not_found', { what }));
  if (only === undefined) {
    showMenu(turn, 0);
    return;
  }
  // "How much is a kota?", "ok give me 2": with some in the cart it could be on top of them.
  if (other === undefined && isSellable(only) && !turn.session.cart.lines.some((line) => line.productId === only.id))
    quantityWasAsked(turn, only.id);
  const said = [askedLines(turn, products), ...togetherOf(turn, counted ?? [])].join('\n');
  turn.reply = chooseProducts(turn, said, products.filter(isSellable), (id) => `prod:${id}`);
}

/** What so many come to; nothing for a single one, whose price stands there, or while something of it cannot be had. */
function togetherOf(turn: Turn, counted: readonly Wanted[]): readonly string[] {
  const lines = counted.flatMap(({ productId, quantity }) => {
    const product = productOf(turn, productId);
    return product !== null && isSellable(product) ? [{ name: product.name, quantity, minor: product.priceMinor * quantity }] : [];
  });
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  if (pieces < 2 || lines.length < counted.length) return [];
  const total = lines.reduce((sum, { minor }) => sum + minor, 0);
  return [say(turn, 'price_together', { items: itemNames(lines), total: money(turn, total) })];
}
