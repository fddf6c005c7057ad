/**
 * One WebSocket that comes back by itself. It must never know what the messages mean.
 *
 * Modes: `off` (entered by `stop`), `connecting` (by `start` and by the retry timer), `open` (the server answered), `waiting` (it
 * broke; the timer or the network's return leads back to `connecting`), `refused` (the server does not want this token).
 */
import { backoffMs } from './queue.js';

/** Nothing heard for so long: ask. No answer for `PONG_MS` after that: the link is dead, whatever the browser believes. */
const QUIET_MS = 20_000;
const PONG_MS = 8_000;
const CONNECT_MS = 15_000;
const CHECK_MS = 2_000;
/** A link that lived so long was a good one: the next try comes quickly. */
const GOOD_MS = 10_000;
/** The token is good no more, or there is no such driver. */
const REFUSED = [4401, 4404];

export class Link {
  mode = 'off';
  /** When the next try comes, unix ms; null unless `waiting`. */
  retryAtMs = null;
  /** Why the server does not want this token, as its code; null unless `refused`. */
  refusal = null;
  #socket = null;
  #attempt = 0;
  #sinceMs = 0;
  #heardAtMs = 0;
  #askedAtMs = null;
  #retry = null;
  #check = null;
  /** Ends what it hears of the network; null while it hears nothing. */
  #ears = null;

  /** @param host `{ url(), opened(), heard(text), changed(), failed() }`; `failed` after a try that never opened */
  constructor(host) {
    this.host = host;
  }

  start() {
    if (this.mode === 'connecting' || this.mode === 'open') return;
    this.#check ??= setInterval(() => this.#look(), CHECK_MS);
    this.#listen();
    this.#connect();
  }

  stop(mode = 'off') {
    clearInterval(this.#check);
    this.#check = null;
    this.#ears?.abort();
    this.#ears = null;
    clearTimeout(this.#retry);
    this.#drop();
    this.#enter(mode);
  }

  /** The server said no, here or elsewhere. */
  refuse(code) {
    this.refusal = code;
    this.stop('refused');
  }

  /** @returns whether it went out; a full or closed link takes nothing */
  send(data) {
    if (this.mode !== 'open' || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(typeof data === 'string' || data instanceof ArrayBuffer ? data : JSON.stringify(data));
    return true;
  }

  /** Somebody looks at the phone again, or it slept: no pause is sat out, and a link that may be dead is asked at once. */
  wake() {
    if (this.mode === 'waiting') this.#connect();
    else if (this.mode === 'open' && this.#askedAtMs === null) this.#ask(Date.now());
  }

  /** Something went out and nothing came back: give the link up and make a new one. */
  suspect() {
    if (this.mode === 'open' || this.mode === 'connecting') this.#broken();
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#drop();
    this.#sinceMs = Date.now();
    this.#enter('connecting');
    const socket = new WebSocket(this.host.url());
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const mine = (work) => (event) => socket === this.#socket && work(event);
    socket.onopen = mine(() => {
      this.#sinceMs = this.#heardAtMs = Date.now();
      this.#askedAtMs = null;
      this.#enter('open');
      this.host.opened();
    });
    socket.onmessage = mine((event) => {
      this.#heardAtMs = Date.now();
      this.#askedAtMs = null;
      if (typeof event.data === 'string') this.host.heard(event.data);
    });
    socket.onclose = mine((event) => {
      if (REFUSED.includes(event.code)) this.refuse(event.reason);
      else this.#broken();
    });
  }

  #broken() {
    const opened = this.mode === 'open';
    if (opened && Date.now() - this.#sinceMs >= GOOD_MS) this.#attempt = 0;
    this.#drop();
    const pauseMs = backoffMs(this.#attempt++, Math.random());
    this.retryAtMs = Date.now() + pauseMs;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), pauseMs);
    this.#enter('waiting');
    if (!opened) this.host.failed();
  }

  /** Times are compared either way, for a clock that was set back. A phone's radio can die without a word: silence is asked about, and a try that takes for ever is given up. */
  #look() {
    const nowMs = Date.now();
    if (this.mode === 'connecting' && Math.abs(nowMs - this.#sinceMs) > CONNECT_MS) this.#broken();
    if (this.mode !== 'open') return;
    if (this.#askedAtMs !== null && Math.abs(nowMs - this.#askedAtMs) > PONG_MS) this.#broken();
    else if (this.#askedAtMs === null && Math.abs(nowMs - this.#heardAtMs) > QUIET_MS) this.#ask(nowMs);
  }

  #ask(nowMs) {
    this.#askedAtMs = nowMs;
    // Any answer counts, also that of a server that does not know the question.
    this.send({ type: 'ping', id: `ping-${nowMs}` });
  }

  #listen() {
    if (this.#ears !== null) return;
    this.#ears = new AbortController();
    const { signal } = this.#ears;
    addEventListener('online', () => this.mode === 'waiting' && this.#connect(), { signal });
    addEventListener('offline', () => this.mode === 'open' && this.suspect(), { signal });
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null && socket.readyState <= WebSocket.OPEN) socket.close();
  }

  #enter(mode) {
    this.mode = mode;
    if (mode !== 'waiting') this.retryAtMs = null;
    this.host.changed();
  }
}
