/** Positions on this thread: the telemetry with what it needs of its surroundings. Wiring only. */

import type { Routing } from '../../actors/market/routing.ts';
import type { Log } from '../../observability/log.ts';
import type { ThreadDatabase } from '../../persistence/postgres/thread-database.ts';
import type { LiveFeed, TrackStore } from '../../ports.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { ThreadRuntime } from '../../runtime/thread/thread-runtime.ts';
import { plannedWays } from '../../telemetry/planned-ways.ts';
import type { ThreadLinks } from '../../telemetry/protocol.ts';
import { Telemetry } from '../../telemetry/telemetry.ts';

interface TelemetryWiring {
  readonly links: ThreadLinks;
  readonly runtime: ThreadRuntime;
  readonly feed: LiveFeed;
  readonly database: ThreadDatabase;
  /** null without a road service: then nobody leaves a way. */
  readonly routing: Routing | null;
}

export function createTelemetry({ links, runtime, feed, database, routing }: TelemetryWiring): Telemetry {
  return new Telemetry({
    links,
    system: runtime,
    feed,
    clock: systemClock,
    tracks: database.tracks,
    ...(routing === null ? {} : { routeOf: plannedWays(routing, () => systemClock.nowMs()) }),
    hourOf: (tenantId, atMs) => localHour(database.tenants.peekView(tenantId)?.settings.timezone, atMs),
  });
}

/** How often old days of tracks are forgotten and coming ones prepared. */
const TRACK_UPKEEP_MS = 3_600_000;

/** One thread of a node keeps the tracks' days in order. @returns the end of it. A failure is said and tried again in an hour. */
export function keepTracks(tracks: Pick<TrackStore, 'maintain'>, retentionDays: number, log: Log): () => void {
  const upkeep = (): void => {
    tracks.maintain(Date.now(), retentionDays).then(
      (dropped) => dropped > 0 && log.info({ dropped }, 'old tracks forgotten'),
      (error: unknown) => log.warn({ error }, 'tracks were not kept in order'),
    );
  };
  upkeep();
  const timer = setInterval(upkeep, TRACK_UPKEEP_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Formatters are slow to make and few. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function localHour(timezone: string | undefined, atMs: number): number {
  const zone = timezone ?? 'UTC';
  let format = formatters.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone: zone });
    formatters.set(zone, format);
  }
  return Number(format.format(atMs));
}
