/**
 * One call of the Graph API: a message out, an id or a coded error back. Never logs a token or a body, never repeats.
 *
 * Modes of the circuit, one a client and so one a base URL: closed -> open after CIRCUIT_FAILURES failures in a row
 * (no connection, no answer, HTTP 5xx that is not one shop's matter) -> after CIRCUIT_OPEN_MS one call tries -> closed or open again.
 */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import { type Dispatcher, Pool } from 'undici';
import { systemClock } from '../../../runtime/clock.ts';
import { pauseOf } from '../../circuit-pause.ts';
import { identifier, list, number, object } from '../loose.ts';
import { isServiceFault } from './graph-errors.ts';

export type GraphAnswer =
  | { readonly kind: 'sent'; readonly whatsappId: string }
  | { readonly kind: 'error'; readonly status: number; readonly code: number | null; readonly retryAfterMs: number | null }
  /** Nothing was written: certainly not sent. */
  | { readonly kind: 'unreachable' }
  /** Written, but no answer came that says so: perhaps sent. */
  | { readonly kind: 'unknown'; readonly retryAfterMs?: number }
  /** Not tried, because so many tries before it failed; the circuit may be closed again after this long. */
  | { readonly kind: 'open'; readonly afterMs: number };

export interface GraphClient {
  /** Total: failures are answers. */
  send(phoneNumberId: string, accessToken: string, body: object, signal: AbortSignal): Promise<GraphAnswer>;
  close(): Promise<void>;
}

interface GraphClientOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly version: string;
  /** One call, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Sockets kept open. */
  readonly connections: number;
  readonly circuit?: { readonly failures: number; readonly openMs: number };
  /** Told once when the circuit opens and once when it is closed again, however often it tries in between. Quick, and must not throw. */
  readonly onCircuit?: (isOpen: boolean) => void;
}

const ANSWER_MAX_BYTES = 64 * 1024;
const CIRCUIT_FAILURES = 10;
const CIRCUIT_OPEN_MS = 10_000;
const CONNECT_TIMEOUT_MAX_MS = 5_000;
const MS_PER_S = 1_000;

/** Failures before a byte of the request left. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { failures, openMs } = options.circuit ?? { failures: CIRCUIT_FAILURES, openMs: CIRCUIT_OPEN_MS };
  const base = new URL(options.url);
  const root = `${base.pathname.replace(/\/$/, '')}/${options.version}`;
  const pool = new Pool(base.origin, {
    connections: options.connections,
    connectTimeout: Math.min(options.timeoutMs / 2, CONNECT_TIMEOUT_MAX_MS),
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: ANSWER_MAX_BYTES,
  });
  const circuit = circuitBreaker(
    handleWhenResult((answer) => isFailure(answer as GraphAnswer)),
    { halfOpenAfter: pauseOf(openMs, systemClock.monotonicMs), breaker: new ConsecutiveBreaker(failures) },
  );
  let closedAgainAtMs = 0;
  let isOpen = false;
  const turned = (open: boolean): void => {
    if (isOpen === open) return;
    isOpen = open;
    options.onCircuit?.(open);
  };
  circuit.onBreak(() => {
    closedAgainAtMs = systemClock.monotonicMs() + openMs;
    turned(true);
  });
  circuit.onReset(() => turned(false));

  function post(phoneNumberId: string, accessToken: string, body: object, signal: AbortSignal): Promise<GraphAnswer> {
    return new Promise((resolve) => {
      const call = new Call(options.timeoutMs, signal, resolve);
      const path = `${root}/${encodeURIComponent(phoneNumberId)}/messages`;
      const headers = { authorization: `Bearer ${asHeader(accessToken)}`, 'content-type': 'application/json' };
      pool.dispatch({ path, method: 'POST', headers, body: JSON.stringify(body) }, call);
    });
  }

  return {
    async send(phoneNumberId, accessToken, body, signal) {
      try {
        return await circuit.execute(() => post(phoneNumberId, accessToken, body, signal));
      } catch (error) {
        if (error instanceof BrokenCircuitError) return { kind: 'open', afterMs: Math.max(0, closedAgainAtMs - systemClock.monotonicMs()) };
        throw error;
      }
    },
    close: () => pool.close(),
  };
}

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * A header's characters are bytes, and undici sends none above 255: a shop whose token is a placeholder or mistyped would never hear that it
 * is wrong, and its calls would count as failures of the service until the circuit opens for every shop.
 */
function asHeader(text: string): string {
  return PLAIN.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * One request on its way, as undici's dispatcher drives it; without the streams and abort signals of `request()`, which cost more than
 * the call itself. Modes: queued -> written (a byte may have left) -> answering -> over; time-out and abort end any of them.
 */
class Call implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (answer: GraphAnswer) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #status = 0;
  #retryAfter: string | string[] | undefined;
  #chunks: Buffer[] = [];

  constructor(timeoutMs: number, signal: AbortSignal, resolve: (answer: GraphAnswer) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    // A server that answers drop by drop outlives every idle time-out.
    this.#timer = setTimeout(this.#cancel, timeoutMs);
    signal.addEventListener('abort', this.#cancel);
    if (signal.aborted) this.#cancel();
  }

  readonly #cancel = (): void => {
    const controller = this.#controller;
    // Still in the queue: nothing was written, and nothing will be.
    this.#end({ kind: controller === null ? 'unreachable' : 'unknown' });
    controller?.abort(new Error('the call was given up'));
  };

  #end(answer: GraphAnswer): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#resolve(answer);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) controller.abort(new Error('the call was given up'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#retryAfter = headers['retry-after'];
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const raw = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#end(read(this.#status, this.#retryAfter, raw.toString('utf8')));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = (error as { code?: unknown }).code;
    this.#end({ kind: typeof code === 'string' && NEVER_SENT.has(code) ? 'unreachable' : 'unknown' });
  }
}

function isFailure(answer: GraphAnswer): boolean {
  return (
    answer.kind === 'unreachable' || answer.kind === 'unknown' || (answer.kind === 'error' && isServiceFault(answer.code, answer.status))
  );
}

function read(status: number, retryAfter: string | string[] | undefined, raw: string): GraphAnswer {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    // A gateway's page instead of JSON: the status has to do.
  }
  const answer = object(parsed);
  const whatsappId = identifier(object(list(answer?.messages)[0])?.id);
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && whatsappId !== null) return { kind: 'sent', whatsappId };
  const code = number(object(answer?.error)?.code);
  const retryAfterMs = waitOf(retryAfter, Date.now());
  // Success without an id, or a gateway that gave up on the real server: it may have taken the message all the same.
  if (code === null && (isSuccess || status >= 500)) return { kind: 'unknown', ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  return { kind: 'error', status, code, retryAfterMs };
}

/** `Retry-After` in both of its forms, seconds and a date. @returns null when it says nothing. */
function waitOf(retryAfter: string | string[] | undefined, nowMs: number): number | null {
  const seconds = number(retryAfter);
  if (seconds !== null) return seconds < 0 ? null : seconds * MS_PER_S;
  const dateMs = typeof retryAfter === 'string' ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
