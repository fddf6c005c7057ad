/**
 * What became of one message, as the private command that its conversation waits for, and when to try again; counted. Must never
 * send or wait: pace and tries belong to those who ask.
 */
import { createHash } from 'node:crypto';
import type { SendInput, SendOutcome } from '../../../actors/conversation/protocol.ts';
import { toGraphBody } from './graph-body.ts';
import { graphBodyFault } from './graph-body-check.ts';
import type { GraphAnswer } from './graph-client.ts';
import { backoffMs, TRIES_MAX, verdictOf } from './graph-errors.ts';
import type { RateGate } from './rate-gate.ts';

export interface SendCounters {
  sent: number;
  failed: number;
  retried: number;
  unknown: number;
  tokensRefused: number;
}

interface VerdictDeps {
  /** Meta's word on a number slows it or stops it for a while. */
  readonly numbers: RateGate;
  readonly settleMs: number;
  nowMs(): number;
  /** [0, 1). */
  random(): number;
}

/** Meta's code for a parameter that is not valid. */
const BAD_PARAMETER = 131_009;
/** A throttled number goes at half pace for this long. */
const SLOW_MS = 60_000;
/** Added to every delay at most, as a share of it, so that those who failed together do not come back together. */
const JITTER = 0.2;

export class SendVerdicts {
  readonly counters: SendCounters = { sent: 0, failed: 0, retried: 0, unknown: 0, tokensRefused: 0 };
  readonly #deps: VerdictDeps;

  constructor(deps: VerdictDeps) {
    this.#deps = deps;
  }

  /** @param attempt from 1. */
  ofAnswer(input: SendInput, answer: Exclude<GraphAnswer, { kind: 'open' }>, phoneNumberId: string, attempt: number): SendOutcome {
    switch (answer.kind) {
      case 'sent':
        return this.#sent(input, answer.whatsappId);
      case 'unreachable':
        return this.failed(input, 'whatsapp.unreachable', null, this.again(attempt, TRIES_MAX, backoffMs(attempt)));
      case 'unknown':
        return this.#unknown(input, answer.retryAfterMs ?? 0, attempt);
      case 'error':
        return this.#refused(input, answer, phoneNumberId, attempt);
    }
  }

  /** The sandbox phone reads the message from the journal; what is left to do is what Meta would: look at the body and name it. */
  ofSandbox(input: SendInput): SendOutcome {
    if (graphBodyFault(toGraphBody(input)) !== null) return this.failed(input, 'whatsapp.refused', BAD_PARAMETER, null);
    // The same message gets the same id, however often it is run.
    const name = createHash('sha256').update(input.opaqueId).digest('base64url').slice(0, 22);
    return this.#sent(input, `wamid.SBX${name}`);
  }

  /** @param retryAfterMs null: it is given up. */
  failed(input: Pick<SendInput, 'opaqueId'>, code: string, graphCode: number | null, retryAfterMs: number | null): SendOutcome {
    if (retryAfterMs === null) this.counters.failed++;
    else this.counters.retried++;
    return { type: 'send_failed', opaqueId: input.opaqueId, code, graphCode, retryAfterMs };
  }

  /** @returns when to try again, or null after the last try. */
  again(attempt: number, tries: number, afterMs: number): number | null {
    return attempt < tries ? this.jittered(afterMs) : null;
  }

  jittered(delayMs: number): number {
    return Math.round(delayMs * (1 + JITTER * this.#deps.random()));
  }

  #sent(input: SendInput, whatsappId: string): SendOutcome {
    this.counters.sent++;
    return { type: 'send_succeeded', opaqueId: input.opaqueId, whatsappId };
  }

  /** The delay is the settling: a status that comes meanwhile proves the message and cancels the retry. Each try gives it longer. */
  #unknown(input: SendInput, retryAfterMs: number, attempt: number): SendOutcome {
    this.counters.unknown++;
    const afterMs = Math.max(this.#deps.settleMs * 2 ** (attempt - 1), backoffMs(attempt), retryAfterMs);
    return this.failed(input, 'whatsapp.unknown_outcome', null, this.again(attempt, TRIES_MAX, afterMs));
  }

  #refused(input: SendInput, answer: Extract<GraphAnswer, { kind: 'error' }>, phoneNumberId: string, attempt: number): SendOutcome {
    const { numbers } = this.#deps;
    const verdict = verdictOf(answer.code, answer.status, attempt, answer.retryAfterMs);
    if (verdict.retry === 'never') return this.failed(input, 'whatsapp.refused', answer.code, null);
    if (verdict.pausesNumber) numbers.pause(phoneNumberId, this.#deps.nowMs(), verdict.afterMs);
    if (verdict.halvesRate) numbers.slow(phoneNumberId, this.#deps.nowMs(), SLOW_MS);
    return this.failed(input, 'whatsapp.refused', answer.code, this.again(attempt, verdict.tries, verdict.afterMs));
  }
}
