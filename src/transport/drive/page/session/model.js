/**
 * What this driver has before them: the shift, at most one offer, the jobs, the money. Pure: events in, a new model and the
 * news worth saying out. It must never show an offer that ended, and never show as done what the server has not confirmed.
 */

/** Ended offers that are remembered, so that a late copy of one does not come back. */
const ENDED_MAX = 50;
const NEXT_PHASE = {
  arrived: { to_pickup: 'at_pickup', to_dropoff: 'at_dropoff' },
  picked_up: { to_pickup: 'to_dropoff', at_pickup: 'to_dropoff' },
};
const PHASE_ORDER = ['to_pickup', 'at_pickup', 'to_dropoff', 'at_dropoff', 'handed_over'];

export const EMPTY_MODEL = {
  /** What `GET /v1/driver/me` last said about the person; null before. */
  driver: null,
  /** null until the server has said it. */
  online: null,
  offer: null,
  jobs: [],
  stops: [],
  ended: [],
  /** Order ids and offer ids that the socket spoke of since the last question to the server was asked. */
  touched: [],
};

/** @param nowMs the server's time as well as it is known. @returns `{ model, news }`; news is a list of `{ type, … }` */
export function reduce(model, event, nowMs) {
  switch (event.type) {
    case 'offer':
      return takeOffer(model, event.offer, nowMs);
    case 'offer_closed':
      return endOffer(model, event.offerId, event.reason);
    case 'delivery': {
      const touched = touch(model, event.job.orderId);
      const isNew = !model.jobs.some((job) => job.orderId === event.job.orderId);
      const cleared = event.job.offerId === null ? touched : forgetOffer(touched, event.job.offerId);
      return { model: { ...cleared, jobs: withJob(cleared.jobs, event.job) }, news: isNew ? [{ type: 'job', job: event.job }] : [] };
    }
    case 'delivery_ended': {
      const job = model.jobs.find((known) => known.orderId === event.orderId);
      const next = { ...touch(model, event.orderId), jobs: model.jobs.filter((known) => known !== job) };
      return { model: next, news: job === undefined ? [] : [{ type: 'job_ended', job, outcome: event.outcome }] };
    }
    case 'shift': {
      const lost = model.online === true && !event.online;
      return { model: { ...touch(model, 'shift'), online: event.online }, news: lost ? [{ type: 'put_offline' }] : [] };
    }
    case 'answered':
      return { model: forgetOffer(model, event.offerId), news: [] };
    case 'clock':
      return model.offer !== null && model.offer.expiresAtMs <= nowMs ? endOffer(model, model.offer.offerId, 'expired') : same(model);
    case 'asked':
      return { model: { ...model, touched: [] }, news: [] };
    case 'view':
      return { model: reconcile(model, event.view, nowMs), news: viewNews(model, event.view) };
    default:
      return same(model);
  }
}

const same = (model) => ({ model, news: [] });
const touch = (model, id) => ({ ...model, touched: [...model.touched.filter((known) => known !== id), id] });
const withJob = (jobs, job) =>
  jobs.some((known) => known.orderId === job.orderId) ? jobs.map((known) => (known.orderId === job.orderId ? job : known)) : [...jobs, job];

function takeOffer(model, offer, nowMs) {
  if (model.ended.includes(offer.offerId) || offer.expiresAtMs <= nowMs) return same(model);
  const isNew = model.offer?.offerId !== offer.offerId;
  const sinceMs = isNew ? nowMs : model.offer.sinceMs;
  return { model: { ...touch(model, offer.offerId), offer: { ...offer, sinceMs } }, news: isNew ? [{ type: 'offer' }] : [] };
}

function forgetOffer(model, offerId) {
  const ended = [...model.ended.filter((id) => id !== offerId), offerId].slice(-ENDED_MAX);
  return { ...touch(model, offerId), ended, offer: model.offer?.offerId === offerId ? null : model.offer };
}

