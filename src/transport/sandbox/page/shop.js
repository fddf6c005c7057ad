/** Draws the shop's view: orders with their items, history and the buttons that fit their status. */
import { arrange, byId, el, keeper, money, timeOf } from './dom.js';

/** Status -> words, colour, and the buttons that make sense; the order itself decides what is legal. */
const STATUSES = {
  CREATED: ['New', 'new', ['accept', 'reject']],
  PAYMENT_PENDING: ['Waiting for payment', 'new', ['cancel']],
  PAID: ['Paid', 'new', ['accept', 'reject']],
  CONFIRMED: ['Accepted', 'busy', ['prepare', 'cancel']],
  PREPARING: ['Preparing', 'busy', ['ready', 'cancel']],
  READY_FOR_PICKUP: ['Ready', 'busy', ['deliver', 'cancel']],
  ASSIGNED_TO_DRIVER: ['Driver assigned', 'busy', ['cancel']],
  IN_TRANSIT: ['On the way', 'busy', ['deliver']],
  DELIVERED: ['Delivered', 'good', []],
  CANCELLED: ['Cancelled', 'bad', []],
  REFUNDED: ['Refunded', 'bad', []],
  EXPIRED: ['Expired', 'bad', []],
};
const VERBS = { accept: 'Accept', prepare: 'Prepare', ready: 'Ready', deliver: 'Delivered', reject: 'Reject', cancel: 'Cancel' };
const NEGATIVE = new Set(['reject', 'cancel']);

const words = (status) => STATUSES[status] ?? [status, '', []];
const isOpen = (order) => words(order.status)[2].length > 0;

/** Why a step was refused: mostly somebody else was quicker, in another window or by the order itself. */
export function refusedWords(now, before, fault) {
  return now.status === before.status ? fault : `Somebody was quicker: this order is “${words(now.status)[0]}” by now.`;
}

function lines(order) {
  const line = (classes, label, minor) =>
    el('tr', { class: classes }, el('td', { dir: 'auto' }, label), el('td', {}, money(minor, order.currency)));
  return el(
    'table',
    {},
    el(
      'tbody',
      {},
      ...order.items.map((item) => line('', `${item.quantity} × ${item.name}`, item.total_minor)),
      line('fee', 'Delivery', order.delivery_fee_minor),
      line('sum', `Total${order.payment_method === 'cod' ? ', cash on delivery' : ''}`, order.total_minor),
    ),
  );
}

function destination({ dropoff, distance_m: distance, eta_s: eta }) {
  const { position, address, note } = dropoff ?? {};
  const where = address ?? (position ? `${position.lat.toFixed(4)}, ${position.lng.toFixed(4)}` : null);
  if (!where) return null;
  const far = distance === null ? '' : ` · ${(distance / 1000).toFixed(1)} km`;
  const soon = eta === null ? '' : ` · about ${Math.max(1, Math.round(eta / 60))} min`;
  return el('p', { class: 'to', dir: 'auto' }, `📍 ${where}${far}${soon}`, note ? el('br') : '', note ? `📝 ${note}` : '');
}

function history(order, view) {
  const entries = order.history.map((entry) =>
    el('li', {}, `${words(entry.status)[0]} · ${timeOf(entry.at)} · ${entry.by}${entry.reason ? ` · ${entry.reason}` : ''}`),
  );
  const toggle = (event) => (event.target.open ? view.unfolded.add(order.id) : view.unfolded.delete(order.id));
  return el('details', { open: view.unfolded.has(order.id), ontoggle: toggle }, el('summary', {}, 'History'), el('ol', {}, ...entries));
}

