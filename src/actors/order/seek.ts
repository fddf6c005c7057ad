/** Looking for a driver: what the order tells its market, and how often. Pure; it must never know who drives. */
import type { DecideContext, Decision, Effect, TimerOp } from '../../runtime/behaviour.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import type { MarketMessage } from '../market/protocol.ts';
import { marketRef } from '../refs.ts';
import { tellWait } from './customer.ts';
import { decided, type OrderActorState, type OrderEvent, type PlacedOrder, UNKNOWN_PICKUP } from './evolve.ts';
import { driverFeeMinor, jobOf, offeredJobOf, rideM } from './job.ts';
import type { OrderCommand } from './protocol.ts';

type Command<T extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: T }>;
type OrderDecision = Decision<OrderEvent>;

/** How often a market is told again of an order that nobody has: the market's memory is its thread's. */
const SEEK_EVERY_MS = 20_000;
/** Nobody took it for so long: the market is told less often, but never not. A market forgets after 65 s. */
const SEEK_PATIENCE_MS = 600_000;
const SEEK_SLOWLY_MS = 60_000;
const SEEK_TIMER = 'seek';

/** What begins when an order is ready: events and effects to add to that decision. Nothing without a place to ride to. */
export function startSeeking(order: PlacedOrder): readonly OrderEvent[] {
  if (order.dropoff.position === null || order.pickup.name === UNKNOWN_PICKUP.name) return [];
  return [{ type: 'seeking_started', data: { feeMinor: feeOf(order) } }];
}

/** What the ride pays, without surge. */
export function feeOf(order: Pick<PlacedOrder, 'quote' | 'pickup' | 'dropoff'>): number {
  return driverFeeMinor(order.quote, rideM(order));
}

/** The market's errand and its repetition; empty while nobody is looked for. */
export function seekEffects(order: PlacedOrder, context: DecideContext): { readonly effects: Effect[]; readonly timers: TimerOp[] } {
  const { delivery } = order;
  if (delivery?.phase !== 'seeking') return { effects: [], timers: [] };
  const job = jobOf(order, delivery, context.nowMs);
  const offered = offeredJobOf(order, delivery);
  if (job === null || offered === null) return { effects: [], timers: [] };
  const everyMs = seeksLong(order, context.nowMs) ? SEEK_SLOWLY_MS : SEEK_EVERY_MS;
  const command: MarketMessage = { type: 'open_job', job, offered };
  const to = marketRef(context.ref.tenantId, dataShardOf(context.ref.shard), job.pickup);
  return {
    effects: [{ type: 'send', id: context.uniqueId('market'), to, command, onResult: { type: 'market_told' } }],
    timers: [{ op: 'arm', name: SEEK_TIMER, dueAtMs: context.nowMs + everyMs, durable: true, command: { type: 'seek_due' } }],
  };
}

function seeksLong({ delivery }: PlacedOrder, nowMs: number): boolean {
  return delivery?.phase === 'seeking' && nowMs - (delivery.seekingSinceMs ?? nowMs) > SEEK_PATIENCE_MS;
}

/** Nobody is looked for any more: open offers go off the phones at once, and no further one is made. */
export function stopSeeking(order: PlacedOrder, reason: 'taken' | 'cancelled', context: DecideContext): Effect {
  const to = marketRef(context.ref.tenantId, dataShardOf(context.ref.shard), order.pickup.position);
  const command: MarketMessage = { type: 'close_job', orderId: order.id, reason };
  return { type: 'send', id: context.uniqueId('market'), to, command, onResult: { type: 'market_told' } };
}

export const STOP_SEEKING: TimerOp = { op: 'cancel', name: SEEK_TIMER, durable: true };

/** A customer who has waited long is told once a search that it goes on. */
export function seekDue(state: OrderActorState, context: DecideContext): OrderDecision {
  const { order } = state;
  if (order === null) return { ok: true, events: [] };
  const { effects, timers } = seekEffects(order, context);
  if (!seeksLong(order, context.nowMs) || order.delivery?.isWaitTold === true) return { ok: true, events: [], effects, timers };
  return { ok: true, events: [{ type: 'wait_told', data: {} }], effects: [...effects, tellWait(order, context)], timers };
}

export function jobStalled(
  state: OrderActorState,
  order: PlacedOrder,
  command: Command<'job_stalled'>,
  context: DecideContext,
): OrderDecision {
  const { delivery } = order;
  if (delivery?.phase !== 'seeking' || delivery.jobVersion !== command.jobVersion || delivery.problem === command.reason)
    return { ok: true, events: [] };
  return decided(state, [{ type: 'delivery_stalled', data: { reason: command.reason } }], context);
}
