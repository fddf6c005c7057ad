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
const ZOOM_MS = 700;
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

function add(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text) element.textContent = text;
  return parent.appendChild(element);
}

/** @param svg fills its box. @returns `show(scene)` with `{ pickup, dropoff, driver, target, early, moving }`: places or null, before pick-up, between stops. */
export function createMap(svg, labels) {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const back = add(svg, 'g', {});
  const plan = add(svg, 'path', { class: 'plan' });
  const trail = add(svg, 'path', { class: 'trail' });
  const way = add(svg, 'path', { class: 'way' });
  const shop = pin('shop', SHOP, labels.shop);
  const home = pin('home', HOME, labels.you);
  const me = add(svg, 'g', { class: 'me' });
  add(me, 'circle', { class: 'halo', r: 22 });
  add(me, 'circle', { class: 'dot', r: 13 });
  const nose = add(me, 'path', { class: 'nose' });
  const front = add(svg, 'g', {});
  let origin = null;
  let scene = null;
  let view = null;
  let shown = null;
  let glide = null;
  let zoom = null;
  let trace = [];
  let frame = 0;

  function pin(kind, glyph, label) {
    const group = add(svg, 'g', { class: `pin ${kind}` });
    add(group, 'path', { d: DROP });
    add(group, 'path', { d: glyph });
    add(group, 'text', { y: -42 }, label.length > 22 ? `${label.slice(0, 21)}…` : label);
    return group;
  }

  /** Metres east and south of the origin: flat enough for a city. */
  const flat = (place) => ({
    x: (place.lng - origin.lng) * RAD * EARTH_M * Math.cos(origin.lat * RAD),
    y: (origin.lat - place.lat) * RAD * EARTH_M,
  });
  const toScreen = (p) => ({ x: svg.clientWidth / 2 + (p.x - view.x) / view.mpp, y: svg.clientHeight / 2 + (p.y - view.y) / view.mpp });

  /** The view that holds everything that matters now. */
  function fitted() {
    const points = [scene.driver, scene.target, scene.dropoff, scene.early ? scene.pickup : null].filter(Boolean).map(flat);
    if (shown) points.push(shown);
    const xs = points.map((p) => p.x);
    const ys = points.map((p) => p.y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const padLeft = svg.clientWidth < WIDE_PX ? PAD.left : PAD.left + SHEET_PX;
    const width = Math.max(80, svg.clientWidth - padLeft - PAD.right);
    const height = Math.max(80, svg.clientHeight - PAD.top - PAD.bottom);
    const mpp = Math.max((right - left) / width, (bottom - top) / height, MIN_SPAN_M / Math.min(width, height));
    return { x: (left + right) / 2 - ((padLeft - PAD.right) / 2) * mpp, y: (top + bottom) / 2 - ((PAD.top - PAD.bottom) / 2) * mpp, mpp };
  }

  function draw() {
    const w = svg.clientWidth;
    const h = svg.clientHeight;
    const to = scene.target ? toScreen(flat(scene.target)) : null;
    const path = (points) =>
      points
        .map(toScreen)
        .map((p, i) => `${i ? 'L' : 'M'}${p.x.toFixed(1)} ${p.y.toFixed(1)}`)
        .join('');
    const place = (group, at, extra = '') => {
      group.setAttribute('display', at ? 'inline' : 'none');
      if (at) group.setAttribute('transform', `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})${extra}`);
    };
    back.textContent = '';
    const step = nice(view.mpp * 90);
    const px = step / view.mpp;
    const first = toScreen({
      x: Math.floor((view.x - (w / 2) * view.mpp) / step) * step,
      y: Math.floor((view.y - (h / 2) * view.mpp) / step) * step,
    });
    let lines = '';
    for (let x = first.x; x < w; x += px) lines += `M${x.toFixed(1)} 0V${h}`;
    for (let y = first.y; y < h; y += px) lines += `M0 ${y.toFixed(1)}H${w}`;
    add(back, 'path', { class: 'grid', d: lines });
    const ringM = nice(view.mpp * 110);
    for (let i = 1; to && i <= 4; i++) {
      const r = (ringM * i) / view.mpp;
      add(back, 'circle', { class: 'ring', cx: to.x, cy: to.y, r });
      if (to.y - r > 60) add(back, 'text', { class: 'note', x: to.x + 4, y: to.y - r - 4 }, roundText(ringM * i));
    }
    plan.setAttribute('d', scene.early && scene.pickup && scene.dropoff ? path([flat(scene.pickup), flat(scene.dropoff)]) : '');
    trail.setAttribute('d', shown && trace.length ? path([...trace, shown]) : '');
    way.setAttribute('d', shown && scene.target && scene.moving ? path([shown, flat(scene.target)]) : '');
    const left = w < WIDE_PX ? 0 : SHEET_PX;
    for (const [group, spot] of [
      [shop, scene.pickup],
      [home, scene.dropoff],
    ]) {
      const at = spot && toScreen(flat(spot));
      place(group, at);
      if (!at) continue;
      // A name near the edge moves beside its pin rather than out of the picture.
      const name = group.lastChild;
      const half = name.getComputedTextLength() / 2 + 6;
      const x = Math.max(left + half - at.x, Math.min(0, w - half - at.x));
      name.setAttribute('x', Math.max(-half, Math.min(half, x)).toFixed(1));
    }
    place(me, shown && toScreen(shown), shown?.heading == null ? '' : ` rotate(${shown.heading.toFixed(0)})`);
    nose.setAttribute('d', shown?.heading == null ? 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0' : 'M0-8l6 13-6-3.500-6 3.500z');
    front.textContent = '';
    const scaleM = nice(view.mpp * 90);
    const scalePx = scaleM / view.mpp;
    add(front, 'path', { class: 'scale', d: `M${w - 16 - scalePx} ${h - 40}v5h${scalePx}v-5` });
    add(front, 'text', { class: 'note', x: w - 16, y: h - 45, 'text-anchor': 'end' }, roundText(scaleM));
    add(front, 'path', { class: 'north', d: `M${w - 24} 34l6-14 6 14-6-4z` });
    add(front, 'text', { class: 'note', x: w - 18, y: 48, 'text-anchor': 'middle' }, 'N');
  }

  function tick(now) {
    frame = 0;
    if (glide) {
      const t = Math.min(1, (now - glide.at) / glide.ms);
      const turn = glide.turn === null ? glide.to.heading : glide.from.heading + glide.turn * Math.min(1, t * 3);
      shown = { x: mix(glide.from.x, glide.to.x, t), y: mix(glide.from.y, glide.to.y, t), heading: turn };
      if (t === 1) glide = null;
    }
    if (zoom) {
      const t = Math.min(1, (now - zoom.at) / ZOOM_MS);
      const eased = t * t * (3 - 2 * t);
      view = { x: mix(zoom.from.x, zoom.to.x, eased), y: mix(zoom.from.y, zoom.to.y, eased), mpp: mix(zoom.from.mpp, zoom.to.mpp, eased) };
      if (t === 1) zoom = null;
    }
    draw();
    if (glide || zoom) frame = requestAnimationFrame(tick);
  }

  const mix = (a, b, t) => a + (b - a) * t;
  const wake = () => {
    if (frame === 0) frame = requestAnimationFrame(tick);
  };

  function move(driver, now) {
    if (!driver) {
      shown = null;
      glide = null;
      trace = [];
      return;
    }
    const to = { ...flat(driver), heading: driver.heading };
    const last = glide?.to ?? shown;
    if (last && last.x === to.x && last.y === to.y) return;
    if (last) trace = [...trace, last].slice(-TRAIL_MAX);
    const jump = !shown || still.matches || Math.hypot(to.x - shown.x, to.y - shown.y) > 2000;
    const turn = !shown || shown.heading == null || to.heading == null ? null : ((to.heading - shown.heading + 540) % 360) - 180;
    if (jump) shown = to;
    else glide = { from: shown, to, turn, at: now, ms: Math.min(GLIDE_MAX_MS, Math.max(600, driver.sinceMs || 0)) };
  }

  /** A new view only when the present one is left, or far too wide. */
  function look(now) {
    const to = fitted();
    if (!view || still.matches) {
      view = to;
      return;
    }
    const goal = zoom?.to ?? view;
    const off = Math.hypot(to.x - goal.x, to.y - goal.y) / goal.mpp;
    if (to.mpp > goal.mpp * 1.02 || to.mpp < goal.mpp * 0.75 || off > 40) zoom = { from: view, to, at: now };
  }

  addEventListener('resize', () => {
    if (!scene) return;
    view = fitted();
    zoom = null;
    wake();
  });

  return (next) => {
    scene = next;
    origin ??= next.dropoff ?? next.pickup;
    const now = performance.now();
    move(next.driver, now);
    me.setAttribute('class', next.driver?.isOld ? 'me old' : 'me');
    look(now);
    wake();
  };
}
