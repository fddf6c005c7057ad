/**
 * From the phone's positions to the server: at once while the link is open, kept and thinned while it is not. It must never invent a
 * position nor stamp an old one as new.
 */
import { decodeFixes, encodeFixes, thinned } from './codec.js';

/** Half an hour at one a second. */
const BACKLOG_MAX = 1_800;
const FRAME_MAX = 250;
const FRAME_PAUSE_MS = 400;
const KEEP_EVERY_MS = 5_000;
/** A phone's clock is never exact: a fix a little early is on time. */
const EARLY = 0.85;

export class Positions {
  /** Least time between two positions sent; the server's advice changes it. */
  intervalMs = 1_000;
  sentAtMs = null;
  #backlog = [];
  #kept = true;
  #open = false;
  #drain = null;

  /** @param host `{ store, send(buffer), nowMs() }` */
  constructor(host) {
    this.host = host;
    this.keeper = setInterval(() => this.keep(), KEEP_EVERY_MS);
  }

  get waiting() {
    return this.#backlog.length;
  }

  /** Takes back what an earlier page could not send. */
  async load() {
    const stored = await this.host.store.backlog();
    if (stored instanceof ArrayBuffer) this.#backlog = thinned([...decodeFixes(stored), ...this.#backlog], BACKLOG_MAX);
  }

  /** @param fix as the codec knows it, with the time of the phone's own measurement */
  take(fix) {
    const nowMs = this.host.nowMs();
    // Either way: a clock that was set back must not silence the phone until it has caught up.
    if (this.sentAtMs !== null && Math.abs(nowMs - this.sentAtMs) < this.intervalMs * EARLY) return;
    this.sentAtMs = nowMs;
    if (this.#open && this.host.send(encodeFixes([fix]))) return;
    this.#backlog = thinned([...this.#backlog, fix], BACKLOG_MAX);
    this.#kept = false;
  }

  /** The newest goes first, so that the server knows at once where we are; what lies behind follows in order. */
  opened() {
    this.#open = true;
    const newest = this.#backlog.at(-1);
    if (newest === undefined || !this.host.send(encodeFixes([newest]))) return;
    this.#backlog = this.#backlog.slice(0, -1);
    this.#kept = false;
    this.#next();
  }

  closed() {
    this.#open = false;
    clearTimeout(this.#drain);
  }

  /** Off duty nobody's way is of interest. */
  forget() {
    this.sentAtMs = null;
    if (this.#backlog.length === 0) return;
    this.#backlog = [];
    this.#kept = false;
    this.keep();
  }

  /** Writes the backlog down when it changed; also called when the page goes away. */
  keep() {
    if (this.#kept) return;
    this.#kept = true;
    // Positions are worth a try, not an alarm: what the disk refuses is lost with the page only.
    this.host.store.putBacklog(encodeFixes(this.#backlog)).catch(() => undefined);
  }

  stop() {
    clearInterval(this.keeper);
    this.closed();
  }

  #next() {
    if (!this.#open || this.#backlog.length === 0) return;
    if (!this.host.send(encodeFixes(this.#backlog.slice(0, FRAME_MAX)))) return;
    this.#backlog = this.#backlog.slice(FRAME_MAX);
    this.#kept = false;
    this.#drain = setTimeout(() => this.#next(), FRAME_PAUSE_MS);
  }
}
