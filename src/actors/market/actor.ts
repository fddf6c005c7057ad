/**
 * The market actor: carries the dispatcher's proposals to drivers and brings their answers back. In memory only: positions come again
 * every second, profiles every ten, open jobs every twenty, and nothing was promised here that the driver and order actors do not hold.
 *
 * Modes: idle (no job waits; no ticks) · ticking (from the first job until none waits).
 */
import type { ActorSystem, VolatileBehaviour, VolatileContext } from '../../runtime/behaviour.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { EntityRef } from '../../runtime/entity.ts';
import type { DriverCommand, DriverOffer } from '../driver/protocol.ts';
import type { OrderCommand } from '../order/protocol.ts';
import { driverRef, orderRef } from '../refs.ts';
import type { Position } from '../tenant/protocol.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { DispatcherOptions, Withdrawal } from './dispatch/policy.ts';
import { notAhead } from './dispatch/waiting-job.ts';
import { BORROW_SOON_MS, Neighbours } from './neighbours.ts';
import { offerIdOf } from './offer-id.ts';
import type { DriverProfile, Job, MarketMessage, MarketOffer, OfferedJob, OfferOutcome, StallReason } from './protocol.ts';
import { ASKED_DRIVERS_MAX, RoadEtas } from './road-etas.ts';
import type { Routing } from './routing.ts';

interface MarketDeps {
  readonly system: ActorSystem;
  readonly clock: Clock;
  readonly dispatch: Pick<DispatcherOptions, 'policy'>;
  /** Null: the built-in model alone. */
  readonly routing: Routing | null;
  /** How long the oldest fix of a batch took from its front door to the index, milliseconds. */
  readonly observeDelay?: (delayMs: number) => void;
}

/** While jobs wait; the reference's window of two seconds costs no quality. */
const TICK_MS = 2_000;
/** A job or a driver that has just come does not wait for the clock, only for its company. */
const SOON_MS = 100;
/** An order says again every 20 s that it looks for a driver; one that is silent for so long looks no more. */
const JOB_SILENCE_MS = 65_000;
const OFFER_TIMEOUT_MS = 5_000;
/** The clock was set when it is this far from where it should be; by less it is only steered. */
const CLOCK_SET_MS = 1_000;
const BYTES_PER_POSITION = 24;

/** One volatile actor a market; `deps` are of the thread. */
export function createMarketBehaviour(deps: MarketDeps): VolatileBehaviour<Market, MarketMessage> {
  return {
    durable: false,
    kind: 'market',
    initial: (ref) => new Market(ref, deps),
    receive: (market, message, context) => {
      market.receive(message, context);
      return market;
    },
  };
}

interface WaitingOrder {
  readonly offered: OfferedJob;
  readonly pickup: Position;
  /** Other markets within reach of the pickup. */
  readonly neighbours: readonly EntityRef[];
  heardMs: number;
}

export class Market {
  readonly #ref: EntityRef;
  readonly #deps: MarketDeps;
  readonly #dispatcher: Dispatcher;
  readonly #roads: RoadEtas | null;
  readonly #neighbours: Neighbours;
  readonly #jobs = new Map<string, WaitingOrder>();
  readonly #openOffers = new Map<string, string>();
  /** Drivers over the border who hold an offer of ours, and when they were last placed here. */
  readonly #leaving = new Map<string, number>();
  /** What the time of day was last seen ahead of the monotonic one. */
  #aheadMs: number;
  /** Monotonic. */
  #nextTickMs = Number.POSITIVE_INFINITY;
  #offers = 0;

