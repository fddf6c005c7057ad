/** Orders and the shelf of their shop, with every message between them late, twice, or crossing another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderStatus } from '../../src/actors/order/protocol.ts';
import type { TenantCommand } from '../../src/actors/tenant/protocol.ts';
import type { Effect } from '../../src/runtime/behaviour.ts';
import { Shop, TTL_MS } from '../tenant/harness.ts';
import { Desk } from './harness.ts';

const STOCKED = 12;
const QUANTITIES = [2, 3, 5] as const;
const SOLD: ReadonlySet<OrderStatus> = new Set(['DELIVERED', 'REFUNDED']);

type Send = Extract<Effect, { type: 'send' }>;

/** An order, what it still has to say to the shelf, and what the shelf answered to what it has said. */
class Customer {
  readonly desk = new Desk();
  readonly pending: Send[] = [];
  readonly answered = new Map<string, unknown>();
  readonly id: string;
  readonly quantity: number;
  /** The shelf had nothing for an order that was at its door already. */
  oversold = false;

  constructor(id: string, quantity: number) {
    this.id = id;
    this.quantity = quantity;
  }

  /** Everything that the order says to its shop waits here until it is durable at both. */
  collect(): void {
    for (const effect of this.desk.effects)
      if (effect.type === 'send' && effect.to.kind === 'tenant') this.pending.push({ ...effect, command: this.named(effect.command) });
  }

  /** All desks of the harness share one address. */
  named(command: unknown): TenantCommand {
    return { ...(command as TenantCommand), reservationId: this.id } as TenantCommand;
  }
}

class Town {
  shop = new Shop().open().with({ a: STOCKED });
  readonly customers = QUANTITIES.map((quantity, index) => new Customer(`r${index}`, quantity));

  /** Granted once: the same request again is answered from what happened before, and reaches the shelf no more. */
  reserve(customer: Customer): void {
    if (customer.desk.state.order !== null) return;
    const reserved = this.shop.reserve(customer.id, { a: customer.quantity });
    if (!reserved.ok) return;
    customer.desk.placed({ lines: [{ productId: 'a', quantity: customer.quantity }] });
    customer.collect();
  }

  walk(customer: Customer, to: 'accept' | 'prepare' | 'ready' | 'deliver' | 'cancel' | 'refund'): void {
    customer.desk.step(to, 'vendor');
    customer.collect();
  }

  /** As the runtime does it: the same errand twice is answered from what happened before, a lost answer leaves it pending. */
  deliver(customer: Customer, at: number, isAnswerLost: boolean): void {
    const effect = customer.pending[at % Math.max(1, customer.pending.length)];
    if (effect === undefined) return;
    if (!customer.answered.has(effect.id)) {
      const done = this.shop.send(effect.command as TenantCommand);
      customer.answered.set(effect.id, done.ok ? { ok: true, value: null } : { ok: false, refusal: done.refusal });
      customer.oversold ||= !done.ok && SOLD.has(customer.desk.state.order?.status ?? 'CREATED');
    }
    if (isAnswerLost) return;
    customer.pending.splice(customer.pending.indexOf(effect), 1);
    customer.desk.send({ ...effect.onResult, result: customer.answered.get(effect.id) } as never);
    customer.collect();
  }

  restart(): void {
    this.shop.state = this.shop.replayed();
    for (const { desk } of this.customers) desk.state = desk.replayed();
  }

  get reserved(): number {
    return Object.values(this.shop.state.reservations).reduce(
      (sum, { moves }) => sum - moves.reduce((all, { units }) => all + units, 0),
      0,
    );
  }

  /** What left the shelf for good, told by the journal: taken and settled. */
  get sold(): number {
    const taken = new Map<string, number>();
    let sold = 0;
    for (const { event } of this.shop.journal) {
      if (event.type === 'stock_reserved') taken.set(event.data.reservationId, event.data.moves[0]?.units ?? 0);
      else if (event.type === 'reservation_ended' && event.data.why === 'settled')
        for (const id of event.data.reservationIds) sold -= taken.get(id) ?? 0;
    }
    return sold;
  }
}

const who = fc.nat({ max: QUANTITIES.length - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant('reserve' as const), who }),
  fc.record({ do: fc.constant('walk' as const), who, to: fc.constantFrom('accept', 'prepare', 'ready', 'deliver', 'cancel', 'refund') }),
  fc.record({ do: fc.constant('sell' as const), who }),
  fc.record({ do: fc.constant('send' as const), who, at: fc.nat({ max: 3 }), isAnswerLost: fc.boolean() }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, TTL_MS / 2, TTL_MS) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

describe('the stock of a shop', () => {
  it('a commitment that comes after the settlement of its order takes nothing again', () => {
    const shop = new Shop().open().with({ a: 10 });
    shop.reserve('r', { a: 3 });
    shop.send({ type: 'settle_reservation', reservationId: 'r' });
    for (let i = 0; i < 2; i++) expect(shop.commit('r', { a: 3 })).toEqual({ ok: true, events: [], reply: null });
    shop.state = shop.replayed();
    expect(shop.commit('r', { a: 3 })).toEqual({ ok: true, events: [], reply: null });
    expect([shop.stock('a'), shop.state.reservationCount]).toEqual([7, 0]);
  });

  it('adds up, on the shelf, reserved and sold, whatever crosses, is lost, comes twice or starts again; and once for each sale', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const town = new Town();
        const addsUp = () => expect((town.shop.stock('a') ?? 0) + town.reserved + town.sold).toBe(STOCKED);
        for (const one of steps) {
          const customer = town.customers[('who' in one ? one.who : 0) % QUANTITIES.length] as Customer;
          if (one.do === 'reserve') town.reserve(customer);
          else if (one.do === 'walk') town.walk(customer, one.to as 'accept');
          else if (one.do === 'sell') for (const to of ['accept', 'prepare', 'ready', 'deliver'] as const) town.walk(customer, to);
          else if (one.do === 'send') town.deliver(customer, one.at, one.isAnswerLost);
          else if (one.do === 'pass') town.shop.pass(one.ms);
          else town.restart();
          addsUp();
          expect(town.shop.stock('a')).toBeGreaterThanOrEqual(0);
        }
        for (const customer of town.customers) while (customer.pending.length > 0) town.deliver(customer, 0, false);
        town.shop.pass(TTL_MS);
        addsUp();
        const status = (customer: Customer) => customer.desk.state.order?.status ?? null;
        const ended = (customer: Customer) => SOLD.has(status(customer) ?? 'CREATED') && !customer.oversold;
        expect(town.sold).toBe(town.customers.filter(ended).reduce((sum, { quantity }) => sum + quantity, 0));
        const open = town.customers.filter((customer) => status(customer) !== null && !ended(customer) && status(customer) !== 'CANCELLED');
        expect(town.reserved).toBe(open.filter(({ oversold }) => !oversold).reduce((sum, { quantity }) => sum + quantity, 0));
      }),
      { numRuns: 1_000 },
    );
  });
});
