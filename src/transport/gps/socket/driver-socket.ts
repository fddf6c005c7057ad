/**
 * `GET /v1/driver/socket`: sockets of drivers' phones on one thread, their bounds and their end. The only file of this folder that
 * knows uWebSockets; it must never know a message.
 */

import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import type { DriverView } from '../../../actors/driver/protocol.ts';
import { isLockedOut, LOCKED_OUT_CODE } from '../../../actors/driver/standing.ts';
import { driverRef } from '../../../actors/refs.ts';
import type { TenantDirectory } from '../../../ports.ts';
import { dataShardOf, type EntityRef } from '../../../runtime/entity.ts';
import { driverSource } from '../../../telemetry/protocol.ts';
import type { Telemetry } from '../../../telemetry/telemetry.ts';
import type { Authenticator, Principal } from '../../http/auth.ts';
import { unambiguousQueryOf } from '../../http/message.ts';
import { Problem, unwrap } from '../../http/problem.ts';
import type { HttpApp } from '../../http/server/app.ts';
import { refuseUpgrade } from '../../http/server/reply-head.ts';
import { requestIdOf } from '../../http/server/wire.ts';
import { TEXT_FRAME_MAX } from '../limits.ts';
import { CLOSE_UNAUTHORISED, DriverSession, type SessionDeps } from './driver-session.ts';
import type { MessageRate } from './message-rate.ts';

const CLOSE_GOING_AWAY = 1001;
/** The same driver has connected more often than it may; the oldest socket went. */
const CLOSE_REPLACED = 4409;
const PATH = '/v1/driver/socket';
/** How often tokens are looked at. */
const SWEEP_MS = 1_000;
const DEVICE = /^[A-Za-z0-9._:-]{1,64}$/;
const PONG_MAX_BYTES = 32;

export interface DriverSocketLimits {
  /** Open and opening, on this thread. */
  readonly socketsMax: number;
  readonly socketsPerDriverMax: number;
  /** What a slow phone may leave unread; above it the socket ends, and the phone connects again to a snapshot. */
  readonly backpressureMaxBytes: number;
  /** Without a sign of life; pings go out before. */
  readonly idleTimeoutS: number;
  readonly rate: MessageRate;
}

const DRIVER_SOCKET_LIMITS: DriverSocketLimits = {
  socketsMax: 20_000,
  socketsPerDriverMax: 4,
  backpressureMaxBytes: 65_536,
  idleTimeoutS: 60,
  rate: { perS: 50, burst: 200, refusedMax: 1_000 },
};

interface DriverSocketDeps extends Omit<SessionDeps, 'rate' | 'telemetry'> {
  readonly telemetry: SessionDeps['telemetry'] & Pick<Telemetry, 'onAdvice'>;
  readonly auth: Pick<Authenticator, 'authenticate'>;
  readonly tenants: Pick<TenantDirectory, 'byUuid'>;
  readonly draining: () => boolean;
  readonly limits?: Partial<DriverSocketLimits>;
}

interface Phone {
  readonly principal: Principal;
  readonly ref: EntityRef;
  readonly deviceId: string;
  session: DriverSession | null;
}

interface Upgrade {
  readonly authorization: string;
  readonly rawQuery: string;
  readonly requestId: string;
  readonly key: string;
  readonly protocol: string;
  readonly extensions: string;
}

type Socket = WebSocket<Phone>;

/** Adds the route to the app. @returns what the thread has to know of the sockets */
export function registerDriverSocket(app: Pick<HttpApp, 'native' | 'socketOnly'>, deps: DriverSocketDeps): DriverSockets {
  const sockets = new DriverSockets(deps);
  app.socketOnly(PATH);
  app.native.ws<Phone>(PATH, {
    maxPayloadLength: TEXT_FRAME_MAX,
    maxBackpressure: sockets.limits.backpressureMaxBytes,
    idleTimeout: sockets.limits.idleTimeoutS,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => sockets.upgrade(res, req, context),
    open: (ws) => sockets.opened(ws),
    message: (ws, message, isBinary) => {
      const { session } = ws.getUserData();
      if (isBinary) session?.binary(message);
      else session?.text(Buffer.from(message).toString('utf8'));
    },
    pong: (ws, message) => {
      if (message.byteLength > 0 && message.byteLength <= PONG_MAX_BYTES)
        ws.getUserData().session?.pong(Buffer.from(message).toString('latin1'));
    },
    close: (ws) => sockets.closed(ws),
  });
  return sockets;
}

export class DriverSockets {
  readonly limits: DriverSocketLimits;
  readonly counters = { opened: 0, refused: 0, slow: 0, expired: 0, replaced: 0 };
  readonly #deps: DriverSocketDeps;
  /** One for all: an object a session cost a missed inline cache at each position. */
  readonly #sessionDeps: SessionDeps;
  readonly #byDriver = new Map<string, Socket[]>();
  #count = 0;
  #opening = 0;
  #isDraining = false;
  #cancelSweep: (() => void) | null = null;

