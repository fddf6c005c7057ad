/**
 * One signed-in driver: model, queue, link, positions and receiver put together. It must never draw; whatever is worth a word goes to
 * the host as news.
 */
import { PhoneGps, SimulatedGps } from '../device/gps.js';
import { keepSetting, setting, storeOf } from '../device/store.js';
import { subjectOf } from '../device/token.js';
import { Link } from './link.js';
import { confirmStep, EMPTY_MODEL, reduce, stopsInOrder, withPending } from './model.js';
import { Outbox } from './outbox.js';
import { Positions } from './positions.js';
import { Proofs } from './proofs.js';
import { SHIFT_KEY } from './queue.js';
import { codeOf } from './refusal.js';
import { shiftAfter } from './shift.js';
import { eventOf, viewOf } from './wire.js';

const TICK_MS = 250;
/** A tick that comes so much too late or too early: the phone slept, or its clock was set. */
const JUMP_MS = 5_000;
const REFRESH_MS = 60_000;
/** A disk that was late at the start is asked again after so long: what an earlier page left on it is still to be sent. */
const DISK_AGAIN_MS = 10_000;
const SETTLE_MS = 300;
const ME_TIMEOUT_MS = 10_000;
/** The token is no good, or its driver is suspended. */
const REFUSED = [401, 403, 409];
/** A phone's clock this far off is corrected; less is the grain of the server's own header. */
const SKEW_MS = 2_000;
/** An older fix says where the phone was, not where it is. */
const FRESH_MS = 15_000;

function readSetting(name) {
  try {
    return JSON.parse(setting(name) ?? 'null');
  } catch {
    return null;
  }
}

/** For a phone that keeps nothing: the same one at every connection of this page. */
let unkeptDevice = null;

/** This phone, for the server to tell two phones of one driver apart. */
function deviceId() {
  unkeptDevice ??= setting('device') ?? `web-${Math.random().toString(36).slice(2, 14)}`;
  keepSetting('device', unkeptDevice);
  return unkeptDevice;
}

export class Session {
  model = EMPTY_MODEL;
  shift = null;
  fix = null;
  /** The fix that was handed on last. */
  passed = null;
  /** `searching`, `denied`, `unavailable`, or null while fixes come. */
  gpsFault = 'searching';
  gps = new PhoneGps();
  #offsetMs = 0;
  #asking = false;
  #askAgain = false;
  #settle = null;
  /** When the last fix came, by a clock that is never set. */
  #locatedMs = 0;
  #again = null;
  #timers = [];
  #count = 0;
  #tickedMs = Date.now();
  #stopped = false;

  /** @param host `{ changed(), news(item), signedOut(code) }`, where the code may be null */
  constructor(token, host) {
    this.token = token;
    this.driverId = subjectOf(token) ?? 'unknown';
    this.host = host;
    this.link = new Link({
      url: () => `${location.origin.replace('http', 'ws')}/v1/driver/socket?${new URLSearchParams({ token, device: deviceId() })}`,
      opened: () => this.#opened(),
      heard: (text) => this.#heard(text),
      changed: () => this.#linkChanged(),
      failed: () => this.refresh(),
    });
  }

