/** Drivers and watchers at the front door of one thread: sockets, positions, tracking, the driver's app. Wiring only. */
import { randomInt } from 'node:crypto';
import { manualOffer } from '../../actors/order/manual-offer.ts';
import { CREDENTIALS_HANDLER } from '../../actors/order/protocol.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { ThreadDatabase } from '../../persistence/postgres/thread-database.ts';
import type { LiveFeed } from '../../ports.ts';
import type { EffectHandler } from '../../runtime/behaviour.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { ThreadRuntime } from '../../runtime/thread/thread-runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { registerDrive } from '../../transport/drive/routes.ts';
import { type DeviceKeySecret, deviceKeyOf, deviceKeySecret } from '../../transport/gps/device-key.ts';
import { registerPositions } from '../../transport/gps/positions-http.ts';
import { type DriverSockets, registerDriverSocket } from '../../transport/gps/socket/driver-socket.ts';
import type { ApiDeps, FleetDeps } from '../../transport/http/api/api.ts';
import type { HttpApp } from '../../transport/http/server/app.ts';
import { mintToken } from '../../transport/http/token.ts';
import { createCredentials } from '../../transport/tracking/credentials.ts';
import { registerTracking, type Tracking } from '../../transport/tracking/routes.ts';
import { mintTrackingToken, trackingKey } from '../../transport/tracking/token.ts';
import { baseUrl } from '../base-url.ts';

export interface DeliveryDoorOptions {
  readonly config: Config;
  readonly port: number;
  readonly runtime: ThreadRuntime;
  readonly feed: LiveFeed;
  readonly telemetry: Telemetry;
  readonly database: ThreadDatabase;
  readonly handlers: Map<string, EffectHandler>;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface DeliveryDoor {
  /** Sends phones and watchers away; before the app drains. */
  drain(): void;
}

const MS_PER_S = 1_000;

/** Before the app listens. */
export function openDeliveryDoor(app: HttpApp, api: ApiDeps, options: DeliveryDoorOptions): DeliveryDoor {
  const { config, database, feed, handlers, log, metrics, runtime, telemetry } = options;
  const masterKey = Buffer.from(config.secrets.masterKey, 'base64');
  const common = { auth: api.auth, tenants: database.tenants, clock: systemClock };
  const sockets = registerDriverSocket(app, {
    ...common,
    system: runtime,
    feed,
    telemetry,
    draining: () => app.draining(),
    limits: config.drivers.sockets,
    onDefect: (error, where) => log.error({ error, where }, 'driver socket failed'),
  });
  registerPositions(app, { ...common, telemetry, deviceKeys: deviceKeySecret(masterKey) });
  const key = trackingKey(masterKey);
  const publicUrl = publicUrlOf(config, options.port);
  handlers.set(CREDENTIALS_HANDLER, createCredentials({ key, publicUrl, randomInt: (max) => randomInt(max) }));
  const tracking = registerTracking(app, { system: runtime, feed, clock: systemClock, key });
  registerDrive(app);
  watch(metrics, sockets, tracking, telemetry);
  return {
    drain: () => {
      sockets.drain();
      tracking.dismiss();
    },
  };
}

export function fleetDeps({ config, database, port }: Pick<DeliveryDoorOptions, 'config' | 'database' | 'port'>): FleetDeps {
  const secret: DeviceKeySecret = deviceKeySecret(Buffer.from(config.secrets.masterKey, 'base64'));
  return {
    tracks: database.tracks,
    proofs: database.proofs,
    ledger: database.ledger,
    mintDriverToken: async (driverId, tenantUuid, ttlS) => {
      const nowMs = Date.now();
      const token = await mintToken({
        secret: config.secrets.jwtSecret,
        sub: driverId,
        roles: ['driver'],
        tenantId: tenantUuid,
        ttlS,
        nowMs,
      });
      return { token, expiresAtMs: nowMs + ttlS * MS_PER_S };
    },
    deviceKeyOf: (tenantUuid, driverId) => deviceKeyOf(secret, tenantUuid, driverId),
    driveUrl: (token) => `${publicUrlOf(config, port)}/drive#token=${token}`,
    offerFor: (order, driver, offerId) => manualOffer(order, driver.id, offerId, Date.now()),
  };
}

/** The same links as the customers get, for the sandbox. */
export function trackingUrls(config: Config, port: number): (tenantId: number, orderId: string, leg: number) => string {
  const key = trackingKey(Buffer.from(config.secrets.masterKey, 'base64'));
  return (tenantId, orderId, leg) => `${publicUrlOf(config, port)}/t/${mintTrackingToken(key, { tenantId, orderId, leg })}`;
}

/** Where customers and drivers reach this server, without a slash at the end. */
function publicUrlOf(config: Config, port: number): string {
  return config.publicUrl ?? baseUrl(config.http.host, port);
}

function watch(metrics: Metrics, sockets: DriverSockets, tracking: Tracking, telemetry: Telemetry): void {
  const read = (name: string, help: string, value: () => number): void => void metrics.gauge(name, help, { read: value });
  const count = (name: string, help: string, value: () => number): void => metrics.tally(name, help, value);
  read('wakala_driver_sockets_open_connections', 'Driver sockets of this thread.', () => sockets.open);
  count('wakala_driver_sockets_refused_connections_total', 'Driver sockets that were not opened.', () => sockets.counters.refused);
  count(
    'wakala_driver_sockets_slow_connections_total',
    'Driver sockets closed because the phone did not read.',
    () => sockets.counters.slow,
  );
  read('wakala_tracking_open_connections', 'Streams and sockets of customers.', () => tracking.watchers);
  count('wakala_tracking_refused_requests_total', 'Tracking requests over their rate.', () => tracking.counters.refusedRate);
  type Figures = readonly (readonly [string, string, keyof ReturnType<Telemetry['stats']>])[];
  const counted: Figures = [
    ['wakala_gps_accepted_fixes_total', 'Fixes that moved a driver.', 'accepted'],
    ['wakala_gps_rejected_fixes_total', 'Fixes that were not believed.', 'rejected'],
    ['wakala_gps_history_fixes_total', 'Fixes that came too late to move anybody.', 'history'],
    ['wakala_gps_duplicate_fixes_total', 'Fixes that were known.', 'duplicate'],
    ['wakala_gps_conflated_fixes_total', 'Fixes given up for newer ones of the same driver.', 'conflatedFixes'],
    ['wakala_gps_market_fixes_total', 'Positions told to markets.', 'marketPositions'],
    ['wakala_gps_market_refused_fixes_total', 'Positions that a market had no room for.', 'marketRefused'],
    ['wakala_gps_alerts_total', 'Drivers who left the planned way, stood still for long or were not heard of on it.', 'alerts'],
    ['wakala_tracks_written_fixes_total', 'Fixes stored.', 'writtenFixes'],
    ['wakala_tracks_lost_fixes_total', 'Fixes given up because storage was away for too long.', 'lostFixes'],
  ];
  const present: Figures = [
    ['wakala_gps_waiting_fixes', 'Fixes on their way to another thread.', 'waitingFixes'],
    ['wakala_gps_tracked_drivers', 'Drivers whose positions this thread judges.', 'drivers'],
    ['wakala_tracks_waiting_chunks', 'Stretches of track that are not yet stored.', 'waitingChunks'],
  ];
  for (const [name, help, stat] of counted) count(name, help, () => telemetry.stats()[stat]);
  for (const [name, help, stat] of present) read(name, help, () => telemetry.stats()[stat]);
}
