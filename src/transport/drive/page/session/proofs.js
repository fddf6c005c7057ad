/**
 * What is said of deliveries, proof and ratings of customers, on its way to the server: first onto the disk, then up, off the disk only with the answer. It must never draw, and
 * never know what a picture shows.
 *
 * A piece: `{ id, orderId, code, kind, type, body, takenAtMs, attempts, notBeforeMs, strangerNos }`, one upload at a time, oldest first.
 * The server knows content that it has, so a piece may go up twice.
 */
import { backoffMs, isTurn } from './queue.js';
import { codeOf, isPage } from './refusal.js';

/** As many as two busy hours bring; a photo is about 150 kB. */
const WAITING_MAX = 20;
const UPLOAD_TIMEOUT_MS = 60_000;
/** Orders that were handed over and may still get proof. */
const HANDED_MAX = 3;
/** As the server has it. */
const HANDED_MS = 86_400_000;
/** Answers that HTTP calls final and that are not: too slow, too early, too often. */
const PASSING = [408, 425, 429];
/** Of the sign-in, not of the piece: whoever signs in again sends it. */
const SIGN_IN = [401, 403];
/**
 * A final no by somebody between phone and server is believed when it comes so often in a row: a gateway that takes no pictures stays as
 * it is, one that is being changed, or a network that asks for a sign-in first, is over by then. About seven minutes and 3 MB of photos;
 * counted by this page, so that a new start tries anew.
 */
const STRANGER_NOS_MAX = 20;
const LATER = { isFinal: false, isStranger: false, code: null };
/** The kind of piece that is no proof. */
const RATING = 'rating';

export class Proofs {
  waiting = [];
  /** Pieces that are not on the disk yet: they wait a moment longer, and nobody is told yet that they are kept. */
  #landing = new Set();
  #isRead = false;
  /** Ids of what ended before the disk was read: it may still hold them. */
  #ended = new Set();
  /** The orders handed over last, newest first: `{ orderId, code, atMs, isRated }`. */
  handed = [];
  #busy = false;
  #stopped = false;
  #timer = null;

  /**
   * @param host `{ store, token, newId(), nowMs(), random(), changed(), isBlocked(orderId), ended(piece, code), lockedOut() }`; a blocked
   *   order's steps have not reached the server yet; `code` is null when the server has the piece; `lockedOut` is called when the sign-in
   *   seems to be over: whoever finds it so stops this queue, and the disk keeps the pieces for the next one
   */
  constructor(host) {
    this.host = host;
  }

