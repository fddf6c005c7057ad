/** The sandbox page: who we are, what we know, polling while visible, and the wiring between the drawings. */
import { getInfo, getMessages, getOrders, postMessage, postOrder, postReceipt } from './api.js';
import { drawChat } from './chat.js';
import { byId, el, initials } from './dom.js';
import { showTracking, startMap } from './fleet-map.js';
import { closeSheet, openList, openNumber, openPlaces } from './sheet.js';
import { drawShop, refusedWords } from './shop.js';
import { drawWire } from './wire.js';

const POLL_MS = 1000;
const POLL_AFTER_FAULT_MS = 4000;
const TYPING_MAX_MS = 8000;
const STORE = 'wakala.sandbox.customers';
const NEW_NUMBER = 'new';

const state = {
  info: null,
  own: readOwn(),
  waId: '',
  items: [],
  /** Ours that the server does not list yet. */
  pending: [],
  /** Messages written on this page, for their ids. */
  count: 0,
  loaded: false,
  typingUntilMs: 0,
  isAway: false,
  chosenId: null,
  receipted: new Set(),
  last: { messages: '', orders: '' },
  shop: { orders: [], busy: new Set(), faults: new Map(), unfolded: new Set() },
};

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

function complain(text) {
  byId('banner').textContent = text;
  byId('banner').hidden = text === '';
}

/* Drawing */

/** A message that failed keeps its place; those still on their way come last. */
function chronological() {
  const failed = state.pending.filter((item) => item.pending === 'failed');
  const onTheWay = state.pending.filter((item) => item.pending !== 'failed');
  const settled = failed.length === 0 ? state.items : [...state.items, ...failed].sort((a, b) => (a.at < b.at ? -1 : 1));
  return [...settled, ...onTheWay];
}

/** The same words are not set again, or a screen reader would say them again. */
function showPresence(typing) {
  const words = state.isAway ? 'not connected' : typing ? 'typing…' : 'online';
  if (byId('presence').textContent !== words) byId('presence').textContent = words;
}

/** A tap was made and neither refused nor answered: the second of two taps would order twice. */
const isWaiting = () => Date.now() < state.typingUntilMs || state.pending.some((item) => item.pending === 'sending');

function draw() {
  const out = lastOut();
  const typing = Date.now() < state.typingUntilMs;
  showPresence(typing);
  const view = {
    items: chronological(),
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
    again,
  });
  drawWire(state.items.find((item) => item.id === state.chosenId) ?? out, state.info?.tenant.phone_number_id);
}

/** A tap on an option is not a tap on its bubble. */
function tap(action) {
  return (event, argument) => {
    event.stopPropagation();
    if (!isWaiting()) action(argument);
  };
}

function choose(item) {
  state.chosenId = state.chosenId === item.id ? null : item.id;
  draw();
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
    void send({ location: { lat, lng, name, address } }, { kind: 'location', body: name ?? `${lat.toFixed(5)}, ${lng.toFixed(5)}` });
  });
}

/** A message that was not sent goes out as it was, at its new time. */
function again({ id, message, kind, body }) {
  if (!state.pending.some((item) => item.id === id && item.pending === 'failed')) return;
  state.pending = state.pending.filter((item) => item.id !== id);
  void send(message, { kind, body });
}

async function send(message, shown) {
  complain('');
  const from = state.waId;
  state.count += 1;
  const local = { ...shown, message, id: `local-${state.count}`, direction: 'in', at: new Date().toISOString(), pending: 'sending' };
  state.pending.push(local);
  const heardLast = lastOut()?.id;
  draw();
  byId('log').scrollTop = byId('log').scrollHeight;
  try {
    const { whatsapp_id: whatsappId } = await postMessage({ wa_id: from, name: me()?.name, ...message });
    Object.assign(local, { whatsapp_id: whatsappId, pending: 'sent' });
    if (from === state.waId) {
      // The answer may have been read before the call came back.
      if (lastOut()?.id === heardLast) state.typingUntilMs = Date.now() + TYPING_MAX_MS;
      state.chosenId = null;
    }
    await refresh();
  } catch (error) {
    local.pending = 'failed';
    complain(error.message);
  }
  draw();
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
  if (texts.messages !== state.last.messages || !state.loaded) takeMessages(messages.items);
  else if (state.typingUntilMs > 0 && Date.now() > state.typingUntilMs) {
    state.typingUntilMs = 0;
    draw();
  }
  if (texts.orders !== state.last.orders) {
    forgetOldFaults(orders.items);
    state.shop.orders = orders.items;
    showTracking(orders.items);
    drawShop(state.shop, move);
  }
  state.last = texts;
}

/** Why a step was refused is of interest until the order has taken another one. */
function forgetOldFaults(orders) {
  for (const order of orders) if (state.shop.faults.get(order.id)?.status !== order.status) state.shop.faults.delete(order.id);
}

function takeMessages(items) {
  const known = new Set(items.map((item) => item.whatsapp_id));
  const newOut = items.findLast((item) => item.direction === 'out');
  if (newOut !== undefined && newOut.id !== lastOut()?.id) state.typingUntilMs = 0;
  state.items = items;
  state.pending = state.pending.filter((item) => !known.has(item.whatsapp_id));
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

function heard(isHere) {
  state.isAway = !isHere;
  showPresence(Date.now() < state.typingUntilMs);
}

async function poll() {
  let pauseMs = POLL_MS;
  if (document.visibilityState === 'visible' && state.waId !== '') {
    try {
      await refresh();
      heard(true);
      if (byId('banner').dataset.from === 'poll') complain('');
      delete byId('banner').dataset.from;
    } catch (error) {
      heard(false);
      byId('banner').dataset.from = 'poll';
      complain(error.message);
      pauseMs = POLL_AFTER_FAULT_MS;
    }
  }
  setTimeout(poll, pauseMs);
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
    pending: [],
    loaded: false,
    typingUntilMs: 0,
    chosenId: null,
    last: { messages: '', orders: '' },
  });
  state.shop.orders = [];
  showTracking([]);
  drawPicker();
  drawShop(state.shop, move);
  draw();
  refresh().catch((error) => complain(error.message));
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
  for (const button of document.querySelectorAll('[data-tab]')) button.setAttribute('aria-selected', String(button.dataset.tab === name));
}

byId('customer').addEventListener('change', ({ target }) => {
  closeSheet();
  complain('');
  if (target.value !== NEW_NUMBER) return become(target.value);
  drawPicker();
  showPanel('phone');
  openNumber(addOwn);
});
byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = byId('text').value.trim();
  if (text === '') return;
  byId('text').value = '';
  void say(text);
});
byId('attach').addEventListener('click', attach);
for (const button of document.querySelectorAll('[data-tab]')) button.addEventListener('click', () => showPanel(button.dataset.tab));

async function start() {
  try {
    state.info = await getInfo();
  } catch (error) {
    byId('presence').textContent = 'not connected';
    complain(error.message);
    setTimeout(start, POLL_AFTER_FAULT_MS);
    return;
  }
  complain('');
  const { name } = state.info.tenant;
  byId('shop-name').textContent = name;
  byId('shop-avatar').textContent = initials(name);
  for (const again of document.querySelectorAll('.shop-name-again')) again.textContent = name;
  const asked = new URLSearchParams(location.search).get('wa_id') ?? '';
  if (/^[1-9]\d{6,14}$/.test(asked)) addOwn({ wa_id: asked, name: `Customer ${asked.slice(-4)}` });
  else become(state.info.demo_customers[0].wa_id);
  void poll();
  void startMap();
}

void start();
