/** The sandbox's map: shop, drivers and orders on a plain grid, north up, without tiles. Told places; asks only `getMap`. */
import { getMap } from './api.js';
import { byId, el } from './dom.js';
import { placeLabels } from './labels.js';

const POLL_MS = 2000;
const POLL_AFTER_FAULT_MS = 8000;
const SVG = 'http://www.w3.org/2000/svg';
const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;
/** Room for pins, which stand above their place, and for names beside them. */
const PAD = { x: 64, top: 62, bottom: 34 };
/** A longer name does not fit beside its pin on a phone. */
const LABEL_MAX_CHARS = 22;
const SPAN_MIN_M = 400;
const PIN = 'M0 0C-4-8-11-12-11-20a11 11 0 0 1 22 0c0 8-7 12-11 20Z';
const SHOP = 'M-6-25h12l1.500 5h-15zM-5-19h10v6h-10z';
const OPEN_TRACKING = new Set(['ASSIGNED_TO_DRIVER', 'IN_TRANSIT']);

let scene = null;
/** `{ lat, lng, mPerPx }` of the middle. */
let view = null;
const marks = new Map();
let names = new Map();

let isAsking = false;
let timer = 0;

/** Follows the map while its panel is seen, and at once when it comes into sight or changes its size. */
export function startMap() {
  new ResizeObserver(follow).observe(byId('map'));
  void follow();
}

const isSeen = () => document.visibilityState === 'visible' && byId('map').clientWidth > 0;

async function follow() {
  if (scene !== null && isSeen()) draw();
  if (isAsking) return;
  clearTimeout(timer);
  isAsking = true;
  let pauseMs = POLL_MS;
  if (isSeen()) {
    try {
      scene = await getMap();
      if (isSeen()) draw();
    } catch {
      // The chat says that the server is away; the map keeps what it knew.
      pauseMs = POLL_AFTER_FAULT_MS;
    }
  }
  isAsking = false;
  timer = setTimeout(follow, pauseMs);
}

/** Links to the tracking pages of the customer's orders that are on their way. */
export function showTracking(orders) {
  const open = orders.filter((order) => order.tracking_url && OPEN_TRACKING.has(order.status));
  const link = (order) => el('a', { href: order.tracking_url, target: '_blank', rel: 'noopener' }, `Track ${order.code} as the customer ↗`);
  byId('tracking').replaceChildren(...open.map(link));
}

function svg(parent, tag, attributes, text = '') {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return parent.appendChild(element);
}

/** Drivers that ride a job are shown where the order saw them last, should the market not list them. */
function driversOf({ drivers, orders }) {
  const known = new Set(drivers.map((driver) => driver.id));
  const riding = orders.filter((order) => order.driver_id !== null && order.driver && !known.has(order.driver_id));
  return [...drivers, ...riding.map((order) => ({ id: order.driver_id, ...order.driver }))];
}

function draw() {
  const canvas = byId('map');
  const drivers = driversOf(scene);
  const orders = scene.orders.filter((order) => order.dropoff);
  const riding = new Set(orders.map((order) => order.driver_id));
  frame(canvas, [scene.shop, ...drivers, ...orders.map((order) => order.dropoff)]);
  drawGround(canvas, orders, drivers);
  const shown = [];
  const put = (key, kind, place, label, build) => {
    // Before a new mark is there: reading the canvas's size settles styles, and the mark would fly in from the corner.
    const { x, y } = toScreen(canvas, place);
    let mark = marks.get(key);
    if (mark === undefined) {
      mark = svg(byId('map-marks'), 'g', {});
      build(mark);
      svg(mark, 'text', { class: 'label' });
      marks.set(key, mark);
    }
    mark.setAttribute('class', `mark ${kind}`);
    mark.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    shown.push({ key, x, y, isPin: label !== '', width: widthOf(mark.lastChild, label) });
  };
  put('shop', 'shop', scene.shop, scene.shop.name, pinOf(SHOP));
  for (const order of orders) put(`order ${order.id}`, `order ${order.status.toLowerCase()}`, order.dropoff, order.code, pinOf(null));
  for (const driver of drivers) {
    put(`driver ${driver.id}`, riding.has(driver.id) ? 'driver busy' : 'driver', driver, '', (mark) => {
      svg(mark, 'circle', { r: 17, class: 'halo' });
      svg(mark, 'circle', { r: 10, class: 'dot' });
      svg(mark, 'path', { d: 'M0-6 4.500 5 0 2.500-4.500 5Z', class: 'nose' });
    });
  }
  sweep(new Set(shown.map(({ key }) => key)));
  writeNames(shown, canvas);
  const free = drivers.filter((driver) => !riding.has(driver.id)).length;
  byId('map-note').textContent = noteOf(drivers.length, free, orders);
}

function sweep(seen) {
  for (const [key, mark] of marks) {
    if (seen.has(key)) continue;
    mark.remove();
    marks.delete(key);
  }
}

