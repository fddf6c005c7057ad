/** A map without tiles: grid, rings, the way that is left and a driver that glides. North is up. Knows places only, no order. */

const SVG = 'http://www.w3.org/2000/svg';
const EARTH_M = 6371008.8;
const RAD = Math.PI / 180;
const PAD = { top: 88, right: 56, bottom: 66, left: 56 };
/** From this width the sheet lies on the left part of the map. */
const WIDE_PX = 800;
const SHEET_PX = 456;
const MIN_SPAN_M = 240;
const TRAIL_MAX = 60;
/** A driver never glides longer than this, or the marker would lag behind the news. */
const GLIDE_MAX_MS = 5000;
const GLIDE_MIN_MS = 600;
/** So far nobody glides: it is put there. */
const JUMP_M = 2000;
const ZOOM_MS = 700;
/** From a pin's foot to the top of its name. */
const NAMES_PX = 58;
const DROP = 'M0 0C-4-8-13-14-13-23a13 13 0 0 1 26 0c0 9-9 15-13 23Z';
const SHOP = 'M-6-29h12l1.500 4.500h-15zM-5-23h10v6h-10z';
const HOME = 'M0-31l8 7h-2v7h-4.500v-5h-3v5h-4.500v-7h-2z';

export function distanceM(a, b) {
  const x = (b.lng - a.lng) * RAD * Math.cos(((a.lat + b.lat) / 2) * RAD);
  return Math.hypot(x, (b.lat - a.lat) * RAD) * EARTH_M;
}

