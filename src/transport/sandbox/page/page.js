/** The sandbox page: who we are, what we know, polling while visible, and the wiring between the drawings. */
import { getInfo, getMessages, getOrders, postOrder, postReceipt } from './api.js';
import { drawChat, showChosen, showEnd } from './chat.js';
import { fitComposer, startComposer } from './composer.js';
import { byId, el, initials } from './dom.js';
import { keepDrafts } from './draft.js';
import { showTracking, startMap } from './fleet-map.js';
import { Outbox, UNSENT_MAX } from './outbox.js';
import { closeSheet, openList, openNumber, openPlaces } from './sheet.js';
import { drawShop, forgetShop, refusedWords } from './shop.js';
import { drawWire } from './wire.js';

const POLL_MS = 1000;
const POLL_AFTER_FAULT_MS = 4000;
const TYPING_MAX_MS = 8000;
const STORE = 'wakala.sandbox.customers';
const NEW_NUMBER = 'new';
const AWAY = 'No connection to the server. What you write waits here and goes out when it is back.';

const state = {
  info: null,
  own: readOwn(),
  waId: '',
  items: [],
  /** The server has older messages than it lists. */
  hasOlder: false,
  /** Ours that the server does not list yet; null before the shop is known. */
  outbox: null,
  outboxes: new Map(),
  loaded: false,
  typingUntilMs: 0,
  isAway: false,
  chosenId: null,
  receipted: new Set(),
  last: { messages: '', orders: '' },
  shop: { orders: [], hasOlder: false, busy: new Set(), faults: new Map(), unfolded: new Set() },
};

const drafts = keepDrafts(byId('text'));

function readOwn() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORE) ?? '[]');
    return Array.isArray(stored) ? stored.filter((customer) => typeof customer?.wa_id === 'string') : [];
  } catch {
    // No storage (private window) or someone else's content: start without own numbers.
    return [];
  }
}

const customers = () => [...(state.info?.demo_customers ?? []), ...state.own];
const me = () => customers().find((customer) => customer.wa_id === state.waId);
const lastOut = () => state.items.findLast((item) => item.direction === 'out');

/** The same words are not set again, or a screen reader would say them again. */
function complain(text, isAway = false) {
  if (byId('banner-text').textContent !== text) byId('banner-text').textContent = text;
  byId('banner').hidden = text === '';
  byId('try-now').hidden = !isAway;
}

/* Drawing */

function showPresence(typing) {
  const words = state.isAway ? 'not connected' : typing ? 'typing…' : 'online';
  if (byId('presence').textContent !== words) byId('presence').textContent = words;
}

/** A tap was made and neither refused nor answered: the second of two taps would order twice. */
const isWaiting = () => Date.now() < state.typingUntilMs || (state.outbox?.items ?? []).some((item) => item.pending === 'sending');

function draw() {
  const out = lastOut();
  const typing = Date.now() < state.typingUntilMs;
  showPresence(typing);
  const view = {
    items: state.outbox?.among(state.items) ?? state.items,
    hasOlder: state.hasOlder,
    typing,
    waiting: isWaiting(),
    answeredAt: out?.at ?? null,
    chosenId: state.chosenId,
    hints: me()?.hints ?? state.info?.hints ?? [],
    shopName: state.info?.tenant.name ?? 'the shop',
    initials: initials(state.info?.tenant.name ?? 'W'),
    loaded: state.loaded,
  };
  drawChat(view, {
    say,
    reply: tap(sendReply),
    list: tap((content) => openList(content, (row) => sendReply({ ...row, list: true }))),
    location: tap(attach),
    choose,
    again: ({ id }) => state.outbox.again(id, state.items.at(-1)?.id),
  });
  const sent = state.items.filter((item) => item.direction === 'out');
  drawWire(sent, state.chosenId, state.info?.tenant.phone_number_id, look);
}

/** A tap on an option is not a tap on its bubble. */
function tap(action) {
  return (event, argument) => {
    event.stopPropagation();
    if (!isWaiting()) action(argument);
  };
}

function choose(item) {
  look(state.chosenId === item.id ? null : item.id);
}

/** @param id of the message whose body is shown; null for the newest, whichever it is */
function look(id) {
  state.chosenId = id;
  draw();
  showChosen();
}

/* Sending */

