/**
 * One active job of a driver: the leg that is under way, the arrival that the fence notices, and what the order's watchers see. Only the
 * present leg has a fence, so two stops next to each other do not disturb each other. It must never know the driver's other jobs.
 */
import type { ActiveJob, JobPhase } from '../actors/driver/protocol.ts';
import type { EtaTold, OrderCommand, RideAlert } from '../actors/order/protocol.ts';
import { orderRef } from '../actors/refs.ts';
import { distanceM, type LatLng } from '../geo/distance.ts';
import type { VehicleType } from '../geo/eta/eta-model.ts';
import type { Position } from '../geo/gps/fix.ts';
import type { LiveFeed, OrderNews } from '../ports.ts';
import type { ActorSystem } from '../runtime/behaviour.ts';
import type { EtaModels } from './eta-models.ts';
import { ETA_SOURCE, Leg, type LegEta } from './leg.ts';
import type { Ride, Sight, StopKind } from './sight.ts';
import { Trail, type TrailFix } from './trail.ts';

/** What a job needs of its surroundings; the same for all. */
export interface JobSurroundings {
  readonly system: Pick<ActorSystem, 'ask' | 'tell'>;
  readonly feed: Pick<LiveFeed, 'publish'>;
  readonly models: EtaModels;
  readonly nowMs: () => number;
  /** Local hour of the tenant, 0 to 23. */
  readonly hourOf: (tenantId: number, atMs: number) => number;
  /** The way from here to there by road; null when nobody plans. Asked for when a leg begins, and again after the driver has left it. */
  readonly routeOf: ((from: LatLng, to: LatLng, vehicle: VehicleType) => Promise<readonly LatLng[] | null>) | null;
  readonly counters: { arrivals: number; arrivalsRefused: number; arrivalsFailed: number; alerts: number };
}

interface JobDriver {
  readonly tenantId: number;
  readonly driverId: string;
  readonly vehicle: VehicleType;
}

const STOP_OF: Readonly<Record<JobPhase, StopKind>> = {
  to_pickup: 'pickup',
  at_pickup: 'pickup',
  to_dropoff: 'dropoff',
  at_dropoff: 'dropoff',
};
const RIDING: ReadonlySet<JobPhase> = new Set(['to_pickup', 'to_dropoff']);

/** A way that could not be had, or that the driver has left, is asked for again after so long at the earliest. */
export const WAY_AGAIN_MS = 60_000;

/** The same arrival noticed by the fence and told by the driver is one command. */
export function arrivalCommandId(offerId: string, stop: StopKind): string {
  return `arrived:${offerId}:${stop}`;
}

export class JobWatch {
  readonly #around: JobSurroundings;
  readonly #driver: JobDriver;
  #job: ActiveJob;
  #leg: Leg | null = null;
  /** Where `#leg` leads; null when that does not hold any more. */
  #legStop: StopKind | null = null;
  #arrival: 'open' | 'asked' | 'settled' = 'open';
  #wayAskedAtMs: number | null = null;
  /** The leg whose way is being planned. */
  #planning: Leg | null = null;
  /** Said once for as long as nothing is heard. */
  #isSilenceTold = false;
  readonly #trail = new Trail();

  constructor(around: JobSurroundings, driver: JobDriver, job: ActiveJob) {
    this.#around = around;
    this.#driver = driver;
    this.#job = job;
  }

  get offerId(): string {
    return this.#job.offerId;
  }

