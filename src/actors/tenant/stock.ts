/** Stock: taken from the shelf when reserved, back on it when released or expired, gone when settled. Never below zero. Pure. */
import type { Decision, Refusal, TimerOp } from '../../runtime/behaviour.ts';
import type { Priced } from './pricing.ts';
import type { LineRequest, TenantCommand } from './protocol.ts';
import type { Reservation, StockMove, TenantActorState, TenantEvent } from './state.ts';

/** Open reservations of one shop. */
export const RESERVATIONS_MAX = 50_000;
/** Reservations that one timer ends; the rest follow at once. */
const EXPIRE_MAX = 500;
const TIMER = 'reservations';

type TenantDecision = Decision<TenantEvent>;

export function reserve(
  state: TenantActorState,
  command: Extract<TenantCommand, { type: 'reserve' }>,
  nowMs: number,
  price: (lines: readonly LineRequest[]) => Priced,
): TenantDecision {
  const known = state.reservations[command.reservationId];
  if (known !== undefined && known.quote !== null) return { ok: true, events: [], reply: known.quote };
  if (state.reservationCount >= RESERVATIONS_MAX) return { ok: false, refusal: { code: 'tenant.too_many_reservations' } };
  const priced = price(command.lines);
  if (!priced.ok) return priced;
  const lines = priced.quote.lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const short = shortOf(state, lines);
  if (short !== null) return { ok: false, refusal: short };
  const expiresAtMs = nowMs + command.ttlMs;
  return {
    ok: true,
    events: [{ type: 'stock_reserved', data: { reservationId: command.reservationId, lines, quote: priced.quote, expiresAtMs, moves: take(state, lines) } }],
    timers: armEarliest(state, expiresAtMs),
    reply: priced.quote,
  };
}

/** The order exists. A reservation that expired meanwhile is taken again if the shelf still has it. */
export function commitReservation(state: TenantActorState, command: Extract<TenantCommand, { type: 'commit_reservation' }>, _nowMs: number): TenantDecision {
  const known = state.reservations[command.reservationId];
  if (known !== undefined) {
    if (known.expiresAtMs === null) return { ok: true, events: [], reply: null };
    return { ok: true, events: [{ type: 'reservation_committed', data: { reservationId: command.reservationId } }], reply: null };
  }
  const short = shortOf(state, command.lines);
  if (short !== null) return { ok: false, refusal: short };
  const reservation: Reservation = { lines: command.lines, quote: null, expiresAtMs: null };
  return { ok: true, events: [{ type: 'stock_reserved', data: { reservationId: command.reservationId, ...reservation, moves: take(state, command.lines) } }], reply: null };
}

export function endReservation(state: TenantActorState, reservationId: string, why: 'released' | 'settled'): TenantDecision {
  const known = state.reservations[reservationId];
  if (known === undefined) return { ok: true, events: [], reply: null };
  const moves = why === 'released' ? give(state, known.lines) : [];
  return { ok: true, events: [{ type: 'reservation_ended', data: { reservationIds: [reservationId], moves, why } }], reply: null };
}

export function expireReservations(state: TenantActorState, nowMs: number): TenantDecision {
  const open = Object.entries(state.reservations).filter(([, reservation]) => reservation.expiresAtMs !== null);
  const due = open.filter(([, reservation]) => (reservation.expiresAtMs ?? 0) <= nowMs).slice(0, EXPIRE_MAX);
  const ended = new Set(due.map(([id]) => id));
  const next = Math.min(...open.filter(([id]) => !ended.has(id)).map(([, reservation]) => reservation.expiresAtMs ?? 0));
  const timers: readonly TimerOp[] = Number.isFinite(next) ? [arm(Math.max(next, nowMs))] : [];
  if (due.length === 0) return { ok: true, events: [], timers, reply: null };
  const moves = give(state, due.flatMap(([, reservation]) => reservation.lines));
  return { ok: true, events: [{ type: 'reservation_ended', data: { reservationIds: [...ended], moves, why: 'expired' } }], timers, reply: null };
}

/** @returns the refusal that names every line that the shelf cannot serve, null when it can. Uncounted products always can. */
function shortOf(state: TenantActorState, lines: readonly LineRequest[]): Refusal | null {
  const short = lines.flatMap(({ productId, quantity }) => {
    const product = state.products[productId];
    const available = product === undefined ? 0 : product.stock;
    return available !== null && available < quantity ? [{ product_id: productId, name: product?.name ?? productId, available }] : [];
  });
  return short.length === 0 ? null : { code: 'order.out_of_stock', details: { lines: short } };
}

function take(state: TenantActorState, lines: readonly LineRequest[]): StockMove[] {
  return counted(state, lines).map(({ productId, quantity }) => ({ productId, units: -quantity }));
}

function give(state: TenantActorState, lines: readonly LineRequest[]): StockMove[] {
  return counted(state, lines).map(({ productId, quantity }) => ({ productId, units: quantity }));
}

function counted(state: TenantActorState, lines: readonly LineRequest[]): readonly LineRequest[] {
  return lines.filter(({ productId }) => (state.products[productId]?.stock ?? null) !== null);
}

/** One timer for all of them, at the earliest. */
function armEarliest(state: TenantActorState, expiresAtMs: number): readonly TimerOp[] {
  for (const id in state.reservations) {
    const other = state.reservations[id]?.expiresAtMs ?? null;
    if (other !== null && other <= expiresAtMs) return [];
  }
  return [arm(expiresAtMs)];
}

function arm(dueAtMs: number): TimerOp {
  return { op: 'arm', name: TIMER, dueAtMs, durable: true, command: { type: 'reservations_due' } };
}
