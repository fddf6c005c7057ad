/**
 * One connected phone: takes its messages, answers each after its effect is durable. It must never know uWebSockets: `PhoneWire` is all
 * that it has of the socket.
 *
 * Modes: `open` (entered new; left by the end of the socket and by a lock-out) · `closed` (nothing is sent any more).
 */
import type { AcceptOutcome, DriverCommand, DriverNews, DriverView } from '../../../actors/driver/protocol.ts';
import { isLockedOut, LOCKED_OUT_CODE } from '../../../actors/driver/standing.ts';
import type { StepReply } from '../../../actors/order/protocol.ts';
import { orderRef } from '../../../actors/refs.ts';
import type { Fix } from '../../../geo/gps/fix.ts';
import type { LiveFeed } from '../../../ports.ts';
import type { ActorSystem, Answer } from '../../../runtime/behaviour.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import type { DriverSource } from '../../../telemetry/protocol.ts';
import type { Telemetry } from '../../../telemetry/telemetry.ts';
import { decodeBinary } from '../formats/binary.ts';
import type { FixResult } from '../formats/position-json.ts';
import { type DriverMessage, type MessageId, parseDriverMessage } from './driver-message.ts';
import { type DriverStep, stepCommand, stepOptions } from './driver-step.ts';
import { MessageBucket, type MessageRate } from './message-rate.ts';
import { OfferWaits } from './offer-waits.ts';
import { PhoneNews, type PhoneWire } from './phone-news.ts';

const CLOSE_BAD_FRAME = 1007;
const CLOSE_POLICY = 1008;
const CLOSE_TRY_AGAIN = 1013;
/** The token has expired, or its driver is locked out. */
export const CLOSE_UNAUTHORISED = 4401;
const CLOSE_NO_SUCH_DRIVER = 4404;
/** Commands of one phone that are not answered yet. */
const COMMANDS_MAX = 16;
/** A refused frame that is no longer than this is read for the id to answer with. */
const REFUSED_TEXT_MAX = 2_048;
/** The home thread hears so often that a phone without positions is there. */
const HELLO_EVERY_MS = 30_000;

export interface SessionDeps {
  readonly system: ActorSystem;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'push' | 'hello' | 'where'>;
  readonly rate: MessageRate;
  readonly onDefect: (error: unknown, where: string) => void;
}

/** What is answered when its effect is durable. */
type Told = Exclude<DriverMessage, { type: 'position' | 'positions' }>;