  constructor(ref: EntityRef, deps: MarketDeps) {
    this.#ref = ref;
    this.#deps = deps;
    this.#aheadMs = aheadMs(deps.clock);
    const era = deps.clock.nowMs().toString(36);
    const roads = deps.routing === null ? null : new RoadEtas(deps.routing, deps.clock);
    this.#roads = roads;
    this.#dispatcher = new Dispatcher({
      ...deps.dispatch,
      ...(roads === null ? {} : { etaS: (from, to, driver) => roads.etaS(from, to, driver.vehicle) }),
      offerId: () => offerIdOf(ref.id, era, ++this.#offers),
    });
    this.#neighbours = new Neighbours(ref, deps.system, this.#dispatcher);
  }

  receive(message: MarketMessage, context: VolatileContext): void {
    this.#followClock();
    switch (message.type) {
      case 'open_job':
        this.#openJob(notAhead(message.job, this.#deps.clock.nowMs()), message.offered, context);
        break;
      case 'close_job':
        this.#jobs.delete(message.orderId);
        this.#closeJob(message.orderId, message.reason === 'taken');
        break;
      case 'drivers':
        this.#drivers(
          message.known === true ? message.profiles.filter(({ driverId }) => this.#dispatcher.driver(driverId)) : message.profiles,
        );
        break;
      case 'driver_gone':
        this.#gone(message.driverId, message.elsewhere === true);
        break;
      case 'positions':
        this.#positions(message.driverIds, message.packed);
        this.#deps.observeDelay?.(Math.max(0, this.#deps.clock.nowMs() - message.receivedAtMs));
        break;
      case 'offer_ended':
        this.#ended(message.offerId, message.outcome, message.bidMinor);
        break;
      case 'borrow':
        this.#neighbours.lend(message, this.#deps.clock.nowMs());
        break;
      case 'lent':
        // An answer that comes after the last job went would be kept for nobody.
        if (this.#jobs.size > 0) this.#withdraw(this.#neighbours.take(message));
        break;
      case 'tick':
        this.#tick();
        break;
      case 'look':
        context.reply(this.#dispatcher.view());
        break;
      default:
        assertNever(message);
    }
  }

  /** The dispatcher reckons in times of day, because positions, jobs and offers come and go with them: when the clock is set it moves along. */
  #followClock(): void {
    const byMs = aheadMs(this.#deps.clock) - this.#aheadMs;
    if (Math.abs(byMs) < CLOCK_SET_MS) return;
    this.#aheadMs += byMs;
    this.#dispatcher.shift(byMs);
    this.#neighbours.shift(byMs);
    for (const [driverId, leftAtMs] of this.#leaving) this.#leaving.set(driverId, leftAtMs + byMs);
  }

  #openJob(job: Job, offered: OfferedJob, context: VolatileContext): void {
    const opened = this.#dispatcher.openJob(job);
    this.#withdraw(opened.withdrawals);
    // Versions may overtake each other: the dispatcher keeps the newer, and so must what is offered of it.
    const isOlder = offered.jobVersion < (this.#jobs.get(job.orderId)?.offered.jobVersion ?? 0);
    if (opened.outcome !== 'full' && opened.outcome !== 'invalid' && !isOlder) this.#remember(job, offered);
    context.reply({ outcome: opened.outcome });
    if (opened.outcome === 'known') this.#tickIn(TICK_MS);
    else if (this.#roads === null) this.#tickIn(SOON_MS);
    // Nearest as the crow flies is not nearest by road in a third of all cases: it is worth a moment to ask.
    else void this.#roads.learn(this.#dispatcher.near(job.pickup, ASKED_DRIVERS_MAX), job.pickup).then(() => this.#tickIn(SOON_MS));
  }

  /** Its neighbours are asked at once, so that their drivers take part in the next tick. */
  #remember({ orderId, pickup }: Job, offered: OfferedJob): void {
    const heardMs = this.#deps.clock.monotonicMs();
    const known = this.#jobs.get(orderId);
    const neighbours = known?.neighbours ?? this.#neighbours.around(pickup);
    this.#jobs.set(orderId, { offered, pickup, neighbours, heardMs });
    if (known === undefined && neighbours.length > 0) this.#neighbours.ask(this.#jobs.values(), pickup, heardMs);
  }

  #drivers(profiles: readonly DriverProfile[]): void {
    for (const profile of profiles) this.#withdraw(this.#dispatcher.setDriver(profile));
    if (this.#jobs.size > 0) this.#tickIn(profiles.some((profile) => profile.freeSlots > 0) ? SOON_MS : TICK_MS);
  }

  /** Where somebody drives while it reads is no answer: only the end of a shift, or doubt about the place, voids an offer. */
  #gone(driverId: string, isElsewhere: boolean): void {
    const driver = this.#dispatcher.driver(driverId);
    if (isElsewhere && driver !== null && driver.offerId !== null) this.#leaving.set(driverId, driver.atMs);
    else this.#withdraw(this.#dispatcher.removeDriver(driverId));
  }

  /** Whose offer has ended. Whoever was placed since has come back, or was lent. */
  #letLeave(): void {
    for (const [driverId, leftAtMs] of this.#leaving) {
      const driver = this.#dispatcher.driver(driverId);
      if (driver !== null && driver.offerId !== null) continue;
      this.#leaving.delete(driverId);
      if (driver !== null && driver.atMs <= leftAtMs) this.#dispatcher.removeDriver(driverId);
    }
  }

  /** Triples of Float64 at any alignment. */
  #positions(driverIds: readonly string[], packed: Uint8Array): void {
    if (packed.byteLength !== driverIds.length * BYTES_PER_POSITION) return;
    const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
    const nowMs = this.#deps.clock.nowMs();
    for (let i = 0; i < driverIds.length; i++) {
      const at = i * BYTES_PER_POSITION;
      this.#dispatcher.place(
        driverIds[i] as string,
        view.getFloat64(at, true),
        view.getFloat64(at + 8, true),
        // One from before the clock was set back would keep all later ones out.
        Math.min(nowMs, view.getFloat64(at + 16, true)),
      );
    }
  }

  #ended(offerId: string, outcome: OfferOutcome, bidMinor: number | null): void {
    const orderId = this.#openOffers.get(offerId);
    this.#openOffers.delete(offerId);
    this.#withdraw(this.#dispatcher.ended(offerId, outcome, this.#deps.clock.nowMs(), bidMinor));
    // `lost` is the order's word that another one has it: nobody is asked in vain until it says that it looks again.
    if (outcome === 'lost' && orderId !== undefined) this.#closeJob(orderId, true);
    if ((outcome === 'won' || outcome === 'lost') && orderId !== undefined) this.#jobs.delete(orderId);
    else if (this.#jobs.size > 0) this.#tickIn(SOON_MS);
  }

  #tick(): void {
    this.#nextTickMs = Number.POSITIVE_INFINITY;
    const monotonicMs = this.#deps.clock.monotonicMs();
    this.#forgetSilent(monotonicMs);
    this.#letLeave();
    const { offers, withdrawals, stalled } = this.#dispatcher.tick(this.#deps.clock.nowMs());
    this.#withdraw(withdrawals);
    for (const offer of offers) this.#offer(offer);
    for (const { orderId, reason } of stalled) this.#stalled(orderId, reason);
    if (this.#jobs.size === 0) {
      this.#neighbours.returnAll();
      return;
    }
    this.#neighbours.ask(this.#jobs.values(), null, monotonicMs);
    this.#tickIn(this.#neighbours.isOwing ? BORROW_SOON_MS : TICK_MS);
  }

  #forgetSilent(monotonicMs: number): void {
    for (const [orderId, job] of this.#jobs) {
      if (monotonicMs - job.heardMs <= JOB_SILENCE_MS) continue;
      this.#jobs.delete(orderId);
      this.#closeJob(orderId, false);
    }
  }

  #closeJob(orderId: string, isTaken: boolean): void {
    this.#withdraw(this.#dispatcher.closeJob(orderId, isTaken ? this.#deps.clock.nowMs() : null));
  }

  /** The driver actor decides; what it answers comes back as a message, so that a slow one holds nobody up. */
  #offer(offer: MarketOffer): void {
    const job = this.#jobs.get(offer.orderId)?.offered;
    const to = driverRef(this.#ref.tenantId, offer.driverId);
    if (job === undefined || to === null) {
      this.#ended(offer.offerId, 'refused', null);
      return;
    }
    this.#openOffers.set(offer.offerId, offer.orderId);
    const full: DriverOffer = { ...offer, job, currency: job.currency };
    const command: DriverCommand = { type: 'offer', offer: full };
    const options = { commandId: `offer:${offer.offerId}`, deadlineMs: this.#deps.clock.nowMs() + OFFER_TIMEOUT_MS, storeReply: false };
    const refused = (): void => {
      const told: MarketMessage = { type: 'offer_ended', offerId: offer.offerId, outcome: 'refused', bidMinor: null };
      this.#deps.system.tell(this.#ref, told);
    };
    // Not sent at all is not taken either: should the driver have it all the same, its acceptance is the order's to judge.
    this.#deps.system.ask(to, command, options).then((answer) => {
      if (!answer.ok) refused();
    }, refused);
  }

  #withdraw(withdrawals: readonly Withdrawal[]): void {
    for (const { offerId, driverId, reason } of withdrawals) {
      this.#openOffers.delete(offerId);
      const to = driverRef(this.#ref.tenantId, driverId);
      const command: DriverCommand = { type: 'withdraw', offerId, reason: reason === 'taken' ? 'taken' : 'cancelled' };
      if (to !== null) this.#deps.system.tell(to, command);
    }
  }

  #stalled(orderId: string, reason: StallReason): void {
    const to = orderRef(this.#ref.tenantId, orderId);
    const jobVersion = this.#jobs.get(orderId)?.offered.jobVersion;
    if (to === null || jobVersion === undefined) return;
    const command: OrderCommand = { type: 'job_stalled', jobVersion, reason };
    this.#deps.system.tell(to, command);
  }

  /** One timer at a time; an earlier wish moves it forward. */
  #tickIn(ms: number): void {
    const atMs = this.#deps.clock.monotonicMs() + ms;
    if (atMs >= this.#nextTickMs) return;
    this.#nextTickMs = atMs;
    this.#deps.clock.after(ms, () => {
      if (this.#nextTickMs !== atMs) return;
      this.#deps.system.tell(this.#ref, { type: 'tick' } satisfies MarketMessage, { lane: 'system' });
    });
  }
}

function aheadMs(clock: Clock): number {
  return clock.nowMs() - clock.monotonicMs();
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
