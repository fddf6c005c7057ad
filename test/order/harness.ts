/** One order without a runtime: commands in, events folded, effects and timers collected. */
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import type { OrderActorState, OrderEvent } from '../../src/actors/order/evolve.ts';
import type { OrderActorRole, OrderCommand, OrderStatus, OrderTransition, OrderView, PlaceOrder } from '../../src/actors/order/protocol.ts';
import { newOrderRef } from '../../src/actors/refs.ts';
import type { Decision, Effect, ReadModelWrite, TimerOp } from '../../src/runtime/behaviour.ts';

export const T0 = 1_700_000_000_000;
export const DATA_SHARD = 4;
export const REF = newOrderRef(7, DATA_SHARD, 'cus_1', '0001');

export const PLACE: PlaceOrder = {
  type: 'place',
  customerId: 'cus_1',
  customer: { waId: '27600000001', name: 'Sipho', language: 'zu' },
  lines: [{ productId: 'a', quantity: 2 }],
  quote: {
    lines: [{ productId: 'a', name: 'A', quantity: 2, unitPriceMinor: 1_000, totalMinor: 2_000 }],
    subtotalMinor: 2_000,
    deliveryFeeMinor: 500,
    totalMinor: 2_500,
    currency: 'ZAR',
    distanceM: null,
    etaS: 900,
  },
  pickup: { name: "Thandi's", position: { lat: -26.2, lng: 27.9 } },
  dropoff: { position: { lat: -26.25, lng: 27.85 }, address: '12 Vilakazi Street', note: 'blue gate' },
  paymentMethod: 'cod',
  source: 'whatsapp',
  acceptWithinMs: 600_000,
};

export class Desk {
  state: OrderActorState = orderBehaviour.initial(REF);
  seq = 0;
  nowMs = T0;
  effects: readonly Effect[] = [];
  timers: readonly TimerOp[] = [];
  readonly journal: { event: OrderEvent; seq: number; atMs: number }[] = [];
  readonly writes: ReadModelWrite[] = [];

  /** `effects` and `timers` are those of the last command. */
  send(command: OrderCommand): Decision<OrderEvent> {
    const before = JSON.stringify(this.state);
    this.nowMs += 1_000;
    const seq = this.seq + 1;
    const context = { ref: REF, nowMs: this.nowMs, seq, view: null, uniqueId: (salt: string) => `${seq}-${salt}` };
    const decision = orderBehaviour.decide(this.state, command, context);
    if (JSON.stringify(this.state) !== before) throw new Error(`decide changed the state at ${command.type}`);
    this.effects = decision.ok ? (decision.effects ?? []) : [];
    this.timers = decision.ok ? (decision.timers ?? []) : [];
    for (const event of decision.ok ? decision.events : []) {
      const meta = { ref: REF, seq: ++this.seq, atMs: this.nowMs };
      this.journal.push({ event: structuredClone(event), seq: meta.seq, atMs: meta.atMs });
      this.state = orderBehaviour.evolve(this.state, event, meta);
      this.writes.push(...(orderBehaviour.project?.(event, this.state, meta) ?? []));
    }
    return decision;
  }

  placed(place: Partial<PlaceOrder> = {}): this {
    this.send({ ...PLACE, ...place });
    return this;
  }

  /** Puts a placed order into any status, also those whose commands come with later features. */
  in(status: OrderStatus): this {
    this.placed();
    if (status === 'CREATED') return this;
    const meta = { ref: REF, seq: ++this.seq, atMs: this.nowMs };
    const event: OrderEvent = { type: 'status_changed', data: { to: status, by: 'system', byId: null, reason: null } };
    this.journal.push({ event, seq: meta.seq, atMs: meta.atMs });
    this.state = orderBehaviour.evolve(this.state, event, meta);
    return this;
  }

  step(transition: OrderTransition, role: OrderActorRole, reason: string | null = null): Decision<OrderEvent> {
    return this.send({ type: 'transition', transition, by: { role, id: null }, reason });
  }

  view(): OrderView {
    const answer = this.send({ type: 'get' });
    if (!answer.ok) throw new Error(answer.refusal.code);
    return answer.reply as OrderView;
  }

  /** What the last command said to the shelf. */
  stockCommands(): unknown[] {
    return this.effects.flatMap((effect) => (effect.type === 'send' && effect.to.kind === 'tenant' ? [effect.command] : []));
  }

  replayed(erased = false): OrderActorState {
    let state = orderBehaviour.initial(REF);
    for (const { event, seq, atMs } of structuredClone(this.journal)) {
      const { personal: _personal, ...rest } = event as OrderEvent & { personal?: unknown };
      state = orderBehaviour.evolve(state, erased ? (rest as OrderEvent) : event, { ref: REF, seq, atMs });
    }
    return state;
  }
}
