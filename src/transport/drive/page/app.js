/** The driver's app: who is signed in, which screen is due, what is said and sounded. The session holds the truth. */
import { keepAwake, nudge, ring, stopRinging, unlockSound } from './device/alarm.js';
import { distanceM, sayDistance } from './device/geometry.js';
import { PhoneGps } from './device/gps.js';
import { keepSetting, setting } from './device/store.js';
import { byId, el } from './dom.js';
import { followVersions, renew } from './renewal.js';
import { drawHeader } from './screen/header.js';
import { forgetNotices, notice } from './screen/notices.js';
import { drawOffer, forgetOffer } from './screen/offer.js';
import { area, button, forgetAreas, mapLink, sayAction } from './screen/parts.js';
import { drawProofCard } from './screen/proof-card.js';
import { askReason, drawReasons, forgetReason } from './screen/reasons.js';
import { askingScreen, jobScreen, restingScreen, stopList, waitingScreen } from './screen/screens.js';
import { openMenu, openOtp } from './screen/sheets.js';
import { demoDrivers, demoStart, drawSignIn, drawWaiting } from './screen/sign-in.js';
import { firstLanguage, sayer } from './screen/text.js';
import { Session } from './session/session.js';

const TICK_MS = 250;
/** 40, 90 and 150 km/h; faster than that the server does not believe a rider. */
const SPEEDS_MPS = [11, 25, 41];
const NEXT_STEP = { to_pickup: 'arrived', at_pickup: 'picked_up', to_dropoff: 'arrived', at_dropoff: 'delivered' };
const ONE_TAB = 'wakala-drive';

const app = {
  language: firstLanguage(setting('language')),
  session: null,
  demo: new URLSearchParams(location.search).has('demo'),
  canSimulate: false,
  /** The stop that the driver put in front, as `order kind`. */
  chosen: null,
  drawing: false,
};
let say = sayer(app.language);

/* Drawing */

/** Many changes, one drawing. */
function redraw() {
  if (app.drawing) return;
  app.drawing = true;
  queueMicrotask(() => {
    app.drawing = false;
    draw();
  });
}

function draw() {
  const { session } = app;
  if (session === null || session.proofs === undefined) return;
  if (session.model.offer === null) stopRinging();
  if (isIdle(session)) renew();
  // Drawn when somebody looks again: in a pocket it would only cost the battery.
  if (document.visibilityState === 'hidden') return;
  const view = screenOf(session);
  document.body.dataset.shift = session.model.online === null ? 'unknown' : session.model.online ? 'online' : 'offline';
  document.body.dataset.link = session.link.mode;
  drawHeader(session, say);
  area('main', [app.language, view.data], () => view.build());
  drawProof(session, view);
  drawUnsent(session);
  drawActions(session, view);
  const { offer } = session.model;
  drawOffer(offer, { say, nowMs: session.nowMs(), unsure: session.link.mode !== 'open', here: session.fix, answer: answerOffer });
  drawReasons({ say, language: app.language, isOver: offer !== null, give: giveReason });
  void keepAwake(session.model.online === true);
}

/** Off duty with nothing in hand, nothing on its way and nothing open: whatever happens now interrupts nobody. */
function isIdle({ model, outbox, proofs }) {
  const isAsked = document.querySelector('dialog[open]') !== null;
  return model.online === false && model.jobs.length === 0 && outbox.queue.length === 0 && proofs.waiting.length === 0 && !isAsked;
}

/** Which screen is due, what it depends on, and how it is built. */
function screenOf(session) {
  const { model, shift, outbox } = session;
  const stops = session.stops();
  const current = stops.find(({ job, kind }) => `${job.orderId} ${kind}` === app.chosen && isOpen(job, kind)) ?? stops[0] ?? null;
  const asking = outbox.queue.filter((action) => action.message.type === 'accept');
  const handed = session.jobs().filter((job) => job.phase === 'handed_over');
  const minute = Math.floor(session.nowMs() / 60_000);
  if (current !== null || asking.length > 0 || handed.length > 0) {
    const away = session.fix === null || current?.stop.position == null ? null : sayDistance(distanceM(session.fix, current.stop.position));
    const others = stops.filter((stop) => stop !== current);
    return {
      current,
      data: ['job', current, others, asking.map(({ id }) => id), handed.map(({ orderId }) => orderId), away],
      build: () => [
        ...askingScreen(asking, say),
        current === null ? null : jobScreen(current, session, say),
        ...handed.map((job) =>
          el(
            'section',
            { class: 'card asking' },
            el('i', { class: 'spinner' }),
            el('h2', {}, say('act_delivered', { code: job.code ?? '' })),
          ),
        ),
        stopList(others, say, choose),
      ],
    };
  }
  const screen = model.online === true ? waitingScreen : restingScreen;
  return { current, data: [model.online, model.driver, shift, minute], build: () => screen(session, say, session.nowMs()) };
}

/** A stop can be put in front when it is the job's own next one. */
const isOpen = (job, kind) => kind === (job.phase === 'to_pickup' || job.phase === 'at_pickup' ? 'pickup' : 'dropoff');

