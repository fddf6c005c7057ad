/** Keeps the page's state fresh: a WebSocket, else an event stream, else polling, each with backoff. Knows nothing of the page. */

const WAYS = [socket, stream, poll];
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Failures in a row before the next way is tried. */
const TRIES = 2;
const POLL_MS = 5000;
/** Polls before the better ways are tried again. */
const POLLS = 24;
const OPEN_WITHIN_MS = 6000;
const SILENT_MS = 50_000;

/**
 * @param path of the link, like `/v1/track/…`. @param track what is known already, or null.
 * @param on `{ track(track, nowMs), over(outcome), gone(), net(isOn) }`; `nowMs` is the server's.
 */
export function follow(path, track, on) {
  const line = new Line(path, track, on);
  const start = () => line.start();
  const rest = () => line.rest();
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : start()));
  addEventListener('online', start);
  addEventListener('offline', () => line.lost());
  addEventListener('pagehide', rest);
  addEventListener('pageshow', (event) => event.persisted && start());
  start();
}

/**
 * - *resting*: from `rest`, and before a try that a timer starts.
 * - *trying*, *on*: from `start`, over the way of the moment. What it hears in time keeps it on; silence or an end is a failure.
 * - *over*: once the delivery or its link has ended, for good.
 */
class Line {
  #path;
  #track;
  #on;
  #way = 0;
  #failures = 0;
  #polls = 0;
  #stop = null;
  #timer = 0;
  #isOver = false;
  /** Which attempt counts: what an earlier one still says is not heard. */
  #turn = 0;

  constructor(path, track, on) {
    this.#path = path;
    this.#track = track;
    this.#on = on;
  }

  start() {
    this.rest();
    if (this.#isOver || document.hidden) return;
    const mine = this.#turn;
    const ifMine = (heard) => (news) => mine === this.#turn && heard(news);
    this.#in(OPEN_WITHIN_MS, () => this.#fail());
    try {
      this.#stop = WAYS[this.#way](this.#path, this.#track?.seq, {
        hear: ifMine((message) => this.#hear(message)),
        fail: ifMine((waitMs) => this.#fail(waitMs)),
        again: ifMine(() => this.#again()),
        gone: () => this.#finish(this.#on.gone),
      });
    } catch {
      // A browser without this way; every one can poll.
      this.#way++;
      this.start();
    }
  }

  /** The phone says that its network is gone: nobody waits for the silence of a line that may look open for long. */
  lost() {
    if (!this.#isOver && !document.hidden) this.#fail();
  }

  rest() {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#stop?.();
    this.#stop = null;
  }

  #hear(message) {
    this.#failures = 0;
    this.#in(SILENT_MS, () => this.#fail());
    if (message.type === 'end') return this.#finish(this.#on.over, message.outcome);
    const isDelta = message.type === 'delta';
    if (isDelta && message.base !== this.#track?.seq) {
      // Something was missed: without a number to continue from, the whole state comes.
      this.#track = null;
      return this.#fail();
    }
    if (message.track) this.#track = isDelta ? { ...this.#track, ...message.track } : message.track;
    this.#on.net(true);
    if (message.track) this.#on.track(this.#track, message.now_ms);
  }

  #fail(waitMs = 0) {
    this.rest();
    this.#on.net(false);
    if (++this.#failures >= TRIES && this.#way < WAYS.length - 1) {
      this.#way++;
      this.#failures = 0;
    }
    const backoffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#in(Math.max(waitMs, backoffMs), () => this.start());
  }

  /** A poll is done; from time to time the better ways get another chance. */
  #again() {
    if (++this.#polls >= POLLS) {
      this.#polls = 0;
      this.#way = 0;
    }
    this.#in(POLL_MS, () => this.start());
  }

  #finish(tell, outcome) {
    this.#isOver = true;
    this.rest();
    tell(outcome);
  }

  /** In place of what was to come before. */
  #in(ms, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

const withSeq = (path, seq) => (seq === undefined ? path : `${path}?since=${seq}`);

function socket(path, seq, { hear, fail }) {
  const ws = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${withSeq(`${path}/socket`, seq)}`);
  ws.onmessage = ({ data }) => hear(JSON.parse(data));
  ws.onclose = () => fail();
  return () => {
    ws.onclose = null;
    ws.close();
  };
}

function stream(path, seq, { hear, fail }) {
  const source = new EventSource(withSeq(`${path}/events`, seq));
  for (const type of ['snapshot', 'delta', 'end']) source.addEventListener(type, ({ data }) => hear(JSON.parse(data)));
  source.onopen = () => hear({ type: 'heartbeat' });
  source.onerror = () => fail();
  return () => source.close();
}

function poll(path, seq, { hear, fail, gone, again }) {
  const abort = new AbortController();
  const ask = async () => {
    const reply = await fetch(withSeq(path, seq), { signal: abort.signal, cache: 'no-store' });
    const nowMs = Date.parse(reply.headers.get('date')) || Date.now();
    if (reply.status === 410) return hear({ type: 'end', outcome: (await reply.json()).details?.outcome });
    if (reply.status === 404) return gone();
    if (reply.status === 304) hear({ type: 'heartbeat' });
    else if (reply.ok) hear({ type: 'snapshot', now_ms: nowMs, track: await reply.json() });
    else return fail(1000 * (reply.headers.get('retry-after') || 1));
    again();
  };
  ask().catch(() => fail());
  return () => abort.abort();
}
