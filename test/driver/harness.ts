/** One driver without a runtime: commands in, events folded, effects and timers collected. */
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { newsOf } from '../../src/actors/driver/news.ts';
import type { DriverCommand, DriverInput, DriverNews, DriverOffer, DriverView } from '../../src/actors/driver/protocol.ts';
import type { DriverActorState, DriverEvent } from '../../src/actors/driver/state.ts';
import { newDriverRef } from '../../src/actors/refs.ts';
import type { Decision, Effect, TimerOp } from '../../src/runtime/behaviour.ts';

export const T0 = Date.UTC(2026, 10, 20, 10);
export const REF = newDriverRef(7, 4, 'd1');
export const ORDER = 'ord_4000001';

export const PERSON: DriverInput = {
  name: 'Lwazi Dlamini',
  phone: '27600000020',
  vehicle: { type: 'motorbike', registration: 'GP 12', coldStorage: false },
  documents: { licence: { number: 'L1', expiresOn: '2026-11-20' } },
};

export function offerOf(offerId: string, orderId = ORDER, more: Partial<DriverOffer> = {}): DriverOffer {
  return {
    offerId,
    orderId,
    jobVersion: 1,
    driverId: REF.id,
    expiresAtMs: T0 + 60_000,
    exclusive: true,
    feeMinor: 2_000,
    surge: 1,
    pickupDistanceM: 700,
    pickupEtaS: 180,
    plan: [],
    breakdown: { eta: 180 },
    currency: 'ZAR',
    job: {
      orderId,
      code: 'K7F',
      jobVersion: 1,
      pickup: { position: { lat: -26.2, lng: 27.9 }, name: 'Shop', address: null, note: null },
      dropoff: { position: { lat: -26.21, lng: 27.91 }, name: null, address: '12 Vilakazi Street', note: null },
      distanceM: 2_100,
      currency: 'ZAR',
      cashMinor: 8_000,
      promisedAtMs: null,
    },
    ...more,
  };
}

export class Rider {
  state: DriverActorState = driverBehaviour.initial(REF);
  seq = 0;
  nowMs = T0;
  effects: readonly Effect[] = [];
  timers: readonly TimerOp[] = [];
  news: readonly DriverNews[] = [];
  readonly journal: { event: DriverEvent; seq: number; atMs: number }[] = [];

  /** `effects`, `timers` and `news` are those of the last command. */
  send(command: DriverCommand): Decision<DriverEvent> {
    const before = JSON.stringify(this.state);
    const seq = this.seq + 1;
    const context = { ref: REF, nowMs: this.nowMs, seq, view: null, uniqueId: (salt: string) => `${seq}-${salt}` };
    const decision = driverBehaviour.decide(this.state, command, context);
    if (JSON.stringify(this.state) !== before) throw new Error(`decide changed the state at ${command.type}`);
    this.effects = decision.ok ? (decision.effects ?? []) : [];
    this.timers = decision.ok ? (decision.timers ?? []) : [];
    const events = decision.ok ? decision.events : [];
    for (const event of events) {
      const meta = { ref: REF, seq: ++this.seq, atMs: this.nowMs };
      this.journal.push({ event: structuredClone(event), seq: meta.seq, atMs: meta.atMs });
      this.state = driverBehaviour.evolve(this.state, event, meta);
    }
    this.news = newsOf(events, this.state);
    return decision;
  }

  online(): this {
    this.send({ type: 'register', driver: PERSON });
    this.send({ type: 'approve', by: 'owner' });
    this.send({ type: 'go_online' });
    return this;
  }

  offered(offerId = 'off_1', orderId = ORDER): this {
    this.send({ type: 'offer', offer: offerOf(offerId, orderId) });
    return this;
  }

  accept(offerId = 'off_1', receivedAtMs = this.nowMs): Decision<DriverEvent> {
    return this.send({ type: 'accept', offerId, receivedAtMs });
  }

  answered(outcome: string, offerId = 'off_1'): Decision<DriverEvent> {
    return this.send({ type: 'assign_answered', offerId, result: { ok: true, value: { outcome } } });
  }

  won(offerId = 'off_1', orderId = ORDER): this {
    this.offered(offerId, orderId);
    this.accept(offerId);
    this.answered('won', offerId);
    return this;
  }

  view(): DriverView {
    const answer = this.send({ type: 'get' });
    if (!answer.ok) throw new Error(answer.refusal.code);
    return answer.reply as DriverView;
  }

  /** From the journal alone, as after a crash. */
  restarted(): this {
    let state = driverBehaviour.initial(REF);
    for (const { event, seq, atMs } of structuredClone(this.journal)) state = driverBehaviour.evolve(state, event, { ref: REF, seq, atMs });
    this.state = state;
    return this;
  }
}