function say(text) {
  return send({ text }, { kind: 'text', body: text });
}
function sendReply(reply) {
  return send(reply, { kind: 'reply', body: reply.title });
}
function attach() {
  openPlaces(state.info?.places ?? [], ({ lat, lng, name, address }) => {
    send({ location: { lat, lng, name, address } }, { kind: 'location', body: name ?? `${lat.toFixed(5)}, ${lng.toFixed(5)}` });
  });
}

/** @returns whether it was taken in: from here on it goes out by itself, or says that it did not. */
function send(message, shown) {
  if (state.outbox === null) return false;
  if (state.outbox.isFull) {
    complain(`${UNSENT_MAX} messages wait to be sent. Write on when they are out.`, true);
    return false;
  }
  if (!state.isAway) complain('');
  const name = me()?.name;
  state.outbox.add(name === undefined ? message : { ...message, name }, { ...shown, heardLast: lastOut()?.id }, state.items.at(-1)?.id);
  showEnd();
  return true;
}

/** One for each customer of this page: what the last one wrote still goes out, and once. */
function outboxOf(waId) {
  const isShown = () => waId === state.waId;
  const known = state.outboxes.get(waId);
  const box =
    known ??
    new Outbox(state.info.tenant.id, waId, {
      changed: () => isShown() && draw(),
      refused: (error) => isShown() && complain(error.message),
      away: (error) => heard(false, error),
      taken: (item) => {
        if (!isShown()) return;
        // The answer may have been read before the call came back.
        if (lastOut()?.id === item.heardLast) state.typingUntilMs = Date.now() + TYPING_MAX_MS;
        state.chosenId = null;
        refresh().catch((error) => heard(false, error));
      },
    });
  state.outboxes.set(waId, box);
  return box;
}

async function move(order, verb) {
  const { shop } = state;
  shop.busy.add(order.id);
  shop.faults.delete(order.id);
  drawShop(shop, move);
  let fault;
  try {
    await postOrder(order.id, verb);
    fault = null;
  } catch (error) {
    fault = error.message;
  }
  state.last.orders = '';
  await refresh().catch((error) => complain(error.message));
  shop.busy.delete(order.id);
  const now = shop.orders.find(({ id }) => id === order.id);
  if (fault !== null && now !== undefined) shop.faults.set(order.id, { status: now.status, text: refusedWords(now, order, fault) });
  drawShop(shop, move);
}

/* Reading */

async function refresh() {
  const waId = state.waId;
  const [messages, orders] = await Promise.all([getMessages(waId), getOrders(waId)]);
  if (waId !== state.waId) return;
  const texts = { messages: JSON.stringify(messages), orders: JSON.stringify(orders) };
  if (texts.messages !== state.last.messages || !state.loaded) takeMessages(messages);
  else if (state.typingUntilMs > 0 && Date.now() > state.typingUntilMs) {
    state.typingUntilMs = 0;
    draw();
  }
  if (texts.orders !== state.last.orders) {
    forgetOldFaults(orders.items);
    Object.assign(state.shop, { orders: orders.items, hasOlder: orders.has_older === true });
    showTracking(orders.items);
    drawShop(state.shop, move);
  }
  state.last = texts;
}

/** Why a step was refused is of interest until the order has taken another one. */
function forgetOldFaults(orders) {
  for (const order of orders) if (state.shop.faults.get(order.id)?.status !== order.status) state.shop.faults.delete(order.id);
}

function takeMessages({ items, has_older: hasOlder }) {
  const known = new Set(items.map((item) => item.whatsapp_id));
  const newOut = items.findLast((item) => item.direction === 'out');
  if (newOut !== undefined && newOut.id !== lastOut()?.id) state.typingUntilMs = 0;
  state.items = items;
  state.hasOlder = hasOlder === true;
  state.outbox.settle(known);
  state.loaded = true;
  draw();
  void report(items);
}

/** The phone shows them now, so it reports them delivered and read, as Meta would. */
async function report(items) {
  const fresh = items
    .filter((item) => item.direction === 'out' && item.whatsapp_id && ['sent', 'delivered'].includes(item.status))
    .map((item) => item.whatsapp_id)
    .filter((id) => !state.receipted.has(id))
    .slice(-50);
  if (fresh.length === 0) return;
  for (const id of fresh) state.receipted.add(id);
  try {
    await postReceipt(state.waId, fresh, 'delivered');
    await postReceipt(state.waId, fresh, 'read');
  } catch {
    // A lost receipt only leaves a status behind; real phones lose them too.
    return;
  }
}