function choose(orderId, kind) {
  app.chosen = `${orderId} ${kind}`;
  scrollTo({ top: 0 });
  redraw();
}

/** At the door, or of what was handed over last while nothing else is asked of the driver. */
function drawProof({ proofs }, { current }) {
  const atDoor = current?.job.phase === 'at_dropoff' ? current.job : null;
  const order = atDoor ?? proofs.latest(Date.now());
  const asked = order === null ? null : { orderId: order.orderId, code: order.code, isRated: order.isRated };
  drawProofCard(asked, atDoor === null, proofs.kept, app.language, say, {
    add: (of, content) => void addProof(of, content),
    failed: () => tell('bad', say('proof_bad')),
    dismiss: ({ orderId }) => proofs.dismiss(orderId),
  });
}

function drawUnsent(session) {
  const { kept } = session.outbox;
  // What is answered within a blink is not worth a word.
  const slow = kept.filter((action) => session.link.mode !== 'open' || Date.now() - action.takenAtMs > 1_500);
  const open = session.link.mode === 'open';
  area('unsent', [app.language, slow.map(({ id }) => id), open], () => {
    if (slow.length === 0) return [];
    const list = el('ul', {}, ...slow.map((action) => el('li', {}, sayAction(action, say))));
    return [el('div', { class: 'unsent' }, el('b', {}, say(open ? 'unsent_title' : 'unsent_offline')), list)];
  });
}

function drawActions(session, { current }) {
  const wish = session.wish();
  const online = wish ?? session.model.online;
  const simulated = session.gps.simulated && current?.stop.position != null;
  const riding = simulated && session.gps.target !== null;
  const far = riding && session.fix !== null ? sayDistance(distanceM(session.fix, session.gps.target)) : null;
  area('actions', [app.language, current, wish, online, session.model.online, session.jobs().length, simulated, far], () => {
    const busy = wish !== null;
    if (current !== null) return jobActions(session, current, simulated, far);
    if (session.model.online === null && !busy) return [];
    if (session.jobs().length > 0) return [];
    const label = busy ? (wish ? 'going_online' : 'going_offline') : online ? 'go_offline' : 'go_online';
    return [
      el(
        'div',
        { class: 'answers' },
        button(online ? 'plain' : 'go', say(label), () => toggleShift(!online), { id: 'shift' }),
      ),
    ];
  });
}

function jobActions(session, { job, stop, kind }, simulated, far) {
  const link = mapLink(stop, session.model.driver?.vehicle);
  const step = isOpen(job, kind) ? NEXT_STEP[job.phase] : undefined;
  const label = far === null ? say('drive_there') : say('driving', { distance: far });
  return [
    simulated
      ? el(
          'div',
          { class: 'answers' },
          button('demo', label, () => session.gps.driveTo(stop.position), { id: 'drive-there' }),
        )
      : null,
    el(
      'div',
      { class: 'answers' },
      link === null
        ? null
        : el('a', { class: 'big plain', id: 'navigate', href: link, target: '_blank', rel: 'noopener noreferrer' }, say('navigate')),
      step === undefined ? null : button('go', say(step), () => takeStep(step, job), { id: 'step' }),
    ),
  ];
}

/* What the driver does */

function toggleShift(online) {
  unlockSound();
  void app.session.setShift(online);
}

function answerOffer(type, offer) {
  unlockSound();
  stopRinging();
  void app.session.answerOffer(type, offer);
  if (type === 'decline') askReason(offer);
}

function giveReason(offer, reason) {
  if (reason !== null) void app.session.giveReason(offer, reason);
  redraw();
}

function takeStep(step, job) {
  unlockSound();
  app.chosen = null;
  if (step !== 'delivered') void app.session.step(step, job);
  else openOtp(job, say, null, (code) => void app.session.step('delivered', job, code));
}

async function addProof(order, content) {
  if (!(await app.session.proofs.add(order, content))) tell('bad', say('full'));
}

/* What there is to say */

const tell = (tone, text, about) => notice(tone, text, say('close'), about);

function hear(item) {
  switch (item.type) {
    case 'offer':
      ring();
      return;
    case 'offer_closed':
      tell('info', say(`closed_${item.reason}`));
      return;
    case 'job':
      tell('good', say('won', { code: item.job.code ?? '' }));
      nudge();
      return;
    case 'job_ended':
      tell(item.outcome === 'delivered' ? 'good' : 'bad', say(`ended_${item.outcome}`, { code: item.job.code ?? '' }));
      if (item.outcome !== 'delivered') nudge();
      return;
    case 'put_offline':
      if (app.session.wish() === false) return;
      tell('bad', say('put_offline'));
      nudge();
      return;
    case 'proof_ended':
      if (item.code === null)
        tell('good', say(item.piece.kind === 'rating' ? 'rating_sent' : 'proof_sent', { code: item.piece.code ?? '' }));
      else tell('bad', say('refused', { action: say(`proof_${item.piece.kind}`), why: say.why(item.code) }));
      return;
    case 'answered':
      hearAnswer(item.action, item.answer);
      return;
    default:
      tell('bad', say(item.type));
  }
}

