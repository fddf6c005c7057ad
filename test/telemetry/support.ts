/** A city around a telemetry: drivers, orders and markets as actors at the port, a live feed, virtual time. */
import type { ActiveJob, DriverNews, DriverView, JobPhase, OfferedJob } from '../../src/actors/driver/protocol.ts';
import type { MarketMessage } from '../../src/actors/market/protocol.ts';
import { newDriverRef, newOrderRef } from '../../src/actors/refs.ts';
import type { Fix } from '../../src/geo/gps/fix.ts';
import type { LiveFeed, TrackChunk } from '../../src/ports.ts';
import type { ActorSystem, Answer, SendOptions } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { driverSource, type TelemetryNotice } from '../../src/telemetry/protocol.ts';
import { Telemetry, type TelemetryDeps } from '../../src/telemetry/telemetry.ts';

export const TENANT = 1;
export const DATA_SHARD = 3;
export const START_MS = 1_790_000_000_000;
export const SHOP = { lat: -26.2485, lng: 27.854 };
/** About 2.2 km north of the shop. */
export const HOME = { lat: -26.2285, lng: 27.854 };
const M_PER_DEG = 111_195;

export const DRIVER = newDriverRef(TENANT, DATA_SHARD, 'sipho');
export const ORDER = newOrderRef(TENANT, DATA_SHARD, 'cus_1', 'kota');

/** `northM`, `eastM` metres from a place. */
export function off(place: { lat: number; lng: number }, northM: number, eastM = 0): { lat: number; lng: number } {
  return { lat: place.lat + northM / M_PER_DEG, lng: place.lng + eastM / (M_PER_DEG * Math.cos((place.lat * Math.PI) / 180)) };
}

export function fixAt(place: { lat: number; lng: number }, atMs: number, more: Partial<Fix> = {}): Fix {
  return { atMs, lat: place.lat, lng: place.lng, accuracyM: 8, speedMps: null, headingDeg: null, ...more };
}

export function offeredJob(orderId = ORDER.id, more: Partial<OfferedJob> = {}): OfferedJob {
  const stop = (position: { lat: number; lng: number }) => ({ position, name: 'Thandi', address: '1 Vilakazi St', note: null });
  return {
    orderId,
    code: 'K7F',
    jobVersion: 1,
    pickup: stop(SHOP),
    dropoff: stop(HOME),
    distanceM: 2_300,
    currency: 'ZAR',
    cashMinor: 8_500,
    promisedAtMs: null,
    ...more,
  };
}

export function activeJob(phase: JobPhase, job: OfferedJob = offeredJob(), offerId = 'off_1'): ActiveJob {
  return { offerId, feeMinor: 2_500, job, phase, startedAtMs: START_MS };
}

export function driverView(ref: EntityRef = DRIVER, more: Partial<DriverView> = {}): DriverView {
  const online = more.online ?? true;
  return {
    id: ref.id,
    name: 'Sipho',
    phone: '27600000021',
    vehicle: { type: 'motorbike', registration: 'ND 123', coldStorage: false },
    documents: {},
    status: 'approved',
    online,
    onlineSinceMs: online ? START_MS : null,
    offer: null,
    jobs: [],
    profile: {
      driverId: ref.id,
      vehicle: 'motorbike',
      coldStorage: false,
      rating: 5,
      completion: 1,
      acceptance: 1,
      completedJobs: 0,
      recentJobsMs: [],
      idleSinceMs: START_MS,
      earnedTodayMinor: 0,
      onlineSinceMs: START_MS,
      freeSlots: 1,
      stops: [],
    },
    earnings: { currency: 'ZAR', todayMinor: 0, totalMinor: 0, platformFeeMinor: 0, deliveries: 0, cashOnHandMinor: 0 },
    version: 1,
    createdAtMs: START_MS,
    ...more,
  };
}

export interface Asked {
  readonly to: EntityRef;
  readonly command: { readonly type: string } & Readonly<Record<string, unknown>>;
  readonly options: SendOptions;
}

/** Actors at the port: what was said is kept, what is answered is decided by the test. */
export class FakeSystem implements ActorSystem {
  readonly told: Asked[] = [];
  readonly asked: Asked[] = [];
  readonly views = new Map<string, DriverView>();
  /** Before the drivers' own answers; undefined: the usual one. */
  respond: (asked: Asked) => Answer | Promise<Answer> | undefined = () => undefined;
  refusesTells = false;

  tell(to: EntityRef, command: unknown, options: SendOptions = {}): boolean {
    this.told.push({ to, command: command as Asked['command'], options });
    return !this.refusesTells;
  }

