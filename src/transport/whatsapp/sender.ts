/**
 * The effect handler `whatsapp.send`: one message to Meta (or to the sandbox phone), and what became of it as the
 * private command that the conversation waits for. Order and retries are the conversation's; pace and verdicts are ours.
 */

import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { SendInput, SendOutcome } from '../../actors/conversation/protocol.ts';
import type { SecretBox, TenantDirectory } from '../../ports.ts';
import type { EffectHandler } from '../../runtime/behaviour.ts';
import { toGraphBody } from './graph-body.ts';
import type { GraphAnswer, GraphClient } from './graph-client.ts';
import { verdictOf } from './graph-errors.ts';
import { RateGate } from './rate-gate.ts';

export const SEND_HANDLER = 'whatsapp.send';

export interface SenderDeps {
  readonly tenants: TenantDirectory;
  readonly secrets: SecretBox;
  readonly graph: GraphClient;
  /** Deliver to the sandbox phone when a tenant has no access token. */
  readonly sandbox: boolean;
  /** How long a status may take to settle a send whose answer was lost. */
  readonly settleMs: number;
  /** Throughput of one business number on this thread, messages a second. */
  readonly perNumberPerSecond: number;
  /** Calls in flight on this thread; more wait. */
  readonly inFlightMax: number;
  nowMs(): number;
}

export interface Sender {
  readonly handler: EffectHandler;
  readonly counters: { sent: number; failed: number; retried: number; unknown: number };
  /** While held nothing leaves; for benches and for freezing a number. */
  hold(held: boolean): void;
}

/** Meta: one message to a person every six seconds, with 45 borrowed. */
const PAIR_PER_SECOND = 1 / 6;
const PAIR_BURST = 45;
const PAIRS_MAX = 200_000;
const NUMBERS_MAX = 10_000;

export function createWhatsappSender(deps: SenderDeps): Sender {
  const numbers = new RateGate(deps.perNumberPerSecond, deps.perNumberPerSecond, NUMBERS_MAX);
  const pairs = new RateGate(PAIR_PER_SECOND, PAIR_BURST, PAIRS_MAX);
  const counters = { sent: 0, failed: 0, retried: 0, unknown: 0 };
  const slots = createSlots(deps.inFlightMax);
  let gate: Promise<void> = Promise.resolve();
  let openGate: () => void = () => undefined;

  async function send(run: Parameters<EffectHandler>[0]): Promise<SendOutcome> {
    const input = run.input as SendInput;
    await gate;
    if (run.signal.aborted) throw new Error('stopped while held');
    const view = await deps.tenants.view(run.ref.tenantId);
    if (view === null) throw new Error('tenant not known yet');
    const { phoneNumberId, accessToken } = view.settings.whatsapp;
    if (accessToken === null) return deps.sandbox ? toSandbox(input) : failed(input, 'whatsapp.not_configured', null, null);
    // An earlier run may have reached Meta: its status is the only proof, and the conversation sees it first.
    if (run.resumed) await wait(deps.settleMs, undefined, { signal: run.signal });
    const pauseMs = Math.max(numbers.take(phoneNumberId, deps.nowMs()), pairs.take(`${phoneNumberId}|${run.ref.id}`, deps.nowMs()));
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal: run.signal });
    const token = deps.secrets.open(accessToken, `tenant:${view.uuid}:whatsapp.access_token`);
    const release = await slots();
    let answer: GraphAnswer;
    try {
      answer = await deps.graph.send(phoneNumberId, token, toGraphBody(input), run.signal);
    } finally {
      release();
    }
    return outcomeOf(input, answer, attemptOf(run.id));
  }

  function outcomeOf(input: SendInput, answer: GraphAnswer, attempt: number): SendOutcome {
    switch (answer.kind) {
      case 'sent':
        counters.sent++;
        return { type: 'send_succeeded', opaqueId: input.opaqueId, whatsappId: answer.whatsappId };
      case 'unreachable':
        return later(input, 'whatsapp.unreachable', null, verdictOf(null, 503, attempt), attempt);
      case 'unknown':
        counters.unknown++;
        return failed(input, 'whatsapp.unknown_outcome', null, deps.settleMs);
      case 'error':
        return later(input, 'whatsapp.refused', answer.code, verdictOf(answer.code, answer.status, attempt), attempt);
    }
  }

  function later(
    input: SendInput,
    code: string,
    graphCode: number | null,
    verdict: ReturnType<typeof verdictOf>,
    attempt: number,
  ): SendOutcome {
    return failed(input, code, graphCode, verdict.retry === 'later' && attempt < verdict.tries ? verdict.afterMs : null);
  }

  function failed(input: SendInput, code: string, graphCode: number | null, retryAfterMs: number | null): SendOutcome {
    if (retryAfterMs === null) counters.failed++;
    else counters.retried++;
    return { type: 'send_failed', opaqueId: input.opaqueId, code, graphCode, retryAfterMs };
  }

  /** The sandbox phone reads the message from the journal; what is left to do is what Meta would: look at the body and name it. */
  function toSandbox(input: SendInput): SendOutcome {
    toGraphBody(input);
    counters.sent++;
    // The same message gets the same id, however often it is run.
    const name = createHash('sha256').update(input.opaqueId).digest('base64url').slice(0, 22);
    return { type: 'send_succeeded', opaqueId: input.opaqueId, whatsappId: `wamid.SBX${name}` };
  }

  return {
    handler: send,
    counters,
    hold(held) {
      openGate();
      if (!held) return;
      gate = new Promise((resolve) => {
        openGate = resolve;
      });
    },
  };
}

/** `<opaque id>#3` is the third attempt; without a suffix it is the first. */
export function attemptOf(effectId: string): number {
  const suffix = /#(\d{1,3})$/.exec(effectId)?.[1];
  return suffix === undefined ? 1 : Number(suffix);
}

/** A counting semaphore: resolves to the function that gives the slot back. */
function createSlots(max: number): () => Promise<() => void> {
  let free = max;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return release;
  };
}
