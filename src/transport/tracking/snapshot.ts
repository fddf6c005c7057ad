/**
 * What the holder of a link sees at one moment: a pure function of the order, the last position and the time. The privacy rules are
 * here and nowhere else. It must never show a phone number, a full address or anything of another leg.
 */
import type { AssignedDriver, DeliveryPhase, OrderStatus, TrackedOrder } from '../../actors/order/protocol.ts';
import type { OrderNews } from '../../ports.ts';

/** Over the wire as it stands. Equal `seq`, equal content. */
export interface TrackSnapshot {
  /** Grows with the content; comparable across threads and transports. */
  readonly seq: number;
  readonly code: string;
  readonly status: OrderStatus;
  readonly phase: DeliveryPhase;
  readonly pickup: { readonly name: string; readonly lat: number; readonly lng: number };
  /** The customer's own; null when only an address is known. */
  readonly dropoff: { readonly lat: number; readonly lng: number } | null;
  readonly driver: { readonly name: string | null; readonly vehicle: AssignedDriver['vehicle']; readonly registration: string | null };
  /** The driver rides for another order first, or is at another customer's door: no position then. */
  readonly busy_elsewhere: boolean;
  readonly position: TrackPosition | null;
  readonly eta: TrackEta | null;
}

interface TrackPosition {
  readonly lat: number;
  readonly lng: number;
  readonly heading_deg: number | null;
  readonly at_ms: number;
  /** Older than a minute: shown as last seen, not as live. */
  readonly stale: boolean;
}

/** A range: from `at_ms` to `latest_at_ms`, at the stop that the driver is heading for. */
interface TrackEta {
  readonly stop: 'pickup' | 'dropoff';
  readonly at_ms: number;
  readonly latest_at_ms: number;
  readonly source: string;
}

type PlaceNews = Extract<OrderNews, { readonly type: 'position' | 'elsewhere' }>;

const LIVE_FOR_MS = 60_000;
const SHOWN_FOR_MS = 300_000;

/** Legs that may be seen: from the assignment until they end. Null while nobody rides towards a stop. */
const STOP_AHEAD: Readonly<Record<DeliveryPhase, 'pickup' | 'dropoff' | 'none' | null>> = {
  seeking: null,
  assigned: 'pickup',
  at_pickup: 'none',
  picked_up: 'dropoff',
  at_dropoff: 'none',
  delivered: null,
  ended: null,
};

const FRESHNESS = { live: 0, stale: 1, gone: 2 } as const;
type Freshness = keyof typeof FRESHNESS;
/** A sequence number is version, then the position's time within the leg, then whether it is shown and how fresh it is: 20 + 30 + 3 bits. */
const FRESHNESS_STEPS = 8;
const ELSEWHERE_STEP = 4;
const MAX_OFFSET_MS = 2 ** 30 - 2;
const VERSION_STEP = 2 ** 33;

/**
 * @param order the order's answer about `leg`. @param heard the last retained message of the order's topic.
 * @returns null when that leg is over, or has not begun.
 */
export function snapshotOf(order: TrackedOrder, leg: number, heard: unknown, nowMs: number): TrackSnapshot | null {
  const { delivery, pickup, dropoff } = order;
  const stop = STOP_AHEAD[delivery.phase];
  const { driver } = delivery;
  if (stop === null || driver === null || delivery.leg !== leg) return null;
  const news = placeOf(heard, driver.id, delivery.assignedAtMs);
  const freshness = news === null ? 'gone' : freshnessAt(nowMs - news.atMs);
  const shown = freshness === 'gone' ? null : news;
  return {
    seq: seqOf(order, news, freshness),
    code: order.code,
    status: order.status,
    phase: delivery.phase,
    pickup: { name: pickup.name, lat: pickup.position.lat, lng: pickup.position.lng },
    dropoff: dropoff.position === null ? null : { lat: dropoff.position.lat, lng: dropoff.position.lng },
    driver: { name: driver.name, vehicle: driver.vehicle, registration: driver.registration },
    busy_elsewhere: shown?.type === 'elsewhere',
    position:
      shown?.type !== 'position'
        ? null
        : { lat: shown.lat, lng: shown.lng, heading_deg: shown.headingDeg, at_ms: shown.atMs, stale: freshness === 'stale' },
    eta: stop === 'none' || shown === null ? null : etaOf(shown, stop),
  };
}

/** The last word of a place when it is of this driver and of this leg: a link shows no minute of the time before. */
function placeOf(heard: unknown, driverId: string, assignedAtMs: number | null): PlaceNews | null {
  const news = heard as OrderNews | null | undefined;
  if ((news?.type !== 'position' && news?.type !== 'elsewhere') || news.driverId !== driverId || assignedAtMs === null) return null;
  return news.atMs >= assignedAtMs ? news : null;
}

function freshnessAt(ageMs: number): Freshness {
  if (ageMs <= LIVE_FOR_MS) return 'live';
  return ageMs <= SHOWN_FOR_MS ? 'stale' : 'gone';
}

function etaOf(news: PlaceNews, stop: 'pickup' | 'dropoff'): TrackEta | null {
  if (news.etaAtMs === null) return null;
  return { stop, at_ms: news.etaAtMs, latest_at_ms: Math.max(news.etaAtMs, news.etaLatestAtMs ?? news.etaAtMs), source: news.source };
}

function seqOf(order: TrackedOrder, news: PlaceNews | null, freshness: Freshness): number {
  const base = order.version * VERSION_STEP;
  if (news === null) return base;
  const offsetMs = Math.min(MAX_OFFSET_MS, Math.max(0, news.atMs - (order.delivery.assignedAtMs ?? 0)));
  const shown = news.type === 'elsewhere' ? ELSEWHERE_STEP : 0;
  return base + (offsetMs + 1) * FRESHNESS_STEPS + shown + FRESHNESS[freshness];
}