/** 340 -> `340 m`, 1240 -> `1.2 km`. */
export const lengthText = (m) => (m < 995 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(m < 9950 ? 1 : 0)} km`);

const roundText = (m) => (m < 1000 ? `${m} m` : `${m / 1000} km`);
/** The largest of 1, 2, 5 times a power of ten that is not above. */
function nice(m) {
  const power = 10 ** Math.floor(Math.log10(m));
  return [5, 2, 1].find((step) => step * power <= m) * power;
}

const mix = (a, b, t) => a + (b - a) * t;

function add(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text) element.textContent = text;
  return parent.appendChild(element);
}

const note = (parent, x, y, text, more) => add(parent, 'text', { class: 'note', x, y, ...more }, text);

/** @param svg fills its box. @returns `show(scene)` with `{ pickup, dropoff, driver, target, early, moving }`: places or null, before pick-up, between stops. */
export function createMap(svg, labels) {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const parts = addParts(svg, labels);
  const marker = createMarker(still);
  const camera = createCamera(svg, still);
  let origin = null;
  let scene = null;
  let frame = 0;
  const wake = () => {
    if (!frame) frame = requestAnimationFrame(tick);
  };
  function tick(now) {
    frame = 0;
    const isGliding = marker.step(now);
    const isZooming = camera.step(now);
    draw(parts, screenOf(svg, camera.view), scene, marker);
    if (isGliding || isZooming) wake();
  }
  addEventListener('resize', () => {
    if (!scene) return;
    camera.jump(scene, marker.at);
    wake();
  });
  return (next) => {
    origin ??= next.dropoff ?? next.pickup;
    scene = flattened(next, origin);
    const now = performance.now();
    marker.move(scene.driver, now);
    camera.look(scene, marker.at, now);
    wake();
  };
}

/** The scene with its places in metres east and south of the origin as well: flat enough for a city. */
function flattened(scene, origin) {
  const flat = (place) =>
    place && {
      ...place,
      x: (place.lng - origin.lng) * RAD * EARTH_M * Math.cos(origin.lat * RAD),
      y: (origin.lat - place.lat) * RAD * EARTH_M,
    };
  const { pickup, dropoff, driver, target } = scene;
  return { ...scene, pickup: flat(pickup), dropoff: flat(dropoff), driver: flat(driver), target: flat(target) };
}

/** From back to front. */
function addParts(svg, labels) {
  const back = add(svg, 'g', {});
  const plan = add(svg, 'path', { class: 'plan' });
  const trail = add(svg, 'path', { class: 'trail' });
  const way = add(svg, 'path', { class: 'way' });
  const shop = addPin(svg, 'shop', SHOP, labels.shop);
  const home = addPin(svg, 'home', HOME, labels.you);
  const me = add(svg, 'g', { class: 'me' });
  add(me, 'circle', { class: 'halo', r: 22 });
  add(me, 'circle', { class: 'dot', r: 13 });
  const nose = add(me, 'path', { class: 'nose' });
  return { back, plan, trail, way, shop, home, me, nose, front: add(svg, 'g', {}) };
}

function addPin(svg, kind, glyph, label) {
  const group = add(svg, 'g', { class: `pin ${kind}` });
  add(group, 'path', { d: DROP });
  add(group, 'path', { d: glyph });
  add(group, 'text', {}, label.length > 22 ? `${label.slice(0, 21)}…` : label);
  return group;
}

/** Where the driver is shown (`at`, null while unknown) and has been (`trace`): it glides to each place that it is told. */
function createMarker(still) {
  const marker = { at: null, trace: [], move, step };
  let glide = null;

  function move(to, now) {
    const { at } = marker;
    if (!to) {
      marker.at = glide = null;
      marker.trace = [];
      return;
    }
    const last = glide?.to ?? at;
    if (last && last.x === to.x && last.y === to.y) return;
    if (last) marker.trace = [...marker.trace, last].slice(-TRAIL_MAX);
    const jump = !at || still.matches || Math.hypot(to.x - at.x, to.y - at.y) > JUMP_M;
    const turn = at?.heading == null || to.heading == null ? null : ((to.heading - at.heading + 540) % 360) - 180;
    if (jump) marker.at = to;
    else glide = { from: at, to, turn, sinceMs: now, ms: Math.min(GLIDE_MAX_MS, Math.max(GLIDE_MIN_MS, to.sinceMs || 0)) };
  }

  /** @returns whether it glides on. */
  function step(now) {
    if (!glide) return false;
    const { from, to, turn } = glide;
    const t = Math.min(1, (now - glide.sinceMs) / glide.ms);
    const heading = turn === null ? to.heading : from.heading + turn * Math.min(1, t * 3);
    marker.at = { x: mix(from.x, to.x, t), y: mix(from.y, to.y, t), heading };
    if (t === 1) glide = null;
    return t < 1;
  }
  return marker;
}

/** What is seen (`view`): the place in the middle, in metres, and the metres of a pixel. It zooms rather than jumps. */
function createCamera(svg, still) {
  const camera = { view: null, look, step, jump };
  let zoom = null;

  function jump(scene, at) {
    zoom = null;
    camera.view = fitted(svg, scene, at);
  }

  /** A new view only when the present one is left, or far too wide. */
  function look(scene, at, now) {
    if (!camera.view || still.matches) return jump(scene, at);
    const to = fitted(svg, scene, at);
    const goal = zoom?.to ?? camera.view;
    const off = Math.hypot(to.x - goal.x, to.y - goal.y) / goal.mpp;
    if (to.mpp > goal.mpp * 1.02 || to.mpp < goal.mpp * 0.75 || off > 40) zoom = { from: camera.view, to, sinceMs: now };
  }

  /** @returns whether it zooms on. */
  function step(now) {
    if (!zoom) return false;
    const { from, to } = zoom;
    const t = Math.min(1, (now - zoom.sinceMs) / ZOOM_MS);
    const eased = t * t * (3 - 2 * t);
    camera.view = { x: mix(from.x, to.x, eased), y: mix(from.y, to.y, eased), mpp: mix(from.mpp, to.mpp, eased) };
    if (t === 1) zoom = null;
    return t < 1;
  }
  return camera;
}

/** The view that holds everything that matters now. */
function fitted({ clientWidth: w, clientHeight: h }, scene, at) {
  const points = [scene.driver, scene.target, scene.dropoff, scene.early ? scene.pickup : null, at].filter(Boolean);
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const padLeft = w < WIDE_PX ? PAD.left : PAD.left + SHEET_PX;
  const width = Math.max(80, w - padLeft - PAD.right);
  const height = Math.max(80, h - PAD.top - PAD.bottom);
  const mpp = Math.max((right - left) / width, (bottom - top) / height, MIN_SPAN_M / Math.min(width, height));
  return { x: (left + right) / 2 - ((padLeft - PAD.right) / 2) * mpp, y: (top + bottom) / 2 - ((PAD.top - PAD.bottom) / 2) * mpp, mpp };
}

/** The size in pixels, the view, and `at(point)`: where a point is. */
function screenOf({ clientWidth: w, clientHeight: h }, { x, y, mpp }) {
  return { w, h, x, y, mpp, at: (p) => ({ x: w / 2 + (p.x - x) / mpp, y: h / 2 + (p.y - y) / mpp }) };
}

function draw(parts, screen, scene, marker) {
  parts.back.textContent = '';
  drawGrid(parts.back, screen);
  if (scene.target) drawRings(parts.back, screen, scene.target);
  drawWays(parts, screen, scene, marker);
  drawPin(parts.shop, screen, scene.pickup);
  drawPin(parts.home, screen, scene.dropoff);
  partNames(parts, screen, scene);
  drawDriver(parts, screen, scene.driver, marker.at);
  parts.front.textContent = '';
  drawScale(parts.front, screen);
}

/** Its lines stay on the same places when the view moves. */
function drawGrid(back, { w, h, x, y, mpp, at }) {
  const step = nice(mpp * 90);
  const px = step / mpp;
  const first = at({ x: Math.floor((x - (w / 2) * mpp) / step) * step, y: Math.floor((y - (h / 2) * mpp) / step) * step });
  let lines = '';
  for (let left = first.x; left < w; left += px) lines += `M${left.toFixed(1)} 0V${h}`;
  for (let top = first.y; top < h; top += px) lines += `M0 ${top.toFixed(1)}H${w}`;
  add(back, 'path', { class: 'grid', d: lines });
}

function drawRings(back, { mpp, at }, target) {
  const { x, y } = at(target);
  const stepM = nice(mpp * 110);
  for (let i = 1; i <= 4; i++) {
    const r = (stepM * i) / mpp;
    add(back, 'circle', { class: 'ring', cx: x, cy: y, r });
    if (y - r > 60) note(back, x + 4, y - r - 4, roundText(stepM * i));
  }
}

function drawWays({ plan, trail, way }, { at }, { pickup, dropoff, target, early, moving }, marker) {
  const line = (part, points) => {
    const spots = points.map(at);
    part.setAttribute('d', spots.map((p, i) => `${i ? 'L' : 'M'}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join(''));
  };
  line(plan, early && pickup && dropoff ? [pickup, dropoff] : []);
  line(trail, marker.at && marker.trace.length ? [...marker.trace, marker.at] : []);
  line(way, marker.at && target && moving ? [marker.at, target] : []);
}