  /**
   * Takes back what an earlier page left behind, once; may be called until it succeeds.
   * @throws what the disk throws
   */
  async load() {
    const { store } = this.host;
    if (this.#isRead) return;
    const kept = (await store.proofs()).map((piece) => ({ ...piece, notBeforeMs: 0 })).sort((a, b) => a.takenAtMs - b.takenAtMs);
    this.#isRead = true;
    // The card is there before the disk has answered; what it does not hold of that by now, it was too late for.
    const known = this.waiting.map(({ id }) => id);
    const older = kept.filter(({ id }) => !known.includes(id) && !this.#ended.has(id));
    for (const piece of this.waiting) if (kept.every(({ id }) => id !== piece.id)) void store.putProof(piece).catch(() => undefined);
    for (const { id } of kept) if (this.#ended.has(id)) void store.dropProof(id).catch(() => undefined);
    this.waiting = [...older, ...this.waiting];
    this.#ended.clear();
    // The page may have ended between the disk's answer and its own memory of it.
    for (const piece of kept) this.#rated(piece);
    this.host.changed();
    this.wake();
  }

  /** What a reload would find again, oldest first. Where the disk refuses, it is kept as well as it can be. */
  get kept() {
    return this.waiting.filter(({ id }) => !this.#landing.has(id));
  }

  /** @param content `{ kind, type, body }`, the body text or an ArrayBuffer; @returns false when too many wait already */
  async add({ orderId, code }, content) {
    if (content.kind === RATING && this.#isRatingOnItsWay(orderId)) return true;
    if (this.waiting.length >= WAITING_MAX) return false;
    const { host } = this;
    const piece = { id: host.newId(), orderId, code, ...content, takenAtMs: host.nowMs(), attempts: 0, notBeforeMs: 0 };
    this.waiting = [...this.waiting, piece];
    this.#landing.add(piece.id);
    host.changed();
    // A disk that refuses must not keep it from the server.
    await host.store.putProof(piece).catch(() => undefined);
    this.#landing.delete(piece.id);
    // Not before: remembered as given without being kept, a rating would be lost with the page and never be asked for again.
    this.#rated(piece);
    host.changed();
    this.wake();
    return true;
  }

  handedOver({ orderId, code }) {
    const rest = this.handed.filter((known) => known.orderId !== orderId);
    this.handed = [{ orderId, code, atMs: this.host.nowMs(), isRated: false }, ...rest].slice(0, HANDED_MAX);
  }

  /** The driver has nothing to add. */
  dismiss(orderId) {
    this.handed = this.handed.filter((known) => known.orderId !== orderId);
    this.host.changed();
  }

  /** @returns the order handed over last that may still get proof; null when there is none */
  latest(nowMs) {
    const order = this.handed.find(({ atMs }) => nowMs - atMs < HANDED_MS);
    return order === undefined ? null : { ...order, isRated: order.isRated || this.#isRatingOnItsWay(order.orderId) };
  }

  #isRatingOnItsWay(orderId) {
    return this.waiting.some((piece) => piece.kind === RATING && piece.orderId === orderId);
  }

  #rated({ kind, orderId }) {
    if (kind === RATING) this.handed = this.handed.map((known) => (known.orderId === orderId ? { ...known, isRated: true } : known));
  }

  /** The server is there again: what was put off because it was away need not wait any longer. */
  opened() {
    this.waiting = this.waiting.map((piece) => ({ ...piece, notBeforeMs: 0 }));
    this.wake();
  }

  /** Sends what may go; called whenever something may have changed. */
  wake() {
    clearTimeout(this.#timer);
    if (this.#busy || this.#stopped) return;
    const { host } = this;
    const nowMs = host.nowMs();
    const free = this.kept.filter((piece) => !host.isBlocked(piece.orderId));
    const due = free.find((piece) => isTurn(piece, nowMs));
    if (due !== undefined) void this.#upload(due);
    else if (free.length > 0) this.#timer = setTimeout(() => this.wake(), Math.min(...free.map((piece) => piece.notBeforeMs)) - nowMs);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #upload(piece) {
    const { host } = this;
    this.#busy = true;
    const answer = await this.#post(piece);
    this.#busy = false;
    const { code } = answer;
    const strangerNos = answer.isStranger ? (piece.strangerNos ?? 0) + 1 : 0;
    if (answer.isFinal || strangerNos >= STRANGER_NOS_MAX) {
      this.waiting = this.waiting.filter((item) => item.id !== piece.id);
      if (!this.#isRead) this.#ended.add(piece.id);
      void host.store.dropProof(piece.id).catch(() => undefined);
      if (!this.#stopped) host.ended(piece, code);
    } else {
      const notBeforeMs = host.nowMs() + backoffMs(piece.attempts, host.random());
      const next = { attempts: piece.attempts + 1, notBeforeMs, strangerNos };
      this.waiting = this.waiting.map((item) => (item.id === piece.id ? { ...item, ...next } : item));
    }
    if (!this.#stopped) host.changed();
    this.wake();
  }

  /**
   * @returns `{ isFinal, isStranger, code }`: `code` is null when the server has it, else why it does not; a stranger's no is final only
   *   in the long run
   */
  async #post({ orderId, kind, type, body }) {
    try {
      const response = await fetch(`/v1/orders/${encodeURIComponent(orderId)}/${kind === RATING ? 'rate-customer' : 'proof'}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.host.token}`, 'content-type': type },
        body,
        // The server sends nobody elsewhere: whoever does so has not taken the piece.
        redirect: 'manual',
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      if (response.ok && !isPage(response)) return { isFinal: true, isStranger: false, code: null };
      if (response.status >= 500 || PASSING.includes(response.status)) return LATER;
      const code = await codeOf(response);
      if (code === null) return { isFinal: false, isStranger: true, code: 'proof.refused' };
      // A driver that is let in again may still send what was taken at the door.
      if (!SIGN_IN.includes(response.status) && code !== 'driver.suspended') return { isFinal: true, isStranger: false, code };
      this.host.lockedOut();
      return LATER;
    } catch {
      return LATER;
    }
  }
}
