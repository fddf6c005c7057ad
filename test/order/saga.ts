/** One order, its drivers and what runs between them, without a runtime: messages wait until they are delivered, late, twice or unanswered. */
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import type { DriverCommand, DriverOffer } from '../../src/actors/driver/protocol.ts';
import type { DriverActorState } from '../../src/actors/driver/state.ts';
import type { Job, MarketMessage, OfferedJob } from '../../src/actors/market/protocol.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import type { OrderActorState } from '../../src/actors/order/evolve.ts';
import { offeredJobOf } from '../../src/actors/order/job.ts';
import type { OrderCommand, OrderView } from '../../src/actors/order/protocol.ts';
import { newDriverRef } from '../../src/actors/refs.ts';
import type { Decision, DomainEvent, DurableBehaviour, Effect } from '../../src/runtime/behaviour.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { PERSON } from '../driver/harness.ts';
import { PLACE, REF, T0 } from './harness.ts';

type Send = Extract<Effect, { readonly type: 'send' }>;
interface Pending {
  readonly from: Party<unknown, unknown>;
  readonly effect: Effect;
}

/** An actor with its journal; what it wants done goes to `outbox`. */
class Party<S, C> {
  state: S;
  seq = 0;
  readonly ref: EntityRef;
  readonly journal: { readonly event: DomainEvent; readonly seq: number; readonly atMs: number }[] = [];
  /** Durable ones. */
  readonly timers = new Map<string, { readonly dueAtMs: number; readonly command: unknown }>();
  readonly #behaviour: DurableBehaviour<S, C, DomainEvent, unknown>;
  readonly #town: { nowMs: number; pending: Pending[] };

  constructor(behaviour: unknown, ref: EntityRef, town: { nowMs: number; pending: Pending[] }) {
    this.#behaviour = behaviour as DurableBehaviour<S, C, DomainEvent, unknown>;
    this.#town = town;
    this.ref = ref;
    this.state = this.#behaviour.initial(ref);
  }

  send(command: C): Decision<DomainEvent> {
    const seq = this.seq + 1;
    const { nowMs } = this.#town;
    const context = { ref: this.ref, nowMs, seq, view: null, uniqueId: (salt: string) => `${this.ref.id}-${seq}-${nowMs}-${salt}` };
    const decision = this.#behaviour.decide(this.state, command, context);
    if (!decision.ok) return decision;
    for (const event of decision.events) {
      const meta = { ref: this.ref, seq: ++this.seq, atMs: nowMs };
      this.journal.push({ event: structuredClone(event), seq: meta.seq, atMs: nowMs });
      this.state = this.#behaviour.evolve(this.state, event, meta);
    }
    for (const timer of decision.timers ?? []) {
      if (!timer.durable) continue;
      if (timer.op === 'cancel') this.timers.delete(timer.name);
      else this.timers.set(timer.name, { dueAtMs: timer.dueAtMs, command: timer.command });
    }
    for (const effect of decision.effects ?? []) this.#town.pending.push({ from: this as Party<unknown, unknown>, effect });
    return decision;
  }

  replayed(): S {
    let state = this.#behaviour.initial(this.ref);
    for (const { event, seq, atMs } of structuredClone(this.journal))
      state = this.#behaviour.evolve(state, event, { ref: this.ref, seq, atMs });
    return state;
  }
}

const OTP = '4711';

export class Saga {
  nowMs = T0;
  pending: Pending[] = [];
  readonly answered = new Map<string, unknown>();
  readonly order = new Party<OrderActorState, OrderCommand>(orderBehaviour, REF, this);
  readonly drivers = ['d1', 'd2', 'd3'].map(
    (name) => new Party<DriverActorState, DriverCommand>(driverBehaviour, newDriverRef(7, 4, name), this),
  );
  /** What the market knows of the job; it may be out of date. */
  job: { readonly job: Job; readonly offered: OfferedJob } | null = null;
  /** A dispatcher's assignments on their way, made of what the order was like when somebody looked. */
  readonly takes: { readonly at: number; readonly offer: DriverOffer }[] = [];
  #offers = 0;

  constructor() {
    this.order.send(PLACE);
    for (const driver of this.drivers)
      for (const command of [
        { type: 'register', driver: { ...PERSON, documents: {} } },
        { type: 'approve', by: 'owner' },
        { type: 'go_online' },
      ] as const)
        driver.send(command);
  }

  get view(): OrderView {
    const got = this.order.send({ type: 'get' });
    if (!got.ok) throw new Error(got.refusal.code);
    return got.reply as OrderView;
  }