function drawPin(pin, { w, at }, spot) {
  const p = spot && at(spot);
  place(pin, p);
  if (!p) return;
  // A name near the edge moves beside its pin rather than out of the picture.
  const name = pin.lastChild;
  const left = w < WIDE_PX ? 0 : SHEET_PX;
  const half = name.getComputedTextLength() / 2 + 6;
  const x = Math.max(left + half - p.x, Math.min(0, w - half - p.x));
  name.setAttribute('x', Math.max(-half, Math.min(half, x)).toFixed(1));
}

/** Where the pins stand so close that a name would lie on the other's, the lower one has its name below. */
function partNames({ shop, home }, { at }, { pickup, dropoff }) {
  const names = [shop, home].map((pin) => pin.lastChild);
  const [a, b] = [pickup, dropoff].map((spot) => spot && at(spot));
  const isClose = a && b && Math.abs(a.y - b.y) < NAMES_PX && Math.abs(a.x - b.x) < reachOf(names[0]) + reachOf(names[1]);
  const lower = isClose ? names[a.y > b.y ? 0 : 1] : null;
  for (const name of names) name.setAttribute('y', name === lower ? 20 : -42);
}

/** How far a name or its pin reaches to a side; it may have moved away from the edge by as much as half of itself. */
const reachOf = (name) => Math.max(17, name.getComputedTextLength() / 2 + Math.abs(name.getAttribute('x')));

function drawDriver({ me, nose }, { at }, driver, shown) {
  const isTurned = shown?.heading != null;
  me.setAttribute('class', driver?.isOld ? 'me old' : 'me');
  place(me, shown && at(shown), isTurned ? ` rotate(${shown.heading.toFixed(0)})` : '');
  nose.setAttribute('d', isTurned ? 'M0-8l6 13-6-3.500-6 3.500z' : 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0');
}

function drawScale(front, { w, h, mpp }) {
  const lengthM = nice(mpp * 90);
  const px = lengthM / mpp;
  add(front, 'path', { class: 'scale', d: `M${w - 16 - px} ${h - 40}v5h${px}v-5` });
  note(front, w - 16, h - 45, roundText(lengthM), { 'text-anchor': 'end' });
  add(front, 'path', { class: 'north', d: `M${w - 24} 34l6-14 6 14-6-4z` });
  note(front, w - 18, 48, 'N', { 'text-anchor': 'middle' });
}

function place(part, p, turn = '') {
  part.setAttribute('display', p ? 'inline' : 'none');
  if (p) part.setAttribute('transform', `translate(${p.x.toFixed(1)} ${p.y.toFixed(1)})${turn}`);
}
