/**
 * One call of the Graph API: a message out, an id or a coded error back. Never logs a token or a body, never repeats.
 *
 * Modes of the circuit, one a client and so one a base URL: closed -> open after CIRCUIT_FAILURES failures in a row
 * (no connection, no answer, HTTP 5xx) -> after CIRCUIT_OPEN_MS one call tries -> closed or open again.
 */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import { Agent, request } from 'undici';
import { list, number, object, text } from './loose.ts';

export type GraphAnswer =
  | { readonly kind: 'sent'; readonly whatsappId: string }
  | { readonly kind: 'error'; readonly status: number; readonly code: number | null; readonly retryAfterMs: number | null }
  /** Nothing was written: certainly not sent. */
  | { readonly kind: 'unreachable' }
  /** Written, but no answer came: perhaps sent. */
  | { readonly kind: 'unknown' }
  /** Not tried, because so many tries before it failed; the circuit may be closed again after this long. */
  | { readonly kind: 'open'; readonly afterMs: number };

export interface GraphClient {
  /** Total: failures are answers. */
  send(phoneNumberId: string, accessToken: string, body: object, signal: AbortSignal): Promise<GraphAnswer>;
  close(): Promise<void>;
}

export interface GraphClientOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly version: string;
  /** One call, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Sockets kept open. */
  readonly connections: number;
  readonly circuit?: { readonly failures: number; readonly openMs: number };
}

const ANSWER_MAX_BYTES = 64 * 1024;
const CIRCUIT_FAILURES = 10;
const CIRCUIT_OPEN_MS = 10_000;
const CONNECT_TIMEOUT_MAX_MS = 5_000;

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
  const agent = new Agent({
    connections: options.connections,
    connectTimeout: Math.min(options.timeoutMs / 2, CONNECT_TIMEOUT_MAX_MS),
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: ANSWER_MAX_BYTES,
  });
  const circuit = circuitBreaker(
    handleWhenResult((answer) => isFailure(answer as GraphAnswer)),
    { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) },
  );
  let closedAgainAtMs = 0;
  circuit.onBreak(() => {
    closedAgainAtMs = Date.now() + openMs;
  });

  async function post(phoneNumberId: string, accessToken: string, body: object, signal: AbortSignal): Promise<GraphAnswer> {
    const abort = new AbortController();
    const cancel = (): void => abort.abort();
    // A server that answers drop by drop outlives every idle time-out.
    const timer = setTimeout(cancel, options.timeoutMs);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const answer = await request(`${options.url}/${options.version}/${encodeURIComponent(phoneNumberId)}/messages`, {
        method: 'POST',
        dispatcher: agent,
        signal: abort.signal,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return read(answer.statusCode, answer.headers['retry-after'], await answer.body.text());
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      return { kind: typeof code === 'string' && NEVER_SENT.has(code) ? 'unreachable' : 'unknown' };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  }

  return {
    async send(phoneNumberId, accessToken, body, signal) {
      try {
        return await circuit.execute(() => post(phoneNumberId, accessToken, body, signal));
      } catch (error) {
        if (error instanceof BrokenCircuitError) return { kind: 'open', afterMs: Math.max(0, closedAgainAtMs - Date.now()) };
        throw error;
      }
    },
    close: () => agent.close(),
  };
}

function isFailure(answer: GraphAnswer): boolean {
  return answer.kind === 'unreachable' || answer.kind === 'unknown' || (answer.kind === 'error' && answer.status >= 500);
}

function read(status: number, retryAfter: string | string[] | undefined, raw: string): GraphAnswer {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    // A gateway's page instead of JSON: the status has to do.
  }
  const answer = object(parsed);
  const whatsappId = text(object(list(answer?.messages)[0])?.id);
  if (status >= 200 && status < 300) return whatsappId === null ? { kind: 'unknown' } : { kind: 'sent', whatsappId };
  const code = number(object(answer?.error)?.code);
  // A gateway gave up on the real server, which may have taken the message all the same.
  if (code === null && status >= 500) return { kind: 'unknown' };
  const seconds = number(retryAfter);
  return { kind: 'error', status, code, retryAfterMs: seconds === null || seconds < 0 ? null : seconds * 1_000 };
}