export class DriverSession {
  readonly #deps: SessionDeps;
  readonly #ref: EntityRef;
  readonly #wire: PhoneWire;
  readonly #waits: OfferWaits;
  readonly #news: PhoneNews;
  readonly #bucket: MessageBucket;
  readonly source: DriverSource;
  #unsubscribe: () => void = () => undefined;
  #isClosed = false;
  #commands = 0;
  /** Monotonic. */
  #helloAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SessionDeps, ref: EntityRef, source: DriverSource, wire: PhoneWire) {
    this.#deps = deps;
    this.#ref = ref;
    this.#wire = wire;
    this.source = source;
    this.#waits = new OfferWaits(deps.clock);
    this.#news = new PhoneNews(wire, this.#waits);
    this.#bucket = new MessageBucket(deps.rate, deps.clock.monotonicMs());
  }

  /** Listens first and asks then, so that the phone ends with the present state. */
  async open(): Promise<void> {
    this.#unsubscribe = this.#deps.feed.subscribe(`driver/${this.#ref.id}`, (news) => this.#heard(news as DriverNews));
    this.#hello();
    const answer = await this.#ask<DriverView>({ type: 'get' });
    if (this.#isClosed) return;
    if (!answer.ok) {
      if ('refusal' in answer) this.#wire.close(CLOSE_NO_SUCH_DRIVER, answer.refusal.code);
      else this.#wire.close(CLOSE_TRY_AGAIN, answer.fault.code);
      return;
    }
    if (isLockedOut(answer.value)) {
      this.#lockOut();
      return;
    }
    this.#news.begin(answer.value);
  }

  /** One text frame. */
  text(text: string): void {
    if (!this.#mayGoOn(text)) return;
    const parsed = parseDriverMessage(text);
    if (!parsed.ok) {
      this.#error(parsed.id, parsed.code, parsed.field === null ? {} : { field: parsed.field });
      return;
    }
    const { id, message } = parsed;
    this.#hello();
    switch (message.type) {
      case 'position':
        this.#positions([message.fix]);
        return;
      case 'positions':
        this.#batch(id, message.items);
        return;
      case 'ping':
        this.#ack(id);
        return;
      default:
        if (this.#commands >= COMMANDS_MAX) this.#error(id, 'runtime.overloaded');
        else void this.#command(id, message);
    }
  }

  /** One binary frame. @param frame only read during the call */
  binary(frame: ArrayBuffer): void {
    if (!this.#mayGoOn('')) return;
    const decoded = decodeBinary(frame);
    if (decoded.ok) this.#positions(decoded.fixes);
    else if (decoded.code === 'gps.frame_length') this.#wire.close(CLOSE_BAD_FRAME, decoded.code);
    else this.#error(null, decoded.code);
  }

  pong(payload: string): void {
    const offerId = this.#waits.ponged(payload);
    if (offerId !== null) this.#deps.system.tell(this.#ref, { type: 'offer_delivered', offerId } satisfies DriverCommand);
  }

  advise(intervalMs: number): void {
    this.#send({ type: 'advice', interval_ms: intervalMs });
  }

  /** The socket has gone. */
  closed(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#waits.end();
  }

  // --- to the phone -----------------------------------------------------------------------------------------

  #heard(news: DriverNews): void {
    if (news.type === 'standing' && news.lockedOut) {
      this.#lockOut();
      return;
    }
    if (news.type === 'offer_settled') this.#waits.settled(news.offerId, news.outcome);
    if (!this.#news.tell(news)) this.#wire.close(CLOSE_TRY_AGAIN, 'runtime.overloaded');
  }

  /** Over at once: what is still on its way from the phone is not read. */
  #lockOut(): void {
    this.closed();
    this.#wire.close(CLOSE_UNAUTHORISED, LOCKED_OUT_CODE);
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (!this.#isClosed) this.#wire.send(JSON.stringify(message));
  }

  #ack(id: MessageId | null, more: Readonly<Record<string, unknown>> = {}): void {
    this.#send({ type: 'ack', id, ok: true, ...more });
  }

  #error(id: MessageId | null, code: string, more: Readonly<Record<string, unknown>> = {}): void {
    this.#send({ type: 'error', id, code, ...more });
  }

  // --- from the phone ---------------------------------------------------------------------------------------

  #mayGoOn(text: string): boolean {
    if (this.#isClosed) return false;
    const taken = this.#bucket.take(this.#deps.clock.monotonicMs());
    if (taken === 'ok') return true;
    if (taken === 'endless') this.#wire.close(CLOSE_POLICY, 'gps.rate_limited');
    else if (text !== '' && text.length <= REFUSED_TEXT_MAX) this.#error(parseDriverMessage(text).id, 'gps.rate_limited');
    return false;
  }

  #hello(): void {
    const monotonicMs = this.#deps.clock.monotonicMs();
    if (monotonicMs - this.#helloAtMs < HELLO_EVERY_MS) return;
    this.#helloAtMs = monotonicMs;
    this.#deps.telemetry.hello(this.source);
  }

  #positions(fixes: readonly Fix[]): void {
    this.#deps.telemetry.push(this.source, fixes, this.#deps.clock.nowMs());
  }

  /** The readable ones count; the first that is not is named. */
  #batch(id: MessageId | null, items: readonly FixResult[]): void {
    const fixes = items.flatMap((item) => (item.ok ? [item.fix] : []));
    if (fixes.length > 0) this.#positions(fixes);
    const index = items.findIndex((item) => !item.ok);
    const fault = items[index];
    if (fault !== undefined && !fault.ok) this.#error(id, fault.code, { index, ...(fault.field === null ? {} : { field: fault.field }) });
  }

  /** Total: nobody waits for it. */
  async #command(id: MessageId | null, message: Told): Promise<void> {
    this.#commands++;
    try {
      await this.#handle(id, message);
    } catch (error) {
      this.#deps.onDefect(error, 'driver socket command');
      this.#error(id, 'request.internal');
    } finally {
      this.#commands--;
    }
  }

  async #handle(id: MessageId | null, message: Told): Promise<void> {
    const receivedAtMs = this.#deps.clock.nowMs();
    switch (message.type) {
      case 'status': {
        const command: DriverCommand = message.status === 'online' ? { type: 'go_online' } : { type: 'go_offline', reason: 'driver' };
        this.#settle(id, await this.#ask(command));
        return;
      }
      case 'decline':
        await this.#decline(id, message);
        return;
      case 'accept':
        await this.#accept(id, { type: 'accept', offerId: message.offerId, receivedAtMs });
        return;
      case 'bid':
        await this.#accept(id, { type: 'bid', offerId: message.offerId, amountMinor: message.amountMinor, receivedAtMs });
        return;
      case 'arrived':
      case 'picked_up':
      case 'delivered':
        await this.#step(id, message);
    }
  }

  /** A bid that is no acceptance declines this offer as it should, and has no outcome: the market decides later. */
  async #accept(id: MessageId | null, command: DriverCommand & { readonly type: 'accept' | 'bid' }): Promise<void> {
    const settling = this.#waits.listen(command.offerId);
    const answer = await this.#ask<{ readonly outcome?: AcceptOutcome } | undefined>(command);
    const said = answer.ok ? answer.value?.outcome : undefined;
    if (said !== 'pending') settling.stop();
    const isNamed = command.type === 'bid' && command.amountMinor !== null && said === 'declined';
    if (!answer.ok || said === undefined || isNamed) {
      this.#settle(id, answer);
      return;
    }
    const outcome = said === 'pending' ? await settling.outcome : said;
    // The phone asks again and gets what was decided meanwhile.
    if (outcome === null) this.#error(id, 'runtime.timeout');
    else if (outcome === 'won' || outcome === 'already_yours') this.#ack(id, { outcome });
    else this.#error(id, 'offer.closed', { outcome });
  }

  /** The first durable word counts: what was accepted, taken or has run out before says so. */
  async #decline(id: MessageId | null, { offerId, reason }: DriverMessage & { readonly type: 'decline' }): Promise<void> {
    const command: DriverCommand = { type: 'decline', offerId, ...(reason === null ? {} : { reason }) };
    const answer = await this.#ask<{ readonly outcome?: AcceptOutcome } | undefined>(command);
    const outcome = answer.ok ? answer.value?.outcome : undefined;
    if (outcome === undefined || outcome === 'declined') this.#settle(id, answer);
    else this.#error(id, 'offer.closed', { outcome });
  }

  /** The order decides with what the platform knows of the driver's place, and answers a repeated step as it did the first. */
  async #step(id: MessageId | null, message: DriverStep): Promise<void> {
    const { tenantId, id: driverId } = this.#ref;
    const order = orderRef(tenantId, message.deliveryId);
    if (order === null) {
      this.#error(id, 'delivery.not_yours');
      return;
    }
    const place = await this.#deps.telemetry.where(this.source, message.deliveryId);
    const command = stepCommand(driverId, message, place);
    const answer = await this.#deps.system.ask<StepReply | undefined>(order, command, stepOptions(message, place));
    const reply = answer.ok ? answer.value : undefined;
    if (reply?.ok === false) this.#error(id, reply.code, { tries_left: reply.triesLeft });
    else this.#settle(id, answer);
  }

  #settle(id: MessageId | null, answer: Answer): void {
    if (answer.ok) this.#ack(id);
    else if ('refusal' in answer) this.#error(id, answer.refusal.code);
    else this.#error(id, answer.fault.code, answer.fault.retryAfterMs === undefined ? {} : { retry_after_ms: answer.fault.retryAfterMs });
  }

  #ask<R = unknown>(command: DriverCommand): Promise<Answer<R>> {
    return this.#deps.system.ask<R>(this.#ref, command);
  }
}
