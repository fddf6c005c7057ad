/**
 * The webhook itself, on bare uWebSockets routes because this is the busiest path: verify, parse, hand every part to
 * its actor, answer only when all of it is durable. Must never interpret a message.
 */
import type { HttpRequest, TemplatedApp } from 'uWebSockets.js';
import { conversationRef } from '../../actors/refs.ts';
import type { CustomerDirectory, Parking, TenantDirectory } from '../../ports.ts';
import type { ActorSystem, Answer } from '../../runtime/behaviour.ts';
import type { EntityRef } from '../../runtime/entity.ts';
import { DISCARD_MAX_BYTES, requestIdOf } from '../http/wire.ts';
import { parked } from './parked.ts';
import { answerWithProblem } from './problem-answer.ts';
import { Body } from './request-body.ts';
import type { Verifier } from './signature.ts';
import { answerVerification } from './verification.ts';
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

const PATH = '/webhooks/whatsapp';
/** One post may take this long to become durable. Meta waits longer, but a customer does not. */
const DEADLINE_MS = 2_500;
/** Whatever hangs (a frozen database, a lost network), the caller hears by then. Meta waits for some seconds. */
const ANSWER_WITHIN_MS = 3_000;
/** Parts of one post in work at a time, so that one batch does not fill every mailbox. */
const PARTS_IN_FLIGHT_MAX = 256;

type Chat = Extract<WebhookPart, { kind: 'message' | 'status' }>;
/** Where a part goes; `done` when it is parked, `failed` when it is nowhere yet. */
type Route = 'done' | 'failed' | { readonly to: EntityRef; readonly part: Chat };