  /** Of the present leg. */
  get stop(): StopKind {
    return STOP_OF[this.#job.phase];
  }

  get ride(): Ride {
    const { orderId, dropoff } = this.#job.job;
    const { stop } = this;
    const door = stop === 'dropoff' ? dropoff.position : null;
    return { orderId, stop, at: this.#job.job[stop].position, isRiding: RIDING.has(this.#job.phase), door };
  }

  distanceM(from: LatLng): number {
    return distanceM(from, this.#job.job[this.stop].position);
  }

  /** A believed fix, live or of a buffer that came late. */
  remember(fix: TrailFix): void {
    this.#trail.add(fix);
  }

  /** How far from the present stop the driver was lately, at which times. */
  lately(): readonly { readonly atMs: number; readonly distanceM: number }[] {
    return this.#trail.fixes.map((fix) => ({ atMs: fix.atMs, distanceM: this.distanceM(fix) }));
  }

  /** The job as its driver actor has it now. A leg that has ended teaches how long such a leg takes. */
  update(job: ActiveJob): void {
    const before = this.#job;
    this.#job = job;
    if (RIDING.has(before.phase) && before.phase !== job.phase) this.#learn(STOP_OF[before.phase]);
    const [was, is] = [before.job[this.stop].position, job.job[this.stop].position];
    if (was.lat !== is.lat || was.lng !== is.lng) this.#legStop = null;
  }

  /** @param position newest published one. @param sight what the customer may see of it */
  step(position: Position, isFenceWorthy: boolean, sight: Sight): void {
    this.#isSilenceTold = false;
    if (!RIDING.has(this.#job.phase)) {
      this.#publish(position, null, sight.isShown);
      return;
    }
    const leg = this.#presentLeg(position);
    // Who rides to other doors first has left no way to this one.
    if (sight.ahead.length > 0) leg.forgetWay();
    else if (leg.lacksWay) this.#planWay(leg, position);
    const step = leg.step(position, isFenceWorthy, this.#around.models.of(this.#driver.tenantId), sight.ahead);
    this.#publish(position, step.eta, sight.isShown);
    if (step.alert !== null) this.#alert(step.alert, position.atMs);
    // The way to the shop is the shop's business.
    if (step.push && step.eta !== null && this.stop === 'dropoff') void this.#tellEta(leg, step.eta);
    if (isFenceWorthy && leg.isInside && this.#arrival === 'open') void this.#arrive(position);
  }

  /** Nothing is heard of the driver. At a stop that is usual, behind thick walls; on the way somebody should ask. */
  silent(): void {
    if (this.#isSilenceTold || !RIDING.has(this.#job.phase)) return;
    this.#isSilenceTold = true;
    this.#alert('silent', this.#around.nowMs());
  }

  /** The server's clock was set back: what the leg remembers lies in the future, and it would wait for that. */
  anew(): void {
    this.#legStop = null;
  }

  /** The last position must not outlive the job: a late watcher would get it. */
  end(): void {
    this.#around.feed.publish(this.#topic(), { type: 'changed', version: 0 } satisfies OrderNews, true);
  }

  /** Without a live position on the way to that stop the leg at hand is the one before, and would teach the time of both. */
  #learn(reached: StopKind): void {
    const trip = this.#legStop === reached ? (this.#leg?.trip(this.#around.nowMs()) ?? null) : null;
    if (trip !== null) this.#around.models.learn(this.#driver.tenantId, trip);
  }

  #presentLeg(position: Position): Leg {
    if (this.#leg !== null && this.#legStop === this.stop) return this.#leg;
    const { pickup, dropoff } = this.#job.job;
    const { vehicle, tenantId } = this.#driver;
    const stop = this.#job.job[this.stop].position;
    const hour = this.#around.hourOf(tenantId, position.atMs);
    const leg = new Leg({ stop, stops: [pickup.position, dropoff.position], vehicle, hour });
    this.#leg = leg;
    this.#legStop = this.stop;
    this.#arrival = 'open';
    this.#wayAskedAtMs = null;
    return leg;
  }

  /** Without a plan nothing is decided about the way: a planner that is away is no reason to stop watching, nor to be asked all the time. */
  #planWay(leg: Leg, { lat, lng, atMs }: Position): void {
    const { routeOf } = this.#around;
    if (routeOf === null || this.#planning === leg) return;
    if (this.#wayAskedAtMs !== null && atMs - this.#wayAskedAtMs < WAY_AGAIN_MS) return;
    this.#wayAskedAtMs = atMs;
    this.#planning = leg;
    const planned = (line: readonly LatLng[] | null): void => {
      if (line !== null) leg.follow(line);
      if (this.#planning === leg) this.#planning = null;
    };
    routeOf({ lat, lng }, this.#job.job[this.stop].position, this.#driver.vehicle).then(planned, () => planned(null));
  }

  async #arrive(position: Position): Promise<void> {
    this.#arrival = 'asked';
    const { orderId } = this.#job.job;
    const ref = orderRef(this.#driver.tenantId, orderId);
    if (ref === null) return;
    const leg = this.#leg;
    const command: OrderCommand = {
      type: 'driver_step',
      driverId: this.#driver.driverId,
      step: 'arrived',
      stop: this.stop,
      otp: null,
      evidence: { distanceM: this.distanceM(position), positionAtMs: position.atMs, by: 'fence' },
    };
    const answer = await this.#around.system.ask(ref, command, { commandId: arrivalCommandId(this.offerId, this.stop), storeReply: false });
    if (answer.ok) this.#around.counters.arrivals++;
    else if ('refusal' in answer) this.#around.counters.arrivalsRefused++;
    else this.#around.counters.arrivalsFailed++;
    // A fault is no answer: the next fix inside the fence asks again.
    if (this.#leg === leg) this.#arrival = !answer.ok && 'fault' in answer ? 'open' : 'settled';
  }

  /**
   * The order tells its customer and keeps what was told: this thread's memory ends with it, and a leg that is watched from its middle on
   * would tell everything anew. At most once a minute and job, and when a leg is seen first.
   */
  async #tellEta(leg: Leg, { arrivalAtMs, latestAtMs }: LegEta): Promise<void> {
    const { tenantId, driverId } = this.#driver;
    const ref = orderRef(tenantId, this.#job.job.orderId);
    if (ref === null) return;
    const command: OrderCommand = { type: 'eta_moved', driverId, atMs: arrivalAtMs, latestAtMs, toldBefore: leg.pushesBefore };
    const answer = await this.#around.system.ask<EtaTold | null | undefined>(ref, command, { storeReply: false });
    if (answer.ok && answer.value != null) leg.heard(answer.value);
    // A fault is no answer: said again, it is told once all the same.
    else if (!answer.ok && 'fault' in answer) leg.untold();
  }

  /** Watchers hear it now, the order keeps it for the shop; one that gets lost on the way is not said again. */
  #alert(alert: RideAlert['alert'], atMs: number): void {
    this.#around.counters.alerts++;
    this.#news({ type: 'alert', alert, atMs });
    const { tenantId, driverId } = this.#driver;
    const ref = orderRef(tenantId, this.#job.job.orderId);
    const command: OrderCommand = { type: 'ride_alert', driverId, alert: { alert, stop: this.stop, atMs } };
    if (ref !== null) this.#around.system.tell(ref, command);
  }

  /** Whoever may not see the place is not told it: nothing that is hidden leaves this thread. */
  #publish({ lat, lng, headingDeg, atMs }: Position, eta: LegEta | null, isShown: boolean): void {
    const known = {
      driverId: this.#driver.driverId,
      atMs,
      etaAtMs: eta === null ? null : Math.round(eta.arrivalAtMs),
      etaLatestAtMs: eta === null ? null : Math.round(eta.latestAtMs),
      source: ETA_SOURCE,
    };
    this.#news(isShown ? { type: 'position', lat, lng, headingDeg, ...known } : { type: 'elsewhere', ...known }, true);
  }

  #news(news: OrderNews, retain = false): void {
    this.#around.feed.publish(this.#topic(), news, retain);
  }

  #topic(): string {
    return `order/${this.#job.job.orderId}`;
  }
}
