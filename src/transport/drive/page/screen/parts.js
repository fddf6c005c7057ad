/** Pieces that several screens share: memoised areas, links to a map, names of actions. Must never know the session. */
import { byId, el } from '../dom.js';

const drawn = new Map();

/**
 * Draws an area only when what it shows has changed, so that a tap never lands on an element that was just replaced.
 * @param data everything that `build` depends on, as JSON; @param build returns the children
 */
export function area(id, data, build) {
  const text = JSON.stringify(data);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  const place = byId(id);
  const held = place !== document.activeElement && place.contains(document.activeElement) ? document.activeElement : null;
  place.replaceChildren(...build().filter((child) => child !== null));
  if (held !== null) handOn(place, held);
}

/** The focus goes to the button that does the same, else to the middle of the screen: an Enter that is held takes no next step. */
function handOn(place, held) {
  const isSame = (other) => other.id === held.id && other.textContent === held.textContent;
  const next = [...place.querySelectorAll(held.tagName)].find(isSame) ?? byId('main');
  next.focus({ preventScroll: true });
}

/** Somebody else drew over the areas: the next drawing is a first one. */
export function forgetAreas() {
  drawn.clear();
}

/** A big button; `kind` is its look. */
export function button(kind, label, onclick, more = {}) {
  return el('button', { type: 'button', class: `big ${kind}`, onclick, ...more }, label);
}

/** How one line of a stop is written: its name, else its address, else its coordinates. */
export function placeOf(stop) {
  return stop.name ?? stop.address ?? (stop.position === null ? '?' : `${stop.position.lat.toFixed(5)}, ${stop.position.lng.toFixed(5)}`);
}

/** A link that opens the phone's navigation; null when nobody knows where it is. */
export function mapLink(stop, vehicle) {
  const { position } = stop;
  if (position === null && stop.address === null) return null;
  const target = position === null ? stop.address : `${position.lat},${position.lng}`;
  if (position !== null && /android/i.test(navigator.userAgent)) {
    return `geo:${target}?q=${encodeURIComponent(`${target}(${placeOf(stop)})`)}`;
  }
  const mode = vehicle === 'bicycle' ? 'bicycling' : 'driving';
  return `https://www.google.com/maps/dir/?api=1&destination=${encodeURIComponent(target)}&travelmode=${mode}`;
}

/** An action in the driver's words. */
export function sayAction(action, say) {
  const { type, status, reason } = action.message;
  const word = reason === undefined ? (status ?? type) : 'reason';
  return say(`act_${word}`, { code: action.about?.code ?? '' });
}