export function registerWhatsappWebhook(app: TemplatedApp, deps: IngestDeps): Ingest {
  const counters: IngestCounters = { accepted: 0, refusedSignature: 0, unavailable: 0, parked: 0, aborted: 0, parts: 0 };
  let inFlight = 0;
  let draining = false;
  app.get(PATH, (res, req) => {
    const query = new URLSearchParams(req.getQuery() ?? '');
    answerVerification(res, query, deps.verifyToken, requestIdOf(req.getHeader('x-request-id')));
  });
  app.post(PATH, (res, req) => {
    const head = headOf(req);
    if (draining || inFlight >= deps.inFlightMax) {
      counters.unavailable++;
      answerWithProblem(res, 'request.overloaded', head.requestId);
      return;
    }
    if (head.declaredBytes > deps.bodyMaxBytes) {
      // Up to here it is read past: a client that is cut off while it still writes never sees the reason.
      answerWithProblem(res, 'request.too_large', head.requestId, head.declaredBytes > DISCARD_MAX_BYTES);
      return;
    }
    inFlight++;
    const exchange = new Body(res, deps.bodyMaxBytes, deps.bodyTimeoutMs, {
      complete: (body) => {
        let answered = false;
        const answer = (status: 200 | 401 | 503): void => {
          if (answered || exchange.gone) return;
          answered = true;
          clearTimeout(late);
          if (status === 503) counters.unavailable++;
          if (status === 200) res.cork(() => res.endWithoutBody(0));
          else answerWithProblem(res, status === 401 ? 'webhook.invalid_signature' : 'webhook.not_durable', head.requestId);
        };
        const late = setTimeout(answer, ANSWER_WITHIN_MS, 503);
        void accept(body, head.signature).then((status) => {
          // Not before: work that outlives its answer still counts against the bound.
          inFlight--;
          answer(status);
        });
      },
      tooLarge: () => {
        inFlight--;
        answerWithProblem(res, 'request.too_large', head.requestId, true);
      },
      tooSlow: () => {
        inFlight--;
        answerWithProblem(res, 'request.body_timeout', head.requestId, true);
      },
      aborted: () => {
        inFlight--;
        counters.aborted++;
      },
    });
  });

  /** Uses the body before its first await only. @returns the status to answer with. Total. */
  async function accept(body: Buffer, signature: string): Promise<200 | 401 | 503> {
    if (!deps.verify(body, signature)) {
      counters.refusedSignature++;
      return 401;
    }
    const post = body.toString('utf8');
    const nowMs = deps.nowMs();
    let parts: WebhookPart[];
    try {
      parts = parseWebhook(JSON.parse(post), nowMs);
    } catch {
      // Signed, so it is Meta's, and it would send the same bytes for days: kept for a person instead.
      parts = [{ kind: 'unreadable', reason: 'body is not JSON', raw: body.toString('latin1') }];
    }
    counters.parts += parts.length;
    const only = parts.length === 1 ? parts[0] : undefined;
    const deadlineMs = nowMs + DEADLINE_MS;
    const durable = only === undefined ? await takeAll(parts, post, deadlineMs) : await tell(await route(only, post), deadlineMs);
    if (durable) counters.accepted++;
    return durable ? 200 : 503;
  }

  /**
   * Looks all addresses up first and then tells the actors in the order of the post, so that two messages of one
   * person never overtake each other. A part that fails stops none of its neighbours.
   */
  async function takeAll(parts: readonly WebhookPart[], post: string, deadlineMs: number): Promise<boolean> {
    let durable = true;
    for (let at = 0; at < parts.length; at += PARTS_IN_FLIGHT_MAX) {
      // What is left comes again with the whole post; what is done already is then recognised.
      if (at > 0 && deps.nowMs() >= deadlineMs) return false;
      const routes = await Promise.all(parts.slice(at, at + PARTS_IN_FLIGHT_MAX).map((part) => route(part, post)));
      const told = await Promise.all(routes.map((to) => tell(to, deadlineMs)));
      durable &&= told.every(Boolean);
    }
    return durable;
  }

  /** Parks what no actor takes. Total. */
  async function route(part: WebhookPart, post: string): Promise<Route> {
    try {
      switch (part.kind) {
        case 'message':
        case 'status':
          return await addressOf(part, post);
        case 'account':
          return await park(part.field, null, part, post);
        case 'echo':
          return await park('echo', null, part, post);
        case 'unreadable':
          return await park(part.reason, null, part.raw, post);
      }
    } catch (error) {
      deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook part not durable');
      return 'failed';
    }
  }

  async function addressOf(part: Chat, post: string): Promise<Route> {
    const tenant = await deps.tenants.byPhoneNumberId(part.phoneNumberId);
    if (tenant === null) {
      deps.warn({ phoneNumberId: part.phoneNumberId }, 'webhook for a number of no tenant');
      return park('unknown phone number', null, part, post);
    }
    const person = part.kind === 'message' ? part.command.contact : part.recipient;
    if (person.waId === null && person.userId === null) return park('status without a recipient', tenant.tenantId, part, post);
    const customerId = await deps.customers.resolve(tenant.tenantId, { waId: person.waId, userId: person.userId });
    return { to: conversationRef(tenant.tenantId, tenant.dataShard, customerId), part };
  }

  /** @returns whether the part is durable: in a journal, parked, or refused for good. Total. */
  async function tell(route: Route, deadlineMs: number): Promise<boolean> {
    if (typeof route === 'string') return route === 'done';
    const { command } = route.part;
    const commandId = command.type === 'receive' ? `wa:${command.whatsappId}` : `st:${command.whatsappId}:${command.status}`;
    try {
      const answer: Answer = await deps.system.ask(route.to, command, { commandId, storeReply: false, lane: 'command', deadlineMs });
      // Poison was given up for good and is kept as a dead letter: coming again would not help.
      return answer.ok || 'refusal' in answer || answer.fault.code === 'runtime.poison';
    } catch (error) {
      deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook part not durable');
      return false;
    }
  }

  async function park(reason: string, tenantId: number | null, part: unknown, post: string): Promise<'done'> {
    counters.parked++;
    await deps.parking.park({ source: 'whatsapp', reason, tenantId, ...parked(reason, part, post) });
    return 'done';
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

interface Head {
  /** Empty when the header is missing or repeated: then nothing can be verified. */
  signature: string;
  declaredBytes: number;
  requestId: string;
}

/** One pass over the headers: only so a repeated one is seen. */
function headOf(req: HttpRequest): Head {
  let signatures = 0;
  const head: Head = { signature: '', declaredBytes: 0, requestId: '' };
  req.forEachHeader((key, value) => {
    if (key === 'x-hub-signature-256') head.signature = ++signatures === 1 ? value : '';
    else if (key === 'content-length') head.declaredBytes = Number(value) || 0;
    else if (key === 'x-request-id') head.requestId = value;
  });
  return head;
}