  async ask<R>(to: EntityRef, command: unknown, options: SendOptions = {}): Promise<Answer<R>> {
    const asked = { to, command: command as Asked['command'], options };
    this.asked.push(asked);
    const answer = await (this.respond(asked) ?? this.#usual(asked));
    return answer as Answer<R>;
  }

  #usual({ to, command }: Asked): Answer {
    const view = this.views.get(to.id);
    if (to.kind === 'driver' && view === undefined) return { ok: false, refusal: { code: 'driver.not_found' } };
    if (to.kind !== 'driver' || view === undefined) return { ok: true, value: null };
    if (command.type === 'go_online' || command.type === 'go_offline')
      this.views.set(to.id, { ...view, online: command.type === 'go_online' });
    return { ok: true, value: this.views.get(to.id) };
  }

  steps(): Asked['command'][] {
    return this.asked.filter((one) => one.command.type === 'driver_step').map((one) => one.command);
  }

  market(): MarketMessage[] {
    return this.told.filter((one) => one.to.kind === 'market').map((one) => one.command as unknown as MarketMessage);
  }

  /** Positions told to markets, in order. */
  places(): { driverId: string; lat: number; lng: number; atMs: number }[] {
    return this.market().flatMap((message) => {
      if (message.type !== 'positions') return [];
      const bytes = message.packed;
      const triples = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
      return message.driverIds.map((driverId, i) => ({
        driverId,
        lat: triples[i * 3] as number,
        lng: triples[i * 3 + 1] as number,
        atMs: triples[i * 3 + 2] as number,
      }));
    });
  }
}

export class FakeFeed implements LiveFeed {
  readonly published: { topic: string; message: { type: string } & Record<string, unknown>; retain: boolean }[] = [];
  readonly listeners = new Map<string, Set<(message: unknown) => void>>();
  readonly #last = new Map<string, unknown>();

  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    const known = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, known.add(listener));
    return () => {
      known.delete(listener);
      if (known.size === 0) this.listeners.delete(topic);
    };
  }

  publish(topic: string, message: unknown, retain = false): void {
    this.published.push({ topic, message: message as { type: string } & Record<string, unknown>, retain });
    if (retain) this.#last.set(topic, message);
    for (const listener of [...(this.listeners.get(topic) ?? [])]) listener(message);
  }

  last(topic: string): unknown {
    return this.#last.get(topic) ?? null;
  }

  of(topic: string, type: string) {
    return this.published.filter((one) => one.topic === topic && one.message.type === type).map((one) => one.message);
  }
}

/** A whole thread with its drivers. */
export class World {
  readonly clock = new VirtualClock(START_MS);
  readonly system = new FakeSystem();
  readonly feed = new FakeFeed();
  readonly written: TrackChunk[] = [];
  readonly telemetry: Telemetry;
  readonly source = driverSource(TENANT, DRIVER.id, 'phone', START_MS);

  constructor(more: Partial<TelemetryDeps> = {}) {
    this.telemetry = new Telemetry({
      links: { thread: 0, threadOf: () => 0, send: (_thread: number, _notice: TelemetryNotice) => false },
      system: this.system,
      feed: this.feed,
      clock: this.clock,
      tracks: { write: async (chunks) => void this.written.push(...chunks) },
      ...more,
    });
  }

  /** The driver is on shift with these jobs, and its first position is known. */
  async begin(at: { lat: number; lng: number }, jobs: readonly ActiveJob[] = []): Promise<void> {
    this.see({ jobs });
    this.telemetry.push(this.source, [fixAt(at, this.clock.nowMs())], this.clock.nowMs());
    await settled();
  }

  see(more: Partial<DriverView>): void {
    this.system.views.set(DRIVER.id, driverView(DRIVER, more));
  }

  async news(news: DriverNews): Promise<void> {
    this.feed.publish(`driver/${DRIVER.id}`, news);
    await settled();
  }

  /** Each place a second after the one before. */
  async ride(places: readonly { lat: number; lng: number }[], more: Partial<Fix> = {}, everyMs = 1_000): Promise<void> {
    for (const place of places) {
      this.clock.advance(everyMs);
      this.telemetry.push(this.source, [fixAt(place, this.clock.nowMs(), more)], this.clock.nowMs());
      await settled();
    }
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }
}

/** Everything that was promised so far has happened: no timer is involved. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** From one place to another in steps of `stepM`. */
export function way(from: { lat: number; lng: number }, to: { lat: number; lng: number }, stepM: number): { lat: number; lng: number }[] {
  const lengthM = Math.hypot((to.lat - from.lat) * M_PER_DEG, (to.lng - from.lng) * M_PER_DEG * Math.cos((from.lat * Math.PI) / 180));
  const steps = Math.max(1, Math.floor(lengthM / stepM));
  return Array.from({ length: steps }, (_, i) => ({
    lat: from.lat + ((to.lat - from.lat) * (i + 1)) / steps,
    lng: from.lng + ((to.lng - from.lng) * (i + 1)) / steps,
  }));
}
