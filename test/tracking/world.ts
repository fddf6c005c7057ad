/** One order, its driver and its watchers: the real app, routes and sockets over a hand-written order actor and feed. */
import type { DeliveryPhase, TrackedOrder } from '../../src/actors/order/protocol.ts';
import type { LiveFeed, OrderNews } from '../../src/ports.ts';
import type { ActorSystem, Answer } from '../../src/runtime/behaviour.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { HttpApp } from '../../src/transport/http/server/app.ts';
import type { HubLimits } from '../../src/transport/tracking/hub.ts';
import { registerTracking, type Tracking } from '../../src/transport/tracking/routes.ts';
import { mintTrackingToken, trackingKey } from '../../src/transport/tracking/token.ts';
import { plainApp } from '../support/plain-app.ts';

export const KEY = trackingKey(Buffer.alloc(32, 7));
export const TENANT = 12;
export const ORDER = 'ord_3f0123456789abcdefghjk';
export const OTHER_ORDER = 'ord_3fzzzzzzzzzzzzzzzzzzzz';
export const SHOP = { lat: -26.2485, lng: 27.854 };
export const HOME = { lat: -26.2352, lng: 27.8731 };

export function tokenFor(orderId = ORDER, leg = 1): string {
  return mintTrackingToken(KEY, { tenantId: TENANT, orderId, leg });
}

/** Like the one between threads: synchronous, ordered, keeps the last retained message of a topic. */
export class FakeFeed implements LiveFeed {
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  readonly #last = new Map<string, unknown>();

  get subscriptions(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    const set = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, set.add(listener));
    return () => void set.delete(listener);
  }

  publish(topic: string, message: unknown, retain = false): void {
    if (retain) this.#last.set(topic, message);
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener(message);
  }

  last(topic: string): unknown {
    return this.#last.get(topic) ?? null;
  }
}

export function trackedOrder(nowMs: number, patch: Partial<TrackedOrder['delivery']> = {}): TrackedOrder {
  return {
    orderId: ORDER,
    code: 'K7F',
    status: 'ASSIGNED_TO_DRIVER',
    version: 5,
    pickup: { name: 'Mama Thandi’s Kitchen', position: SHOP },
    dropoff: { position: HOME, address: '8115 Vilakazi Street', note: 'blue gate' },
    delivery: {
      phase: 'assigned',
      jobVersion: 1,
      leg: 1,
      driver: { id: 'drv_3f1', name: 'Sipho', vehicle: 'motorbike', registration: 'KJ 42 TV GP' },
      offerId: 'off_1',
      feeMinor: 2500,
      problem: null,
      seekingSinceMs: null,
      assignedAtMs: nowMs - 600_000,
      arrivedPickupAtMs: null,
      pickedUpAtMs: null,
      arrivedDropoffAtMs: null,
      deliveredAtMs: null,
      otpVerified: false,
      ...patch,
    },
  };
}

/** The order actor's side: answers `track` as the real one does. */
export class FakeOrder implements ActorSystem {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  order: TrackedOrder;
  asked = 0;
  /** When set, every question ends so. */
  fault: Answer<never> | null = null;

  constructor(feed: LiveFeed, clock: Clock = systemClock) {
    this.feed = feed;
    this.clock = clock;
    this.order = trackedOrder(clock.nowMs());
  }

  tell(): boolean {
    throw new Error('a tracking link tells nobody anything');
  }

  async ask<R>(to: EntityRef, command: unknown): Promise<Answer<R>> {
    this.asked++;
    if (this.fault !== null) return this.fault;
    const { type, leg } = command as { readonly type: string; readonly leg: number };
    if (type !== 'track') throw new Error(`a tracking link asks only to track, not ${type}`);
    const { delivery } = this.order;
    if (to.tenantId !== TENANT || to.id !== ORDER || leg > delivery.leg) return { ok: false, refusal: { code: 'order.not_found' } };
    const riding = ['assigned', 'at_pickup', 'picked_up', 'at_dropoff'].includes(delivery.phase);
    if (leg !== delivery.leg || !riding) return { ok: false, refusal: { code: 'tracking.ended', details: { phase: delivery.phase } } };
    return { ok: true, value: this.order as R };
  }

  /** The delivery goes on, and everybody hears of it. */
  advance(phase: DeliveryPhase, patch: Partial<TrackedOrder['delivery']> = {}): void {
    const status = phase === 'delivered' ? 'DELIVERED' : phase === 'picked_up' || phase === 'at_dropoff' ? 'IN_TRANSIT' : this.order.status;
    this.order = { ...this.order, status, version: this.order.version + 1, delivery: { ...this.order.delivery, phase, ...patch } };
    this.feed.publish(`order/${ORDER}`, { type: 'changed', version: this.order.version } satisfies OrderNews);
  }

  /** The driver is at `share` of the way from the shop to the customer. */
  ride(share: number, patch: Partial<Extract<OrderNews, { type: 'position' }>> = {}): void {
    const nowMs = this.clock.nowMs();
    const news: OrderNews = {
      type: 'position',
      driverId: this.order.delivery.driver?.id ?? '',
      lat: SHOP.lat + (HOME.lat - SHOP.lat) * share,
      lng: SHOP.lng + (HOME.lng - SHOP.lng) * share,
      headingDeg: 52,
      atMs: nowMs,
      etaAtMs: nowMs + 480_000,
      etaLatestAtMs: nowMs + 900_000,
      source: 'model',
      ...patch,
    };
    this.feed.publish(`order/${ORDER}`, news, true);
  }
}

export interface Running {
  readonly url: string;
  readonly port: number;
  readonly app: HttpApp;
  readonly feed: FakeFeed;
  readonly order: FakeOrder;
  readonly tracking: Tracking;
  readonly defects: unknown[];
  close(): Promise<unknown>;
}

export function startTracking(options: { readonly limits?: Partial<HubLimits>; readonly requestTimeoutMs?: number } = {}): Running {
  const { app, defects } = plainApp({ bodyMaxBytes: 1_024, requestTimeoutMs: options.requestTimeoutMs ?? 5_000 });
  const feed = new FakeFeed();
  const order = new FakeOrder(feed);
  const tracking = registerTracking(app, {
    system: order,
    feed,
    clock: systemClock,
    key: KEY,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const port = app.listen('127.0.0.1', 0);
  const close = async (): Promise<void> => {
    tracking.dismiss();
    await app.drain(1_000);
  };
  return { url: `http://127.0.0.1:${port}`, port, app, feed, order, tracking, defects, close };
}
