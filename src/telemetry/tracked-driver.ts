/**
 * One driver on shift, on its home thread: judges what its devices send and tells markets, orders' watchers and the track. It must
 * never know how positions came here or whether the driver may be on shift.
 */
import type { ActiveJob, DriverNews, DriverView } from '../actors/driver/protocol.ts';
import { distanceM, type LatLng } from '../geo/distance.ts';
import { oldestFirst } from '../geo/gps/batch.ts';
import { GpsFilter, type GpsFilterOptions } from '../geo/gps/filter.ts';
import { type Fix, type FixFlag, NO_FLAGS, type Position, type Verdict } from '../geo/gps/fix.ts';
import { type JobSurroundings, JobWatch } from './job-watch.ts';
import { type MarketFeed, type MarketSeat, newSeat } from './market-feed.ts';
import type { DriverSource, ItemVerdict, Whereabouts } from './protocol.ts';
import { DOOR_M, sightOf } from './sight.ts';
import { newChunk, type OpenChunk, type TrackWriter } from './track-writer.ts';

/** The device says itself that the position is made up. */
const MOCKED = 'gps.mocked';

export interface DriverSurroundings extends JobSurroundings {
  readonly markets: MarketFeed;
  readonly tracks: TrackWriter;
  readonly filter: GpsFilterOptions;
  readonly advise: (thread: number, source: DriverSource, intervalMs: number) => void;
  readonly verdicts: Record<Verdict['kind'], number>;
}

export class TrackedDriver {
  readonly #around: DriverSurroundings;
  readonly #identity: { readonly tenantId: number; readonly driverId: string; readonly dataShard: number };
  readonly #filter: GpsFilter;
  readonly #seat: MarketSeat = newSeat();
  readonly #chunk: OpenChunk;
  readonly #jobs = new Map<string, JobWatch>();
  #view: DriverView;
  /** Newest position that was believed and not made up. */
  #believed: Position | null = null;
  #publishedAtMs = Number.NEGATIVE_INFINITY;
  /** The door of the last customer, until the driver has left it: the next one does not see it. */
  #leftDoor: LatLng | null = null;
  /** Not to be offered anything while nobody knows where the driver really is. */
  #isDoubtful = false;
  /** Once a shift: a device that is not believed says so with every fix. */
  #toldMocked = false;

  constructor(around: DriverSurroundings, identity: { tenantId: number; driverId: string; dataShard: number }, view: DriverView) {
    this.#around = around;
    this.#identity = identity;
    this.#filter = new GpsFilter(around.filter);
    this.#chunk = newChunk(identity.tenantId, identity.driverId);
    this.#view = view;
    this.see(view);
  }

  get hasJob(): boolean {
    return this.#jobs.size > 0;
  }

