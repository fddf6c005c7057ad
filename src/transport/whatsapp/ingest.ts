/**
 * The webhook itself, on bare uWebSockets routes because this is the busiest path: verify, parse, hand every part to
 * its actor or write the post down for later, answer only when all of it is durable. Must never interpret a message.
 */
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { IntakeLog } from '../../ports.ts';
import { AMBIGUOUS, isUnclearEnd } from '../http/framing.ts';
import { DISCARD_MAX_BYTES, requestIdOf } from '../http/wire.ts';
import { DEADLINE_MS, type Handover, partsOf } from './handover.ts';
import type { IntakeBoard } from './intake-board.ts';
import { intakeLanesOfPost, threadOfIntakeLane } from './intake-lane.ts';
import { answerWithProblem } from './problem-answer.ts';
import { Body } from './request-body.ts';
import type { Verifier } from './signature.ts';
import { answerVerification } from './verification.ts';
import type { WebhookPart } from './webhook-parse.ts';

export interface IngestCounters {
  accepted: number;
  refusedSignature: number;
  unavailable: number;
  aborted: number;
  parts: number;
  /** Posts that were written to the intake log and are worked on later. */
  deferred: number;
}

/** When a post is written down and worked on later, instead of being worked on before it is answered. */
export interface IntakeRules {
  readonly log: IntakeLog;
  readonly board: IntakeBoard;
  readonly threads: number;
  /** Every post: replies are held back, so nothing is worked on. */
  readonly always: boolean;
  /** With more posts in work than this. */
  readonly above: number;
  /** What may wait for one worker. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Something was written for this worker's lanes. */
  wake(thread: number): void;
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

const PATH = '/webhooks/whatsapp';
/** Whatever hangs (a frozen database, a lost network), the caller hears by then. Meta waits for some seconds. */
const ANSWER_WITHIN_MS = 3_000;
export function registerWhatsappWebhook(app: TemplatedApp, deps: IngestDeps): Ingest {
  const { intake } = deps;
  const counters: IngestCounters = { accepted: 0, refusedSignature: 0, unavailable: 0, aborted: 0, parts: 0, deferred: 0 };
  let inFlight = 0;
  let draining = false;
  app.get(PATH, (res, req) => {
    const query = new URLSearchParams(req.getQuery() ?? '');
    answerVerification(res, query, deps.verifyToken, requestIdOf(req.getHeader('x-request-id')));
  });
  app.post(PATH, (res, req) => {
    const head = headOf(req);
    if (head.isAmbiguous) {
      refuseLater(res, head.requestId);
      return;
    }
    if (draining || inFlight >= deps.inFlightMax) {
      counters.unavailable++;
      answerWithProblem(res, draining ? 'runtime.unavailable' : 'request.overloaded', head.requestId, draining);
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
          if (status === 200) res.cork(() => res.endWithoutBody(0, draining));
          else answerWithProblem(res, status === 401 ? 'webhook.invalid_signature' : 'webhook.not_durable', head.requestId, draining);
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
    const parts = partsOf(body, post, nowMs);
    counters.parts += parts.length;
    const lanes = lanesToDefer(parts);
    const durable = lanes === null ? await takeNow(parts, post, nowMs + DEADLINE_MS) : await defer(lanes, body);
    if (durable) counters.accepted++;
    return durable ? 200 : 503;
  }

  function takeNow(parts: readonly WebhookPart[], post: string, deadlineMs: number): Promise<boolean> {
    const only = parts.length === 1 ? parts[0] : undefined;
    return only === undefined ? deps.handover.takeAll(parts, post, deadlineMs) : deps.handover.take(only, post, deadlineMs);
  }

  /** @returns the lanes to write the post to, or null when it is to be worked on now. Nothing overtakes what waits in its lane. */
  function lanesToDefer(parts: readonly WebhookPart[]): number[] | null {
    const must = intake.always || inFlight > intake.above;
    if (!must && !anyOccupied()) return null;
    const lanes = intakeLanesOfPost(parts);
    return must || lanes.some((lane) => intake.board.occupied(threadOfIntakeLane(lane, intake.threads))) ? lanes : null;
  }

  function anyOccupied(): boolean {
    for (let thread = 0; thread < intake.threads; thread++) if (intake.board.occupied(thread)) return true;
    return false;
  }

  /** A post of several lanes is written to each, and each takes its own parts of it. Total. */
  async function defer(lanes: readonly number[], body: Buffer): Promise<boolean> {
    const { board, log, threads } = intake;
    const full = (lane: number): boolean => {
      const waiting = board.waiting(threadOfIntakeLane(lane, threads));
      return waiting.messages >= intake.messagesMax || waiting.bytes + body.length > intake.bytesMax;
    };
    if (lanes.some(full)) return false;
    const bytes = body.length;
    const written = await Promise.all(
      lanes.map((lane) =>
        log.append(lane, body).then(
          () => lane,
          () => null,
        ),
      ),
    );
    for (const lane of written) {
      if (lane === null) continue;
      const thread = threadOfIntakeLane(lane, threads);
      // Before the answer: whoever sends on after it finds the lane occupied, on every worker.
      board.appended(thread, bytes);
      intake.wake(thread);
    }
    if (written.includes(null)) return false;
    counters.deferred++;
    return true;
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
  /** It does not say clearly where its body ends. */
  isAmbiguous: boolean;
}

/** One pass over the headers: only so a repeated one is seen. */
function headOf(req: HttpRequest): Head {
  let signatures = 0;
  let lengths = 0;
  const codings: string[] = [];
  const head: Head = { signature: '', declaredBytes: 0, requestId: '', isAmbiguous: false };
  req.forEachHeader((key, value) => {
    if (key === 'x-hub-signature-256') head.signature = ++signatures === 1 ? value : '';
    else if (key === 'content-length') {
      head.declaredBytes = Number(value) || 0;
      lengths++;
    } else if (key === 'transfer-encoding') codings.push(value);
    else if (key === 'x-request-id') head.requestId = value;
  });
  head.isAmbiguous = isUnclearEnd(lengths, codings);
  return head;
}

/**
 * Later: after an answer at once the parser would go on to what may be a smuggled request, whatever the answer says about closing. One
 * that follows an unanswered request costs the connection instead.
 */
function refuseLater(res: HttpResponse, requestId: string): void {
  let isGone = false;
  res.onAborted(() => {
    isGone = true;
  });
  setImmediate(() => {
    if (!isGone) answerWithProblem(res, 'request.invalid', requestId, true, AMBIGUOUS);
  });
}
