/**
 * What threads say to each other about positions, and what telemetry needs of its surroundings. Sockets and requests land on any
 * thread; a driver's filter, legs and track live on its home thread, the one that serves its shard. It must never know a socket.
 */
import { driverRef } from '../actors/refs.ts';
import type { FixSource } from '../geo/gps/fix.ts';
import type { TableNews } from './source-table.ts';

/** One device session of one driver. Made once a session: batches are told apart by the object. */
export interface DriverSource extends FixSource {
  /** `tenant/driver`: unique on a node. */
  readonly key: string;
  readonly tenantId: number;
  readonly driverId: string;
  /** Of the driver actor; -1 for an id that is none of ours. */
  readonly shard: number;
}

/** The threads of this node, as telemetry sees them. */
export interface ThreadLinks {
  readonly thread: number;
  threadOf(shard: number): number;
  /** Plain data, in order for each thread. @returns false when the thread is gone or its link is full: then nothing was sent. */
  send(thread: number, notice: TelemetryNotice): boolean;
}

/** What became of one position, for whoever sent it over HTTP. */
export interface ItemVerdict {
  readonly verdict: 'accepted' | 'history' | 'duplicate' | 'rejected';
  /** Why it moves nobody; null when it does. */
  readonly code: string | null;
  /** `gps.rate_limited`: when there is room again, else 0. */
  readonly retryAfterMs: number;
}

export type Report =
  | { readonly kind: 'judged'; readonly items: readonly ItemVerdict[] }
  /** Not on shift: nothing was kept. */
  | { readonly kind: 'off_duty' }
  /** Suspended: nothing is taken until it is approved again. */
  | { readonly kind: 'locked_out' }
  /** This tenant has no such driver. */
  | { readonly kind: 'unknown' }
  /** The home thread or the driver actor does not answer; may work later. */
  | { readonly kind: 'unavailable' };

/** Where a driver was last believed to be, seen from one of its jobs. */
export interface Whereabouts {
  readonly lat: number;
  readonly lng: number;
  readonly atMs: number;
  /** From the stop of the job's present leg; null when the driver has no such job. */
  readonly distanceM: number | null;
  /** Of the job; null when the driver has no such job. */
  readonly offerId: string | null;
  readonly stop: 'pickup' | 'dropoff' | null;
  /** How far from that stop it was at earlier times, some seconds apart; empty without such a job. */
  readonly lately: readonly { readonly atMs: number; readonly distanceM: number }[];
}

export type TelemetryQuestion =
  | { readonly type: 'report'; readonly source: DriverSource; readonly receivedAtMs: number; readonly packed: Uint8Array }
  | { readonly type: 'where'; readonly key: string; readonly orderId: string };

export type TelemetryNotice =
  | {
      readonly type: 'gps.batch';
      readonly from: number;
      readonly news: TableNews;
      /** See packed-fixes.ts; `source` is a number of the table that `news` is of. */
      readonly packed: Uint8Array;
    }
  /** Back to the sender of a batch that could not be read. */
  | { readonly type: 'gps.forgotten'; readonly from: number; readonly table: number; readonly fixes: number }
  /** The driver is there, whether it sends positions or not. */
  | { readonly type: 'gps.hello'; readonly source: DriverSource }
  | { readonly type: 'gps.ask'; readonly from: number; readonly id: number; readonly question: TelemetryQuestion }
  | { readonly type: 'gps.answer'; readonly id: number; readonly answer: unknown }
  /** To the thread of the device: it sends too often. */
  | { readonly type: 'gps.advice'; readonly key: string; readonly deviceId: string; readonly intervalMs: number };

/** Whether a message between threads is one of ours. */
export function isTelemetryNotice(notice: unknown): notice is TelemetryNotice {
  const type = (notice as { type?: unknown } | null)?.type;
  return typeof type === 'string' && type.startsWith('gps.');
}

export function driverSource(tenantId: number, driverId: string, deviceId: string, sessionSinceMs: number): DriverSource {
  const shard = driverRef(tenantId, driverId)?.shard ?? -1;
  return { key: `${tenantId}/${driverId}`, tenantId, driverId, shard, deviceId, sessionSinceMs };
}
