/** The two dialogs: the customer's code, and the menu. Told what to show; each closes before its action runs. */
import { byId, el, money } from '../dom.js';
import { button } from './parts.js';
import { LANGUAGES } from './text.js';

const OTP_PATTERN = '[0-9]{4,8}';

/** @param wrong `{ triesLeft }` after a code that was not accepted, otherwise null; @param done gets the code */
export function openOtp(job, say, wrong, done) {
  const dialog = byId('otp');
  const input = el('input', {
    id: 'otp-code',
    inputmode: 'numeric',
    autocomplete: 'off',
    pattern: OTP_PATTERN,
    maxlength: '8',
    required: true,
    'aria-label': say('otp_label'),
    'aria-describedby': 'otp-text',
    enterkeyhint: 'done',
  });
  const left = wrong?.triesLeft ?? null;
  const submit = (event) => {
    event.preventDefault();
    dialog.close();
    done(input.value);
  };
  const form = el(
    'form',
    { onsubmit: submit },
    el('h2', { id: 'otp-title' }, say('otp_title')),
    wrong === null
      ? null
      : el('p', { class: 'wrong', role: 'alert' }, say('otp_wrong'), left === null ? '' : ` ${say('otp_left', { n: left })}`),
    el('p', { id: 'otp-text' }, say('otp_text', { code: job.code ?? '' })),
    job.cashMinor > 0 ? el('p', { class: 'cash' }, say('otp_cash', { amount: money(job.cashMinor, job.currency) })) : null,
    input,
    el(
      'div',
      { class: 'answers' },
      button('plain', say('cancel'), () => dialog.close()),
      el('button', { type: 'submit', class: 'big go' }, say('otp_send')),
    ),
  );
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  input.focus();
}

/** @param view `{ say, language, simulated, canSimulate, speedMps, unsent, canRest }`, @param on one function for each choice */
export function openMenu(view, on) {
  const dialog = byId('menu');
  const { say } = view;
  const pick = (label, chosen, options, changed) =>
    el(
      'label',
      {},
      el('span', {}, label),
      el(
        'select',
        { onchange: ({ target }) => changed(target.value) },
        ...options.map(([value, text]) => el('option', { value, selected: value === chosen }, text)),
      ),
    );
  const closing = (action) => () => {
    dialog.close();
    action();
  };
  const sources = [
    ['phone', say('gps_phone')],
    ...view.speeds.map((speed) => [String(speed), `${say('gps_sim')} ${Math.round(speed * 3.6)} km/h`]),
  ];
  dialog.replaceChildren(
    el('h2', { id: 'menu-title' }, say('menu')),
    pick(say('language'), view.language, Object.entries(LANGUAGES), (value) => closing(() => on.language(value))()),
    view.canSimulate
      ? pick(say('gps_source'), view.simulated ? String(view.speedMps) : 'phone', sources, (value) => closing(() => on.gps(value))())
      : '',
    view.canRest ? button('plain', say('go_offline'), closing(on.rest), { id: 'menu-rest' }) : '',
    view.unsent > 0 ? el('p', { class: 'note' }, say('sign_out_unsent', { n: view.unsent })) : '',
    button('plain', say('sign_out'), closing(on.signOut), { id: 'sign-out' }),
    button('plain', say('close'), () => dialog.close()),
  );
  dialog.showModal();
}
