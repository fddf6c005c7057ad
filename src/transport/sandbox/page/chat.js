/** Draws the chat: bubbles, buttons, lists, ticks, the welcome. Told what to show; asks nobody. */
import { arrange, byId, dayOf, el, formatted, keeper, timeOf } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const ONE_TICK = 'M4 6.2 6.8 9 12.5 2.5';
const TWO_TICKS = 'M1 6.2 3.8 9 9.5 2.5 M7.6 8.2 8.4 9 14.5 2.5';
const CLOCK = 'M8.5 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM8.5 3.5V6l1.6 1.2';

function ticks(state) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 17 12');
  svg.setAttribute('class', `ticks ${state}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', state);
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', state === 'sending' ? CLOCK : state === 'sent' ? ONE_TICK : TWO_TICKS);
  svg.append(line);
  return svg;
}

/** Our own ticks: sent when the webhook took it, delivered when the chat holds it, read when an answer followed. */
function ownState(item, answeredAt) {
  if (item.pending !== undefined) return item.pending;
  return answeredAt !== null && item.at <= answeredAt ? 'read' : 'delivered';
}

function options(item, on) {
  const { content } = item;
  if (item.pending === 'failed') return [el('button', { type: 'button', onclick: () => on.again(item) }, '↻ Send again')];
  const button = (glyph, label, action) =>
    el('button', { type: 'button', onclick: action }, el('span', { class: 'glyph', 'aria-hidden': 'true' }, glyph), label);
  if (content?.kind === 'buttons') {
    return content.buttons.map(({ id, title }) => button('↩', title, (event) => on.reply(event, { reply_id: id, title })));
  }
  if (content?.kind === 'list') return [button('☰', content.button, (event) => on.list(event, content))];
  if (content?.kind === 'location_request') return [button('📍', 'Send location', (event) => on.location(event))];
  return [];
}

function bubble(item, state, view, on) {
  const mine = item.direction === 'in';
  const meta = el(
    'span',
    { class: 'meta' },
    state === 'failed' ? 'not sent · ' : null,
    timeOf(item.at),
    mine && state !== 'failed' ? ticks(state) : null,
  );
  const taps = options(item, on);
  const classes = ['bubble', mine ? 'me' : 'shop', state === 'failed' ? 'failed' : '', item.id === view.chosenId ? 'chosen' : ''].filter(
    Boolean,
  );
  const choose = mine ? {} : { onclick: () => on.choose(item), title: 'Show what was sent to Meta' };
  return el(
    'div',
    { class: classes.join(' '), ...choose },
    item.kind === 'location' && mine ? el('div', { class: 'map', role: 'img', 'aria-label': 'A pin on a map' }) : null,
    el(
      'div',
      { class: 'said', dir: 'auto', 'data-from': mine ? 'You' : view.shopName },
      ...formatted(item.body === '' ? '(no text)' : item.body),
      meta,
    ),
    state === 'failed' && item.why ? el('p', { class: 'why' }, item.why) : null,
    taps.length > 0 ? el('div', { class: 'options' }, ...taps) : null,
  );
}

function welcome(view, on) {
  return el(
    'div',
    { class: 'welcome' },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, view.initials),
    el('h2', {}, `Say hello to ${view.shopName}`),
    el('p', {}, 'Order as you would on WhatsApp, in your own words and language. Try one of these:'),
    el('div', { class: 'hints' }, ...view.hints.map((hint) => el('button', { type: 'button', onclick: () => on.say(hint) }, hint))),
  );
}

const kept = keeper();
/** Lines of the chat that are no messages. */
const line = (kind, text) => kept.node(`${kind} ${text}`, '', () => el('div', { class: kind }, text));
const dots = () => el('div', { class: 'bubble shop typing', role: 'img', 'aria-label': 'typing' }, el('i'), el('i'), el('i'));

const log = byId('log');
const jump = byId('jump');
const END_PX = 80;
/** Whether the newest message is in sight: only then a new one moves what is read. */
let isAtEnd = true;
/** The newest message that was in sight. */
let seenId = null;

/** Where the chat stood when that was last seen. */
let seen = { top: 0, height: 0 };

export function showEnd() {
  isAtEnd = true;
  log.scrollTop = log.scrollHeight;
  seen = { top: log.scrollTop, height: log.clientHeight };
}

function lookAtEnd() {
  if (log.clientHeight === 0) return;
  seen = { top: log.scrollTop, height: log.clientHeight };
  isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < END_PX;
}

/** Brings the bubble into sight whose body was asked for elsewhere. */
export function showChosen() {
  log.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
}

/** @param items of the chat */
function showJump(items) {
  const outs = items.filter((item) => item.direction === 'out');
  if (isAtEnd) seenId = outs.at(-1)?.id ?? null;
  const unseen = outs.length - 1 - outs.findIndex(({ id }) => id === seenId);
  jump.hidden = isAtEnd;
  const words = unseen === 0 ? 'To the newest message' : `${unseen} new ${unseen === 1 ? 'message' : 'messages'}`;
  if (jump.getAttribute('aria-label') !== words) jump.setAttribute('aria-label', words);
  byId('jump-count').textContent = unseen === 0 ? '' : String(unseen);
}

let shownItems = [];
log.addEventListener('scroll', () => {
  lookAtEnd();
  showJump(shownItems);
});
// A keyboard that comes up, a turned phone, a panel that is shown again: the newest message stays in sight.
new ResizeObserver(() => (isAtEnd ? showEnd() : lookAtEnd())).observe(log);
jump.addEventListener('click', () => {
  showEnd();
  showJump(shownItems);
  log.focus();
});

/** @param view { items, hasOlder, typing, waiting, answeredAt, chosenId, hints, shopName, initials, loaded } */
export function drawChat(view, on) {
  // The browser tells of a scroll with its next frame, and the reader is there already. Another height is no scroll.
  if (log.scrollTop !== seen.top && log.clientHeight === seen.height) lookAtEnd();
  const nodes = [];
  if (view.items.length === 0) {
    const { hints, shopName } = view;
    if (view.loaded) nodes.push(kept.node('welcome', [hints, shopName], () => welcome(view, on)));
  } else {
    nodes.push(line('note', '🔒 Sandbox: nothing leaves this machine. Messages take the signed webhook path.'));
    if (view.hasOlder) nodes.push(line('note', 'Older messages of this chat are not shown here.'));
  }
  let day = '';
  for (const item of view.items) {
    // The server does not list it yet, and the browser's clock may be wrong: it stands under the day of the one before.
    const itsDay = item.pending === undefined || day === '' ? dayOf(item.at) : day;
    if (itsDay !== day) nodes.push(line('day', itsDay));
    day = itsDay;
    // Of what the shop sent, only that it failed is seen: the bubble stays while its receipts come in.
    const state = item.direction === 'in' ? ownState(item, view.answeredAt) : item.status === 'failed' ? 'failed' : '';
    const { id, graph: _graph, status: _status, ...shown } = item;
    nodes.push(kept.node(id, [shown, state, id === view.chosenId], () => bubble(item, state, view, on)));
  }
  if (view.typing) nodes.push(kept.node('typing', '', dots));
  kept.sweep();
  const hadFocus = log.contains(document.activeElement);
  arrange(log, nodes);
  // What was tapped by keyboard may be gone: whoever tapped stays in the chat.
  if (hadFocus && !log.contains(document.activeElement)) log.focus({ preventScroll: true });
  // Not `disabled`: the focus of whoever tapped by keyboard must stay where it is.
  for (const option of log.querySelectorAll('.bubble.shop .options button')) {
    if (view.waiting) option.setAttribute('aria-disabled', 'true');
    else option.removeAttribute('aria-disabled');
  }
  if (isAtEnd) showEnd();
  shownItems = view.items;
  showJump(shownItems);
}
