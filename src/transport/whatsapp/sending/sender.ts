/**
 * The effect handler `whatsapp.send`: one message to Meta (or to the sandbox phone), and what became of it as the
 * private command that the conversation waits for. Order and retries are the conversation's; pace and verdicts are ours.
 */

import { setTimeout as wait } from 'node:timers/promises';
import type { SendAgainInput, SendInput, SendOutcome } from '../../../actors/conversation/protocol.ts';
import type { TenantView } from '../../../actors/tenant/view.ts';
import type { ReadModels, SecretBox, TenantDirectory } from '../../../ports.ts';
import type { EffectHandler } from '../../../runtime/behaviour.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import { AccountAlarm } from '../account-alarm.ts';
import { FrozenNumbers } from './frozen-numbers.ts';
import { toGraphBody } from './graph-body.ts';
import type { GraphAnswer, GraphClient } from './graph-client.ts';
import { backoffMs, isAccountFault, isAccountFrozen, isTokenFault, TRIES_MAX } from './graph-errors.ts';
import { OpenedTokens } from './opened-tokens.ts';
import { RateGate } from './rate-gate.ts';
import { type SendCounters, SendVerdicts } from './send-verdicts.ts';
import { Slots } from './slots.ts';
import { TokenHold } from './token-hold.ts';

export interface SenderDeps {
  readonly tenants: TenantDirectory;
  readonly secrets: SecretBox;
  readonly graph: GraphClient;
  /** What went out before: of messages that were taken and failed on their way, and whether an earlier run reached Meta. */
  readonly sent: Pick<ReadModels, 'outbound' | 'taken'>;
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
  /** How often a message asks Meta again for a number that it has frozen. Default THAW_LOOK_MS. */
  readonly thawLookMs?: number;
  /** Spreads retries; [0, 1). Default Math.random. */
  readonly random?: () => number;
}

export interface Sender {
  readonly handler: EffectHandler;
  readonly counters: SendCounters;
  /** Refusals because of a shop's account, number, permissions or templates. */
  readonly accountFaults: number;
  /** Numbers whose messages wait because Meta sends nothing for them. */
  readonly frozenNumbers: number;
  /** While held nothing leaves; for benches and for freezing a number. */
  hold(held: boolean): void;
}

/** Meta: one message to a person every six seconds, with 45 borrowed. */
const PAIR_PER_SECOND = 1 / 6;
const PAIR_BURST = 45;
const PAIRS_MAX = 200_000;
const NUMBERS_MAX = 10_000;

/** How long a message waits for the circuit to close before that counts as a try. */
const CIRCUIT_PATIENCE_MS = 60_000;
/** A token that cannot be opened is put right by a person: tried again slowly. */
const TOKEN_RETRY_MS = 60_000;
const TOKEN_LOOK_MS = 5_000;
/** How long a message waits for another token, or for its number to be put right, in one try, and until its next try: five tries are about the day in which it may be sent. */
const SHOP_PATIENCE_MS = 4 * 3_600_000;
const SHOP_PAUSE_MS = 3_600_000;
/** Whoever pays the bill or appeals waits no longer for the next message; each asks at the cost of itself. */
const THAW_LOOK_MS = 15 * 60_000;
/** How often a message of a frozen number looks whether it may go, as a share of that. */
const THAW_WAIT_SHARE = 1 / 60;

type Run = Parameters<EffectHandler>[0];

export function createWhatsappSender(deps: SenderDeps): Sender {
  return new WhatsappSender(deps);
}

/**
 * - *flowing*: from the start, and after `hold(false)`. What was held goes on in the order in which it came.
 * - *held*: after `hold(true)`. Messages wait before anything is done for them; those on their way already are finished.
 */
class WhatsappSender implements Sender {
  readonly handler: EffectHandler = (run) => this.#send(run);
  readonly counters: SendCounters;
  readonly #deps: SenderDeps;
  readonly #numbers: RateGate;
  readonly #pairs = new RateGate(PAIR_PER_SECOND, PAIR_BURST, PAIRS_MAX);
  readonly #verdicts: SendVerdicts;
  readonly #refusedTokens: TokenHold;
  readonly #openedTokens: OpenedTokens;
  readonly #frozen: FrozenNumbers;
  readonly #thawLookMs: number;
  readonly #alarm: AccountAlarm;
  readonly #slots: Slots;
  #gate: Promise<void> = Promise.resolve();
  #openGate: () => void = () => undefined;

