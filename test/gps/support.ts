/** The real server with the driver's routes on a free port, actors and tenants at the port, and phones that speak WebSocket. */
import { WebSocket } from 'undici';
import type { TenantAddress } from '../../src/ports.ts';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { deviceKeyOf, deviceKeySecret } from '../../src/transport/gps/device-key.ts';
import { registerPositions } from '../../src/transport/gps/positions-http.ts';
import { type DriverSocketLimits, type DriverSockets, registerDriverSocket } from '../../src/transport/gps/socket/driver-socket.ts';
import { Authenticator } from '../../src/transport/http/auth.ts';
import { HttpApp } from '../../src/transport/http/server/app.ts';
import { mintToken } from '../../src/transport/http/token.ts';
import { type Asked, DATA_SHARD, DRIVER, driverView, FakeFeed, FakeSystem, TENANT } from '../telemetry/support.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-bytes!';
export const TENANT_UUID = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a01';
const OTHER_UUID = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a02';
const MASTER_KEY = Buffer.alloc(32, 7);
const HOST = '127.0.0.1';

export class Server {
  readonly system = new FakeSystem();
  readonly feed = new FakeFeed();
  readonly defects: unknown[] = [];
  readonly telemetry: Telemetry;
  readonly sockets: DriverSockets;
  readonly port: number;
  readonly #app: HttpApp;
  isDatabaseAway = false;
  #stoodStillAt: { readonly nowMs: number; readonly monotonicMs: number } | null = null;
  readonly #clock: Clock = {
    nowMs: () => this.#stoodStillAt?.nowMs ?? Date.now(),
    monotonicMs: () => this.#stoodStillAt?.monotonicMs ?? systemClock.monotonicMs(),
    after: systemClock.after,
  };

  constructor(limits: Partial<DriverSocketLimits> = {}) {
    this.telemetry = new Telemetry({
      links: { thread: 0, threadOf: () => 0, send: () => false },
      system: this.system,
      feed: this.feed,
      clock: this.#clock,
      tracks: { write: async () => undefined },
    });
    this.#app = new HttpApp({
      maxInFlight: 100,
      bodyMaxBytes: 1_048_576,
      bodyTimeoutMs: 5_000,
      requestTimeoutMs: 5_000,
      nowMs: Date.now,
      monotonicMs: systemClock.monotonicMs,
      onDefect: (error) => this.defects.push(error),
    });
    const shared = {
      auth: new Authenticator({ secret: SECRET, jwksUrl: null, cacheMax: 100, nowMs: Date.now }),
      tenants: { byUuid: (uuid: string) => this.#tenant(uuid) },
      telemetry: this.telemetry,
      clock: this.#clock,
    };
    registerPositions(this.#app, { ...shared, deviceKeys: deviceKeySecret(MASTER_KEY) });
    this.sockets = registerDriverSocket(this.#app, {
      ...shared,
      system: this.system,
      feed: this.feed,
      draining: () => this.#app.draining(),
      onDefect: (error) => this.defects.push(error),
      limits,
    });
    this.port = this.#app.listen(HOST, 0);
    this.system.views.set(DRIVER.id, driverView());
  }

  /** From now on no time passes for the server: what refills with time stays empty, however slow the machine is. */
  stopClock(): void {
    this.#stoodStillAt = { nowMs: Date.now(), monotonicMs: systemClock.monotonicMs() };
  }

  async close(): Promise<void> {
    this.sockets.drain();
    await this.#app.drain(100);
    await this.telemetry.close();
  }

  async #tenant(uuid: string): Promise<TenantAddress | null> {
    if (this.isDatabaseAway) throw new Error('away');
    const tenantId = uuid === TENANT_UUID ? TENANT : uuid === OTHER_UUID ? 2 : null;
    if (tenantId === null) return null;
    return { tenantId, uuid, slug: 's', dataShard: DATA_SHARD, phoneNumberId: 'p', status: 'active' };
  }

  url(path: string): string {
    return `http://${HOST}:${this.port}${path}`;
  }

  async post(path: string, body: unknown, token: string | null, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(this.url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async phone(query: string, headers: Record<string, string> = {}): Promise<Phone> {
    return await Phone.connect(`ws://${HOST}:${this.port}/v1/driver/socket${query}`, headers);
  }

  /** With a fresh token of the driver, after the snapshot. */
  async connected(ttlS = 60): Promise<Phone> {
    const phone = await this.phone(`?token=${await driverToken({ ttlS })}`);
    await phone.next('shift');
    return phone;
  }

  asked(type: string): Asked['command'][] {
    return this.system.asked.filter((one) => one.command.type === type).map((one) => one.command);
  }

  answer(type: string, answer: Answer | (() => Answer | Promise<Answer>)): void {
    const before = this.system.respond;
    this.system.respond = (asked) => (asked.command.type === type ? (typeof answer === 'function' ? answer() : answer) : before(asked));
  }
}

export async function driverToken(
  more: { readonly roles?: readonly string[]; readonly sub?: string; readonly tenantId?: string | null; readonly ttlS?: number } = {},
): Promise<string> {
  const tenantId = more.tenantId === undefined ? TENANT_UUID : more.tenantId;
  return await mintToken({
    secret: SECRET,
    sub: more.sub ?? DRIVER.id,
    roles: more.roles ?? ['driver'],
    ttlS: more.ttlS ?? 60,
    nowMs: Date.now(),
    ...(tenantId === null ? {} : { tenantId }),
  });
}

export const KEY = deviceKeyOf(deviceKeySecret(MASTER_KEY), TENANT_UUID, DRIVER.id);

type Message = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A driver's phone. Waiting for a message takes it out of what has come. */
export class Phone {
  readonly #socket: WebSocket;
  readonly #come: Message[] = [];
  readonly all: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', (event) => {
      const message = JSON.parse(String(event.data)) as Message;
      this.#come.push(message);
      this.all.push(message);
      this.#wake();
    });
    this.closed = new Promise((resolve) =>
      socket.addEventListener('close', (event) => {
        resolve({ code: event.code, reason: event.reason });
      }),
    );
  }

  /** Rejects with the close when the upgrade is refused. */
  static async connect(url: string, headers: Record<string, string>): Promise<Phone> {
    const socket = new WebSocket(url, { headers });
    const phone = new Phone(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('refused')));
    });
    return phone;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBytes(bytes: ArrayBuffer | Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** The next message of this type; those of others stay. */
  async next(type: string): Promise<Message> {
    for (;;) {
      const at = this.#come.findIndex((message) => message.type === type);
      if (at >= 0) return this.#come.splice(at, 1)[0] as Message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends with an id and waits for the answer to it. */
  async ask(message: Readonly<Record<string, unknown>>): Promise<Message> {
    const id = `m${this.all.length}-${Math.round(performance.now() * 1_000)}`;
    this.send({ ...message, id });
    for (;;) {
      const at = this.#come.findIndex((come) => come.id === id);
      if (at >= 0) return this.#come.splice(at, 1)[0] as Message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Polls until it holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
