/** One call of the Graph API: a message out, an id or a coded error back. Never logs a token or a body. */
import { Agent, request } from 'undici';
import { list, number, object, text } from './loose.ts';

export type GraphAnswer =
  | { readonly kind: 'sent'; readonly whatsappId: string }
  | { readonly kind: 'error'; readonly status: number; readonly code: number | null }
  /** Nothing was written: certainly not sent. */
  | { readonly kind: 'unreachable' }
  /** Written, but no answer came: perhaps sent. */
  | { readonly kind: 'unknown' };

export interface GraphClient {
  send(phoneNumberId: string, accessToken: string, body: object, signal: AbortSignal): Promise<GraphAnswer>;
  close(): Promise<void>;
}

const ANSWER_MAX_BYTES = 64 * 1024;
/** Failures before a byte of the request left. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED']);

export function createGraphClient(options: {
  readonly url: string;
  readonly version: string;
  readonly timeoutMs: number;
  readonly connections: number;
}): GraphClient {
  const agent = new Agent({
    connections: options.connections,
    connectTimeout: options.timeoutMs,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: ANSWER_MAX_BYTES,
  });
  return {
    async send(phoneNumberId, accessToken, body, signal) {
      try {
        const answer = await request(`${options.url}/${options.version}/${encodeURIComponent(phoneNumberId)}/messages`, {
          method: 'POST',
          dispatcher: agent,
          signal,
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return read(answer.statusCode, await answer.body.text());
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        return { kind: typeof code === 'string' && NEVER_SENT.has(code) ? 'unreachable' : 'unknown' };
      }
    },
    close: () => agent.close(),
  };
}

function read(status: number, raw: string): GraphAnswer {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    // A gateway's page instead of JSON: the status has to do.
  }
  const answer = object(parsed);
  const whatsappId = text(object(list(answer?.messages)[0])?.id);
  if (status >= 200 && status < 300 && whatsappId !== null) return { kind: 'sent', whatsappId };
  if (status >= 200 && status < 300) return { kind: 'unknown' };
  return { kind: 'error', status, code: number(object(answer?.error)?.code) };
}
