/**
 * From the phone's positions to the server: at once while the link is open, kept and thinned while it is not. It must never invent a
 * position nor stamp an old one as new.
 *
 * Positions are not answered one by one, and a radio that dies takes what it is given for half a minute. So a question goes out behind
 * them now and then: a link keeps its order, so its answer proves all before it. What is not proven when the link breaks goes out again
 * on the next one; the server knows a position by the time that the phone measured it, and drops the second one.
 */
import { decodeFixes, encodeFixes, thinned } from './codec.js';
import { isTransient } from './queue.js';

/** Half an hour at one a second. */
const BACKLOG_MAX = 1_800;
const FRAME_MAX = 250;
const FRAME_PAUSE_MS = 400;
/** A question after so many: ten seconds of a ride, well within the 32 of a ride that the server knows again. */
const ASK_AFTER = 10;
/** Given to the link and not proven: two frames, as many of an upload as the server knows again. No frame goes out beyond it, and of single positions the oldest are given up. */
const UNPROVEN_MAX = 500;
const KEEP_EVERY_MS = 5_000;
/** A phone's clock is never exact: a fix a little early is on time. */
const EARLY = 0.85;

export class Positions {
  /** Least time between two positions sent; the server's advice changes it. */
  intervalMs = 1_000;
  sentAtMs = null;
  #backlog = [];
  #kept = true;
  #isRead = false;
  #isForgotten = false;
  #open = false;
  #drain = null;
  /** Given to the link and not proven, in the order in which they went. */
  #unproven = [];
  /** The question that is out: `{ id, count }`, how many of the unproven lie before it; null when there is none. */
  #asked = null;
  #questions = 0;
  /** Whether the disk holds what is proven by now. */
  #keepsSent = false;

  /** @param host `{ store, send(frame), nowMs() }`; a frame is a buffer of positions, or a message */
  constructor(host) {
    this.host = host;
    this.keeper = setInterval(() => this.keep(), KEEP_EVERY_MS);
  }

  get waiting() {
    return this.#backlog.length;
  }

  /**
   * Takes back what an earlier page could not send, once; may be called until it succeeds, and before that nothing is written over it.
   * @throws what the disk throws
   */
  async load() {
    if (this.#isRead) return;
    const stored = await this.host.store.backlog();
    // Off duty since then: it goes from the disk as well.
    const older = stored instanceof ArrayBuffer && !this.#isForgotten ? decodeFixes(stored) : [];
    if (stored !== null) this.#kept = false;
    this.#isRead = true;
    this.#backlog = thinned([...older, ...this.#backlog], BACKLOG_MAX);
    // The link may have been open for a while.
    clearTimeout(this.#drain);
    this.#next();
  }

  /** @param fix as the codec knows it, with the time of the phone's own measurement */
  take(fix) {
    const nowMs = this.host.nowMs();
    // Either way: a clock that was set back must not silence the phone until it has caught up.
    if (this.sentAtMs !== null && Math.abs(nowMs - this.sentAtMs) < this.intervalMs * EARLY) return;
    this.sentAtMs = nowMs;
    if (this.#open && this.#send([fix])) return;
    this.#backlog = thinned([...this.#backlog, fix], BACKLOG_MAX);
    this.#kept = false;
  }

  /** The newest goes first, so that the server knows at once where we are; what lies behind follows in order. */
  opened() {
    this.#open = true;
    const newest = this.#backlog.at(-1);
    if (newest === undefined || !this.#send([newest])) return;
    this.#backlog = this.#backlog.slice(0, -1);
    this.#kept = false;
    this.#next();
  }

  closed() {
    this.#open = false;
    this.#asked = null;
    clearTimeout(this.#drain);
    if (this.#unproven.length === 0) return;
    // By their time: what waited behind the newest went after it.
    this.#backlog = thinned(
      [...this.#unproven, ...this.#backlog].sort((a, b) => a.atMs - b.atMs),
      BACKLOG_MAX,
    );
    this.#unproven = [];
    this.#kept = false;
  }

  /** @param answer to a question, `{ id, ok, code }`; one that the server was too busy for proves nothing, and is put again with what comes next */
  answer({ id, ok, code }) {
    if (this.#asked?.id !== id) return;
    const { count } = this.#asked;
    this.#asked = null;
    if (!ok && isTransient(code)) return;
    this.#unproven = this.#unproven.slice(count);
    if (this.#keepsSent) this.#kept = false;
  }

  /** Off duty nobody's way is of interest. */
  forget() {
    this.sentAtMs = null;
    this.#isForgotten = true;
    this.#asked = null;
    this.#unproven = [];
    if (this.#backlog.length === 0 && !this.#keepsSent) return;
    this.#backlog = [];
    this.#kept = false;
    this.keep();
  }

  /** Writes the backlog down when it changed; also called when the page goes away. */
  keep() {
    if (this.#kept || !this.#isRead) return;
    this.#kept = true;
    this.#keepsSent = this.#unproven.length > 0;
    // Positions are worth a try, not an alarm: what the disk refuses is lost with the page only.
    this.host.store.putBacklog(encodeFixes([...this.#unproven, ...this.#backlog])).catch(() => undefined);
  }

  stop() {
    clearInterval(this.keeper);
    this.closed();
  }

  #next() {
    if (!this.#open || this.#backlog.length === 0) return;
    const frame = this.#backlog.slice(0, FRAME_MAX);
    // What is full is asked about, and waits.
    if (this.#unproven.length + frame.length > UNPROVEN_MAX) this.#ask();
    else if (!this.#send(frame)) return;
    else {
      this.#backlog = this.#backlog.slice(FRAME_MAX);
      this.#kept = false;
    }
    this.#drain = setTimeout(() => this.#next(), FRAME_PAUSE_MS);
  }

  /** @returns whether the link took them */
  #send(fixes) {
    if (!this.host.send(encodeFixes(fixes))) return false;
    const all = [...this.#unproven, ...fixes];
    const over = Math.max(0, all.length - UNPROVEN_MAX);
    this.#unproven = all.slice(over);
    if (this.#asked !== null) this.#asked.count = Math.max(0, this.#asked.count - over);
    if (this.#unproven.length >= ASK_AFTER) this.#ask();
    return true;
  }

  /** One question at a time: should its answer not come, the link itself finds out that it is dead. */
  #ask() {
    if (this.#asked !== null) return;
    const id = `way-${this.#questions++}`;
    if (this.host.send({ type: 'ping', id })) this.#asked = { id, count: this.#unproven.length };
  }
}
