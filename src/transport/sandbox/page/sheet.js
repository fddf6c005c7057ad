/** The bottom sheet of the phone: list messages, places to share, a new number. Hands the choice to its caller. */
import { byId, el } from './dom.js';

let before = null;

export function closeSheet() {
  byId('sheet-back').hidden = true;
  byId('sheet-body').replaceChildren();
  before?.focus();
  before = null;
}

function open(title, nodes) {
  before = document.activeElement;
  byId('sheet-title').textContent = title;
  byId('sheet-body').replaceChildren(...nodes);
  byId('sheet-back').hidden = false;
  (byId('sheet-body').querySelector('button, input') ?? byId('sheet-close')).focus();
}

function row(title, small, mark, choose) {
  const text = el('span', {}, title, small ? el('small', {}, small) : null);
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

/** `choose({ lat, lng, name?, address? })`; `complain(text)` when the browser gives no position. */
export function openPlaces(places, choose, complain) {
  const pick = (location) => {
    closeSheet();
    choose(location);
  };
  const pin = (glyph) => ({ before: el('i', { class: 'pin', 'aria-hidden': 'true' }, glyph) });
  const here = () => {
    if (navigator.geolocation === undefined) return complain('This browser shares no location.');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => pick({ lat: coords.latitude, lng: coords.longitude }),
      () => complain('The browser did not share a location. Pick a place or type one.'),
      { timeout: 10_000 },
    );
  };
  const lat = el('input', { inputmode: 'decimal', placeholder: 'lat, e.g. -26.2485', 'aria-label': 'Latitude' });
  const lng = el('input', { inputmode: 'decimal', placeholder: 'lng, e.g. 27.854', 'aria-label': 'Longitude' });
  const typed = () => {
    const position = { lat: Number.parseFloat(lat.value), lng: Number.parseFloat(lng.value) };
    if (Math.abs(position.lat) <= 90 && Math.abs(position.lng) <= 180) pick(position);
    else complain('Type a latitude and a longitude in degrees.');
  };
  open('Share a location', [
    row('Send your current location', 'asks this browser', pin('◎'), here),
    el('h3', {}, 'Places'),
    ...places.map((place) => row(place.name, place.address, pin('📍'), () => pick(place))),
    el('h3', {}, 'Anywhere else'),
    el('div', { class: 'fields' }, lat, lng),
    row('Send this point', '', pin('➤'), typed),
  ]);
}

/** `choose({ wa_id, name })` with a number that nobody has used on this page yet. */
export function openNumber(choose, complain) {
  const digits = String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0');
  const number = el('input', { inputmode: 'tel', value: `2760${digits}`, 'aria-label': 'Number' });
  const name = el('input', { value: '', placeholder: 'Name', maxlength: '100', 'aria-label': 'Name' });
  const use = () => {
    const waId = number.value.replace(/\D/g, '').replace(/^0/, '27');
    if (!/^[1-9]\d{6,14}$/.test(waId)) return complain('A number has 7 to 15 digits, country code first.');
    closeSheet();
    choose({ wa_id: waId, name: name.value.trim() || `Customer ${waId.slice(-4)}` });
  };
  open('A new customer', [
    el('div', { class: 'fields' }, number),
    el('div', { class: 'fields' }, name),
    row('Start chatting', '', { before: el('i', { class: 'pin' }, '💬') }, use),
  ]);
}

byId('sheet-close').addEventListener('click', closeSheet);
byId('sheet-back').addEventListener('click', (event) => {
  if (event.target === byId('sheet-back')) closeSheet();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !byId('sheet-back').hidden) closeSheet();
});
