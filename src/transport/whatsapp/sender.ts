/**
 * The effect handler `whatsapp.send`: one message to Meta (or to the sandbox phone), and what became of it as the
 * private command that the conversation waits for. Order and retries are the conversation's; pace and verdicts are ours.
 */

import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { SendAgainInput, SendInput, SendOutcome } from '../../actors/conversation/protocol.ts';
import type { ReadModels, SecretBox, TenantDirectory } from '../../ports.ts';
import type { EffectHandler } from '../../runtime/behaviour.ts';
import type { EntityRef } from '../../runtime/entity.ts';
import { toGraphBody } from './graph-body.ts';
import { graphBodyFault } from './graph-body-check.ts';
import type { GraphAnswer, GraphClient } from './graph-client.ts';
import { backoffMs, isTokenFault, TRIES_MAX, verdictOf } from './graph-errors.ts';
import { RateGate } from './rate-gate.ts';
import { TokenHold } from './token-hold.ts';

export const SEND_HANDLER = 'whatsapp.send';

export interface SenderDeps {
  readonly tenants: TenantDirectory;
  readonly secrets: SecretBox;
  readonly graph: GraphClient;
  /** What went out before, for messages that were taken and failed on their way. */
  readonly sent: Pick<ReadModels, 'outbound'>;
  /** Deliver to the sandbox phone when a tenant has no access token. */
  readonly sandbox: boolean;
  /** How long a status may take to settle a send whose answer was lost. */
  readonly settleMs: number;
  /** Throughput of one business number on this thread, messages a second. */
  readonly perNumberPerSecond: number;
  /** Calls in flight on this thread; more wait. */
  readonly inFlightMax: number;
  nowMs(): number;
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
  /** How often a message looks for another access token when Meta refuses the shop's. Default TOKEN_LOOK_MS. */
  readonly tokenLookMs?: number;
  /** Spreads retries; [0, 1). Default Math.random. */
  readonly random?: () => number;
}

export interface Sender {
  readonly handler: EffectHandler;
  readonly counters: { sent: number; failed: number; retried: number; unknown: number; tokensRefused: number };
  /** While held nothing leaves; for benches and for freezing a number. */
  hold(held: boolean): void;
}

/** Meta: one message to a person every six seconds, with 45 borrowed. */
const PAIR_PER_SECOND = 1 / 6;
const PAIR_BURST = 45;
const PAIRS_MAX = 200_000;
const NUMBERS_MAX = 10_000;
/** Meta's code for a parameter that is not valid. */
const BAD_PARAMETER = 131_009;

/** A throttled number goes at half pace for this long. */
const SLOW_MS = 60_000;
/** How long a message waits for the circuit to close before that counts as a try. */
const CIRCUIT_PATIENCE_MS = 60_000;
/** How long an opened token is kept in the clear, and of how many shops. */
const OPENED_MS = 1_000;
const OPENED_MAX = 1_000;
/** A token that cannot be opened is put right by a person: tried again slowly. */
const TOKEN_RETRY_MS = 60_000;
const TOKEN_LOOK_MS = 5_000;
/** How long a message waits for another token in one try, and until its next try: five tries are about the day in which it may be sent. */
const TOKEN_PATIENCE_MS = 4 * 3_600_000;
const TOKEN_PAUSE_MS = 3_600_000;
/** Added to every delay at most, as a share of it, so that those who failed together do not come back together. */
const JITTER = 0.2;