function card(order, view, move) {
  const [label, tone, verbs] = words(order.status);
  const buttons = verbs.map((verb) =>
    el(
      'button',
      {
        type: 'button',
        class: NEGATIVE.has(verb) ? 'no' : 'main',
        disabled: view.busy.has(order.id),
        'data-verb': verb,
        onclick: () => move(order, verb),
      },
      VERBS[verb],
    ),
  );
  const fault = view.faults.get(order.id);
  return el(
    'article',
    { class: 'order', 'data-order': order.id, 'aria-label': `Order ${order.code}` },
    el(
      'header',
      {},
      el('strong', {}, order.code),
      el('span', { class: `chip ${tone}`, title: order.status }, label),
      el('time', { datetime: order.created_at }, timeOf(order.created_at)),
    ),
    lines(order),
    destination(order),
    buttons.length > 0 ? el('div', { class: 'acts' }, ...buttons) : null,
    fault ? el('p', { class: 'fault', role: 'alert' }, fault.text) : null,
    history(order, view),
  );
}

const kept = keeper();
/** Whose card had the focus while its buttons were out of use, or when it was drawn anew: the order's id, or null. */
let waitingFor = null;

/** @param isAct the focus was on one of the card's buttons: it goes on to the next step. Where there is none, and from the history, it goes to the history: it is never lost. */
function refocus(orderId, isAct) {
  if (orderId !== undefined) waitingFor = orderId;
  if (waitingFor === null) return;
  const active = document.activeElement;
  if (active !== document.body && active !== null) {
    if (!isAct) waitingFor = null;
    return;
  }
  const own = byId('orders').querySelector(`[data-order="${CSS.escape(waitingFor)}"]`);
  const buttons = orderId === undefined || isAct ? (own?.querySelectorAll('.acts button') ?? []) : [];
  const next = buttons.length > 0 ? [...buttons].find((button) => !button.disabled) : own?.querySelector('summary');
  if (next === undefined || next === null) return;
  waitingFor = null;
  next.focus();
}

/** A card is drawn anew when something about its order has changed; its focus goes on to what took its place. */
function cardOf(order, view, move) {
  const data = [order, view.busy.has(order.id), view.faults.get(order.id)];
  return kept.node(order.id, data, () => card(order, view, move));
}

/** Statuses by order as they were drawn last; null before a customer's orders are known. */
let told = null;

/** Says to who cannot see it which order is new or went on. Of a new customer's orders nothing is news. */
function tellNews(orders) {
  const now = new Map(orders.map((order) => [order.id, order.status]));
  const news = told === null ? [] : orders.filter((order) => told.get(order.id) !== order.status);
  told = now;
  if (news.length > 0) byId('shop-news').textContent = news.map((order) => `Order ${order.code}: ${words(order.status)[0]}`).join('. ');
}

/** Another customer's orders come next. */
export function forgetShop() {
  told = null;
  byId('shop-news').textContent = '';
}

/** @param view { orders, hasOlder, busy: Set, faults: Map of { status, text }, unfolded: Set } */
export function drawShop(view, move) {
  const empty = el(
    'div',
    { class: 'empty' },
    el('span', { 'aria-hidden': 'true' }, '🧾'),
    'No orders yet. Order something on the phone and it appears here.',
  );
  const focused = document.activeElement?.closest?.('.order')?.dataset.order;
  const isAct = document.activeElement?.matches?.('.acts button') ?? false;
  const cards = view.orders.map((order) => cardOf(order, view, move));
  if (cards.length === 0) cards.push(kept.node('empty', '', () => empty));
  if (view.hasOlder) cards.push(kept.node('older', '', () => el('p', { class: 'older' }, 'Older orders are not shown here.')));
  arrange(byId('orders'), cards);
  kept.sweep();
  refocus(focused, isAct);
  const open = view.orders.filter(isOpen).length;
  tellNews(view.orders);
  byId('shop-count').textContent = String(open);
  byId('shop-count').hidden = open === 0;
}

// The next step takes the place of the one before, and its focus: a key held down must not walk an order to its end.
byId('orders').addEventListener('keydown', (event) => {
  if (event.repeat && event.key === 'Enter') event.preventDefault();
});
