/**
 * A strict stand-in for the Graph API: refuses what the real one refuses (token, path, body kinds and limits, pair
 * rate), answers late, wrongly or never when told to, records what came, and posts signed statuses back. Written
 * from the API's reference; shares nothing with the program but the wire.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Body = Record<string, unknown>;

/** What the next request meets, instead of being judged by its body. */
type Step =
  | { readonly kind: 'error'; readonly status: number; readonly code: number; readonly retryAfterS?: number }
  /** Takes the message like any other, but the answer never comes. */
  | { readonly kind: 'hang' }
  /** Cuts the connection without taking the message. */
  | { readonly kind: 'drop' }
  /** A gateway's answer. */
  | { readonly kind: 'raw'; readonly status: number; readonly text: string }
  | { readonly kind: 'accept'; readonly afterMs: number };

interface Accepted {
  readonly id: string;
  readonly phoneNumberId: string;
  readonly recipient: string;
  readonly opaque: string | null;
  readonly body: Body;
}

interface FakeGraphOptions {
  readonly token?: string;
  readonly version?: string;
  /** Messages to one person that may be borrowed; then one every six seconds. */
  readonly pairBurst?: number;
  readonly latencyMs?: number;
  /** False keeps counters only, for long benches. */
  readonly keep?: boolean;
  readonly port?: number;
}

export interface FakeGraph {
  readonly url: string;
  readonly accepted: readonly Accepted[];
  /** Every request that got as far as a body, also refused ones. */
  readonly requests: readonly { readonly path: string; readonly body: unknown; readonly code: number | null }[];
  readonly counts: { requests: number; accepted: number; refused: number };
  /** Each step is used up by one request, in order. */
  script(...steps: readonly Step[]): void;
  /** Resolves when so many requests have been read. */
  seen(requests: number): Promise<void>;
  /** Posts a signed status to a webhook, as Meta would. @returns the HTTP status of the answer. */
  postStatus(webhook: { readonly url: string; readonly secret: string }, message: Accepted, status: string): Promise<number>;
  close(): Promise<void>;
}

const BODY_MAX_BYTES = 256 * 1024;
const PAIR_REFILL_MS = 6_000;

interface Refused {
  readonly status: number;
  readonly code: number;
  readonly details: string;
}