  constructor(deps: SenderDeps) {
    const { settleMs, random = Math.random } = deps;
    this.#deps = deps;
    this.#numbers = new RateGate(deps.perNumberPerSecond, deps.perNumberPerSecond, NUMBERS_MAX);
    this.#verdicts = new SendVerdicts({ numbers: this.#numbers, settleMs, random, nowMs: () => deps.nowMs() });
    this.#refusedTokens = new TokenHold(deps.tokenLookMs ?? TOKEN_LOOK_MS);
    this.#openedTokens = new OpenedTokens(deps.secrets);
    this.#thawLookMs = deps.thawLookMs ?? THAW_LOOK_MS;
    this.#frozen = new FrozenNumbers(this.#thawLookMs);
    this.#alarm = new AccountAlarm({ monotonicMs: () => deps.nowMs(), warn: (facts, text) => deps.warn(facts, text) });
    this.#slots = new Slots(deps.inFlightMax);
    this.counters = this.#verdicts.counters;
  }

  get accountFaults(): number {
    return this.#alarm.raised;
  }

  get frozenNumbers(): number {
    return this.#frozen.size;
  }

  hold(held: boolean): void {
    this.#openGate();
    if (!held) return;
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  /** @param mayAsk this message finds out whether its frozen number may send again. */
  async #send(run: Run, mayAsk = false): Promise<SendOutcome> {
    const given = run.input as SendInput | SendAgainInput;
    await this.#gate;
    if (run.signal.aborted) throw new Error('stopped while held');
    const input = 'again' in given ? await this.#asItWas(given, run.ref) : given;
    // Its person was erased: it stays failed.
    if (input === null) return this.#verdicts.failed(given, 'whatsapp.refused', null, null);
    const view = await this.#deps.tenants.view(run.ref.tenantId);
    if (view === null) throw new Error('tenant not known yet');
    if (input.to.waId === null && input.to.userId === null) return this.#verdicts.failed(input, 'whatsapp.refused', null, null);
    const { accessToken } = view.settings.whatsapp;
    if (accessToken !== null) return this.#toMeta(run, input, view, accessToken, mayAsk);
    return this.#deps.sandbox ? this.#verdicts.ofSandbox(input) : this.#verdicts.failed(input, 'whatsapp.not_configured', null, null);
  }

