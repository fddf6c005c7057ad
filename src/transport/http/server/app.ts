/**
 * A thin typed layer over uWebSockets.js: routes, limits, deadlines, errors, graceful stop. It must never know what
 * a route means. Routes on `native`, the WebSockets' and the webhook's, are beside it: they have their own limits and errors.
 *
 * Modes of an app: `new` (routes are added), `listening` (entered by `listen`), `draining` (entered by `drain`: no new
 * connections, requests in flight finish), `closed`.
 */

import uws, { type HttpResponse, type HttpRequest as NativeRequest, type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import { createServer } from 'node:net';
import { CodedError } from '../../../errors.ts';
import type { Gate, Handler, HttpRequest } from '../message.ts';
import { Problem } from '../problem.ts';
import { type BodyTerms, Exchange, type ExchangeHost, type Head, type Outcome } from './exchange.ts';
import { AMBIGUOUS, isAmbiguous, timesSent } from './framing.ts';
import { type Match, Router } from './router.ts';
import { DISCARD_MAX_BYTES, requestIdOf } from './wire.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface RouteOptions {
  /** Largest body; the app's default when absent. */
  readonly bodyMaxBytes?: number;
  /** For bodies too big for the body timeout on a slow link: who sends at this pace or faster is never cut off. Without it the timeout holds. */
  readonly bodyMinBytesPerS?: number;
  /** Headers to read besides the common ones; lower case. */
  readonly headers?: readonly string[];
  /** Hand a body that came in one piece to the handler without copying: valid only until it first awaits. */
  readonly borrowBody?: boolean;
}

export interface AppOptions {
  readonly maxInFlight: number;
  readonly bodyMaxBytes: number;
  readonly bodyTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly nowMs: () => number;
  /** What every limit here is measured by, so that none is shorter or longer when the machine's clock is set. */
  readonly monotonicMs: () => number;
  /** One call a finished request, for a stream when its head is out; `route` is a pattern, `seconds` from head to reply. */
  readonly observe?: (seen: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly aborted: boolean;
    readonly seconds: number;
  }) => void;
  readonly onDefect: (error: unknown, request: { readonly requestId: string; readonly route: string }) => void;
  /** Whether what a handler threw only says that storage is away for now: the caller is told to come again, and it is no defect. */
  readonly isOutage?: (error: unknown) => boolean;
}

const ONCE = 'idempotency-key';
const COMMON_HEADERS = ['authorization', 'content-type', 'content-encoding', ONCE] as const;
/** Of a header that was sent twice, without a value, or with one that uWebSockets cuts down to nothing (it drops bytes over 127 at the end). */
const UNREADABLE = '\0';
const UNKNOWN_ROUTE = '(unknown)';
/** How often deadlines are checked: their precision. */
const SWEEP_MS = 50;
const DRAIN_POLL_MS = 10;

interface Route {
  readonly names: readonly string[];
  readonly headers: readonly string[];
  readonly start: { readonly handler: Handler } | { readonly gate: Gate };
  readonly terms: BodyTerms;
}

/** Never started: the native router comes first. */
const ELSEWHERE: Route = {
  names: [],
  headers: COMMON_HEADERS,
  start: {
    handler: () => {
      throw new Problem('request.not_found');
    },
  },
  terms: { maxBytes: 0, minBytesPerS: null, borrow: false },
};