// Long because its parts share what was received; each of them is short, and the server is put together at the end.
export async function startFakeGraph(options: FakeGraphOptions = {}): Promise<FakeGraph> {
  const { token = 'test-token', version = 'v23.0', pairBurst = 45, latencyMs = 0, keep = true } = options;
  const accepted: Accepted[] = [];
  const requests: { path: string; body: unknown; code: number | null }[] = [];
  const counts = { requests: 0, accepted: 0, refused: 0 };
  const steps: Step[] = [];
  const waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  const pairs = new Map<string, { tokens: number; atMs: number }>();
  const path = new RegExp(`^/${version.replace('.', '\\.')}/(\\d{1,20})/messages$`);

  function takePair(key: string): boolean {
    const nowMs = Date.now();
    const pair = pairs.get(key) ?? { tokens: pairBurst, atMs: nowMs };
    pair.tokens = Math.min(pairBurst, pair.tokens + (nowMs - pair.atMs) / PAIR_REFILL_MS);
    pair.atMs = nowMs;
    pairs.set(key, pair);
    if (pair.tokens < 1) return false;
    pair.tokens--;
    return true;
  }

  /** The order is the real one's: token, path, body, rate. */
  function judge(req: IncomingMessage, phoneNumberId: string | undefined, body: unknown): Refused | null {
    if (req.headers.authorization !== `Bearer ${token}`) return { status: 401, code: 190, details: 'Invalid OAuth access token' };
    if (req.method !== 'POST' || phoneNumberId === undefined) return { status: 400, code: 100, details: 'Unsupported request' };
    if (!req.headers['content-type']?.startsWith('application/json')) return { status: 400, code: 100, details: 'content-type' };
    const details = bodyFault(body);
    if (details !== null) return { status: 400, code: details.startsWith('missing') ? 131_008 : 131_009, details };
    if (!takePair(`${phoneNumberId}|${recipientOf(body as Body)}`)) return { status: 400, code: 131_056, details: 'pair rate limit hit' };
    return null;
  }

  function accept(phoneNumberId: string, body: Body): Accepted {
    const opaque = body.biz_opaque_callback_data;
    const message: Accepted = {
      id: `wamid.FAKE${++counts.accepted}`,
      phoneNumberId,
      recipient: recipientOf(body),
      opaque: typeof opaque === 'string' ? opaque : null,
      body,
    };
    if (keep) accepted.push(message);
    return message;
  }

  function answer(req: IncomingMessage, res: ServerResponse, raw: string): void {
    let body: unknown;
    try {
      body = JSON.parse(raw);
    } catch {
      // Judged like any other body that is no object.
      body = null;
    }
    const step = steps.shift();
    const phoneNumberId = path.exec(req.url ?? '')?.[1];
    const scripted = step?.kind === 'error' ? { status: step.status, code: step.code, details: 'scripted' } : null;
    const refused = step?.kind === 'drop' || step?.kind === 'raw' ? null : (scripted ?? judge(req, phoneNumberId, body));
    counts.requests++;
    if (keep) requests.push({ path: req.url ?? '', body, code: refused?.code ?? null });
    if (step?.kind === 'drop') req.socket.destroy();
    else if (step?.kind === 'raw') res.writeHead(step.status, { 'content-type': 'text/html' }).end(step.text);
    else if (refused !== null) {
      counts.refused++;
      const retryAfter = step?.kind === 'error' && step.retryAfterS !== undefined ? { 'retry-after': String(step.retryAfterS) } : {};
      res.writeHead(refused.status, { 'content-type': 'application/json', ...retryAfter }).end(errorText(refused));
    } else {
      const message = accept(phoneNumberId as string, body as Body);
      const text = JSON.stringify({
        messaging_product: 'whatsapp',
        contacts: [{ input: message.recipient, wa_id: message.recipient }],
        messages: [{ id: message.id }],
      });
      const send = (): void => void res.writeHead(200, { 'content-type': 'application/json' }).end(text);
      const afterMs = step?.kind === 'accept' ? step.afterMs : latencyMs;
      if (step?.kind !== 'hang') {
        if (afterMs > 0) setTimeout(send, afterMs);
        else send();
      }
    }
    for (const one of waiting.splice(0)) {
      if (counts.requests >= one.at) one.resolve();
      else waiting.push(one);
    }
  }

  const server = createServer((req, res) => {
    let raw = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => {
      raw += chunk;
      if (raw.length > BODY_MAX_BYTES) req.destroy();
    });
    req.on('end', () => answer(req, res, raw));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    requests,
    counts,
    script: (...more) => void steps.push(...more),
    seen: (at) => (counts.requests >= at ? Promise.resolve() : new Promise((resolve) => waiting.push({ at, resolve }))),
    postStatus: (webhook, message, status) => postStatus(webhook, message, status),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function errorText({ code, details }: Refused): string {
  return JSON.stringify({
    error: {
      message: `(#${code}) ${details}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      fbtrace_id: 'Afake',
    },
  });
}

async function postStatus(webhook: { readonly url: string; readonly secret: string }, message: Accepted, status: string): Promise<number> {
  const item = {
    id: message.id,
    status,
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: message.recipient,
    ...(message.opaque === null ? {} : { biz_opaque_callback_data: message.opaque }),
  };
  const metadata = { display_phone_number: message.phoneNumberId, phone_number_id: message.phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, statuses: [item] };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
  const signature = `sha256=${createHmac('sha256', webhook.secret).update(body).digest('hex')}`;
  const answer = await fetch(webhook.url, { method: 'POST', body, headers: { 'x-hub-signature-256': signature } });
  await answer.arrayBuffer();
  return answer.status;
}

function recipientOf(body: Body): string {
  return String(body.to ?? body.recipient ?? '');
}

const part = (value: unknown): Body | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.trim() !== '' && value.length <= max;
const optional = (value: unknown, max: number): boolean => value === undefined || isText(value, max);
const MEDIA = new Set(['image', 'video', 'audio', 'document', 'sticker']);
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** @returns what the API would complain about, null when it would take the body. */
export function bodyFault(given: unknown): string | null {
  const body = part(given);
  if (body === null) return 'missing body';
  if (body.messaging_product !== 'whatsapp') return 'missing messaging_product';
  if (body.status === 'read') return isText(body.message_id, 512) ? null : 'missing message_id';
  if (body.to !== undefined ? !/^\+?\d{1,20}$/.test(String(body.to)) : !USER_ID.test(String(body.recipient))) return 'missing to';
  if (body.recipient_type !== undefined && body.recipient_type !== 'individual') return 'recipient_type';
  if (!optional(body.biz_opaque_callback_data, 512)) return 'biz_opaque_callback_data';
  if (body.context !== undefined && !isText(part(body.context)?.message_id, 512)) return 'context';
  const type = body.type ?? 'text';
  if (typeof type !== 'string' || (type !== 'contacts' && part(body[type]) === null)) return `missing ${String(type)}`;
  const content = part(body[type]) ?? {};
  if (MEDIA.has(type)) return isText(content.id, 512) !== isText(content.link, 2_048) && optional(content.caption, 1_024) ? null : type;
  switch (type) {
    case 'text':
      return isText(content.body, 4_096) ? null : 'text.body';
    case 'interactive':
      return interactiveFault(content);
    case 'location':
      return Number.isFinite(Number(content.latitude)) && Number.isFinite(Number(content.longitude)) ? null : 'location';
    case 'contacts':
      return items(body.contacts).length > 0 ? null : 'contacts';
    case 'reaction':
      return isText(content.message_id, 512) && typeof content.emoji === 'string' ? null : 'reaction';
    case 'template':
      return isText(content.name, 512) && /^[a-z]{2,3}(_[A-Z]{2})?$/.test(String(part(content.language)?.code)) ? null : 'template';
    default:
      return 'type';
  }
}

function interactiveFault(content: Body): string | null {
  const action = part(content.action);
  const header = part(content.header);
  if (content.header !== undefined && (header === null || (header.type === 'text' && !isText(header.text, 60)))) return 'header';
  if (content.footer !== undefined && !isText(part(content.footer)?.text, 60)) return 'footer';
  if (!isText(part(content.body)?.text, 1_024)) return 'body';
  if (action === null) return 'missing action';
  const parameters = part(action.parameters);
  switch (content.type) {
    case 'button':
      return buttonsFault(items(action.buttons));
    case 'list':
      if (header !== null && header.type !== 'text') return 'header of a list';
      return isText(action.button, 20) ? sectionsFault(items(action.sections)) : 'list button';
    case 'cta_url':
      return action.name === 'cta_url' && isText(parameters?.display_text, 20) && isText(parameters?.url, 2_000) ? null : 'cta_url';
    case 'location_request_message':
      return action.name === 'send_location' ? null : 'send_location';
    case 'flow':
      return action.name === 'flow' && isText(parameters?.flow_id, 128) && isText(parameters?.flow_cta, 20) ? null : 'flow';
    default:
      return 'interactive.type';
  }
}

function buttonsFault(buttons: readonly unknown[]): string | null {
  if (buttons.length < 1 || buttons.length > 3) return 'one to three buttons';
  const titles = new Set<unknown>();
  const ids = new Set<unknown>();
  for (const button of buttons) {
    const reply = part(part(button)?.reply);
    if (part(button)?.type !== 'reply' || !isText(reply?.id, 256) || !isText(reply?.title, 20)) return 'button';
    titles.add(reply?.title);
    ids.add(reply?.id);
  }
  return titles.size === buttons.length && ids.size === buttons.length ? null : 'buttons are not unique';
}

function sectionsFault(sections: readonly unknown[]): string | null {
  if (sections.length < 1 || sections.length > 10) return 'one to ten sections';
  const ids: unknown[] = [];
  for (const section of sections.map(part)) {
    if (!optional(section?.title, 24) || (sections.length > 1 && section?.title === undefined)) return 'section title';
    if (items(section?.rows).length === 0) return 'section without rows';
    for (const row of items(section?.rows).map(part)) {
      if (!isText(row?.id, 200) || !isText(row?.title, 24) || !optional(row?.description, 72)) return 'row';
      ids.push(row?.id);
    }
  }
  if (ids.length > 10) return 'more than ten rows';
  return new Set(ids).size === ids.length ? null : 'rows are not unique';
}
