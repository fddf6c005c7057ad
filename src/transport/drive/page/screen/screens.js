/** What stands in the middle of the screen: resting, waiting, asking for a job, riding one. Told what to show; changes nothing. */

import { distanceM, sayDistance } from '../device/geometry.js';
import { el, money } from '../dom.js';
import { placeOf } from './parts.js';

const STEPS = ['to_pickup', 'at_pickup', 'to_dropoff', 'at_dropoff'];
const MS_PER_MIN = 60_000;

function figure(label, value) {
  return el('div', { class: 'figure' }, el('small', {}, label), el('b', {}, value));
}

/** @param session, @param say; today, deliveries, cash, and the running or the last shift */
function moneyCard(session, say, nowMs) {
  const earnings = session.model.driver?.earnings;
  if (earnings === undefined) return null;
  const amount = (minor) => money(minor, earnings.currency);
  const { shift } = session;
  const minutes = shift === null ? 0 : Math.max(0, Math.floor(((shift.endMs ?? nowMs) - shift.sinceMs) / MS_PER_MIN));
  const hours = say('hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
  return el(
    'section',
    { class: 'card money' },
    el('div', { class: 'figure main' }, el('small', {}, say('today')), el('b', {}, amount(earnings.todayMinor))),
    el(
      'div',
      { class: 'figures' },
      figure(say('deliveries'), String(earnings.deliveries)),
      figure(say('cash_on_hand'), amount(earnings.cashOnHandMinor)),
    ),
    shift === null
      ? null
      : el(
          'p',
          { class: 'shift' },
          el('span', {}, say(shift.endMs === null ? 'shift' : 'last_shift')),
          ` ${hours} · ${amount(shift.minor)} · ${shift.deliveries} ✓`,
        ),
  );
}

export function restingScreen(session, say, nowMs) {
  const name = session.model.driver?.name?.split(' ')[0] ?? '';
  return [
    el('section', { class: 'hero' }, el('h1', {}, say('resting_title', { name })), el('p', {}, say('resting_text'))),
    moneyCard(session, say, nowMs),
  ];
}

export function waitingScreen(session, say, nowMs) {
  return [
    el(
      'section',
      { class: 'hero' },
      el('div', { class: 'radar', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')),
      el('h1', {}, say('waiting_title')),
      el('p', {}, say('waiting_text')),
    ),
    moneyCard(session, say, nowMs),
  ];
}

/** An accepted offer whose outcome is open: nobody may ride yet. */
export function askingScreen(actions, say) {
  return actions.map((action) =>
    el(
      'section',
      { class: 'card asking' },
      el('i', { class: 'spinner', 'aria-hidden': 'true' }),
      el('div', {}, el('h2', {}, say('asking', { code: action.about?.code ?? '' })), el('p', {}, say('asking_text'))),
    ),
  );
}

export function cashBox(job, say) {
  return job.cashMinor > 0
    ? el('p', { class: 'cash' }, say('collect', { amount: money(job.cashMinor, job.currency) }))
    : el('p', { class: 'cash none' }, say('no_cash'));
}

/** The stop where the driver is going or is, with everything needed there. */
export function jobScreen({ job, kind, stop }, session, say) {
  const away = session.fix === null || stop.position === null ? null : distanceM(session.fix, stop.position);
  const isFar = job.phase === 'to_pickup' || job.phase === 'to_dropoff';
  const at = STEPS.indexOf(job.phase);
  return el(
    'section',
    { class: `card job ${kind}`, 'data-order': job.orderId },
    el('div', { class: 'steps', 'aria-hidden': 'true' }, ...STEPS.map((_, index) => el('i', { class: index <= at ? 'on' : '' }))),
    el(
      'p',
      { class: 'over' },
      el('span', {}, say('order', { code: job.code ?? '' })),
      el('span', {}, money(job.netMinor ?? job.feeMinor ?? 0, job.currency)),
    ),
    el('h1', {}, say(job.phase)),
    el('p', { class: 'place' }, placeOf(stop)),
    stop.address !== null && stop.address !== placeOf(stop) ? el('p', { class: 'address' }, stop.address) : null,
    stop.note === null ? null : el('p', { class: 'note' }, `${say('note')}: ${stop.note}`),
    isFar && away !== null ? el('p', { class: 'away' }, say('away', { distance: sayDistance(away) })) : null,
    job.phase === 'at_pickup' ? el('p', { class: 'say' }, say('say_code', { code: job.code ?? '' })) : null,
    kind === 'dropoff' ? cashBox(job, say) : null,
  );
}

/** The other stops, in order; a tap brings one to the front. */
export function stopList(stops, say, choose) {
  if (stops.length === 0) return null;
  const row = ({ job, kind, stop }) =>
    el(
      'li',
      {},
      el(
        'button',
        { type: 'button', class: 'stop', onclick: () => choose(job.orderId, kind) },
        el('i', { class: kind, 'aria-hidden': 'true' }),
        el('span', {}, el('b', {}, say(`stop_${kind}`, { code: job.code ?? '' })), el('small', {}, placeOf(stop))),
        kind === 'dropoff' && job.cashMinor > 0 ? el('em', {}, money(job.cashMinor, job.currency)) : null,
      ),
    );
  return el('section', { class: 'next' }, el('h2', {}, say('next_stops')), el('ol', {}, ...stops.map(row)));
}
