/** The offer card: a whole screen with a clock. Told what to show; it must never outlive its offer. */

import { sayDistance, sketched } from '../device/geometry.js';
import { byId, el, money } from '../dom.js';
import { button, placeOf } from './parts.js';
import { cashBox } from './screens.js';

const SVG = 'http://www.w3.org/2000/svg';
const RADIUS = 30;
const SKETCH = { width: 320, height: 150, pad: 20 };
const ROUND = 2 * Math.PI * RADIUS;
/** From here on the ring is red. */
const HURRY_S = 10;
/** The card comes and goes over other buttons: the second tap of two must neither take a job nor end a shift. */
const GUARD_MS = 500;

let shown = '';
/** When the card went away, by a clock that is never set back. */
let goneMs = Number.NEGATIVE_INFINITY;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function clock() {
  const circle = { cx: 36, cy: 36, r: RADIUS };
  const ring = svg(
    'svg',
    { viewBox: '0 0 72 72', 'aria-hidden': 'true' },
    svg('circle', { ...circle, class: 'track' }),
    svg('circle', { ...circle, class: 'left', 'stroke-dasharray': ROUND }),
  );
  return el('div', { class: 'clock', role: 'timer' }, ring, el('b', { id: 'offer-seconds' }));
}

/** The ride to scale: from here to the shop to the customer. Null while a place is unknown. */
function sketch({ pickup, dropoff }, here) {
  if (pickup.position === null || dropoff.position === null) return null;
  const [from, to, me] = sketched([pickup.position, dropoff.position, here ?? pickup.position], SKETCH);
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return svg(
    'svg',
    { class: 'sketch', viewBox: `0 0 ${SKETCH.width} ${SKETCH.height}`, 'aria-hidden': 'true' },
    svg('path', { class: 'approach', d: `M${at(me)}L${at(from)}` }),
    svg('path', { d: `M${at(from)}L${at(to)}` }),
    svg('circle', { cx: from.x, cy: from.y, r: 8 }),
    svg('rect', { x: to.x - 8, y: to.y - 8, width: 16, height: 16, rx: 3 }),
    ...(here === null ? [] : [svg('circle', { class: 'me', cx: me.x, cy: me.y, r: 8 })]),
  );
}

/** What the kilometres pay, the way to the shop included; null when a distance is unknown. */
function rate({ feeMinor, netMinor, pickupDistanceM, distanceM, currency }, say) {
  const paidMinor = netMinor ?? feeMinor;
  if (paidMinor === null || pickupDistanceM === null || distanceM === null) return null;
  const metres = pickupDistanceM + distanceM;
  const perKm = money(Math.round(paidMinor / Math.max(0.1, metres / 1000)), currency);
  return el('p', { class: 'rate' }, `${say('in_all', { distance: sayDistance(metres) })} · ${say('per_km', { amount: perKm })}`);
}

/** What is earned with the ride, and the fee that it comes from; the fee alone while nobody says what comes off. */
function pay(offer, say) {
  const { feeMinor, netMinor, currency } = offer;
  const fee = money(feeMinor ?? 0, currency);
  const amounts =
    netMinor === null
      ? [el('small', {}, say('trip_fee')), el('b', {}, fee)]
      : [el('small', {}, say('you_earn')), el('b', {}, money(netMinor, currency)), el('p', { class: 'gross' }, say('of_fee', { fee }))];
  return el('div', { class: 'fee' }, ...amounts, rate(offer, say));
}

/** An offer says where about the customer lives, not how the place is called. */
function leg(kind, stop, far, name = placeOf(stop)) {
  return el(
    'li',
    { class: kind },
    el('i', { 'aria-hidden': 'true' }),
    el('span', {}, el('b', {}, name), stop.address !== null && stop.address !== name ? el('small', {}, stop.address) : null),
    el('em', {}, far),
  );
}

/** Draws, moves the ring, or takes the card away. @param offer null when there is none; @param unsure no connection; @param here the phone's place, or null */
export function drawOffer(offer, { say, nowMs, unsure, here, answer }) {
  const cover = byId('offer');
  const key = offer === null ? '' : JSON.stringify([offer, unsure, say('accept')]);
  if (key !== shown) {
    if (offer === null) goneMs = performance.now();
    shown = key;
    put(cover, offer === null ? [] : card(offer, { say, unsure, here, answer }));
  }
  byId('actions').inert = performance.now() - goneMs < GUARD_MS;
  if (offer !== null) moveClock(offer, say, nowMs);
}

/** While the card is up nothing under it can be reached, also not by keyboard or by a screen reader. */
function put(cover, nodes) {
  const isUp = nodes.length > 0;
  const hadFocus = cover.contains(document.activeElement);
  if (isUp) byId('menu').close();
  cover.hidden = !isUp;
  cover.replaceChildren(...nodes);
  for (const under of document.querySelectorAll('header, #notices, main, footer')) under.inert = isUp;
  // To the card and not to a button: an Enter that was meant for something else takes no job.
  if (isUp) cover.focus();
  else if (hadFocus) byId('main').focus();
}

/** Nobody is signed in any more. */
export function forgetOffer() {
  shown = '';
  put(byId('offer'), []);
}

function card(offer, { say, unsure, here, answer }) {
  const surge = offer.surge !== null && offer.surge > 1 ? el('span', { class: 'chip' }, say('surge', { x: offer.surge.toFixed(1) })) : null;
  return [
    el('div', { class: 'offer-head' }, el('h1', { id: 'offer-title' }, say('offer'), surge), clock()),
    pay(offer, say),
    el(
      'ol',
      { class: 'route' },
      leg('pickup', offer.pickup, el('span', {}, el('b', {}, sayDistance(offer.pickupDistanceM)), el('small', {}, say('to_shop')))),
      leg(
        'dropoff',
        offer.dropoff,
        el('span', {}, el('b', {}, sayDistance(offer.distanceM)), el('small', {}, say('trip'))),
        say('customer'),
      ),
    ),
    cashBox(offer, say),
    sketch(offer, here),
    unsure ? el('p', { class: 'unsure', role: 'alert' }, say('offer_unsure')) : null,
    el(
      'div',
      { class: 'answers' },
      button('plain', say('decline'), () => answer('decline', offer), { id: 'offer-decline', disabled: true }),
      button('go', say('accept'), () => answer('accept', offer), { id: 'offer-accept', disabled: true }),
    ),
  ].filter((child) => child !== null);
}

function moveClock(offer, say, nowMs) {
  if (nowMs - offer.sinceMs >= GUARD_MS) for (const id of ['offer-decline', 'offer-accept']) byId(id).disabled = false;
  const leftMs = Math.max(0, offer.expiresAtMs - nowMs);
  const part = leftMs / Math.max(1, offer.expiresAtMs - offer.sinceMs);
  const seconds = Math.ceil(leftMs / 1000);
  const ring = byId('offer').querySelector('.left');
  ring.setAttribute('stroke-dashoffset', String(ROUND * (1 - Math.min(1, part))));
  ring.classList.toggle('hurry', seconds <= HURRY_S);
  const text = byId('offer-seconds');
  if (text.textContent === String(seconds)) return;
  text.textContent = String(seconds);
  byId('offer')
    .querySelector('.clock')
    .setAttribute('aria-label', say('seconds_left', { s: seconds }));
}