export class HttpApp implements ExchangeHost {
  readonly bodyTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly #options: AppOptions;
  readonly #native: TemplatedApp = uws.App();
  readonly #router = new Router<Route>();
  readonly #inFlight = new Set<Exchange>();
  readonly #streams = new Set<Exchange>();
  #mode: 'new' | 'listening' | 'draining' | 'closed' = 'new';
  /** Each tells how many requests its native routes have in flight. */
  readonly #guests: (() => number)[] = [];
  #socket: us_listen_socket | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(options: AppOptions) {
    this.#options = options;
    this.bodyTimeoutMs = options.bodyTimeoutMs;
    this.requestTimeoutMs = options.requestTimeoutMs;
    // Once, and the only native route: a second registration of the pattern ends the process on the first request.
    this.#native.any('/*', (res, req) => this.#serve(res, req));
  }

  /** The native app, for WebSocket routes, and for routes that tell `countInDrain` what they have in flight. */
  get native(): TemplatedApp {
    return this.#native;
  }

  /** For native routes: a drain waits for these requests as for the app's own. */
  countInDrain(inFlight: () => number): this {
    this.#guests.push(inFlight);
    return this;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Stream replies that are open; whoever opens them bounds them. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Bytes that the bodies of requests in flight take. */
  get heldBytes(): number {
    let bytes = 0;
    for (const exchange of this.#inFlight) bytes += exchange.heldBytes;
    return bytes;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  monotonicMs(): number {
    return this.#options.monotonicMs();
  }

  draining(): boolean {
    return this.#mode === 'draining' || this.#mode === 'closed';
  }

  /** Adds a route; `pattern` has parameters as `:name`. HEAD comes with GET. */
  route(method: Method, pattern: string, handler: Handler, options: RouteOptions = {}): this {
    return this.#add(method, pattern, { handler }, options);
  }

  /** Like `route`, for requests whose body is read only after the gate has let them in. */
  gatedRoute(method: Method, pattern: string, gate: Gate, options: RouteOptions = {}): this {
    return this.#add(method, pattern, { gate }, options);
  }

  /** Names the methods that native routes serve at a path, so that others hear of them instead of no such path. */
  servedElsewhere(methods: readonly Method[], pattern: string): this {
    for (const method of methods) this.#router.add(method, pattern, ELSEWHERE);
    return this;
  }

  /** Names a path that native WebSocket routes serve, so that whoever comes without an upgrade hears of it instead of no such path. */
  socketOnly(pattern: string): this {
    return this.route('GET', pattern, () => {
      throw new Problem('request.upgrade_required', { headers: { upgrade: 'websocket' } });
    });
  }

  #add(method: Method, pattern: string, start: Route['start'], options: RouteOptions): this {
    const route: Route = {
      names: pattern
        .split('/')
        .filter((part) => part.startsWith(':'))
        .map((part) => part.slice(1)),
      headers: [...COMMON_HEADERS, ...(options.headers ?? [])],
      start,
      terms: {
        maxBytes: options.bodyMaxBytes ?? this.#options.bodyMaxBytes,
        minBytesPerS: options.bodyMinBytesPerS ?? null,
        borrow: options.borrowBody ?? false,
      },
    };
    this.#router.add(method, pattern, route);
    if (method === 'GET') this.#router.add('HEAD', pattern, route);
    return this;
  }

  /**
   * Starts listening. Several threads of one process may listen on the same port; use `assertPortFree` first to
   * find another process there. @returns the port, which is the given one unless that was 0.
   * @throws CodedError `config.port_taken`
   */
  listen(host: string, port: number): number {
    if (this.#mode !== 'new') throw new Error('an app listens once');
    this.#native.listen(host, port, (socket) => {
      this.#socket = socket === false ? null : socket;
    });
    if (this.#socket === null) throw new CodedError('config.port_taken', `cannot listen on ${host}:${port}: another process has the port`);
    this.#mode = 'listening';
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS);
    this.#sweep.unref();
    return uws.getSocketPort(this.#socket);
  }

  /**
   * Stops listening, ends the streams, lets requests in flight finish for at most `timeoutMs`, then closes every connection.
   * @returns how many requests were cut off.
   */
  async drain(timeoutMs: number): Promise<number> {
    if (this.#mode !== 'listening') return 0;
    this.#mode = 'draining';
    if (this.#socket !== null) uws.closeSocket(this.#socket);
    this.#socket = null;
    for (const stream of [...this.#streams]) stream.end();
    const untilMs = this.monotonicMs() + timeoutMs;
    const unfinished = (): number => this.#guests.reduce((sum, inFlight) => sum + inFlight(), this.#inFlight.size);
    while (unfinished() > 0 && this.monotonicMs() < untilMs) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    const cut = unfinished();
    this.abandon();
    return cut;
  }

  /**
   * Closes every socket now. Must run before a thread with a listening app ends, however it ends: uWebSockets leaves
   * its handles in the thread's loop, and Node aborts the whole process over a loop that ends with open handles.
   */
  abandon(): void {
    if (this.#mode === 'closed') return;
    this.#mode = 'closed';
    if (this.#sweep !== null) clearInterval(this.#sweep);
    // `close` is missing in the package's types; it closes all sockets, which calls every abort handler.
    (this.#native as TemplatedApp & { close(): void }).close();
  }

  finished(exchange: Exchange, outcome: Outcome): void {
    if (!this.#inFlight.delete(exchange)) return;
    this.#observe(exchange.method, exchange.route, outcome, exchange.startedAtMs);
  }

  opened(exchange: Exchange, outcome: Outcome): void {
    this.#streams.add(exchange);
    this.finished(exchange, outcome);
  }

  closed(exchange: Exchange): void {
    this.#streams.delete(exchange);
  }

  isOutage(error: unknown): boolean {
    return this.#options.isOutage?.(error) ?? false;
  }

  defect(error: unknown, request: Pick<HttpRequest, 'requestId' | 'route'>): void {
    this.#options.onDefect(error, request);
  }

  /** Everything is read from the native request here: it is gone when this returns. */
  #serve(res: HttpResponse, req: NativeRequest): void {
    const method = req.getCaseSensitiveMethod();
    const path = req.getUrl();
    const match = this.#router.match(path);
    const route = match?.byMethod.get(method);
    const headers = new Map<string, string>();
    if (route !== undefined) for (const name of route.headers) headers.set(name, req.getHeader(name));
    // A handler that takes it for absent, or one of two for the key, would do its work a second time.
    if (route !== undefined && method !== 'GET' && timesSent(req, ONCE) !== (headers.get(ONCE) === '' ? 0 : 1))
      headers.set(ONCE, UNREADABLE);
    const params = match === null || route === undefined ? {} : paramsOf(route.names, match.values);
    const announcedBytes = Number(req.getHeader('content-length'));
    // A refused body is read past when its announced size allows that: a connection closed while the client still writes
    // shows it a broken pipe instead of the reason.
    const isEndless = !(announcedBytes <= DISCARD_MAX_BYTES) || req.getHeader('transfer-encoding') !== '';
    const head: Head = {
      method,
      route: match?.pattern ?? UNKNOWN_ROUTE,
      path,
      params: params ?? {},
      // The type promises a string; without a query it is undefined.
      rawQuery: (req.getQuery() as string | undefined) ?? '',
      headers,
      requestId: requestIdOf(req.getHeader('x-request-id')),
      isEndless,
    };
    const exchange = new Exchange(res, head, this);
    this.#inFlight.add(exchange);
    if (isAmbiguous(method, req)) {
      // Later: after an answer at once the parser would go on to what may be a smuggled request, whatever the answer says about closing.
      // One that follows an unanswered request costs the connection instead.
      setImmediate(() => exchange.fail(new Problem('request.invalid', { detail: AMBIGUOUS }), true));
      return;
    }
    const refusal = this.#refusal(match, route, params, announcedBytes);
    if (refusal !== null) exchange.fail(refusal, isEndless || this.draining());
    else begin(exchange, route as Route);
  }

  /** What speaks against handling a request, known from its head; null when nothing does. */
  #refusal(match: Match<Route> | null, route: Route | undefined, params: object | null, announcedBytes: number): Problem | null {
    if (this.draining()) return new Problem('runtime.unavailable');
    if (this.#inFlight.size > this.#options.maxInFlight) return new Problem('request.overloaded');
    if (match === null || params === null) return new Problem('request.not_found');
    if (route === undefined)
      return new Problem('request.method_not_allowed', { headers: { allow: [...match.byMethod.keys()].join(', ') } });
    if (announcedBytes > route.terms.maxBytes) return new Problem('request.too_large', { details: { limit_bytes: route.terms.maxBytes } });
    return null;
  }

  #expire(): void {
    const monotonicMs = this.monotonicMs();
    for (const exchange of this.#inFlight) exchange.expireAt(monotonicMs);
  }

  #observe(method: string, route: string, outcome: Outcome, startedAtMs: number): void {
    this.#options.observe?.({ method, route, ...outcome, seconds: (this.monotonicMs() - startedAtMs) / 1000 });
  }
}

function begin(exchange: Exchange, { start, terms }: Route): void {
  const hasBody = exchange.method !== 'GET' && exchange.method !== 'HEAD';
  if ('gate' in start) exchange.admit(start.gate, hasBody ? terms : null);
  else if (hasBody) exchange.readThenRun(start.handler, terms);
  else exchange.run(start.handler);
}

/** @returns null when a value is not valid percent-encoding. */
function paramsOf(names: readonly string[], values: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  try {
    for (const [index, name] of names.entries()) params[name] = decodeURIComponent(values[index] as string);
    return params;
  } catch {
    // `URIError`: the caller answers that there is no such path.
    return null;
  }
}

/**
 * Finds out whether anybody listens on the port. uWebSockets shares ports between threads (and so, silently, between
 * processes of one user): the process asks this once before its threads listen.
 * @param port 0 for any: then only the address is looked at.
 * @throws CodedError `config.port_taken`, or `config.address_unusable` when nobody can listen there.
 */
export async function assertPortFree(name: string, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'config.port_taken' : 'config.address_unusable';
      reject(new CodedError(code, `${name}=${port}: cannot listen on ${host}:${port} (${error.code ?? error.message})`));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}
