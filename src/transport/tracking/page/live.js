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
  let way = 0;
  let failures = 0;
  let polls = 0;
  let stop = null;
  let timer = 0;
  let isOver = false;
  /** Which attempt counts: what an earlier one still says is not heard. */
  let turn = 0;

  const clear = () => {
    turn++;
    clearTimeout(timer);
    stop?.();
    stop = null;
  };
  const finish = (tell) => {
    isOver = true;
    clear();
    tell();
  };
  const start = () => {
    clear();
    if (isOver || document.hidden) return;
    const mine = turn;
    const watch = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(), ms);
    };
    const fail = (waitMs = 0) => {
      if (mine !== turn) return;
      clear();
      on.net(false);
      if (++failures >= TRIES && way < WAYS.length - 1) {
        way++;
        failures = 0;
      }
      const backoffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + Math.random() / 2);
      timer = setTimeout(start, Math.max(waitMs, backoffMs));
    };
    const hear = (message) => {
      if (mine !== turn) return;
      failures = 0;
      watch(SILENT_MS);
      if (message.type === 'end') return finish(() => on.over(message.outcome));
      if (message.type === 'delta' && message.base !== track?.seq) {
        // Something was missed: without a number to continue from, the whole state comes.
        track = null;
        return fail();
      }
      if (message.track) track = message.type === 'delta' ? { ...track, ...message.track } : message.track;
      on.net(true);
      if (message.track) on.track(track, message.now_ms);
    };
    const handlers = {
      hear,
      fail,
      gone: () => finish(on.gone),
      again: () => {
        if (mine !== turn) return;
        if (++polls >= POLLS) {
          polls = 0;
          way = 0;
        }
        clearTimeout(timer);
        timer = setTimeout(start, POLL_MS);
      },
    };
    watch(OPEN_WITHIN_MS);
    try {
      stop = WAYS[way](path, track?.seq, handlers);
    } catch {
      // A browser without this way; every one can poll.
      way++;
      start();
    }
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? clear() : start()));
  addEventListener('online', start);
  addEventListener('pagehide', clear);
  addEventListener('pageshow', (event) => event.persisted && start());
  start();
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
