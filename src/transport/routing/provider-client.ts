/**
 * One call of a routing service: a request out, a value read from JSON back, or a reason. It must never know what the
 * request asks for, and never throws.
 *
 * Modes of the circuit, one a client and so one a service: closed -> open after CIRCUIT_FAILURES failures in a row ->
 * after CIRCUIT_OPEN_MS one call tries while others wait for it -> closed or open again.
 */
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import { Agent, request } from 'undici';
import type { RouteSource } from '../../actors/market/routing.ts';
import { systemClock } from '../../runtime/clock.ts';
import { pauseOf } from '../circuit-pause.ts';
import type { CallFailure, RoutingHook, RoutingOperation } from './events.ts';

export interface ProviderRequest {
  readonly operation: RoutingOperation;
  /** Begins with a slash; appended to the base URL. */
  readonly path: string;
  /** Sent as JSON by POST; null: GET. */
  readonly body: object | null;
}

export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: CallFailure };

/** Total over every status below 500 and every JSON value. */
export type Reader<T> = (status: number, body: unknown) => Reading<T>;

export interface ProviderClient {
  readonly source: RouteSource;
  /** @param late once aborted, a request that still waits for its turn is not sent; one that was sent ends by itself. */
  ask<T>(what: ProviderRequest, read: Reader<T>, late: AbortSignal): Promise<Reading<T>>;
  /** At once; what is in flight fails. */
  close(): Promise<void>;
}

interface ProviderClientOptions {
  readonly source: RouteSource;
  /** Without a slash at the end. */
  readonly url: string;
  /** One call, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Calls at the same time, one socket each; others wait in a queue. */
  readonly maxInFlight: number;
  readonly hook?: RoutingHook | undefined;
  readonly circuit?: { readonly failures: number; readonly openMs: number } | undefined;
}

/** The largest table asked for takes some 100 KB. */
const ANSWER_MAX_BYTES = 1024 * 1024;
const QUEUE_MAX = 64;
const CIRCUIT_FAILURES = 5;
const CIRCUIT_OPEN_MS = 10_000;
/** Failures of the service, in contrast to those of one request or of our own limits. */
const BREAKING: ReadonlySet<CallFailure> = new Set([
  'unreachable',
  'timeout',
  'server_error',
  'too_large',
  'malformed',
  'unbelievable',
] as const);
const STATE_NAMES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
} as const;

export function createProviderClient(options: ProviderClientOptions): ProviderClient {
  const { source, timeoutMs, maxInFlight, hook } = options;
  const { failures, openMs } = options.circuit ?? { failures: CIRCUIT_FAILURES, openMs: CIRCUIT_OPEN_MS };
  const agent = new Agent({
    connections: maxInFlight,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: ANSWER_MAX_BYTES,
  });
  const circuit = circuitBreaker(
    handleWhenResult((reading) => isBreaking(reading as Reading<unknown>)),
    { halfOpenAfter: pauseOf(openMs, systemClock.monotonicMs), breaker: new ConsecutiveBreaker(failures) },
  );
  circuit.onStateChange((state) => hook?.({ type: 'circuit', source, state: STATE_NAMES[state] }));
  const slots = bulkhead(maxInFlight, QUEUE_MAX);

  async function send<T>(what: ProviderRequest, read: Reader<T>): Promise<Reading<T>> {
    const startMs = performance.now();
    const answer = await exchange(agent, options, what);
    const reading = answer.ok ? read(answer.value.status, answer.value.body) : answer;
    hook?.({
      type: 'call',
      source,
      operation: what.operation,
      outcome: reading.ok ? 'ok' : reading.reason,
      latencyMs: performance.now() - startMs,
    });
    return reading;
  }

  return {
    source,
    async ask(what, read, late) {
      try {
        // The signal is looked at here and not given to the bulkhead, which would not go on to the next in its queue.
        return await slots.execute(() => (late.aborted ? failed('late') : circuit.execute(() => send(what, read))));
      } catch (error) {
        if (error instanceof BrokenCircuitError) return failed('circuit_open');
        if (error instanceof BulkheadRejectedError) return failed('busy');
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

export function failed(reason: CallFailure): { readonly ok: false; readonly reason: CallFailure } {
  return { ok: false, reason };
}

function isBreaking(reading: Reading<unknown>): boolean {
  return !reading.ok && BREAKING.has(reading.reason);
}

async function exchange(
  agent: Agent,
  { url, timeoutMs }: ProviderClientOptions,
  { path, body }: ProviderRequest,
): Promise<Reading<{ readonly status: number; readonly body: unknown }>> {
  const abort = new AbortController();
  // A server that answers drop by drop outlives every idle time-out.
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  let raw: string;
  let status: number;
  try {
    const answer = await request(`${url}${path}`, {
      method: body === null ? 'GET' : 'POST',
      dispatcher: agent,
      signal: abort.signal,
      headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }) },
      body: body === null ? null : JSON.stringify(body),
    });
    status = answer.statusCode;
    raw = await answer.body.text();
  } catch (error) {
    return failed(abort.signal.aborted ? 'timeout' : failureOf(error));
  } finally {
    clearTimeout(timer);
  }
  if (status >= 500) return failed('server_error');
  try {
    return { ok: true, value: { status, body: JSON.parse(raw) as unknown } };
  } catch {
    // A gateway's page instead of JSON.
    return failed('malformed');
  }
}

function failureOf(error: unknown): CallFailure {
  const code = (error as { code?: unknown }).code;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'too_large';
  return typeof code === 'string' && /_TIMEOUT$/.test(code) ? 'timeout' : 'unreachable';
}
