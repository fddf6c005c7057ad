/**
 * The actions that the driver took and the server has not answered yet. Pure: a queue is an array, oldest first, and every
 * function returns a new one. It must never drop an action by itself: only an answer, or a newer word on the same matter, ends one.
 *
 * An action: `{ id, seq, key, message, takenAtMs, attempts, notBeforeMs, sentAtMs }`. `key` is what it is about (an offer, a delivery,
 * the shift): actions of one key go one by one and in order. `sentAtMs` is null while it is not on the wire.
 */

/** More than a shift can bring; beyond it a new action is refused to the driver's face instead of being lost silently. */
export const ACTIONS_MAX = 200;
/** Without an answer for so long it is sent again, with the same id. Longer than the server waits for an order's answer. */
export const ANSWER_WITHIN_MS = 12_000;
const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_MAX_MS = 30_000;

/** The shift is a switch: what counts is the last word. */
export const SHIFT_KEY = 'shift';

export function actionOf(id, key, message, nowMs) {
  return { id, seq: 0, key, message: { ...message, id }, takenAtMs: nowMs, attempts: 0, notBeforeMs: 0, sentAtMs: null };
}

/**
 * Takes an action in. A double tap (the same as the last one waiting about that matter) changes nothing; another one-time code
 * replaces the one that was not sent yet, and a new shift wish the old one.
 * @returns the queue and whether the action is in it; `full` when the bound is reached
 */
export function enqueue(queue, action) {
  const last = queue.findLast((item) => item.key === action.key);
  if (last !== undefined && sameStep(last, action)) return { queue, added: false, full: false };
  const replaces = (item) =>
    item.key === action.key &&
    item.sentAtMs === null &&
    (action.key === SHIFT_KEY || (item === last && item.message.type === 'delivered' && action.message.type === 'delivered'));
  const kept = queue.filter((item) => !replaces(item));
  if (kept.length >= ACTIONS_MAX) return { queue, added: false, full: true };
  const seq = (queue.at(-1)?.seq ?? 0) + 1;
  return { queue: [...kept, { ...action, seq }], added: true, full: false };
}

function sameStep(a, b) {
  return ['type', 'otp', 'status', 'reason'].every((field) => a.message[field] === b.message[field]);
}

/**
 * Whether what was put off may go. A phone's clock is set back by minutes or years at any time: no wait is longer than the longest one,
 * whatever the clock says by now.
 */
export const isTurn = ({ notBeforeMs }, nowMs) => notBeforeMs <= nowMs || notBeforeMs - nowMs > BACKOFF_MAX_MS;

/** @returns what may go out now: the oldest of each key, unless it waits for its answer or its turn. */
export function due(queue, nowMs) {
  return heads(queue).filter((item) => item.sentAtMs === null && isTurn(item, nowMs));
}

/** @returns when `due` or `overdue` will next have something, unix ms; null when only an answer can change anything. */
export function nextDueMs(queue) {
  const times = heads(queue).map((item) => (item.sentAtMs === null ? item.notBeforeMs : item.sentAtMs + ANSWER_WITHIN_MS));
  return times.length === 0 ? null : Math.min(...times);
}

/** @returns those on the wire for too long, or from before the clock was set: the link is not to be trusted. */
export function overdue(queue, nowMs) {
  return queue.filter((item) => item.sentAtMs !== null && Math.abs(nowMs - item.sentAtMs) >= ANSWER_WITHIN_MS);
}

export function markSent(queue, id, nowMs) {
  return queue.map((item) => (item.id === id ? { ...item, sentAtMs: nowMs, attempts: item.attempts + 1 } : item));
}

/** Answered for good. */
export function settle(queue, id) {
  return queue.filter((item) => item.id !== id);
}

/** Answered with "not now". @param random 0 to 1, so that a town of phones does not come back in one second */
export function postpone(queue, id, nowMs, random) {
  return queue.map((item) =>
    item.id === id ? { ...item, sentAtMs: null, notBeforeMs: nowMs + backoffMs(item.attempts - 1, random) } : item,
  );
}

/** The link broke: nothing is on the wire any more, everything may go again at once. */
export function unsent(queue) {
  return queue.map((item) => ({ ...item, sentAtMs: null, notBeforeMs: 0 }));
}

/** Full jitter over a doubling ceiling, never under a quarter of it. @returns milliseconds */
export function backoffMs(attempt, random) {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(10, Math.max(0, attempt)));
  return Math.round(ceiling * (0.25 + 0.75 * random));
}

/** Whether a refusal may turn into a yes by itself: those of the machinery do, those of the domain do not. */
export function isTransient(code) {
  return typeof code !== 'string' || code.startsWith('runtime.') || code.startsWith('request.') || code.endsWith('.rate_limited');
}

/** What storage gave back, made safe: foreign or old shapes are left out. */
export function restored(stored) {
  const sound = stored.filter(
    (item) => typeof item?.id === 'string' && typeof item.seq === 'number' && typeof item.key === 'string' && item.message?.id === item.id,
  );
  return unsent(sound.sort((a, b) => a.seq - b.seq));
}

/**
 * What an earlier page left, once the disk gives it. It comes before all that was done meanwhile, except where the driver has spoken on
 * the same matter since: that is the newer word, and it may have been answered by now.
 * @param found as from `restored`; @param queue of this page; @param touched keys of all that was done meanwhile, answered or not
 */
export function rejoined(found, queue, touched) {
  const older = found.filter(({ key }) => !touched.has(key));
  const last = older.at(-1)?.seq ?? 0;
  return [...older, ...queue.map((action, index) => ({ ...action, seq: last + 1 + index }))];
}

function heads(queue) {
  const seen = new Set();
  return queue.filter((item) => !seen.has(item.key) && seen.add(item.key));
}
