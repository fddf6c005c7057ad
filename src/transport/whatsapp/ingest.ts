/**
 * The webhook itself, on bare uWebSockets routes because this is the busiest path: verify, parse, hand every part to
 * its actor, answer only when all of it is durable. Must never interpret a message.
 */

import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { timingSafeEqual } from 'node:crypto';
import { conversationRef } from '../../actors/refs.ts';
import type { CustomerDirectory, Parking, TenantDirectory } from '../../ports.ts';
import type { ActorSystem, Answer } from '../../runtime/behaviour.ts';
import { digestKey } from './digest-key.ts';
import { Body } from './request-body.ts';
import type { Verifier } from './signature.ts';
import { parseWebhook, type WebhookPart } from './webhook-parse.ts';

export interface IngestCounters {
  accepted: number;
  refusedSignature: number;
  unavailable: number;
  parked: number;
  aborted: number;
  parts: number;
}

export interface IngestDeps {
  readonly verify: Verifier;
  readonly verifyToken: string;
  readonly system: ActorSystem;
  readonly tenants: TenantDirectory;
  readonly customers: CustomerDirectory;
  readonly parking: Parking;
  readonly bodyMaxBytes: number;
  /** A body that is still on its way after this is given up. */
  readonly bodyTimeoutMs: number;
  /** Posts in work; one more is told to come again. */
  readonly inFlightMax: number;
  nowMs(): number;
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
}

export interface Ingest {
  readonly counters: IngestCounters;
  readonly inFlight: number;
  /** Posts after this are told to come again. */
  drain(): void;
}

/** Meta waits longer, but a customer does not. */
const DEADLINE_MS = 2_500;
const RETRY_AFTER_S = '1';

export function registerWhatsappWebhook(app: TemplatedApp, deps: IngestDeps): Ingest {
  const counters: IngestCounters = { accepted: 0, refusedSignature: 0, unavailable: 0, parked: 0, aborted: 0, parts: 0 };
  let inFlight = 0;
  let draining = false;
  app.get('/webhooks/whatsapp', (res, req) => answerVerification(res, new URLSearchParams(req.getQuery() ?? ''), deps.verifyToken));
  app.post('/webhooks/whatsapp', (res, req) => {
    const signature = req.getHeader('x-hub-signature-256');
    const declared = Number(req.getHeader('content-length') || 0);
    if (draining || inFlight >= deps.inFlightMax) {
      counters.unavailable++;
      problem(res, 503, 'request.overloaded', 'The server takes no more at this moment');
      return;
    }
    if (declared > deps.bodyMaxBytes) {
      problem(res, 413, 'request.too_large', 'The body is larger than a webhook may be', true);
      return;
    }
    inFlight++;
    const exchange = new Body(res, deps.bodyMaxBytes, deps.bodyTimeoutMs, {
      complete: (body) => {
        void accept(body, signature).then((status) => {
          inFlight--;
          finish(exchange, status);
        });
      },
      tooLarge: () => {
        inFlight--;
        problem(res, 413, 'request.too_large', 'The body is larger than a webhook may be', true);
      },
      tooSlow: () => {
        inFlight--;
        problem(res, 408, 'request.body_timeout', 'The body did not arrive in time', true);
      },
      aborted: () => {
        inFlight--;
        counters.aborted++;
      },
    });
  });

  /** @returns the status to answer with. Total. */
  async function accept(body: Buffer, signature: string): Promise<200 | 401 | 503> {
    if (!deps.verify(body, signature)) {
      counters.refusedSignature++;
      return 401;
    }
    let parts: WebhookPart[];
    try {
      parts = parseWebhook(JSON.parse(body.toString('utf8')), deps.nowMs());
    } catch {
      // Signed, so it is Meta's, and it would send the same bytes for days: kept for a person instead.
      parts = [{ kind: 'unreadable', reason: 'body is not JSON', raw: body.toString('latin1') }];
    }
    counters.parts += parts.length;
    const durable = parts.length === 1 ? await take(parts[0] as WebhookPart) : (await Promise.all(parts.map(take))).every((done) => done);
    if (!durable) {
      counters.unavailable++;
      return 503;
    }
    counters.accepted++;
    return 200;
  }

  /** @returns whether this part is durable, in an actor's journal or in the parking. Total. */
  async function take(part: WebhookPart): Promise<boolean> {
    try {
      if (part.kind === 'message' || part.kind === 'status') return await dispatch(part);
      const reason = part.kind === 'other' ? part.field : part.reason;
      await park(reason, null, part.raw);
      return true;
    } catch (error) {
      deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook part not durable');
      return false;
    }
  }

  async function dispatch(part: Extract<WebhookPart, { kind: 'message' | 'status' }>): Promise<boolean> {
    const tenant = await deps.tenants.byPhoneNumberId(part.phoneNumberId);
    if (tenant === null) {
      deps.warn({ phoneNumberId: part.phoneNumberId }, 'webhook for a number of no tenant');
      await park('unknown phone number', null, part);
      return true;
    }
    const person = part.kind === 'message' ? part.command.contact : part.recipient;
    if (person.waId === null && person.userId === null) {
      await park('status without a recipient', tenant.tenantId, part);
      return true;
    }
    const customerId = await deps.customers.resolve(tenant.tenantId, person);
    const to = conversationRef(tenant.tenantId, tenant.dataShard, customerId);
    const commandId = part.kind === 'message' ? `wa:${part.command.whatsappId}` : `st:${part.command.whatsappId}:${part.command.status}`;
    const answer: Answer = await deps.system.ask(to, part.command, {
      commandId,
      storeReply: false,
      deadlineMs: deps.nowMs() + DEADLINE_MS,
    });
    if (answer.ok || 'refusal' in answer) return true;
    // Given up for good and kept as a dead letter: coming again would not help.
    return answer.fault.code === 'runtime.poison';
  }

  async function park(reason: string, tenantId: number | null, body: unknown): Promise<void> {
    counters.parked++;
    await deps.parking.park({ source: 'whatsapp', reason, tenantId, key: digestKey(reason, body), body });
  }

  return {
    counters,
    get inFlight() {
      return inFlight;
    },
    drain() {
      draining = true;
    },
  };
}