function endOffer(model, offerId, reason) {
  if (offerId === null) return same(model);
  const shown = model.offer?.offerId === offerId;
  return { model: forgetOffer(model, offerId), news: shown ? [{ type: 'offer_closed', reason }] : [] };
}

/** The server's whole view replaces ours, except what the socket said after the question was asked: that is newer. */
function reconcile(model, view, nowMs) {
  const newer = (id) => model.touched.includes(id);
  const jobs = view.jobs.filter((job) => !newer(job.orderId));
  for (const job of model.jobs) if (newer(job.orderId)) jobs.push(job);
  const { offer: kept } = model;
  let offer = kept !== null && newer(kept.offerId) ? kept : null;
  const told = view.offer;
  if (offer === null && told !== null && !newer(told.offerId) && !model.ended.includes(told.offerId) && told.expiresAtMs > nowMs) {
    offer = { ...told, sinceMs: kept?.offerId === told.offerId ? kept.sinceMs : nowMs };
  }
  return { ...model, driver: view, online: newer('shift') ? model.online : view.online, offer, jobs, stops: view.stops, touched: [] };
}

/** What the view takes away is said, not just taken off the screen. */
function viewNews(model, view) {
  const { offer, touched } = model;
  const gone = offer !== null && !touched.includes(offer.offerId) && view.offer?.offerId !== offer.offerId;
  const won = gone && view.jobs.some((job) => job.orderId === offer.orderId);
  const news = gone && !won ? [{ type: 'offer_closed', reason: 'gone' }] : [];
  for (const job of model.jobs) {
    if (touched.includes(job.orderId) || view.jobs.some((told) => told.orderId === job.orderId)) continue;
    news.push({ type: 'job_ended', job, outcome: job.phase === 'handed_over' ? 'delivered' : 'released' });
  }
  if (model.online === true && !view.online && !touched.includes('shift')) news.push({ type: 'put_offline' });
  return news;
}

/**
 * The job as the driver sees it: the confirmed phase, moved on by the steps that still wait for the server.
 * @returns `{ ...job, phase, confirmedPhase, waiting }`; the phase is `handed_over` while the delivery itself waits
 */
export function withPending(job, actions) {
  const waiting = actions.filter((action) => action.message.delivery_id === job.deliveryId).map((action) => action.message.type);
  let phase = job.phase;
  for (const step of waiting) phase = stepped(phase, step);
  return { ...job, phase, confirmedPhase: job.phase, waiting };
}

/** @returns the phase after a step; the same one when the step does not fit it */
function stepped(phase, step) {
  if (step === 'delivered') return PHASE_ORDER.indexOf(phase) >= 2 ? 'handed_over' : phase;
  return NEXT_PHASE[step]?.[phase] ?? phase;
}

/** The server said yes to a step and will tell the new phase itself; until then the job must not fall back. */
export function confirmStep(model, deliveryId, step) {
  const jobs = model.jobs.map((job) => (job.deliveryId === deliveryId ? { ...job, phase: stepped(job.phase, step) } : job));
  return { ...model, jobs };
}

/**
 * Where to go, in order. The server's order of stops when it covers a stop; otherwise everything is fetched first, then
 * brought in the order in which the jobs were won.
 * @returns `[{ job, kind, stop }]`; empty without jobs
 */
export function stopsInOrder(jobs, told) {
  const stops = [];
  for (const job of jobs) {
    if (job.phase === 'handed_over') continue;
    if (PHASE_ORDER.indexOf(job.phase) < 2) stops.push({ job, kind: 'pickup', stop: job.pickup });
    stops.push({ job, kind: 'dropoff', stop: job.dropoff });
  }
  const place = ({ job, kind }) => {
    const index = told.findIndex((stop) => stop.orderId === job.orderId && stop.kind === kind);
    return index === -1 ? told.length + (kind === 'pickup' ? 0 : 1) : index;
  };
  return stops.sort((a, b) => place(a) - place(b) || a.job.startedAtMs - b.job.startedAtMs);
}