  async start() {
    this.store = storeOf(this.driverId, () => this.host.news({ type: 'not_durable' }));
    await this.store.open().catch(() => undefined);
    if (this.#stopped) return;
    const nowMs = () => Date.now();
    const newId = () => `${Date.now().toString(36)}-${(this.#count++).toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    this.outbox = new Outbox({
      store: this.store,
      send: (message) => this.link.send(message),
      newId,
      nowMs,
      random: Math.random,
      changed: () => this.#changed(),
      answered: (action, answer) => this.#answered(action, answer),
      suspect: () => this.link.suspect(),
    });
    this.positions = new Positions({ store: this.store, send: (frame) => this.link.send(frame), nowMs });
    this.proofs = new Proofs({
      store: this.store,
      token: this.token,
      newId,
      nowMs,
      random: Math.random,
      changed: () => this.#changed(),
      // Before the door was reached for the server, it takes no proof.
      isBlocked: (orderId) => this.outbox.queue.some((action) => action.key === this.#deliveryOf(orderId)),
      ended: (piece, code) => this.host.news({ type: 'proof_ended', piece, code }),
      lockedOut: () => void this.refresh(),
    });
    this.#recall();
    await this.#readDisk();
    // Signed out while the disk was slow: nothing of this driver may go out beside the next one's.
    if (this.#stopped) return;
    this.#timers = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#refreshIfSeen(), REFRESH_MS)];
    this.link.start();
    await this.refresh();
  }

  /**
   * Takes back what an earlier page left: the steps first, proof waits for those that it belongs to. A disk that is late is asked again
   * until it has given everything; meanwhile the shift goes on without.
   * @param opening the store's, when it was not open the last time
   */
  async #readDisk(opening = null) {
    try {
      await opening;
      await Promise.all([this.outbox.load(), this.positions.load()]);
      await this.proofs.load();
    } catch {
      // The store has said it.
      if (!this.#stopped) this.#again = setTimeout(() => this.#readDisk(this.store.open()), DISK_AGAIN_MS);
    }
  }

  stop() {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#settle);
    clearTimeout(this.#again);
    this.link.stop();
    this.gps.stop();
    // The disk may not have opened yet.
    this.outbox?.stop();
    this.positions?.keep();
    this.positions?.stop();
    this.proofs?.stop();
  }

  /** What steps of this order are about. */
  #deliveryOf(orderId) {
    return this.model.jobs.find((job) => job.orderId === orderId)?.deliveryId ?? orderId;
  }

  /** The server's time, as well as it is known. */
  nowMs() {
    return Date.now() + this.#offsetMs;
  }

  /** The jobs as the driver sees them, in the order of the stops. */
  stops() {
    return stopsInOrder(this.jobs(), this.model.stops);
  }

  jobs() {
    return this.model.jobs.map((job) => withPending(job, this.outbox.queue));
  }

  /** What the driver last wished about the shift and the server has not confirmed: true, false, or null. */
  wish() {
    const waiting = this.outbox?.queue.findLast((action) => action.key === SHIFT_KEY);
    return waiting === undefined ? null : waiting.message.status === 'online';
  }

  /* What the driver does */

  setShift(online) {
    return this.#act(SHIFT_KEY, { type: 'status', status: online ? 'online' : 'offline' }, {});
  }

  answerOffer(type, offer) {
    this.apply({ type: 'answered', offerId: offer.offerId });
    return this.#act(offer.offerId, { type, offer_id: offer.offerId }, { code: offer.code, expiresAtMs: offer.expiresAtMs });
  }

  /** Of an offer that was refused: said after it, so that the refusal waited for nothing. */
  giveReason(offer, reason) {
    return this.#act(offer.offerId, { type: 'decline', offer_id: offer.offerId, reason }, { code: offer.code });
  }

  /** @param type `arrived`, `picked_up` or `delivered`, the last one with the customer's code */
  step(type, job, otp = null) {
    const message = { type, delivery_id: job.deliveryId, at_ms: Math.round(this.nowMs()) };
    return this.#act(job.deliveryId, otp === null ? message : { ...message, otp }, { code: job.code });
  }

  async #act(key, message, about) {
    const { full } = await this.outbox.add(key, message, about);
    if (full) this.host.news({ type: 'full' });
  }

  /** Another source of positions: a simulated rider, or the phone again. */
  useGps(source) {
    this.gps.stop();
    this.gps = source;
    this.fix = null;
    this.gpsFault = 'searching';
    this.#followShift();
  }

  simulateFrom(position) {
    this.useGps(new SimulatedGps(readSetting(`sim.${this.driverId}`) ?? position));
  }

  /* What the server says */

  apply(event) {
    if (this.#stopped) return;
    const before = this.model;
    const { model, news } = reduce(before, event, this.nowMs());
    this.model = model;
    // Kept together with the model: after a reload nobody would say it again.
    for (const item of news) if (item.type === 'job_ended' && item.outcome === 'delivered') this.proofs.handedOver(item.job);
    if (model !== before) this.#changed();
    for (const item of news) this.host.news(item);
  }

  /** Asks the server for the whole truth; calls while it is being asked are served by one more question. */
  async refresh() {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    this.apply({ type: 'asked' });
    try {
      await this.#ask();
    } catch {
      // No network or a server that restarts: the link's state says so, and its return asks again.
      this.#askAgain = false;
    }
    this.#asking = false;
    if (!this.#askAgain) return;
    this.#askAgain = false;
    await this.refresh();
  }

  async #ask() {
    const askedMs = Date.now();
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch('/v1/driver/me', { headers, cache: 'no-store', signal: AbortSignal.timeout(ME_TIMEOUT_MS) });
    if (this.#stopped) return;
    if (REFUSED.includes(response.status)) {
      const code = await codeOf(response);
      // A gateway's or a firewall's no must not take the sign-in away in the middle of a shift.
      if (code !== null && !this.#stopped) this.link.refuse(code);
      return;
    }
    if (!response.ok) return;
    const view = viewOf(await response.json());
    const serverMs = Date.parse(response.headers.get('date') ?? '') + 500;
    const offsetMs = serverMs - (askedMs + Date.now()) / 2;
    if (Number.isFinite(offsetMs)) this.#offsetMs = Math.abs(offsetMs) > SKEW_MS ? offsetMs : 0;
    this.shift = shiftAfter(this.shift, view, this.nowMs());
    this.apply({ type: 'view', view });
  }

  #tick() {
    const nowMs = Date.now();
    const hasJumped = Math.abs(nowMs - this.#tickedMs) > JUMP_MS;
    this.#tickedMs = nowMs;
    // A page that nobody sees ticks once a minute at best.
    if (hasJumped && document.visibilityState === 'visible') this.wake();
    this.apply({ type: 'clock' });
  }

  /** Somebody looks at the phone again, or its clock was set: what the server says is asked anew, and so is its time. */
  wake() {
    this.link.wake();
    void this.refresh();
  }

  #refreshIfSeen() {
    if (document.visibilityState === 'visible') void this.refresh();
  }

  #heard(text) {
    const event = eventOf(text);
    if (event === null) return;
    if (event.type === 'answer') for (const asker of [this.outbox, this.positions]) asker.answer(event);
    else if (event.type === 'advice') this.positions.intervalMs = Math.min(60_000, Math.max(250, event.intervalMs));
    else this.apply(event);
  }

  #answered(action, answer) {
    const { type } = action.message;
    if (answer.ok) {
      // Our own wish, so no news.
      if (type === 'status') this.model = { ...this.model, online: action.message.status === 'online' };
      else if (action.message.delivery_id !== undefined) this.model = confirmStep(this.model, action.message.delivery_id, type);
    }
    this.host.news({ type: 'answered', action, answer });
    this.proofs.wake();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.refresh(), SETTLE_MS);
  }

  /* The link, the shift and the receiver follow one another */

  #opened() {
    this.positions.opened();
    this.outbox.opened();
    this.proofs.opened();
    void this.refresh();
  }

  #linkChanged() {
    if (this.link.mode !== 'open') {
      this.positions?.closed();
      this.outbox?.closed();
    }
    if (this.link.mode === 'refused') this.host.signedOut(this.link.refusal);
    this.host.changed();
  }

  #changed() {
    // What a late disk says to a session that is over must not be remembered over the next one's.
    if (this.#stopped) return;
    this.#followShift();
    this.#remember();
    this.host.changed();
  }

  /** On duty, or about to be: from the wish to rest on, nobody's way is of interest. */
  #followShift() {
    if (this.outbox === undefined || this.#stopped) return;
    if (this.wish() ?? this.model.online === true) {
      this.gps.start(
        (fix) => this.#located(fix),
        (fault) => {
          this.gpsFault = fault;
          this.host.changed();
        },
      );
      this.#pass();
    } else {
      this.gps.stop();
      if (this.wish() === false || this.model.online === false) this.positions.forget();
    }
  }

  #located(fix) {
    this.fix = fix;
    this.#locatedMs = performance.now();
    this.gpsFault = null;
    if (this.gps.simulated) keepSetting(`sim.${this.driverId}`, JSON.stringify({ lat: fix.lat, lng: fix.lng }));
    this.#pass();
    this.host.changed();
  }

  /** The receiver may have spoken before the server let us go on duty, and may say nothing more while we stand. */
  #pass() {
    const { fix } = this;
    if (fix === null || fix === this.passed || this.model.online !== true || this.wish() === false) return;
    this.passed = fix;
    // By when it came: many receivers stamp by the satellites' clock, and a phone whose own is a minute ahead would say nothing all day.
    if (performance.now() - this.#locatedMs < FRESH_MS) this.positions.take(fix);
  }

  /** Without signal a reload must still show where to ride. An offer is not kept: nobody could know whether it still stands. */
  #remember() {
    const { driver, online, jobs, stops, ended } = this.model;
    const text = JSON.stringify({ model: { driver, online, jobs, stops, ended }, shift: this.shift, handed: this.proofs.handed });
    if (text === this.remembered) return;
    this.remembered = text;
    keepSetting(`view.${this.driverId}`, text);
  }

  #recall() {
    const kept = readSetting(`view.${this.driverId}`);
    if (kept?.model === undefined) return;
    this.model = { ...EMPTY_MODEL, ...kept.model };
    this.shift = kept.shift ?? null;
    this.proofs.handed = kept.handed ?? [];
  }
}
