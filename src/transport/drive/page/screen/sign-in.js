/** Signing in: a link, a pasted code, or a demo driver of the sandbox. It must never keep a token itself. */

import { tokenIn } from '../device/token.js';
import { byId, el } from '../dom.js';

const DEMO_PLACE = { lat: -26.2485, lng: 27.854 };

/** @returns the sandbox's demo drivers; empty where there is no sandbox */
export async function demoDrivers() {
  try {
    const response = await fetch('/sandbox/drivers', { cache: 'no-store' });
    if (!response.ok) return [];
    const { items } = await response.json();
    return Array.isArray(items) ? items : [];
  } catch {
    // Not reachable: then there is nobody to choose.
    return [];
  }
}

/** Demo riders start a few hundred metres around the shop, each somewhere else. */
export async function demoStart(driverId) {
  const shop = (await demoShop()) ?? DEMO_PLACE;
  const turn = [...driverId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7) * (Math.PI / 180);
  return { lat: shop.lat + 0.006 * Math.cos(turn), lng: shop.lng + 0.007 * Math.sin(turn) };
}

/** Where the sandbox's shop stands; null when it is not known. */
async function demoShop() {
  try {
    const response = await fetch('/sandbox/map', { cache: 'no-store' });
    const shop = response.ok ? (await response.json()).shop : null;
    return typeof shop?.lat === 'number' && typeof shop.lng === 'number' ? { lat: shop.lat, lng: shop.lng } : null;
  } catch {
    // Without a map the simulated rider starts somewhere of its own.
    return null;
  }
}

/**
 * Draws the form; what was typed into the one before stays.
 * @param reason a sentence on top, or null; @param enter gets a token and whether it is a demo driver's
 * @returns `offer(drivers)`: adds the demo drivers below, once they are known
 */
export function drawSignIn(say, reason, enter) {
  const before = byId('token');
  const isTyping = before !== null && before === document.activeElement;
  const fault = el('p', { class: 'wrong', role: 'alert', hidden: true }, say('bad_token'));
  const input = el('input', {
    id: 'token',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    placeholder: say('paste'),
    'aria-label': say('paste'),
  });
  const submit = (event) => {
    event.preventDefault();
    const token = tokenIn(input.value);
    fault.hidden = token !== null;
    if (token !== null) enter(token, false);
  };
  byId('main').replaceChildren(
    el(
      'section',
      { class: 'hero sign-in' },
      el('img', { src: '/drive/icon.svg', alt: '', width: '72', height: '72' }),
      el('h1', {}, 'Wakala Drive'),
      reason === null ? el('p', {}, say('sign_in_text')) : el('p', { class: 'wrong', role: 'alert' }, reason),
    ),
    el('form', { class: 'card', onsubmit: submit }, input, fault, el('button', { type: 'submit', class: 'big go' }, say('sign_in'))),
  );
  byId('actions').replaceChildren();
  byId('unsent').replaceChildren();
  input.value = before?.value ?? '';
  if (isTyping) input.focus();
  return (drivers) => {
    if (drivers.length > 0 && input.isConnected) byId('main').append(demoList(say, drivers, enter));
  };
}

/** What stands there until the session knows the driver's shift. Whoever signed in by keyboard stays in the middle of the screen. */
export function drawWaiting(say) {
  const main = byId('main');
  const isHeld = main.contains(document.activeElement);
  const spinner = el('i', { class: 'spinner', 'aria-hidden': 'true' });
  main.replaceChildren(el('section', { class: 'hero' }, spinner, el('p', { role: 'status' }, say('checking'))));
  if (isHeld) main.focus({ preventScroll: true });
}

function demoList(say, drivers, enter) {
  const vehicle = (driver) => (typeof driver.vehicle === 'string' ? driver.vehicle : (driver.vehicle?.type ?? ''));
  const row = (driver) =>
    el(
      'button',
      { type: 'button', class: 'stop demo', 'data-driver': driver.id, onclick: () => enter(driver.token, true) },
      el('i', { 'aria-hidden': 'true' }),
      el('span', {}, el('b', {}, driver.name), el('small', {}, vehicle(driver))),
    );
  return el('section', { class: 'next' }, el('h2', {}, say('demo_title')), ...drivers.map(row));
}
