/**
 * What a handler gets and gives: one HTTP request, fully read, and its reply. It must never hold a uWebSockets
 * object: those die when the native callback returns.
 */
import { isUtf8 } from 'node:buffer';
import { requireUtf8 } from './charset.ts';
import { Problem } from './problem.ts';

export interface HttpRequest {
  readonly method: string;
  /** The route's pattern, like `/v1/orders/:id`; bounded, so it may be a metric label. */
  readonly route: string;
  readonly path: string;
  /** Decoded path parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  /** Raw query string without `?`. */
  readonly rawQuery: string;
  /** Only the headers that the route asked for, plus the common ones; '' when absent. Names are lower case. */
  header(name: string): string;
  /** Empty when there was none. With `borrowBody` valid only until the handler first awaits or returns. */
  readonly body: Buffer;
  readonly requestId: string;
  /** Unix ms after which nobody waits for the reply, by what the clock says when this is read: for use at once. */
  readonly deadlineMs: number;
  /** True when the client went away or the deadline passed: work may be dropped. */
  aborted(): boolean;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A reply that is written bit by bit, for as long as both sides like. It has no deadline and does not count as in flight. */
export interface StreamReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once, right after the head is written; never when the client is gone by then, nor for HEAD. */
  readonly stream: (out: ReplyStream) => void;
}

/** The open end of a stream reply. Once closed, by whichever side, nothing is written any more. */
export interface ReplyStream {
  /** Takes the text in any case. @returns false when the client is behind: write again after `onDrain`. */
  write(text: string): boolean;
  /** Ends the reply in order; calls `onClose`. */
  end(): void;
  onDrain(listener: () => void): void;
  /** Once: ended, the client went away, or the server stops. */
  onClose(listener: () => void): void;
}

export type Handler = (request: HttpRequest) => HttpReply | StreamReply | Promise<HttpReply | StreamReply>;

/** Decides by the head alone, before the body is read. @returns the handler of the whole request; throws what refuses it. */
export type Gate = (request: Omit<HttpRequest, 'body'>) => Promise<Handler>;

/** Deepest nesting of a body: what walks it afterwards calls itself once a level. */
export const JSON_DEPTH_MAX = 64;
const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON reply. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/** The body as JSON. @throws Problem `request.unsupported_media_type` or `request.invalid_json` */
export function jsonBody(request: HttpRequest): unknown {
  const type = request.header('content-type');
  // Many clients send no type at all; only a wrong one is refused.
  if (type !== '' && !/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type)) throw new Problem('request.unsupported_media_type');
  requireUtf8(type);
  if (!isUtf8(request.body)) throw notJson(request);
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw notJson(request);
  }
  const fault = faultIn(value, JSON_DEPTH_MAX);
  if (fault !== null) throw new Problem('request.invalid', { errors: [{ path: '', message: fault }] });
  return value;
}

/** Bytes that the client compressed are told apart from bytes that it garbled. */
function notJson(request: HttpRequest): Problem {
  const coding = request.header('content-encoding');
  return coding === '' || coding === 'identity'
    ? new Problem('request.invalid_json')
    : new Problem('request.unsupported_media_type', { detail: 'The body has a `Content-Encoding`: send it as it is.' });
}

/** Repeated parameters that a refusal names. */
const NAMED_MAX = 5;

const DEPTH_TEXT = `must not be nested deeper than ${JSON_DEPTH_MAX} levels`;

/** No object can have it as a member of its own like any other: it would be lost in silence on the way. */
const PROTO = '__proto__';
const PROTO_TEXT = `must not have a member named ${PROTO}`;

function faultIn(value: unknown, levels: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return DEPTH_TEXT;
  if (Object.hasOwn(value, PROTO)) return PROTO_TEXT;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    const fault = faultIn(part, levels - 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** First value of each query parameter that has one: `?q=&category=` is as good as neither. */
export function queryOf(request: HttpRequest): Record<string, string> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  if (request.rawQuery === '') return query;
  for (const [name, value] of new URLSearchParams(request.rawQuery)) if (value !== '') query[name] ??= value;
  return query;
}

/**
 * The same, for callers who mean each parameter that they send.
 * @throws Problem `request.invalid` that names each parameter with more than one value, also when they are alike: which one is meant is a guess
 */
export function unambiguousQueryOf({ rawQuery }: Pick<HttpRequest, 'rawQuery'>): Record<string, string> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  if (rawQuery === '') return query;
  const repeated = new Set<string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    if (value === '') continue;
    if (query[name] !== undefined) repeated.add(name);
    query[name] ??= value;
  }
  if (repeated.size > 0) {
    const errors = [...repeated].slice(0, NAMED_MAX).map((path) => ({ path, message: 'must be sent once' }));
    throw new Problem('request.invalid', { errors });
  }
  return query;
}