  async #asItWas({ opaqueId, to }: SendAgainInput, { tenantId, id }: EntityRef): Promise<SendInput | null> {
    const body = await this.#deps.sent.outbound(tenantId, id, opaqueId);
    return body === null ? null : { opaqueId, to, body };
  }

  /** Until Meta was asked once with a token that it takes, or there is no token to ask with, or patience with an open circuit ends. */
  async #toMeta(run: Run, input: SendInput, view: TenantView, sealed: string, mayAsk: boolean): Promise<SendOutcome> {
    const { phoneNumberId } = view.settings.whatsapp;
    if (run.resumed) {
      const settled = await this.#settledMeanwhile(run);
      if (settled !== null) return settled;
    }
    const pauseMs = this.#pauseMs(phoneNumberId, run.ref.id);
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal: run.signal });
    const graphBody = toGraphBody(input);
    const giveUpAtMs = this.#deps.nowMs() + CIRCUIT_PATIENCE_MS;
    for (;;) {
      if (this.#refusedTokens.isRefused(sealed)) return this.#waitForToken(run, sealed);
      if (!mayAsk && !this.#frozen.admits(phoneNumberId, this.#deps.nowMs())) return this.#waitForThaw(run, phoneNumberId);
      const token = this.#openedTokens.open(sealed, view.uuid);
      if (token === null) return this.#verdicts.failed(input, 'whatsapp.not_configured', null, TOKEN_RETRY_MS);
      const answer = await this.#call(phoneNumberId, token, graphBody, run.signal);
      if (answer.kind === 'error' && isTokenFault(answer.code)) {
        this.#noteRefused(run.ref, sealed, answer.code);
        continue;
      }
      this.#noteAccount(run.ref, phoneNumberId, answer);
      if (answer.kind !== 'open') return this.#verdicts.ofAnswer(input, answer, phoneNumberId, attemptOf(run.id));
      // Waiting here costs no try: a message must not die of an outage that it took no part in.
      if (this.#deps.nowMs() >= giveUpAtMs) return this.#circuitStaysOpen(input, answer.afterMs);
      await wait(this.#verdicts.jittered(answer.afterMs) + 1, undefined, { signal: run.signal });
    }
  }

  /**
   * An earlier run may have reached Meta: a status is the only proof, and the conversation sees it while we wait. Sent once more, the
   * customer would have the message twice. @returns null when nothing proves it.
   */
  async #settledMeanwhile({ input, ref, signal }: Run): Promise<SendOutcome | null> {
    const given = input as SendInput | SendAgainInput;
    await wait(this.#deps.settleMs, undefined, { signal });
    const taken = await this.#deps.sent.taken(ref.tenantId, ref.id, given.opaqueId);
    // What is sent again was taken before, and has failed.
    if (taken === null || ('again' in given && taken.status === 'failed')) return null;
    return { type: 'send_succeeded', opaqueId: given.opaqueId, whatsappId: taken.whatsappId };
  }

  /** Takes its place in the pace of the number and of the pair. */
  #pauseMs(phoneNumberId: string, person: string): number {
    const nowMs = this.#deps.nowMs();
    return Math.max(this.#numbers.take(phoneNumberId, nowMs), this.#pairs.take(`${phoneNumberId}|${person}`, nowMs));
  }

  async #call(phoneNumberId: string, token: string, body: object, signal: AbortSignal): Promise<GraphAnswer> {
    // In turns of the shops: one that floods must not have all calls of a slow Graph API.
    const turn = this.#slots.take(phoneNumberId);
    if (turn !== null) await turn;
    try {
      if (signal.aborted) throw new Error('stopped while waiting for a slot');
      return await this.#deps.graph.send(phoneNumberId, token, body, signal);
    } finally {
      this.#slots.release();
    }
  }

  #noteRefused({ tenantId }: EntityRef, sealed: string, graphCode: number | null): void {
    if (!this.#refusedTokens.refuse(sealed)) return;
    this.counters.tokensRefused++;
    this.#deps.warn({ tenantId, graphCode }, 'Meta refuses the access token: messages wait for another');
  }

  /** A refused token is the shop's matter, not the message's: it costs a try only when nobody has put it right for hours. */
  async #waitForToken(run: Run, refused: string): Promise<SendOutcome> {
    const current = async () => (await this.#deps.tenants.view(run.ref.tenantId))?.settings.whatsapp.accessToken ?? null;
    if (await this.#refusedTokens.replaced(refused, current, SHOP_PATIENCE_MS, run.signal)) return this.#send({ ...run, resumed: false });
    const retryAfterMs = this.#verdicts.again(attemptOf(run.id), TRIES_MAX, SHOP_PAUSE_MS);
    return this.#verdicts.failed(run.input as SendInput, 'whatsapp.not_configured', null, retryAfterMs);
  }

  #noteAccount({ tenantId }: EntityRef, phoneNumberId: string, answer: GraphAnswer): void {
    if (answer.kind === 'sent' && this.#frozen.thaw(phoneNumberId))
      this.#deps.warn({ tenantId, phoneNumberId }, 'Meta sends for this number again: its messages go on');
    if (answer.kind !== 'error' || !isAccountFault(answer.code)) return;
    const isFrozen = isAccountFrozen(answer.code);
    if (isFrozen) this.#frozen.freeze(phoneNumberId, this.#deps.nowMs());
    const after = isFrozen ? ': messages wait until it is put right' : '';
    this.#alarm.raise({ tenantId, phoneNumberId, graphCode: answer.code }, `Meta refuses a message because of the shop's account${after}`);
  }

  /** As with a refused token: no message is to blame, and it costs a try only when nobody has put it right for hours. */
  async #waitForThaw(run: Run, phoneNumberId: string): Promise<SendOutcome> {
    const lookMs = this.#thawLookMs * THAW_WAIT_SHARE;
    for (let waitedMs = 0; waitedMs < SHOP_PATIENCE_MS; waitedMs += lookMs) {
      await wait(lookMs, undefined, { signal: run.signal });
      if (this.#frozen.admits(phoneNumberId, this.#deps.nowMs())) return this.#send({ ...run, resumed: false }, true);
    }
    const retryAfterMs = this.#verdicts.again(attemptOf(run.id), TRIES_MAX, SHOP_PAUSE_MS);
    return this.#verdicts.failed(run.input as SendInput, 'whatsapp.refused', null, retryAfterMs);
  }

  #circuitStaysOpen(input: SendInput, afterMs: number): SendOutcome {
    const retryAfterMs = this.#verdicts.jittered(Math.max(afterMs, backoffMs(1)));
    return this.#verdicts.failed(input, 'whatsapp.unreachable', null, retryAfterMs);
  }
}

/** `<opaque id>#3` is the third attempt; without a suffix it is the first. */
export function attemptOf(effectId: string): number {
  const suffix = /#(\d{1,3})$/.exec(effectId)?.[1];
  return suffix === undefined ? 1 : Number(suffix);
}