  walk(
    transition: 'accept' | 'prepare' | 'ready' | 'deliver' | 'cancel' | 'refund' | 'reject',
    role: 'vendor' | 'customer' | 'system',
  ): void {
    this.order.send({ type: 'transition', transition, by: { role, id: null }, reason: null });
  }

  offer(at: number): void {
    if (this.job === null) return;
    const { job, offered } = this.job;
    this.driver(at).send({ type: 'offer', offer: this.#offerOf(at, job.version, job.feeMinor, offered) });
  }

  look(at: number): void {
    const { delivery } = this.view;
    const job = delivery === null ? null : offeredJobOf(this.view, delivery);
    if (delivery !== null && job !== null) this.takes.push({ at, offer: this.#offerOf(at, delivery.jobVersion, delivery.feeMinor, job) });
  }

  take(): void {
    const one = this.takes.shift();
    if (one !== undefined) this.driver(one.at).send({ type: 'take', offer: one.offer, by: 'staff' });
  }

  driver(at: number): Party<DriverActorState, DriverCommand> {
    return this.drivers[at % this.drivers.length] as Party<DriverActorState, DriverCommand>;
  }

  accept(at: number): void {
    const driver = this.driver(at);
    const { reservation } = driver.state;
    if (reservation !== null) driver.send({ type: 'accept', offerId: reservation.offer.offerId, receivedAtMs: this.nowMs });
  }

  /** Whatever ends an offer but an acceptance. */
  close(at: number, how: 'decline' | 'bid' | 'withdraw' | 'offer_due'): void {
    const driver = this.driver(at);
    const offerId = driver.state.reservation?.offer.offerId;
    if (offerId === undefined) return;
    if (how === 'bid') driver.send({ type: 'bid', offerId, amountMinor: 1_000_000, receivedAtMs: this.nowMs });
    else if (how === 'withdraw') driver.send({ type: 'withdraw', offerId, reason: 'taken' });
    else driver.send({ type: how, offerId });
  }

  ride(at: number, step: 'arrived' | 'picked_up' | 'delivered'): void {
    const evidence = { distanceM: 10, positionAtMs: this.nowMs, by: 'driver' as const };
    this.order.send({ type: 'driver_step', driverId: this.driver(at).ref.id, step, otp: OTP, evidence });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const party of [this.order, ...this.drivers]) {
      for (const [name, { dueAtMs, command }] of [...party.timers]) {
        if (dueAtMs > this.nowMs) continue;
        party.timers.delete(name);
        party.send(command as never);
      }
    }
  }

  /** As the runtime does it: the same errand twice is answered from what happened before, a lost answer leaves it pending. */
  deliver(at: number, isAnswerLost: boolean): void {
    const one = this.pending[at % Math.max(1, this.pending.length)];
    if (one === undefined) return;
    const { effect, from } = one;
    if (!this.answered.has(effect.id)) this.answered.set(effect.id, this.#done(effect));
    if (isAnswerLost) return;
    this.pending.splice(this.pending.indexOf(one), 1);
    const result = this.answered.get(effect.id);
    if (effect.type === 'external') from.send(result);
    else if (effect.onResult !== undefined) from.send({ ...(effect.onResult as object), result });
  }

  drain(): void {
    while (this.pending.length > 0) this.deliver(0, false);
  }

  restart(): void {
    this.order.state = this.order.replayed();
    for (const driver of this.drivers) driver.state = driver.replayed();
  }

  #done(effect: Effect): unknown {
    if (effect.type === 'external') {
      const { leg } = effect.input as { leg: number };
      return { type: 'credentials_issued', leg, otp: OTP, trackingToken: 't', trackingUrl: 'https://x/t' };
    }
    const { to, command } = effect as Send;
    if (to.kind === 'market') this.#market(command as MarketMessage);
    const driver = this.drivers.find(({ ref }) => ref.id === to.id);
    const party = to.kind === 'order' ? this.order : driver;
    const decision = party?.send(command as never);
    if (decision === undefined) return { ok: true, value: null };
    return decision.ok ? { ok: true, value: decision.reply ?? null } : { ok: false, refusal: decision.refusal };
  }

  #market(message: MarketMessage): void {
    if (message.type === 'open_job') this.job = message;
    if (message.type === 'close_job') this.job = null;
  }

  #offerOf(at: number, jobVersion: number, feeMinor: number, job: OfferedJob): DriverOffer {
    return {
      offerId: `off_${this.#offers++}`,
      orderId: REF.id,
      jobVersion,
      driverId: this.driver(at).ref.id,
      expiresAtMs: this.nowMs + 20_000,
      exclusive: true,
      feeMinor,
      surge: 1,
      pickupDistanceM: 0,
      pickupEtaS: 0,
      plan: [],
      breakdown: {},
      currency: 'ZAR',
      job,
    };
  }
}
