/** What runs first: the sign-in stands while the rest of the app is still on its way. It must never open a session. */

import { keepSetting, setting } from './device/store.js';
import { takeTokenFromAddress } from './device/token.js';
import { byId, el } from './dom.js';
import { drawSignIn, drawWaiting } from './screen/sign-in.js';
import { firstLanguage, sayer } from './screen/text.js';

const language = firstLanguage(setting('language'));
const say = sayer(language);
let token = takeTokenFromAddress();

/** Kept at once: should the line break now, the next start is signed in. */
function enter(given) {
  token = given;
  keepSetting('token', given);
  drawWaiting(say);
}

function failed() {
  const again = el('button', { type: 'button', class: 'big go', onclick: () => location.reload() }, say('try_again'));
  byId('main').replaceChildren(el('section', { class: 'hero' }, el('p', { class: 'wrong', role: 'alert' }, say('load_failed')), again));
}

document.documentElement.lang = language;
if (token !== null) enter(token);
else if (setting('token') === null) drawSignIn(say, null, enter);
else drawWaiting(say);
import('./app.js').then(({ begin }) => begin(token), failed);