/** Writes a name, cut to what fits. @returns its width with a little air, in pixels; 0 for none */
function widthOf(text, name) {
  const letters = [...name];
  const label = letters.length > LABEL_MAX_CHARS ? `${letters.slice(0, LABEL_MAX_CHARS - 1).join('')}…` : name;
  if (text.textContent !== label) {
    text.textContent = label;
    text.dataset.width = text.getComputedTextLength() + 12;
  }
  return Number(text.dataset.width ?? 0);
}

function writeNames(shown, canvas) {
  names = placeLabels(shown, { width: canvas.clientWidth, height: canvas.clientHeight }, names);
  for (const [key, { x, y }] of names) {
    const text = marks.get(key).lastChild;
    text.setAttribute('x', x.toFixed(1));
    text.setAttribute('y', y.toFixed(1));
  }
}

function noteOf(drivers, free, orders) {
  const waiting = orders.filter((order) => order.status === 'READY_FOR_PICKUP').length;
  const parts = [drivers === 0 ? 'No driver is online. Open the driver app and go online.' : `${drivers} online, ${free} free`];
  if (orders.length > 0) parts.push(`${orders.length} ${orders.length === 1 ? 'order' : 'orders'}`);
  if (waiting > 0) parts.push(`${waiting} looking for a driver`);
  return parts.join(' · ');
}

function pinOf(glyph) {
  return (mark) => {
    svg(mark, 'path', { d: PIN, class: 'drop' });
    if (glyph === null) svg(mark, 'circle', { cy: -20, r: 4.5, class: 'glyph' });
    else svg(mark, 'path', { d: glyph, class: 'glyph' });
  };
}

/* Places on the screen: flat enough for a city. */

function toScreen(canvas, place) {
  const x = ((place.lng - view.lng) * RAD * EARTH_M * Math.cos(view.lat * RAD)) / view.mPerPx;
  const y = ((view.lat - place.lat) * RAD * EARTH_M) / view.mPerPx;
  return { x: canvas.clientWidth / 2 + x, y: canvas.clientHeight / 2 + y };
}

/** The view stays as it is while everything is in it and not lost in it, so that the ground does not breathe. */
function frame(canvas, places) {
  const lats = places.map(({ lat }) => lat);
  const lngs = places.map(({ lng }) => lng);
  const lat = (Math.min(...lats) + Math.max(...lats)) / 2;
  const lng = (Math.min(...lngs) + Math.max(...lngs)) / 2;
  const width = Math.max(60, canvas.clientWidth - 2 * PAD.x);
  const height = Math.max(60, canvas.clientHeight - PAD.top - PAD.bottom);
  const spanX = (Math.max(...lngs) - Math.min(...lngs)) * RAD * EARTH_M * Math.cos(lat * RAD);
  const spanY = (Math.max(...lats) - Math.min(...lats)) * RAD * EARTH_M;
  const mPerPx = Math.max(spanX / width, spanY / height, SPAN_MIN_M / Math.min(width, height));
  const isIn = (place) => {
    const { x, y } = toScreen(canvas, place);
    return x > PAD.x / 2 && y > PAD.top * 0.8 && x < canvas.clientWidth - PAD.x / 2 && y < canvas.clientHeight - PAD.bottom / 2;
  };
  if (view !== null && view.mPerPx < 1.6 * mPerPx && places.every(isIn)) return;
  // A little further north, because pins need more room above than below.
  view = { lat: lat + (((PAD.top - PAD.bottom) / 2) * mPerPx) / (RAD * EARTH_M), lng, mPerPx };
}

/** The largest of 1, 2, 5 times a power of ten that is not above. */
function nice(metres) {
  const power = 10 ** Math.floor(Math.log10(metres));
  return ([5, 2].find((step) => step * power <= metres) ?? 1) * power;
}

function drawGround(canvas, orders, drivers) {
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  const ground = byId('map-ground');
  ground.replaceChildren();
  const stepM = nice(view.mPerPx * 70);
  const step = stepM / view.mPerPx;
  let grid = '';
  for (let x = (w / 2) % step; x < w; x += step) grid += `M${x.toFixed(1)} 0V${h}`;
  for (let y = (h / 2) % step; y < h; y += step) grid += `M0 ${y.toFixed(1)}H${w}`;
  svg(ground, 'path', { class: 'grid', d: grid });
  const line = (from, to) => {
    const [a, b] = [toScreen(canvas, from), toScreen(canvas, to)];
    return `M${a.x.toFixed(1)} ${a.y.toFixed(1)}L${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
  };
  for (const order of orders) {
    svg(ground, 'path', { class: 'plan', d: line(order.pickup, order.dropoff) });
    const rider = drivers.find((driver) => driver.id === order.driver_id);
    if (rider) svg(ground, 'path', { class: 'way', d: line(rider, order.status === 'IN_TRANSIT' ? order.dropoff : order.pickup) });
  }
  svg(ground, 'path', { class: 'scale', d: `M14 ${h - 18}v5h${step.toFixed(1)}v-5` });
  svg(ground, 'text', { class: 'note', x: 14, y: h - 24 }, stepM < 1000 ? `${stepM} m` : `${stepM / 1000} km`);
}
