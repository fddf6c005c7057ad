/** The tracking page: puts the newest state into the document. All text is set as text; nothing is ever parsed as markup. */
import { follow } from './live.js';
import { createMap, distanceM, lengthText } from './map.js';

const PHASES = ['assigned', 'at_pickup', 'picked_up', 'at_dropoff'];
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const BIKE = 'M7 26a5 5 0 1 1 0-10 5 5 0 0 1 0 10ZM25 26a5 5 0 1 1 0-10 5 5 0 0 1 0 10ZM7 21l5-9h8l5 9M12 12l5 9h-4M20 12l-1-4h4';
const MOTORBIKE = 'M8 27a4 4 0 1 1 0-8 4 4 0 0 1 0 8ZM25 27a4 4 0 1 1 0-8 4 4 0 0 1 0 8ZM12 23h6l4-8M3 7h9v7H3zM5 17h10l2 5M25 19l-4-11h-4';
const CAR = 'M4 22v-6l3-1 3-6h11l4 6 4 1v6h-3M12 22h8M9 25a3 3 0 1 1 0-6 3 3 0 0 1 0 6ZM23 25a3 3 0 1 1 0-6 3 3 0 0 1 0 6ZM8 15h17';
const TRUCK = 'M3 22V9h15v13h-6M18 13h6l5 5v4h-3M9 25a3 3 0 1 1 0-6 3 3 0 0 1 0 6ZM23 25a3 3 0 1 1 0-6 3 3 0 0 1 0 6Z';
const RIDES = { bicycle: BIKE, motorbike: MOTORBIKE, car: CAR, bakkie: TRUCK, truck: TRUCK };

const data = JSON.parse(document.getElementById('data').textContent);
const { text } = data;
const byId = (id) => document.getElementById(id);
/** Untouched text is not announced again. */
const put = (id, value) => {
  if (byId(id).textContent !== value) byId(id).textContent = value;
};
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

let track = null;
/** Server's time less this phone's. */
let aheadMs = 0;
let isOn = false;
let map = null;

const nowMs = () => Date.now() + aheadMs;

function etaText(eta) {
  if (!eta) return ['', track.position || track.phase !== 'picked_up' ? '' : text.eta_none];
  const from = Math.max(0, Math.floor((eta.at_ms - nowMs()) / MINUTE_MS));
  const to = Math.max(from + 1, Math.ceil((eta.latest_at_ms - nowMs()) / MINUTE_MS));
  const span = fill(text[`eta_${eta.stop}`], { a: clock.format(eta.at_ms), b: clock.format(eta.latest_at_ms) });
  return eta.latest_at_ms - nowMs() < MINUTE_MS ? [text.eta_now, ''] : [fill(text.eta_range, { a: from, b: to }), span];
}

function renderWords() {
  const { phase, driver, pickup, eta } = track;
  const name = driver.name ?? text.a_driver;
  const at = PHASES.indexOf(phase);
  put('headline', fill(text[`head_${track.busy_elsewhere && isMoving() ? 'busy' : phase}`], { name, shop: pickup.name }));
  put('more', { at_pickup: text.collecting_hint, at_dropoff: text.door_hint }[phase] ?? '');
  const [big, small] = etaText(eta);
  put('eta', big);
  put('eta-more', small);
  byId('eta').parentElement.hidden = big + small === '';
  [...byId('steps').children].forEach((step, i) => {
    step.className = i < at ? 'done' : '';
    step.toggleAttribute('aria-current', i === at);
    if (i === at) step.setAttribute('aria-current', 'step');
  });
  put('name', name);
  put('vehicle', text[driver.vehicle]);
  byId('ride').setAttribute('d', RIDES[driver.vehicle]);
  put('plate', driver.registration ?? '');
  byId('plate').hidden = !driver.registration;
  put('code', track.code);
  document.title = `${track.code} · ${text.title}`;
}

function renderNet() {
  const { position } = track ?? {};
  const minutes = position ? Math.floor((nowMs() - position.at_ms) / MINUTE_MS) : 0;
  const isOld = position?.stale || minutes >= 1;
  let words = isOn ? text.live : text.connecting;
  if (isOn && track && !position) words = track.busy_elsewhere ? text.hidden : text.no_position;
  if (isOld) words = fill(text.last_seen, { n: Math.max(1, minutes) });
  else if (isOn && position && target() && isMoving()) {
    const n = lengthText(distanceM(position, target()));
    words = `${text.live} · ${fill(target() === track.pickup ? text.from_shop : text.away, { n })}`;
  }
  put('net-text', words);
  byId('net').className = isOn && position && !isOld ? 'net on' : 'net';
}

const isMoving = () => track.phase === 'assigned' || track.phase === 'picked_up';
/** The stop that the driver is heading for. */
const target = () => (PHASES.indexOf(track.phase) < 2 ? track.pickup : track.dropoff);

function renderMap(before) {
  const { pickup, dropoff, position } = track;
  map ??= createMap(byId('map'), { shop: pickup.name, you: text.you });
  const driver = position && {
    lat: position.lat,
    lng: position.lng,
    heading: position.heading_deg,
    isOld: position.stale,
    sinceMs: before?.position ? position.at_ms - before.position.at_ms : 0,
  };
  map({ pickup, dropoff, driver, target: target(), early: PHASES.indexOf(track.phase) < 2, moving: isMoving() });
}

function show(next, serverMs) {
  const before = track;
  track = next;
  if (serverMs) aheadMs = serverMs - Date.now();
  renderWords();
  renderNet();
  renderMap(before);
}

function close(state, end, headline, more) {
  track = null;
  Object.assign(document.body.dataset, { state, end });
  byId('mark').setAttribute('d', data.marks[end]);
  put('headline', headline);
  put('more', more);
}

const over = (outcome) => {
  const kind = text[`over_${outcome}`] ? outcome : 'ended';
  close('over', kind, text[`over_${kind}`], text[`over_${kind}_more`]);
};

if (data.state === 'live') {
  if (data.track) show(data.track, data.now_ms);
  follow(data.path, data.track, {
    track: show,
    over,
    gone: () => close('gone', 'gone', text.gone, text.gone_more),
    net: (on) => {
      isOn = on;
      renderNet();
    },
  });
  setInterval(() => {
    if (!track || document.hidden) return;
    renderWords();
    renderNet();
  }, 10 * SECOND_MS);
}