function heard(isHere, error = null) {
  if (isHere && state.isAway) complain('');
  state.isAway = !isHere;
  if (error !== null) complain(error.isAway ? AWAY : error.message, true);
  showPresence(Date.now() < state.typingUntilMs);
}

let isPolling = false;
let pollTimer = 0;

/** Asks again and again; called out of turn, at once. */
async function poll() {
  if (isPolling) return;
  isPolling = true;
  clearTimeout(pollTimer);
  let pauseMs = POLL_MS;
  if (document.visibilityState === 'visible') {
    try {
      if (state.info === null) await begin();
      await refresh();
      heard(true);
      for (const box of state.outboxes.values()) void box.pump();
    } catch (error) {
      heard(false, error);
      pauseMs = POLL_AFTER_FAULT_MS;
    }
  }
  isPolling = false;
  pollTimer = setTimeout(poll, pauseMs);
}

/* Who we are */

function become(waId) {
  const url = new URL(location.href);
  url.searchParams.set('wa_id', waId);
  history.replaceState(null, '', url);
  state.shop.faults.clear();
  Object.assign(state, {
    waId,
    items: [],
    hasOlder: false,
    outbox: outboxOf(waId),
    loaded: false,
    typingUntilMs: 0,
    chosenId: null,
    last: { messages: '', orders: '' },
  });
  drafts.of(`${state.info.tenant.id}.${waId}`);
  fitComposer();
  Object.assign(state.shop, { orders: [], hasOlder: false });
  showTracking([]);
  drawPicker();
  drawShop(state.shop, move);
  forgetShop();
  draw();
  refresh().catch((error) => heard(false, error));
  void state.outbox.pump();
}

function drawPicker() {
  const option = ({ wa_id: waId, name, language }) =>
    el('option', { value: waId, selected: waId === state.waId }, `${name}${language ? ` · ${language}` : ` · +${waId}`}`);
  byId('customer').replaceChildren(...customers().map(option), el('option', { value: NEW_NUMBER }, '＋ New customer…'));
}

function addOwn(customer) {
  if (!customers().some(({ wa_id: waId }) => waId === customer.wa_id)) {
    // What another tab has added since is kept.
    state.own = [...readOwn().filter((known) => known.wa_id !== customer.wa_id), customer];
    try {
      localStorage.setItem(STORE, JSON.stringify(state.own.slice(-20)));
    } catch {
      // Without storage the number lives as long as the page.
    }
  }
  become(customer.wa_id);
}

function showPanel(name) {
  document.body.dataset.panel = name;
  for (const button of document.querySelectorAll('[data-tab]')) button.setAttribute('aria-current', String(button.dataset.tab === name));
  fitComposer();
}

byId('customer').addEventListener('change', ({ target }) => {
  closeSheet();
  complain('');
  if (target.value !== NEW_NUMBER) return become(target.value);
  drawPicker();
  showPanel('phone');
  openNumber(addOwn);
});
startComposer(
  (text) => say(text) && drafts.clear(),
  (most) => complain(`This is as long as a message can be: ${most} characters.`, state.isAway),
);
byId('attach').addEventListener('click', attach);
for (const button of document.querySelectorAll('[data-tab]')) button.addEventListener('click', () => showPanel(button.dataset.tab));

byId('try-now').addEventListener('click', poll);
addEventListener('online', poll);
document.addEventListener('visibilitychange', poll);

/** Once, as soon as the server has told who the shop is. */
async function begin() {
  state.info = await getInfo();
  const { name } = state.info.tenant;
  byId('shop-name').textContent = name;
  byId('shop-avatar').textContent = initials(name);
  for (const again of document.querySelectorAll('.shop-name-again')) again.textContent = name;
  const asked = new URLSearchParams(location.search).get('wa_id') ?? '';
  if (/^[1-9]\d{6,14}$/.test(asked)) addOwn({ wa_id: asked, name: `Customer ${asked.slice(-4)}` });
  else become(state.info.demo_customers[0].wa_id);
  void startMap();
}

void poll();