  constructor(deps: DriverSocketDeps) {
    this.#deps = deps;
    this.limits = { ...DRIVER_SOCKET_LIMITS, ...deps.limits };
    const { system, feed, clock, telemetry, onDefect } = deps;
    this.#sessionDeps = { system, feed, clock, telemetry, rate: this.limits.rate, onDefect };
    deps.telemetry.onAdvice((key, deviceId, intervalMs) => this.#advise(key, deviceId, intervalMs));
  }

  /** On this thread. */
  get open(): number {
    return this.#count;
  }

  /** Tells every phone to connect again, elsewhere. */
  drain(): void {
    this.#isDraining = true;
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    for (const sockets of [...this.#byDriver.values()]) for (const ws of [...sockets]) ws.end(CLOSE_GOING_AWAY, 'draining');
  }

  upgrade(res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
    const given: Upgrade = {
      authorization: req.getHeader('authorization'),
      // Without a query it is undefined, whatever the type says.
      rawQuery: (req.getQuery() as string | undefined) ?? '',
      requestId: requestIdOf(req.getHeader('x-request-id')),
      key: req.getHeader('sec-websocket-key'),
      protocol: req.getHeader('sec-websocket-protocol'),
      extensions: req.getHeader('sec-websocket-extensions'),
    };
    let isGone = false;
    res.onAborted(() => {
      isGone = true;
    });
    this.#opening++;
    this.#admit(given)
      .then(
        (phone) => {
          if (!isGone) res.cork(() => res.upgrade(phone, given.key, given.protocol, given.extensions, context));
        },
        (error: unknown) => {
          this.counters.refused++;
          if (!(error instanceof Problem)) this.#deps.onDefect(error, 'driver socket upgrade');
          if (!isGone) refuseUpgrade(res, error instanceof Problem ? error : new Problem('request.internal'), given.requestId);
        },
      )
      .catch((error: unknown) => this.#deps.onDefect(error, 'driver socket upgrade'))
      .finally(() => this.#opening--);
  }

  opened(ws: Socket): void {
    const phone = ws.getUserData();
    const { tenantId, id: driverId } = phone.ref;
    const source = driverSource(tenantId, driverId, phone.deviceId, this.#deps.clock.nowMs());
    const known = this.#byDriver.get(source.key) ?? [];
    this.#byDriver.set(source.key, known);
    known.push(ws);
    this.#count++;
    this.counters.opened++;
    if (known.length > this.limits.socketsPerDriverMax) {
      this.counters.replaced++;
      known[0]?.end(CLOSE_REPLACED, 'replaced');
    }
    phone.session = new DriverSession(this.#sessionDeps, phone.ref, source, this.#wireOf(ws));
    this.#sweepLater();
    phone.session.open().catch((error: unknown) => this.#deps.onDefect(error, 'driver socket open'));
  }

  closed(ws: Socket): void {
    const phone = ws.getUserData();
    const session = phone.session;
    if (session === null) return;
    phone.session = null;
    session.closed();
    this.#count--;
    const known = this.#byDriver.get(session.source.key) ?? [];
    known.splice(known.indexOf(ws), 1);
    if (known.length === 0) this.#byDriver.delete(session.source.key);
  }

  /** @throws Problem with the status that the upgrade is refused with */
  async #admit(given: Upgrade): Promise<Phone> {
    const { auth, tenants, system, draining } = this.#deps;
    if (draining()) throw new Problem('runtime.unavailable');
    if (this.#count + this.#opening > this.limits.socketsMax) throw new Problem('request.overloaded', { headers: { 'retry-after': '5' } });
    const { token, device = '' } = unambiguousQueryOf(given);
    const fromQuery = token === undefined ? '' : `Bearer ${token}`;
    const principal = await auth.authenticate(given.authorization !== '' ? given.authorization : fromQuery);
    if (!principal.roles.has('driver') || principal.tenantId === null) throw new Problem('auth.forbidden');
    const tenant = await tenants.byUuid(principal.tenantId).catch(() => {
      throw new Problem('runtime.unavailable');
    });
    if (tenant === null) throw new Problem('tenant.not_found');
    const ref = driverRef(tenant.tenantId, principal.sub);
    if (ref === null || dataShardOf(ref.shard) !== tenant.dataShard) throw new Problem('auth.forbidden');
    if (isLockedOut(unwrap(await system.ask<DriverView>(ref, { type: 'get' })))) throw new Problem(LOCKED_OUT_CODE);
    // Whoever comes in after the others were sent away would stay until the very end.
    if (this.#isDraining || draining()) throw new Problem('runtime.unavailable');
    return { principal, ref, deviceId: DEVICE.test(device) ? device : `socket-${randomUUID()}`, session: null };
  }

  #wireOf(ws: Socket) {
    const { backpressureMaxBytes } = this.limits;
    const isOpen = (): boolean => ws.getUserData().session !== null;
    let isOver = false;
    return {
      send: (text: string): void => {
        if (isOver || !isOpen()) return;
        ws.send(text);
        if (ws.getBufferedAmount() <= backpressureMaxBytes) return;
        // An offer is never dropped in silence: the phone connects again and gets a snapshot.
        this.counters.slow++;
        isOver = true;
        ws.close();
      },
      ping: (payload: string): void => {
        if (!isOver && isOpen()) ws.ping(payload);
      },
      close: (code: number, reason: string): void => {
        if (isOver || !isOpen()) return;
        isOver = true;
        ws.end(code, reason);
      },
    };
  }

  #advise(key: string, deviceId: string, intervalMs: number): void {
    for (const ws of this.#byDriver.get(key) ?? []) {
      const { session } = ws.getUserData();
      if (session?.source.deviceId === deviceId) session.advise(intervalMs);
    }
  }

  #sweepLater(): void {
    this.#cancelSweep ??= this.#deps.clock.after(SWEEP_MS, () => {
      this.#cancelSweep = null;
      this.#sweep();
      if (this.#count > 0) this.#sweepLater();
    });
  }

  #sweep(): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const sockets of [...this.#byDriver.values()]) {
      for (const ws of [...sockets]) {
        if (nowMs < ws.getUserData().principal.expiresAtMs) continue;
        this.counters.expired++;
        ws.end(CLOSE_UNAUTHORISED, 'auth.token_expired');
      }
    }
  }
}
