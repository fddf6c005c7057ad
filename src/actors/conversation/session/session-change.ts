/**
 * A changed session, and what changed between two. Spelled out member by member: all sessions then share one shape, which
 * keeps every read of one fast. Must never know why something changes.
 */
import type { PersonalSession, PublicSession, Session } from './session.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @returns the session with the members that `patch` names. */
export function revised(session: Session, patch: Partial<Session>): Required<Session> {
  return {
    state: patch.state === undefined ? session.state : patch.state,
    step: patch.step === undefined ? session.step : patch.step,
    language: patch.language === undefined ? session.language : patch.language,
    languageChosen: patch.languageChosen === undefined ? session.languageChosen : patch.languageChosen,
    greeted: patch.greeted === undefined ? session.greeted : patch.greeted,
    checkout: patch.checkout === undefined ? session.checkout : patch.checkout,
    orders: patch.orders === undefined ? session.orders : patch.orders,
    optedOut: patch.optedOut === undefined ? session.optedOut : patch.optedOut,
    marketingSaidAtMs: patch.marketingSaidAtMs === undefined ? (session.marketingSaidAtMs ?? null) : patch.marketingSaidAtMs,
    hinted: patch.hinted === undefined ? session.hinted : patch.hinted,
    ratingAsked: patch.ratingAsked === undefined ? (session.ratingAsked ?? null) : patch.ratingAsked,
    quantityAsked: patch.quantityAsked === undefined ? (session.quantityAsked ?? null) : patch.quantityAsked,
    choiceAsked: patch.choiceAsked === undefined ? (session.choiceAsked ?? null) : patch.choiceAsked,
    listShown: patch.listShown === undefined ? (session.listShown ?? null) : patch.listShown,
    tapped: patch.tapped === undefined ? (session.tapped ?? null) : patch.tapped,
    misses: patch.misses === undefined ? session.misses : patch.misses,
    undelivered: patch.undelivered === undefined ? (session.undelivered ?? 0) : patch.undelivered,
    lastInboundAtMs: patch.lastInboundAtMs === undefined ? session.lastInboundAtMs : patch.lastInboundAtMs,
    keysToldAtMs: patch.keysToldAtMs === undefined ? (session.keysToldAtMs ?? null) : patch.keysToldAtMs,
    lastActivityAtMs: patch.lastActivityAtMs === undefined ? session.lastActivityAtMs : patch.lastActivityAtMs,
    sessionArmedAtMs: patch.sessionArmedAtMs === undefined ? session.sessionArmedAtMs : patch.sessionArmedAtMs,
    replaced: patch.replaced === undefined ? session.replaced : patch.replaced,
    contact: patch.contact === undefined ? session.contact : patch.contact,
    cart: patch.cart === undefined ? session.cart : patch.cart,
    place: patch.place === undefined ? session.place : patch.place,
    note: patch.note === undefined ? (session.note ?? null) : patch.note,
    said: patch.said === undefined ? (session.said ?? null) : patch.said,
    lastOrder: patch.lastOrder === undefined ? (session.lastOrder ?? null) : patch.lastOrder,
  };
}

/** @returns null when nothing that an event carries in its public part changed. */
export function publicDifference(before: Session, after: Session): Partial<PublicSession> | null {
  if (before === after) return null;
  const set: Writable<Partial<PublicSession>> = {};
  if (before.state !== after.state) set.state = after.state;
  if (before.step !== after.step) set.step = after.step;
  if (before.language !== after.language) set.language = after.language;
  if (before.languageChosen !== after.languageChosen) set.languageChosen = after.languageChosen;
  if (before.greeted !== after.greeted) set.greeted = after.greeted;
  if (before.checkout !== after.checkout) set.checkout = after.checkout;
  if (before.orders !== after.orders) set.orders = after.orders;
  if (before.optedOut !== after.optedOut) set.optedOut = after.optedOut;
  if ((before.marketingSaidAtMs ?? null) !== (after.marketingSaidAtMs ?? null)) set.marketingSaidAtMs = after.marketingSaidAtMs ?? null;
  if (before.hinted !== after.hinted) set.hinted = after.hinted;
  if ((before.ratingAsked ?? null) !== (after.ratingAsked ?? null)) set.ratingAsked = after.ratingAsked ?? null;
  if ((before.quantityAsked ?? null) !== (after.quantityAsked ?? null)) set.quantityAsked = after.quantityAsked ?? null;
  if ((before.choiceAsked ?? null) !== (after.choiceAsked ?? null)) set.choiceAsked = after.choiceAsked ?? null;
  if ((before.listShown ?? null) !== (after.listShown ?? null)) set.listShown = after.listShown ?? null;
  if ((before.tapped ?? null) !== (after.tapped ?? null)) set.tapped = after.tapped ?? null;
  if (before.misses !== after.misses) set.misses = after.misses;
  if ((before.said ?? null) !== (after.said ?? null)) set.said = after.said ?? null;
  if ((before.undelivered ?? 0) !== (after.undelivered ?? 0)) set.undelivered = after.undelivered ?? 0;
  if (before.sessionArmedAtMs !== after.sessionArmedAtMs) set.sessionArmedAtMs = after.sessionArmedAtMs;
  if (before.replaced !== after.replaced) set.replaced = after.replaced;
  return isEmpty(set) ? null : set;
}

/** @returns null when nothing that is the person's own changed. */
export function personalDifference(before: Session, after: Session): Partial<PersonalSession> | null {
  if (before === after) return null;
  const set: Writable<Partial<PersonalSession>> = {};
  if (before.contact !== after.contact) set.contact = after.contact;
  if (before.cart !== after.cart) set.cart = after.cart;
  if (before.place !== after.place) set.place = after.place;
  if ((before.note ?? null) !== (after.note ?? null)) set.note = after.note ?? null;
  if ((before.lastOrder ?? null) !== (after.lastOrder ?? null)) set.lastOrder = after.lastOrder ?? null;
  return isEmpty(set) ? null : set;
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