export function createWhatsappSender(deps: SenderDeps): Sender {
  const numbers = new RateGate(deps.perNumberPerSecond, deps.perNumberPerSecond, NUMBERS_MAX);
  const pairs = new RateGate(PAIR_PER_SECOND, PAIR_BURST, PAIRS_MAX);
  const counters = { sent: 0, failed: 0, retried: 0, unknown: 0, tokensRefused: 0 };
  const tokens = new TokenHold(deps.tokenLookMs ?? TOKEN_LOOK_MS);
  const slots = createSlots(deps.inFlightMax);
  const random = deps.random ?? Math.random;
  const opened = new LRUCache<string, { readonly uuid: string; readonly token: string }>({
    max: OPENED_MAX,
    ttl: OPENED_MS,
    ttlAutopurge: true,
  });
  let gate: Promise<void> = Promise.resolve();
  let openGate: () => void = () => undefined;

  async function asItWas({ opaqueId, to }: SendAgainInput, { tenantId, id }: EntityRef): Promise<SendInput | null> {
    const body = await deps.sent.outbound(tenantId, id, opaqueId);
    return body === null ? null : { opaqueId, to, body };
  }

  async function send(run: Parameters<EffectHandler>[0]): Promise<SendOutcome> {
    const given = run.input as SendInput | SendAgainInput;
    await gate;
    if (run.signal.aborted) throw new Error('stopped while held');
    const input = 'again' in given ? await asItWas(given, run.ref) : given;
    // Its person was erased: it stays failed.
    if (input === null) return failed(given, 'whatsapp.refused', null, null);
    const view = await deps.tenants.view(run.ref.tenantId);
    if (view === null) throw new Error('tenant not known yet');
    if (input.to.waId === null && input.to.userId === null) return failed(input, 'whatsapp.refused', null, null);
    const { phoneNumberId, accessToken } = view.settings.whatsapp;
    if (accessToken === null) return deps.sandbox ? toSandbox(input) : failed(input, 'whatsapp.not_configured', null, null);
    // An earlier run may have reached Meta: its status is the only proof, and the conversation sees it first.
    if (run.resumed) await wait(deps.settleMs, undefined, { signal: run.signal });
    const pauseMs = Math.max(numbers.take(phoneNumberId, deps.nowMs()), pairs.take(`${phoneNumberId}|${run.ref.id}`, deps.nowMs()));
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal: run.signal });
    const graphBody = toGraphBody(input);
    const giveUpAtMs = deps.nowMs() + CIRCUIT_PATIENCE_MS;
    for (;;) {
      if (tokens.isRefused(accessToken)) return waitForToken(run, accessToken);
      const token = open(accessToken, view.uuid);
      if (token === null) return failed(input, 'whatsapp.not_configured', null, TOKEN_RETRY_MS);
      const answer = await call(phoneNumberId, token, graphBody, run.signal);
      if (answer.kind === 'error' && isTokenFault(answer.code)) {
        if (tokens.refuse(accessToken)) {
          counters.tokensRefused++;
          deps.warn({ tenantId: run.ref.tenantId, graphCode: answer.code }, 'Meta refuses the access token: messages wait for another');
        }
        continue;
      }
      if (answer.kind !== 'open') return outcomeOf(input, answer, phoneNumberId, attemptOf(run.id));
      // Waiting here costs no try: a message must not die of an outage that it took no part in.
      if (deps.nowMs() >= giveUpAtMs) return failed(input, 'whatsapp.unreachable', null, jittered(Math.max(answer.afterMs, backoffMs(1))));
      await wait(jittered(answer.afterMs) + 1, undefined, { signal: run.signal });
    }
  }

  /** A refused token is the shop's matter, not the message's: it costs a try only when nobody has put it right for hours. */
  async function waitForToken(run: Parameters<EffectHandler>[0], refused: string): Promise<SendOutcome> {
    const current = async () => (await deps.tenants.view(run.ref.tenantId))?.settings.whatsapp.accessToken ?? null;
    if (await tokens.replaced(refused, current, TOKEN_PATIENCE_MS, run.signal)) return send({ ...run, resumed: false });
    return failed(run.input as SendInput, 'whatsapp.not_configured', null, again(attemptOf(run.id), TRIES_MAX, TOKEN_PAUSE_MS));
  }

  async function call(phoneNumberId: string, token: string, body: object, signal: AbortSignal): Promise<GraphAnswer> {
    const release = await slots();
    try {
      if (signal.aborted) throw new Error('stopped while waiting for a slot');
      return await deps.graph.send(phoneNumberId, token, body, signal);
    } finally {
      release();
    }
  }

  /** Opened when it is used and kept for a moment: under load once, not with every message. @returns null when the key does not fit. */
  function open(sealed: string, uuid: string): string | null {
    const known = opened.get(sealed);
    if (known !== undefined && known.uuid === uuid) return known.token;
    try {
      const token = deps.secrets.open(sealed, `tenant:${uuid}:whatsapp.access_token`);
      opened.set(sealed, { uuid, token });
      return token;
    } catch {
      // Counted as a failure by the caller; the reason could only name the key.
      return null;
    }
  }

  function outcomeOf(
    input: SendInput,
    answer: Exclude<GraphAnswer, { kind: 'open' }>,
    phoneNumberId: string,
    attempt: number,
  ): SendOutcome {
    switch (answer.kind) {
      case 'sent':
        counters.sent++;
        return { type: 'send_succeeded', opaqueId: input.opaqueId, whatsappId: answer.whatsappId };
      case 'unreachable':
        return failed(input, 'whatsapp.unreachable', null, again(attempt, TRIES_MAX, backoffMs(attempt)));
      case 'unknown':
        counters.unknown++;
        // The delay is the settling: a status that comes meanwhile proves the message and cancels the retry. Each try gives it longer.
        return failed(
          input,
          'whatsapp.unknown_outcome',
          null,
          again(attempt, TRIES_MAX, Math.max(deps.settleMs * 2 ** (attempt - 1), backoffMs(attempt), answer.retryAfterMs ?? 0)),
        );
      case 'error': {
        const verdict = verdictOf(answer.code, answer.status, attempt, answer.retryAfterMs);
        if (verdict.retry === 'never') return failed(input, 'whatsapp.refused', answer.code, null);
        if (verdict.pausesNumber) numbers.pause(phoneNumberId, deps.nowMs(), verdict.afterMs);
        if (verdict.halvesRate) numbers.slow(phoneNumberId, deps.nowMs(), SLOW_MS);
        return failed(input, 'whatsapp.refused', answer.code, again(attempt, verdict.tries, verdict.afterMs));
      }
    }
  }

  function again(attempt: number, tries: number, afterMs: number): number | null {
    return attempt < tries ? jittered(afterMs) : null;
  }

  function jittered(delayMs: number): number {
    return Math.round(delayMs * (1 + JITTER * random()));
  }

  function failed(input: Pick<SendInput, 'opaqueId'>, code: string, graphCode: number | null, retryAfterMs: number | null): SendOutcome {
    if (retryAfterMs === null) counters.failed++;
    else counters.retried++;
    return { type: 'send_failed', opaqueId: input.opaqueId, code, graphCode, retryAfterMs };
  }

  /** The sandbox phone reads the message from the journal; what is left to do is what Meta would: look at the body and name it. */
  function toSandbox(input: SendInput): SendOutcome {
    if (graphBodyFault(toGraphBody(input)) !== null) return failed(input, 'whatsapp.refused', BAD_PARAMETER, null);
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
