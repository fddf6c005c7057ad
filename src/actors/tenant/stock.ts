/** Stock: taken from the shelf when reserved, back on it when released or expired, gone when settled. Never below zero. Pure. */
import type { Decision, Refusal, TimerOp } from '../../runtime/behaviour.ts';
import { mergeLines, type Priced } from './pricing.ts';
import type { LineRequest, TenantCommand } from './protocol.ts';
import { productOf, reservationOf, type StockMove, type TenantActorState, type TenantEvent } from './state.ts';

/** Reservations of one shop at one time, those of its open orders included. */
const RESERVATIONS_MAX = 50_000;
/** Reservations that one timer ends; the rest follow at once. */
const EXPIRE_MAX = 500;
const TIMER = 'reservations';

type TenantDecision = Decision<TenantEvent>;

/** @param price prices lines from the catalogue of this state. */
export function reserve(
  state: TenantActorState,
  command: Extract<TenantCommand, { type: 'reserve' }>,
  nowMs: number,
  price: (lines: readonly LineRequest[]) => Priced,
): TenantDecision {
  const { reservationId } = command;
  const known = reservationOf(state, reservationId);
  if (known !== null) {
    const quoted = known.quote === null ? price(known.lines) : { ok: true as const, quote: known.quote };
    return quoted.ok ? { ok: true, events: [], reply: quoted.quote } : quoted;
  }
  if (state.reservationCount >= RESERVATIONS_MAX) return tooMany();
  const priced = price(command.lines);
  if (!priced.ok) return priced;
  const { quote } = priced;
  const lines = quote.lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const short = shortOf(state, lines);
  if (short !== null) return { ok: false, refusal: short };
  const expiresAtMs = nowMs + command.ttlMs;
  // One timer for all of them: an earlier one finds this reservation's turn when it comes.
  const timers = state.nextExpiryAtMs !== null && state.nextExpiryAtMs <= expiresAtMs ? [] : [arm(expiresAtMs)];
  const event: TenantEvent = { type: 'stock_reserved', data: { reservationId, lines, moves: take(state, lines), quote, expiresAtMs } };
  return { ok: true, events: [event], timers, reply: quote };
}

/** The order exists. A reservation that expired meanwhile is taken again if the shelf still has it. */
export function commitReservation(
  state: TenantActorState,
  command: Extract<TenantCommand, { type: 'commit_reservation' }>,
): TenantDecision {
  const { reservationId } = command;
  // Its goods are sold already: the settlement overtook this commitment.
  if (state.settledEarly?.includes(reservationId) === true) return { ok: true, events: [], reply: null };
  const known = reservationOf(state, reservationId);
  if (known !== null) {
    if (known.expiresAtMs === null) return { ok: true, events: [], reply: null };
    return { ok: true, events: [{ type: 'reservation_committed', data: { reservationId } }], reply: null };
  }
  if (state.reservationCount >= RESERVATIONS_MAX) return tooMany();
  const merged = mergeLines(command.lines);
  if (!merged.ok) return merged;
  const lines = [...merged.quantities].map(([productId, quantity]) => ({ productId, quantity }));
  const short = shortOf(state, lines);
  if (short !== null) return { ok: false, refusal: short };
  const event: TenantEvent = {
    type: 'stock_reserved',
    data: { reservationId, lines, moves: take(state, lines), quote: null, expiresAtMs: null },
  };
  return { ok: true, events: [event], reply: null };
}

/** Idempotent: an id that is not known (any more) changes nothing. */
export function endReservation(state: TenantActorState, reservationId: string, why: 'released' | 'settled'): TenantDecision {
  const known = reservationOf(state, reservationId);
  if (known === null) return { ok: true, events: [], reply: null };
  const moves = why === 'released' ? giveBack(known.moves) : [];
  return { ok: true, events: [{ type: 'reservation_ended', data: { reservationIds: [reservationId], moves, why } }], reply: null };
}

/** Ends what is due and arms the timer for the next. O(reservations), once for each time that the timer fires. */
export function expireReservations(state: TenantActorState, nowMs: number): TenantDecision {
  const due: string[] = [];
  const moves: StockMove[] = [];
  let next: number | null = null;
  for (const [id, { expiresAtMs, moves: taken }] of Object.entries(state.reservations)) {
    if (expiresAtMs === null) continue;
    if (expiresAtMs <= nowMs && due.length < EXPIRE_MAX) {
      due.push(id);
      moves.push(...giveBack(taken));
    } else next = Math.min(next ?? expiresAtMs, expiresAtMs);
  }
  const events: TenantEvent[] = [];
  if (due.length > 0) events.push({ type: 'reservation_ended', data: { reservationIds: due, moves, why: 'expired' } });
  if (next !== state.nextExpiryAtMs) events.push({ type: 'expiry_moved', data: { nextExpiryAtMs: next } });
  return { ok: true, events, timers: next === null ? [] : [arm(next)], reply: null };
}

/** @returns the refusal that names every line that the shelf cannot serve, null when it can. Uncounted products always can. */
function shortOf(state: TenantActorState, lines: readonly LineRequest[]): Refusal | null {
  const short = lines.flatMap(({ productId, quantity }) => {
    const product = productOf(state, productId);
    const available = product === null ? 0 : product.stock;
    return available !== null && available < quantity ? [{ product_id: productId, name: product?.name ?? productId, available }] : [];
  });
  return short.length === 0 ? null : { code: 'order.out_of_stock', details: { lines: short } };
}

function take(state: TenantActorState, lines: readonly LineRequest[]): StockMove[] {
  return lines
    .filter(({ productId }) => (productOf(state, productId)?.stock ?? null) !== null)
    .map(({ productId, quantity }) => ({ productId, units: -quantity }));
}

function giveBack(taken: readonly StockMove[]): StockMove[] {
  return taken.map(({ productId, units }) => ({ productId, units: -units }));
}

function tooMany(): TenantDecision {
  return { ok: false, refusal: { code: 'tenant.too_many_reservations', details: { limit: RESERVATIONS_MAX } } };
}

function arm(dueAtMs: number): TimerOp {
  return { op: 'arm', name: TIMER, dueAtMs, durable: true, command: { type: 'reservations_due' } };
}
