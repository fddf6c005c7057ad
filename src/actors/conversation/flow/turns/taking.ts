/** What a text with items leads to: the cart changed, what is unclear asked, and what was not got said. */
import type { Product } from '../../../tenant/protocol.ts';
import { CATEGORY_ID_MAX_CHARS, NAMED_MAX, NAMED_MAX_CHARS } from '../../limits.ts';
import type { CartLine } from '../../protocol.ts';
import { buttons, money, personButton, say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { cut } from '../../text/saying/cut.ts';
import type { ItemsMeaning } from '../reading/meaning.ts';
import { putItems, removeItems, showCart, type Wanted } from '../steps/cart.ts';
import { productOf, showCategory } from '../steps/catalogue.ts';
import { isPlacing, keepAddress, showCheckout, takeAddress } from '../steps/checkout.ts';
import { openOrder, orderButtons } from '../steps/orders.ts';
import { sayService } from '../steps/service-asked.ts';
import { noteOrderWish, putWishes, refusedPart } from '../steps/wishes.ts';
import { askedWhichIsCalledSo, withKindsHeld } from './called.ts';
import { madeOf, putInstead, withoutSize } from './instead.ts';
import { amountAfter, askAmountOfWhich, askWhich, mayBeOf } from './which.ts';

/**
 * Takes away before it adds, so that "swap the coke for a juice" never meets a limit; then says what it did not get.
 * @returns false for a number of nobody knows what.
 */
export function takeItems(turn: Turn, said: ItemsMeaning): boolean {
  const meaning = inCart(turn, said);
  const { checkout, cart } = turn.session;
  const { lines } = cart;
  const [only] = lines;
  const { amount, ambiguous, added, counted } = meaning;
  // "14 not 12", when nothing in the cart is 12: a door, perhaps.
  if (amount !== null && !lines.some((line) => mayBeOf(amount, line))) {
    // "I said 3 not 2" of what is 3 by now.
    if (!lines.some(({ quantity }) => quantity === amount.quantity)) return tellOfOrder(turn, amount);
    showPresentCart(turn);
    return true;
  }
  if (amount !== null && lines.length > 1) {
    if (!isPlacing(checkout)) askAmountOfWhich(turn, amount);
    return true;
  }
  for (const what of meaning.unknown.slice(0, NAMED_MAX)) turn.leads.push(say(turn, 'not_found', { what }));
  for (const entry of ambiguous.slice(1, NAMED_MAX)) turn.leads.push(whichOne(turn, entry));
  const alone = added.length + counted.length + ambiguous.length + meaning.exchanged.length === 0;
  if (
    alone &&
    meaning.category === undefined &&
    meaning.removed.length === 0 &&
    amount === null &&
    ((checkout !== null && !isPlacing(checkout)) || isOnlyWished(meaning))
  ) {
    // What is not sold ends no checkout: its question stands.
    takeAlone(turn, meaning);
    return true;
  }
  if (alone && !isPlacing(checkout) && askedWhichIsCalledSo(turn, meaning)) return true;
  removeItems(
    turn,
    meaning.removed.filter((item) => alone || !item.refused || lines.some((line) => line.productId === item.productId)),
  );
  const saysMore = ({ productId, implied }: ItemsMeaning['added'][number]): boolean =>
    implied !== true || !lines.some((line) => line.productId === productId);
  putItems(turn, inNumberOf(added, lines).filter(saysMore), 'add');
  putItems(turn, ofSomebody(counted, lines).filter(saysMore), 'set');
  const comes = new Set(meaning.exchanged.map(({ productId }) => productId));
  for (const item of meaning.exchanged) putInstead(turn, item, comes);
  if (amount !== null && only !== undefined) changeOnly(turn, only.productId, amount);
  keepWishes(turn, meaning, cart);
  if (meaning.note !== undefined && turn.session.cart.lines.length > 0) {
    noteOrderWish(turn, meaning.note);
    // The quote says it by itself.
    if (meaning.address === null) turn.leads.push(say(turn, 'note_taken', { note: meaning.note }));
  }
  for (const { name, priceMinor } of productsOf(turn, meaning.about))
    turn.leads.push(say(turn, 'price_of', { item: name, price: money(turn, priceMinor) }));
  // The quote that an address leads to says it by itself.
  if (meaning.service !== undefined && meaning.address === null) sayService(turn, meaning.service);
  tellUnread(turn, meaning);
  const [first] = ambiguous;
  if (first !== undefined) {
    change(turn, { state: 'INTENT_DETECTION' });
    const choices = first.productIds.map((productId, at) => ({ productId, quantity: first.quantities?.[at] ?? first.quantity }));
    askWhich(turn, whichOne(turn, first), choices);
    return true;
  }
  if (meaning.address !== null && mayTakeAddress(turn)) {
    takeAddress(turn, meaning.address);
    return true;
  }
  // Kept for when the order that is open is done.
  if (meaning.address !== null && !isPlacing(checkout) && turn.session.cart.lines.length > 0) keepAddress(turn, meaning.address);
  if (meaning.category !== undefined) showCategory(turn, cut(meaning.category, CATEGORY_ID_MAX_CHARS), 0);
  else showCart(turn);
  return true;
}

/** What is said of what the cart has. */
function inCart(turn: Turn, said: ItemsMeaning): ItemsMeaning {
  const counted = withLooseNumber(turn, withAmountOf(turn, withMade(turn, said)));
  return withRefusedParts(turn, withKindsHeld(turn, withSizesHeld(turn, counted)));
}

/** "Cancel one" of an order that is placed already: only a person changes that. @returns false for any other number. */
function tellOfOrder(turn: Turn, { change: mode }: NonNullable<ItemsMeaning['amount']>): boolean {
  const open = openOrder(turn.session);
  if (mode !== 'remove' || open === null || turn.session.cart.lines.length > 0 || isPlacing(turn.session.checkout)) return false;
  turn.reply = buttons(say(turn, 'note_of_order', { code: open.code }), [personButton(turn), ...orderButtons(turn, open.id).slice(0, 1)]);
  return true;
}

function showPresentCart(turn: Turn): void {
  if (turn.session.checkout === null) showCart(turn);
  else showCheckout(turn);
}

/** "Make one russian" of the kotas in the cart changes one of them, or is asked about where there is no such kota. */
function withMade(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  if (!meaning.counted.some(({ made }) => made === true)) return meaning;
  const counted: ItemsMeaning['counted'][number][] = [];
  const exchanged = [...meaning.exchanged];
  const ambiguous = [...meaning.ambiguous];
  for (const item of meaning.counted) {
    const { productId, quantity } = item;
    const made = item.made === true ? madeOf(turn, productId) : null;
    if (made === null) counted.push(item);
    else if (made.unsold === null) exchanged.push({ productId, quantity, instead: quantity, last: false, resized: false });
    else ambiguous.push({ what: made.unsold, unsold: cut(made.unsold, NAMED_MAX_CHARS), quantity, productIds: [productId] });
  }
  return { ...meaning, counted, exchanged, ambiguous };
}

/** "Double the kota": what an amount says of lines by their names is counted anew. Of what the cart has not, it is asked how many. */
function withAmountOf(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  const { amount } = meaning;
  const { lines } = turn.session.cart;
  const [asked, other] = amount?.of === undefined ? whatCountsAnew(turn, amount) : [];
  if (amount !== null && asked !== undefined && other === undefined)
    return { ...meaning, amount: null, counted: [{ productId: asked.productId, quantity: amountAfter(asked.quantity, amount) }] };
  if (amount?.of === undefined || (amount.of === 'all' && lines.length === 0)) return meaning;
  const { of } = amount;
  const meant = of === 'all' ? lines : lines.filter(({ productId }) => productId === of.productId);
  const anew = meant.map(({ productId, quantity }) => ({ productId, quantity: amountAfter(quantity, amount) }));
  const counted = of !== 'all' && anew.length === 0 ? [{ productId: of.productId, quantity: Number.NaN }] : anew;
  return { ...meaning, amount: null, counted: [...meaning.counted, ...counted] };
}

/** "How much is kota?", "give me 2 and a coke": two of those, else of the only line of the cart that is not named. Of nothing that it could be of, it is said back. */
function withLooseNumber(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  const { loose } = meaning;
  if (loose === undefined) return meaning;
  const named = new Set([...meaning.added, ...meaning.counted].map(({ productId }) => productId));
  const [only, other] = meaning.looseOfCart === true ? turn.session.cart.lines.filter(({ productId }) => !named.has(productId)) : [];
  const quantityAsked = turn.before.session.quantityAsked ?? (other === undefined ? only?.productId : undefined);
  // "How much is coke?", "give me 2 and a coke": the two are of something else.
  if (quantityAsked === undefined || named.has(quantityAsked)) return { ...meaning, unread: [...meaning.unread, String(loose)] };
  return { ...meaning, counted: [...meaning.counted, { productId: quantityAsked, quantity: loose }] };
}

/** Somebody's numbers count in the only line that may be meant, and those for several people in what was asked about. Empty for any other number. */
function whatCountsAnew(turn: Turn, amount: ItemsMeaning['amount']): readonly Wanted[] {
  const { lines } = turn.session.cart;
  if (amount?.person === true) return lines.filter((line) => mayBeOf(amount, line));
  const { quantityAsked } = turn.before.session;
  if (amount?.change !== 'set' || amount.wrong !== undefined || lines.length > 0 || quantityAsked == null) return [];
  return [{ productId: quantityAsked, quantity: amount.quantity }];
}

/** "Sipho wants 1 kota not 2": what the others have of the line stays. */
function ofSomebody(counted: ItemsMeaning['counted'], lines: readonly CartLine[]): ItemsMeaning['counted'] {
  return counted.map((item) => {
    const held = lines.find(({ productId }) => productId === item.productId)?.quantity ?? 0;
    return item.wrong === undefined || held <= item.wrong ? item : { ...item, quantity: held - item.wrong + item.quantity };
  });
}

/** "Swap the coke for stoney" brings as many as there were; two things for one come in their own numbers. */
function inNumberOf(added: ItemsMeaning['added'], lines: readonly CartLine[]): ItemsMeaning['added'] {
  if (added.filter(({ insteadOf }) => insteadOf !== undefined).length !== 1) return added;
  return added.map((item) => {
    const goes = lines.find(({ productId }) => productId === item.insteadOf);
    return goes === undefined ? item : { ...item, quantity: goes.quantity };
  });
}

/** "Remove the chips" where the cart has chips of one other size: those. */
function withSizesHeld(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  const { lines } = turn.session.cart;
  if (!meaning.removed.some(({ unsized }) => unsized === true)) return meaning;
  const removed = meaning.removed.map((item) => {
    if (item.unsized !== true || lines.some(({ productId }) => productId === item.productId)) return item;
    const name = withoutSize(productOf(turn, item.productId)?.name ?? '');
    const [held, other] = lines.filter((line) => withoutSize(line.name) === name);
    return held === undefined || other !== undefined ? item : { ...item, productId: held.productId };
  });
  return { ...meaning, removed };
}

/** A part of what the cart has is not in the cart itself: refusing it is a wish. */
function withRefusedParts(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  if (meaning.removed.length === 0) return meaning;
  const ids = new Set([...turn.session.cart.lines, ...meaning.added, ...meaning.counted].map(({ productId }) => productId));
  // "Change the chips to coke" says what comes for them.
  const isExchanged = ({ productId }: ItemsMeaning['removed'][number]): boolean =>
    meaning.added.some(({ insteadOf }) => insteadOf === productId);
  const wishes = new Map(meaning.removed.map((item) => [item, isExchanged(item) ? null : refusedPart(turn, item, ids)]));
  const found = [...wishes.values()].filter((wish) => wish !== null);
  if (found.length === 0) return meaning;
  return { ...meaning, removed: meaning.removed.filter((item) => wishes.get(item) === null), wishes: [...meaning.wishes, ...found] };
}

function isOnlyWished({ wishes, unknown, unread, about }: ItemsMeaning): boolean {
  return wishes.length > 0 && unknown.length + unread.length + about.length === 0;
}

/** Nothing ordered: a wish about what is ordered already, or a word that nothing is known of. */
function takeAlone(turn: Turn, meaning: ItemsMeaning): void {
  const { checkout, cart } = turn.session;
  const open = openOrder(turn.session);
  // Too late for what is being placed, and for what is placed.
  if (isPlacing(checkout)) return;
  if (cart.lines.length === 0 && open !== null && meaning.wishes.length > 0) {
    turn.reply = buttons(say(turn, 'note_of_order', { code: open.code }), [personButton(turn), ...orderButtons(turn, open.id).slice(0, 1)]);
    return;
  }
  // The question where to shows no cart that has it.
  const told = keepWishes(turn, meaning, cart);
  if (checkout?.phase === 'address')
    for (const { what } of meaning.wishes) if (!told.includes(what)) turn.leads.push(say(turn, 'note_taken', { note: what }));
  tellUnread(turn, meaning);
  showPresentCart(turn);
}

/** With nothing in the cart there is nothing to wish about. @returns what was told of. */
function keepWishes(turn: Turn, { wishes, ambiguous }: ItemsMeaning, before: Turn['session']['cart']): readonly string[] {
  if (wishes.length === 0) return [];
  const without = putWishes(turn, wishes, before);
  const some = turn.session.cart.lines.length > 0 || ambiguous.length > 0;
  if (!some && without.length > 0) {
    const what = without.slice(0, NAMED_MAX).map((wish) => wish.what);
    turn.leads.push(say(turn, 'not_read', { what: what.join(', ') }));
  }
  for (const { what } of some ? without : []) {
    noteOrderWish(turn, what);
    turn.leads.push(say(turn, 'note_taken', { note: what }));
  }
  return without.map(({ what }) => what);
}

function whichOne(turn: Turn, { what, quantities, unsold, productIds }: ItemsMeaning['ambiguous'][number]): string {
  if (unsold !== undefined) {
    const item = productsOf(turn, productIds.slice(0, NAMED_MAX)).map(({ name }) => name);
    return say(turn, 'offer_instead', { what: unsold, item: item.join(' / ') });
  }
  return say(turn, quantities === undefined ? 'ambiguous' : 'which_of', { what });
}

function tellUnread(turn: Turn, { unread }: ItemsMeaning): void {
  if (unread.length > 0) turn.leads.push(say(turn, 'not_read', { what: unread.slice(0, NAMED_MAX).join(', ') }));
}

function changeOnly(turn: Turn, productId: string, amount: NonNullable<ItemsMeaning['amount']>): void {
  const { quantity, change: mode } = amount;
  const held = turn.session.cart.lines.find((line) => line.productId === productId)?.quantity ?? 0;
  if (mode === 'remove') removeItems(turn, [{ productId, quantity }]);
  else if (mode === 'multiply') putItems(turn, [{ productId, quantity: amountAfter(held, amount) }], 'set');
  else putItems(turn, [{ productId, quantity }], mode);
}

/** Unasked, too, as long as there is something to bring and no order on its way to another. */
export function mayTakeAddress({ session }: Turn): boolean {
  const { cart, checkout } = session;
  if (checkout !== null) return !isPlacing(checkout);
  return cart.lines.length > 0 && openOrder(session) === null;
}

export function productsOf(turn: Turn, productIds: readonly string[]): Product[] {
  return productIds.map((id) => productOf(turn, id)).filter((product) => product !== null);
}