/** A yes shows by itself. A no is said: the driver believed to have done it. */
function hearAnswer(action, { ok, code, outcome, triesLeft }) {
  const { type } = action.message;
  if (ok) forgetNotices(action.key);
  if (ok || type === 'decline') return;
  nudge();
  if (type === 'accept' && outcome !== null) tell('bad', say(`closed_${outcome}`));
  else if (type === 'delivered' && code === 'delivery.otp_wrong') askAgain(action, triesLeft);
  else tell('bad', say('refused', { action: sayAction(action, say), why: say.why(code) }), action.key);
}

function askAgain(action, triesLeft) {
  const job = app.session.model.jobs.find((known) => known.deliveryId === action.message.delivery_id);
  if (job !== undefined) openOtp(job, say, { triesLeft }, (code) => void app.session.step('delivered', job, code));
}

/* Coming and going */

async function enter(token) {
  app.session?.stop();
  keepSetting('token', token);
  byId('menu-open').hidden = false;
  // A suspended driver keeps its sign-in: it works again when the shop has approved it again.
  const signedOut = (code) => (code === 'driver.suspended' ? signIn(say.why(code), token) : signIn(say('signed_out')));
  const session = new Session(token, { changed: redraw, news: hear, signedOut });
  app.session = session;
  drawWaiting(say);
  forgetAreas();
  const starting = session.start();
  if (app.canSimulate && wantsSimulation()) await simulate(Number(setting('gps')) || SPEEDS_MPS[1]);
  await starting;
  redraw();
}

async function signIn(reason, token = null) {
  app.session?.stop();
  app.session = null;
  keepSetting('token', token);
  stopRinging();
  void keepAwake(false);
  forgetOffer();
  forgetReason();
  byId('menu-open').hidden = true;
  byId('state').textContent = 'Wakala Drive';
  byId('signal').textContent = '';
  byId('heard').textContent = '';
  document.body.dataset.shift = 'unknown';
  const offer = drawSignIn(say, reason, (token, isDemo) => {
    // Who tries it at a desk does not want to stand in Soweto.
    if (isDemo) keepSetting('gps', 'demo');
    void enter(token);
  });
  offer(await learnDemo());
}

/** Nobody waits for it before the form or the shift is there. @returns the sandbox's drivers */
async function learnDemo() {
  const drivers = await demoDrivers();
  app.canSimulate = app.demo || drivers.length > 0;
  return drivers;
}

const wantsSimulation = () => (setting('gps') ?? (app.demo ? 'demo' : 'phone')) !== 'phone';

function changeGps(value) {
  keepSetting('gps', value);
  if (value === 'phone') return app.session.useGps(new PhoneGps());
  return simulate(Number(value));
}

async function simulate(speedMps) {
  const { session } = app;
  if (!session.gps.simulated) session.simulateFrom(session.fix ?? (await demoStart(session.driverId)));
  session.gps.speedMps = speedMps;
  redraw();
}

function menu() {
  const { session } = app;
  if (session?.proofs === undefined) return;
  const view = {
    say,
    language: app.language,
    canSimulate: app.canSimulate,
    simulated: session.gps.simulated,
    speedMps: session.gps.speedMps,
    speeds: SPEEDS_MPS,
    unsent: session.outbox.queue.length + session.proofs.waiting.length,
    canRest: session.model.online === true && session.jobs().length > 0,
  };
  openMenu(view, {
    language: speak,
    gps: changeGps,
    rest: () => toggleShift(false),
    signOut: () => void signIn(null),
  });
}

function speak(language) {
  app.language = language;
  say = sayer(language);
  keepSetting('language', language);
  document.documentElement.lang = language;
  byId('menu-open').setAttribute('aria-label', say('menu'));
  redraw();
}

/** Two pages of one driver would ring twice and send two positions: the second one waits until the first is closed. */
function asOnlyTab(work) {
  if (navigator.locks === undefined) return work();
  const held = () => work().then(() => new Promise(() => undefined));
  return navigator.locks.request(ONE_TAB, { ifAvailable: true }, (lock) => {
    if (lock !== null) return held();
    byId('main').replaceChildren(el('section', { class: 'hero' }, el('p', {}, say('other_tab'))));
    return navigator.locks.request(ONE_TAB, held);
  });
}

async function start(given) {
  const token = given ?? setting('token');
  if (token === null) return signIn(null);
  const learnt = learnDemo();
  if (wantsSimulation()) await learnt;
  return enter(token);
}

/** @param given the token that somebody signed in with while this was on its way, or null */
export function begin(given) {
  return asOnlyTab(() => start(given));
}

addEventListener('pagehide', () => app.session?.positions?.keep());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') app.session?.positions?.keep();
  else if (app.session?.outbox !== undefined) {
    app.session.wake();
    redraw();
  }
});
byId('menu-open').addEventListener('click', menu);
setInterval(redraw, TICK_MS);
speak(app.language);
// Only now: what it keeps would share the line with what is still to be shown.
followVersions();
