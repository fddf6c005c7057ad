/**
 * The WebSocket of a tracking link. Refusals are HTTP replies before the upgrade, the same as the poll's. It must never read what a
 * client sends: there is nothing to say to a delivery.
 */

import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { KeyObject } from 'node:crypto';
import { unambiguousQueryOf } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { HttpApp } from '../http/server/app.ts';
import { refuseUpgrade } from '../http/server/reply-head.ts';
import { requestIdOf } from '../http/server/wire.ts';
import type { Seat, TrackingHub } from './hub.ts';
import { seqOf } from './seq.ts';
import { readTrackingToken } from './token.ts';
import type { Watcher } from './watcher.ts';

interface SocketDeps {
  readonly app: Pick<HttpApp, 'native' | 'socketOnly' | 'defect'>;
  readonly hub: Pick<TrackingHub, 'admit' | 'open'>;
  /** From `trackingKey`. */
  readonly key: KeyObject;
}

interface Client {
  readonly seat: Seat;
  readonly since: number | null;
  watcher: Watcher | null;
  isOpen: boolean;
}

const MAX_PAYLOAD_BYTES = 1_024;
const MAX_BACKPRESSURE_BYTES = 65_536;
/** Without a pong; uWebSockets pings by itself well before. */
const IDLE_TIMEOUT_S = 60;
/** A wildcard, and the path taken apart here: this build of uWebSockets finds no socket route that has parameters. */
const PATTERN = '/v1/track/*';
const ROUTE = '/v1/track/:token/socket';
const PATH = /^\/v1\/track\/([A-Za-z0-9_-]+)\/socket$/;
const CLOSE_OVER = 1000;
const CLOSE_GOING_AWAY = 1001;
const HEARTBEAT = '{"type":"heartbeat"}';

export function registerTrackingSocket(deps: SocketDeps): void {
  const { app } = deps;
  app.socketOnly(ROUTE);
  app.native.ws<Client>(PATTERN, {
    maxPayloadLength: MAX_PAYLOAD_BYTES,
    maxBackpressure: MAX_BACKPRESSURE_BYTES,
    idleTimeout: IDLE_TIMEOUT_S,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => upgrade(deps, res, req, context),
    open: sit,
    drain: (socket) => socket.getUserData().watcher?.caughtUp(),
    close: (socket) => {
      const client = socket.getUserData();
      client.isOpen = false;
      client.seat.leave();
    },
  });
}

/** Everything is read from the native request before the first wait: it is gone then. */
function upgrade(deps: SocketDeps, res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
  const requestId = requestIdOf(req.getHeader('x-request-id'));
  const token = PATH.exec(req.getUrl())?.[1];
  // Without a query it is undefined, whatever the type says.
  const rawQuery = (req.getQuery() as string | undefined) ?? '';
  const secKey = req.getHeader('sec-websocket-key');
  const protocol = req.getHeader('sec-websocket-protocol');
  const extensions = req.getHeader('sec-websocket-extensions');
  let isAborted = false;
  res.onAborted(() => {
    isAborted = true;
  });
  const defect = (error: unknown): void => deps.app.defect(error, { requestId, route: ROUTE });
  admitted(deps, token, rawQuery)
    .then(
      (client) => {
        if (isAborted) client.seat.leave();
        else {
          res.cork(() => res.upgrade(client, secKey, protocol, extensions, context));
        }
      },
      (error: unknown) => {
        if (!(error instanceof Problem)) defect(error);
        if (!isAborted) refuseUpgrade(res, error instanceof Problem ? error : new Problem('request.internal'), requestId);
      },
    )
    .catch(defect);
}

async function admitted({ hub, key }: SocketDeps, token: string | undefined, rawQuery: string): Promise<Client> {
  if (token === undefined) throw new Problem('request.not_found');
  const ticket = readTrackingToken(key, token);
  if (ticket === null) throw new Problem('tracking.not_found');
  hub.admit(ticket);
  const since = seqOf(unambiguousQueryOf({ rawQuery }).since);
  return { seat: await hub.open(ticket), since, watcher: null, isOpen: true };
}

function sit(socket: WebSocket<Client>): void {
  const client = socket.getUserData();
  // uWebSockets says 1 for sent, 0 for kept until the client reads on, 2 for dropped.
  const write = (text: string): boolean => !client.isOpen || socket.send(text) === 1;
  client.watcher = client.seat.sit(
    {
      send: (message) => write(message.text),
      heartbeat: () => write(HEARTBEAT),
      close: (isOver) => {
        if (client.isOpen) socket.end(isOver ? CLOSE_OVER : CLOSE_GOING_AWAY);
      },
    },
    client.since,
  );
}
