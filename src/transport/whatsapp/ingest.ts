/**
 * The webhook itself, on bare uWebSockets routes because this is the busiest path: verify, parse, hand every part to
 * its actor or write the post down for later, answer only when all of it is durable. Must never interpret a message.
 */
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { DISCARD_MAX_BYTES, requestIdOf } from '../http/server/wire.ts';
import { IntakeDeferral, type IntakeRules } from './intake/intake-deferral.ts';
import { DEADLINE_MS, type Handover, partsOf } from './webhook/handover.ts';
import { answerWithProblem } from './webhook/problem-answer.ts';
import type { Verifier } from './webhook/signature.ts';
import { answerVerification } from './webhook/verification.ts';
import { headOf, refuseLater } from './webhook/webhook-head.ts';
import type { WebhookPart } from './webhook/webhook-parse.ts';
import { type PostDesk, type Verdict, WebhookPost } from './webhook/webhook-post.ts';

interface IngestCounters {
  accepted: number;
  refusedSignature: number;
  unavailable: number;
  aborted: number;
  parts: number;
  /** Posts that were written to the intake log and are worked on later. */
  deferred: number;
}

export interface IngestDeps {
  readonly verify: Verifier;
  readonly verifyToken: string;
  readonly handover: Handover;
  readonly intake: IntakeRules;
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
  /** Posts after this are told to come again; the answers to those in flight close their connections. */
  drain(): void;
}

export const WEBHOOK_PATH = '/webhooks/whatsapp';
/** Those that it answers there. */
export const WEBHOOK_METHODS = ['GET', 'POST'] as const;

export function registerWhatsappWebhook(app: TemplatedApp, deps: IngestDeps): Ingest {
  const webhook = new Webhook(deps);
  app.get(WEBHOOK_PATH, (res, req) => {
    const query = new URLSearchParams(req.getQuery() ?? '');
    answerVerification(res, query, deps.verifyToken, requestIdOf(req.getHeader('x-request-id')));
  });
  app.post(WEBHOOK_PATH, (res, req) => webhook.take(res, req));
  return webhook;
}

/**
 * - *open*: from the start. Posts are taken in up to the bound.
 * - *draining*: after `drain`, for good. No post is taken in, those in work are finished.
 */
class Webhook implements Ingest, PostDesk {
  readonly counters: IngestCounters = { accepted: 0, refusedSignature: 0, unavailable: 0, aborted: 0, parts: 0, deferred: 0 };
  readonly bodyMaxBytes: number;
  readonly bodyTimeoutMs: number;
  readonly #deps: IngestDeps;
  readonly #deferral: IntakeDeferral;
  #inFlight = 0;
  #isDraining = false;

  constructor(deps: IngestDeps) {
    this.bodyMaxBytes = deps.bodyMaxBytes;
    this.bodyTimeoutMs = deps.bodyTimeoutMs;
    this.#deps = deps;
    this.#deferral = new IntakeDeferral(deps.intake);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  drain(): void {
    this.#isDraining = true;
  }

  /** A post's head is there: refuses it at once, or takes it in. The request is gone when this returns. */
  take(res: HttpResponse, req: HttpRequest): void {
    const head = headOf(req);
    if (head.isAmbiguous) refuseLater(res, head.requestId);
    else if (this.#isDraining || this.#inFlight >= this.#deps.inFlightMax) {
      this.counters.unavailable++;
      answerWithProblem(res, this.#isDraining ? 'runtime.unavailable' : 'request.overloaded', head.requestId, this.#isDraining);
    } else if (head.declaredBytes > this.bodyMaxBytes) {
      // Up to here it is read past: a client that is cut off while it still writes never sees the reason.
      answerWithProblem(res, 'request.too_large', head.requestId, head.declaredBytes > DISCARD_MAX_BYTES);
    } else {
      this.#inFlight++;
      new WebhookPost(this, res, head);
    }
  }

  leave(): void {
    this.#inFlight--;
  }

  /** The same post comes again: a thread that ended over it would end over it again. */
  failed(error: unknown): void {
    this.#deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook post failed');
  }

  async accept(body: Buffer, signature: string): Promise<Verdict> {
    if (!this.#deps.verify(body, signature)) {
      this.counters.refusedSignature++;
      return 401;
    }
    const post = body.toString('utf8');
    const nowMs = this.#deps.nowMs();
    const parts = partsOf(body, post, nowMs);
    this.counters.parts += parts.length;
    const durable = await this.#work(body, post, parts, nowMs + DEADLINE_MS);
    if (durable) this.counters.accepted++;
    return durable ? 200 : 503;
  }

  /** @returns whether all of it is durable. */
  #work(body: Buffer, post: string, parts: readonly WebhookPart[], deadlineMs: number): Promise<boolean> {
    const way = this.#deferral.wayOf(parts, this.#inFlight);
    if (way === 'now') return this.#handOver(parts, post, deadlineMs);
    if ('parts' in way) return this.#handOver(way.parts, post, deadlineMs).then(() => false);
    return this.#defer(way, body);
  }

  #handOver(parts: readonly WebhookPart[], post: string, deadlineMs: number): Promise<boolean> {
    const { handover } = this.#deps;
    const only = parts.length === 1 ? parts[0] : undefined;
    return only === undefined ? handover.takeAll(parts, post, deadlineMs) : handover.take(only, post, deadlineMs);
  }

  async #defer(lanes: readonly number[], body: Buffer): Promise<boolean> {
    const durable = await this.#deferral.write(lanes, body);
    if (durable) this.counters.deferred++;
    return durable;
  }
}
