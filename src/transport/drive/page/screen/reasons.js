/**
 * Asks why a job was refused, after the refusal has gone out: a sheet that nobody has to answer. It lies above the buttons and never
 * over them, and must never hold anything back.
 */
import { byId, el } from '../dom.js';
import { DECLINE_REASONS } from '../session/wire.js';
import { area, button } from './parts.js';

/** It comes up where "decline" was a moment ago: the second tap of two must not be a reason. */
const GUARD_MS = 500;
/** Then it goes by itself, unless somebody is among its buttons. */
const SHOWN_MS = 30_000;

let asked = null;

/** From the next drawing on. @param offer the one that was refused */
export function askReason(offer) {
  asked = { offer, sinceMs: performance.now(), isReached: false };
}

export function forgetReason() {
  asked = null;
  area('reasons', [], () => []);
}

/** @param isOver something else wants the driver's eyes; @param give gets the offer and a reason, or null for none */
export function drawReasons({ say, language, isOver, give }) {
  const sheet = byId('reasons');
  const { activeElement } = document;
  const hadFocus = sheet.contains(activeElement);
  const isTouched = hadFocus && activeElement.tagName === 'BUTTON';
  if (asked !== null && (isOver || (ageMs(asked) > SHOWN_MS && !isTouched))) asked = null;
  const question = asked;
  area('reasons', [language, question?.offer.offerId ?? null], () => (question === null ? [] : [build(question.offer, say, give)]));
  if (question === null) {
    // Whoever works by keyboard must not be thrown to the top of the page.
    if (hadFocus) byId('main').focus();
    return;
  }
  if (ageMs(question) >= GUARD_MS) for (const choice of sheet.querySelectorAll('button')) choice.disabled = false;
  if (question.isReached) return;
  question.isReached = true;
  sheet.firstElementChild.focus();
}

/** By a clock that is never set back. */
const ageMs = ({ sinceMs }) => performance.now() - sinceMs;

function build(offer, say, give) {
  const choose = (reason) => () => {
    asked = null;
    give(offer, reason);
  };
  const choice = (reason) =>
    button('plain', say(`reason_${reason ?? 'none'}`), choose(reason), { 'data-reason': reason ?? '', disabled: true });
  const leave = ({ key }) => {
    if (key === 'Escape') choose(null)();
  };
  return el(
    'section',
    { role: 'group', 'aria-labelledby': 'reasons-title', tabindex: '-1', onkeydown: leave },
    el('p', { id: 'reasons-title' }, say('reason_title', { code: offer.code ?? '' })),
    el('div', { class: 'answers' }, ...[...DECLINE_REASONS, null].map(choice)),
  );
}