function finish(exchange: Body, status: 200 | 401 | 503): void {
  if (exchange.gone) return;
  const { res } = exchange;
  if (status === 200) res.cork(() => res.endWithoutBody(0));
  else if (status === 401) problem(res, 401, 'webhook.invalid_signature', 'The signature does not fit the body');
  else problem(res, 503, 'webhook.not_durable', 'The message could not be stored now');
}

function answerVerification(res: HttpResponse, query: URLSearchParams, token: string): void {
  const [mode, given, challenge] = ['hub.mode', 'hub.verify_token', 'hub.challenge'].map((name) => query.getAll(name));
  if (mode?.length !== 1 || given?.length !== 1 || challenge?.length !== 1) {
    problem(res, 400, 'request.invalid', 'hub.mode, hub.verify_token and hub.challenge are needed, each once');
    return;
  }
  if (mode[0] !== 'subscribe' || !sameToken(given[0] as string, token)) {
    problem(res, 403, 'webhook.challenge_failed', 'The verify token is not ours');
    return;
  }
  res.cork(() => {
    // The challenge is the caller's text: plain, and no browser may think otherwise.
    res
      .writeStatus('200 OK')
      .writeHeader('content-type', 'text/plain')
      .writeHeader('x-content-type-options', 'nosniff')
      .end(challenge[0] as string);
  });
}

function sameToken(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

const STATUS_LINES: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  408: '408 Request Timeout',
  413: '413 Payload Too Large',
  503: '503 Service Unavailable',
};

function problem(res: HttpResponse, status: number, code: string, detail: string, closeConnection = false): void {
  const body = JSON.stringify({ type: `/docs#${code}`, title: detail, status, code, detail });
  res.cork(() => {
    res.writeStatus(STATUS_LINES[status] ?? '500 Internal Server Error').writeHeader('content-type', 'application/problem+json');
    if (status === 503) res.writeHeader('retry-after', RETRY_AFTER_S);
    res.end(body, closeConnection);
  });
}
