/** The bottom sheet of the phone: list messages, places to share, a new number. Hands the choice to its caller. */
import { byId, el } from './dom.js';

let before = null;
/** What lies under the sheet: out of reach while it is up. */
const under = ['.chat-head', '#log', '#jump', '#try-now', '#composer'].map((selector) => document.querySelector(selector));

/** The focus goes back to what opened the sheet, or to the chat if that is gone; who has left the sheet already keeps it. */
export function closeSheet() {
  if (byId('sheet-back').hidden) return;
  const active = document.activeElement;
  const isHere = active === null || active === document.body || byId('sheet-back').contains(active);
  byId('sheet-back').hidden = true;
  for (const part of under) part.inert = false;
  byId('sheet-body').replaceChildren();
  if (isHere) (before?.isConnected ? before : byId('log')).focus({ preventScroll: true });
  before = null;
}

function open(title, nodes) {
  if (byId('sheet-back').hidden) before = document.activeElement;
  byId('sheet-title').textContent = title;
  byId('sheet-body').replaceChildren(...nodes);
  byId('sheet-back').hidden = false;
  for (const part of under) part.inert = true;
  (byId('sheet-body').querySelector('button, input') ?? byId('sheet-close')).focus();
}

function row(title, small, mark, choose) {
  const text = el('span', { dir: 'auto' }, title, small ? el('small', { dir: 'auto' }, small) : null);
  return el('button', { type: 'button', class: 'row', onclick: choose }, mark.before ?? null, text, mark.after ?? null);
}

/** `choose({ reply_id, title })` gets the tapped row. */
export function openList(content, choose) {
  const nodes = content.sections.flatMap((section) => [
    section.title ? el('h3', {}, section.title) : null,
    ...section.rows.map(({ id, title, description }) =>
      row(title, description, { after: el('i', { class: 'dot' }) }, () => {
        closeSheet();
        choose({ reply_id: id, title });
      }),
    ),
  ]);
  open(content.button, nodes.filter(Boolean));
}

/** A form of the sheet, sent by its row or by Enter; `take()` may find fault with what was typed, and says so in `fault`. */
function form(fields, title, glyph, take, fault) {
  const submit = (event) => {
    event.preventDefault();
    take();
  };
  const send = el(
    'button',
    { type: 'submit', class: 'row' },
    el('i', { class: 'pin', 'aria-hidden': 'true' }, glyph),
    el('span', {}, title),
  );
  return el('form', { onsubmit: submit, novalidate: true }, ...fields, fault, send);
}

/** A line of the sheet for what is wrong, beside what it is about: `[element, complain(text)]`. */
function faultLine() {
  const line = el('p', { class: 'sheet-fault', role: 'alert', hidden: true });
  const complain = (text) => {
    line.textContent = text;
    line.hidden = false;
    line.scrollIntoView({ block: 'nearest' });
  };
  return [line, complain];
}

/** `choose({ lat, lng, name?, address? })` */
export function openPlaces(places, choose) {
  const [noPosition, complainHere] = faultLine();
  const [noPoint, complainPoint] = faultLine();
  const pick = (location) => {
    closeSheet();
    choose(location);
  };
  const pin = (glyph) => ({ before: el('i', { class: 'pin', 'aria-hidden': 'true' }, glyph) });
  // A browser may ask first, for as long as it likes: who has closed the sheet by then shares nothing.
  const here = () => {
    if (navigator.geolocation === undefined) return complainHere('This browser shares no location. Pick a place or type one.');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => noPosition.isConnected && pick({ lat: coords.latitude, lng: coords.longitude }),
      () => complainHere('The browser did not share a location. Pick a place or type one.'),
      { timeout: 10_000 },
    );
  };
  const lat = el('input', { inputmode: 'decimal', placeholder: 'lat, e.g. -26.2485', 'aria-label': 'Latitude' });
  const lng = el('input', { inputmode: 'decimal', placeholder: 'lng, e.g. 27.854', 'aria-label': 'Longitude' });
  const typed = () => {
    const position = { lat: degrees(lat), lng: degrees(lng) };
    if (Math.abs(position.lat) <= 90 && Math.abs(position.lng) <= 180) pick(position);
    else complainPoint('Type a latitude and a longitude in degrees.');
  };
  open('Share a location', [
    row('Send your current location', 'asks this browser', pin('◎'), here),
    noPosition,
    el('h3', {}, 'Places'),
    ...places.map((place) => row(place.name, place.address, pin('📍'), () => pick(place))),
    el('h3', {}, 'Anywhere else'),
    form([el('div', { class: 'fields' }, lat, lng)], 'Send this point', '➤', typed, noPoint),
  ]);
}

/** What stands in the field as degrees, with a point or a comma; not a number when it is none. */
const degrees = ({ value }) => (value.trim() === '' ? Number.NaN : Number(value.trim().replace(',', '.')));

/** `choose({ wa_id, name })` with a number that nobody has used on this page yet. */
export function openNumber(choose) {
  const [fault, complain] = faultLine();
  const digits = String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0');
  const number = el('input', { inputmode: 'tel', value: `2760${digits}`, 'aria-label': 'Number' });
  const name = el('input', { value: '', placeholder: 'Name', maxlength: '100', 'aria-label': 'Name' });
  const use = () => {
    const waId = number.value.replace(/\D/g, '').replace(/^0/, '27');
    if (!/^[1-9]\d{6,14}$/.test(waId)) return complain('A number has 7 to 15 digits, country code first.');
    closeSheet();
    choose({ wa_id: waId, name: name.value.trim() || `Customer ${waId.slice(-4)}` });
  };
  const fields = [el('div', { class: 'fields' }, number), el('div', { class: 'fields' }, name)];
  open('A new customer', [form(fields, 'Start chatting', '💬', use, fault)]);
}

byId('sheet-close').addEventListener('click', closeSheet);
byId('sheet-back').addEventListener('click', (event) => {
  if (event.target === byId('sheet-back')) closeSheet();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !byId('sheet-back').hidden) closeSheet();
});
