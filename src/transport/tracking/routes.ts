/**
 * Where a tracking link leads over HTTP: the page, the poll and the event stream. The same content as the socket's; it must never
 * decide what may be seen.
 */
import type { KeyObject } from 'node:crypto';
import type { LiveFeed } from '../../ports.ts';
import type { ActorSystem } from '../../runtime/behaviour.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type HttpReply, type HttpRequest, json, type ReplyStream, type StreamReply, unambiguousQueryOf } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { HttpApp } from '../http/server/app.ts';
import { type HubLimits, type Seat, TrackingHub } from './hub.ts';
import { registerTrackingPage } from './page-routes.ts';
import { seqOf } from './seq.ts';
import { registerTrackingSocket } from './socket.ts';
import { readTrackingToken, type TrackingTicket } from './token.ts';
import type { Sink, TrackMessage } from './watcher.ts';

interface TrackingDeps {
  readonly system: ActorSystem;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  /** From `trackingKey`; the same as the credentials'. */
  readonly key: KeyObject;
  readonly limits?: Partial<HubLimits>;
}

export interface Tracking {
  /** Connected clients on this thread, streams and sockets. */
  readonly watchers: number;
  readonly counters: Readonly<{ refusedRate: number; refusedFull: number; ended: number }>;
  /** Sends the watchers away; before the app drains. */
  dismiss(): void;
}

const RETRY_MS = 3_000;

/** Adds `/t/…` and `/v1/track/…` to the app. Before it listens. */
export function registerTracking(app: HttpApp, deps: TrackingDeps): Tracking {
  const { key, ...rest } = deps;
  const hub = new TrackingHub(rest);
  const ticketOf = (request: HttpRequest): TrackingTicket => {
    const ticket = readTrackingToken(key, request.params.token ?? '');
    if (ticket === null) throw new Problem('tracking.not_found');
    hub.admit(ticket);
    return ticket;
  };
  registerTrackingPage(app, hub, key);
  app.route('GET', '/v1/track/:token', (request) => poll(hub, ticketOf(request), request), { headers: ['if-none-match'] });
  app.route('GET', '/v1/track/:token/events', (request) => stream(hub, ticketOf(request), request), { headers: ['last-event-id'] });
  registerTrackingSocket({ app, hub, key });
  return {
    get watchers() {
      return hub.watchers;
    },
    counters: hub.counters,
    dismiss: () => hub.drain(),
  };
}

async function poll(hub: TrackingHub, ticket: TrackingTicket, request: HttpRequest): Promise<HttpReply> {
  const snapshot = await hub.look(ticket);
  const tag = `"${snapshot.seq}"`;
  const headers = { etag: tag, 'cache-control': 'private, no-cache' };
  const known = request
    .header('if-none-match')
    .split(',')
    .map((part) => part.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*') || seqOf(unambiguousQueryOf(request).since) === snapshot.seq)
    return { status: 304, headers };
  return json(200, snapshot, headers);
}

async function stream(hub: TrackingHub, ticket: TrackingTicket, request: HttpRequest): Promise<StreamReply | HttpReply> {
  const since = seqOf(request.header('last-event-id')) ?? seqOf(unambiguousQueryOf(request).since);
  const seat = await hub.open(ticket);
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  if (request.aborted() || request.method === 'HEAD') {
    seat.leave();
    return { status: 200, headers };
  }
  return { status: 200, headers, stream: (out) => attach(seat, out, since) };
}

function attach(seat: Seat, out: ReplyStream, since: number | null): void {
  out.onClose(() => seat.leave());
  out.write(`retry: ${RETRY_MS}\n\n`);
  const sink: Sink = {
    send: (message) => out.write(eventOf(message)),
    heartbeat: () => out.write(':\n\n'),
    close: () => out.end(),
  };
  const watcher = seat.sit(sink, since);
  out.onDrain(() => watcher.caughtUp());
}

/** JSON has no line breaks, so one `data` line is enough. */
function eventOf(message: TrackMessage): string {
  const id = message.seq === null ? '' : `id: ${message.seq}\n`;
  return `event: ${message.type}\n${id}data: ${message.text}\n\n`;
}