  /** What the driver actor says now. */
  see(view: DriverView): void {
    this.#view = view;
    const present = new Set(view.jobs.map((job) => job.job.orderId));
    for (const orderId of [...this.#jobs.keys()]) if (!present.has(orderId)) this.endJob(orderId);
    for (const job of view.jobs) this.seeJob(job);
    this.tellProfile();
  }

  seeJob(job: ActiveJob): void {
    const { orderId } = job.job;
    const known = this.#jobs.get(orderId);
    if (known !== undefined && known.offerId === job.offerId) {
      known.update(job);
      return;
    }
    const { tenantId, driverId } = this.#identity;
    this.#jobs.set(orderId, new JobWatch(this.#around, { tenantId, driverId, vehicle: this.#view.vehicle.type }, job));
  }

  endJob(orderId: string): void {
    const known = this.#jobs.get(orderId);
    if (known === undefined) return;
    this.#jobs.delete(orderId);
    this.#leftDoor = known.ride.door ?? this.#leftDoor;
    known.end();
  }

  tellProfile(): void {
    if (!this.#isDoubtful) this.#around.markets.profile(this.#seat, this.#view.profile);
  }

  /** Closes a chunk of the track that is old enough. */
  age(): void {
    this.#around.tracks.age(this.#chunk);
  }

  /** Nothing is heard any more of a driver who has a job, and so keeps the shift. */
  silent(): void {
    for (const job of this.#jobs.values()) job.silent();
  }

  /** The shift is over: nothing of the driver is told or kept any more. */
  leave(): void {
    for (const orderId of [...this.#jobs.keys()]) this.endJob(orderId);
    this.#around.markets.gone(this.#seat, this.#identity.driverId);
    this.#around.tracks.cut(this.#chunk);
  }

  /** This thread ends, the shift does not: the track goes into storage, everything else is said anew by the next home. */
  flush(): void {
    this.#around.tracks.cut(this.#chunk);
  }

  where(orderId: string): Whereabouts | null {
    const at = this.#believed;
    if (at === null) return null;
    const job = this.#jobs.get(orderId);
    return {
      lat: at.lat,
      lng: at.lng,
      atMs: at.atMs,
      distanceM: job?.distanceM(at) ?? null,
      offerId: job?.offerId ?? null,
      stop: job?.stop ?? null,
      lately: job?.lately() ?? [],
    };
  }

  /** One fix, the usual case: no list is made of it. */
  take(source: DriverSource, fix: Fix, receivedAtMs: number, fromThread: number): void {
    this.#apply(this.#filter.accept(fix, source, receivedAtMs), source, receivedAtMs, fromThread);
  }

  /** Fixes that arrived together. @returns their verdicts, in their order */
  takeAll(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number, fromThread: number): ItemVerdict[] {
    const verdicts = this.#filter.acceptAll(fixes, source, receivedAtMs);
    // A phone that uploads its newest fix first must not end where it began.
    for (const index of oldestFirst(fixes)) this.#apply(verdicts[index] as Verdict, source, receivedAtMs, fromThread);
    return verdicts.map(itemOf);
  }

  #apply(verdict: Verdict, source: DriverSource, receivedAtMs: number, fromThread: number): void {
    this.#around.verdicts[verdict.kind]++;
    switch (verdict.kind) {
      case 'accepted':
        if (verdict.flags !== NO_FLAGS || this.#isDoubtful) this.#weigh(verdict.flags);
        if (verdict.adviceIntervalMs !== null) this.#around.advise(fromThread, source, verdict.adviceIntervalMs);
        if (verdict.flags.includes('mock')) {
          // Made up: history, and nothing that anybody decides or sees.
          if (verdict.publish) this.#around.tracks.add(this.#chunk, verdict.position);
          this.#tellMocked();
          return;
        }
        this.#believed = verdict.position;
        this.#remember(verdict.position);
        if (verdict.publish) this.#published(verdict.position, receivedAtMs, verdict.fence);
        return;
      case 'history':
        this.#around.tracks.add(this.#chunk, verdict.position);
        // Buffered while there was no network, and through the gate: the only history that says where the driver was.
        if (verdict.code === 'gps.stale' && !verdict.flags.includes('mock')) this.#remember(verdict.position);
        if (verdict.flags.includes('ping_pong')) this.#weigh(verdict.flags);
        return;
      case 'duplicate':
      case 'rejected':
        return;
    }
  }

  #tellMocked(): void {
    if (this.#toldMocked) return;
    this.#toldMocked = true;
    this.#around.feed.publish(`driver/${this.#identity.driverId}`, { type: 'notice', code: MOCKED } satisfies DriverNews);
  }

  /** A frozen or a made up position, or two phones that quarrel: out of the market until that is over. */
  #weigh(flags: readonly FixFlag[]): void {
    const isDoubtful = flags.includes('ping_pong') || flags.includes('frozen') || flags.includes('mock');
    if (isDoubtful === this.#isDoubtful) return;
    this.#isDoubtful = isDoubtful;
    if (isDoubtful) this.#around.markets.gone(this.#seat, this.#identity.driverId);
  }

  /** Positions follow each other in time, so an earlier one means that the server's clock was set back. */
  #mendAfterClockStep({ atMs }: Position): void {
    if (atMs < this.#publishedAtMs) {
      this.#around.markets.anew(this.#seat, this.#identity.driverId);
      for (const job of this.#jobs.values()) job.anew();
    }
    this.#publishedAtMs = atMs;
  }

  #published(position: Position, receivedAtMs: number, isFenceWorthy: boolean): void {
    this.#mendAfterClockStep(position);
    this.#around.tracks.add(this.#chunk, position);
    if (!this.#isDoubtful && this.#around.markets.place(this.#seat, this.#identity, position, position.atMs, receivedAtMs))
      this.tellProfile();
    if (this.#leftDoor !== null && distanceM(this.#leftDoor, position) > DOOR_M) this.#leftDoor = null;
    const around = { plan: this.#view.profile.stops, left: this.#leftDoor };
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) {
      const others = jobs.filter((other) => other !== job).map((other) => other.ride);
      job.step(position, isFenceWorthy, sightOf(job.ride, others, around, position));
    }
  }

  #remember(position: Position): void {
    for (const job of this.#jobs.values()) job.remember(position);
  }
}

function itemOf(verdict: Verdict): ItemVerdict {
  switch (verdict.kind) {
    case 'accepted':
      return verdict.flags.includes('mock')
        ? { verdict: 'history', code: MOCKED, retryAfterMs: 0 }
        : { verdict: 'accepted', code: null, retryAfterMs: 0 };
    case 'history':
    case 'duplicate':
      return { verdict: verdict.kind, code: verdict.code, retryAfterMs: 0 };
    case 'rejected':
      return { verdict: 'rejected', code: verdict.code, retryAfterMs: verdict.retryAfterMs };
  }
}
