/**
 * WhatsApp as a shop meets it: takes messages and at times fails, brings each to its phone, says what became of it twice or late, and
 * posts every webhook again until somebody answers for it, and now and then after that.
 */
import type { OutboundBody, SendAgainInput, SendInput, SendOutcome } from '../../src/actors/conversation/protocol.ts';
import type { EffectHandler } from '../../src/runtime/behaviour.ts';
import type { VirtualClock } from '../../src/runtime/clock.ts';
import { toGraphBody } from '../../src/transport/whatsapp/sending/graph-body.ts';
import { graphBodyFault } from '../../src/transport/whatsapp/sending/graph-body-check.ts';
import { verdictOf } from '../../src/transport/whatsapp/sending/graph-errors.ts';
import { attemptOf } from '../../src/transport/whatsapp/sending/sender.ts';

interface MetaFaults {
  /** Shares of sends that never reach Meta, that Meta takes or drops without an answer, and that it refuses for a while. */
  unreachable: number;
  unanswered: number;
  refused: number;
  /** Share of taken messages that fail on their way, and of posts and statuses that come twice. */
  undelivered: number;
  twice: number;
}

interface Delivered {
  readonly waId: string;
  readonly opaqueId: string;
  readonly body: OutboundBody;
}

interface MetaOptions {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly faults: MetaFaults;
  readonly phoneNumberId: string;
  /** @returns whether the post was answered 200. */
  post(body: object): Promise<boolean>;
  defect(text: string): void;
}

const REDELIVERY_MS = 30_000;
const TEMPORARY = 131_000;

export class Meta {
  /** Everything that reached a phone, in that order. */
  readonly delivered: Delivered[] = [];
  /** Messages whose post was answered 200: whose they are, when they were posted first and when answered, counted in such moments. */
  readonly acknowledged = new Map<string, { readonly waId: string; readonly postedAt: number; readonly answeredAt: number }>();
  #moments = 0;
  /** Sends whose outcome nobody was told, or that were taken and then reported lost: these may come twice. */
  readonly doubtful = new Map<string, number>();
  /** Posts under way, or to be repeated. */
  pending = 0;
  readonly #options: MetaOptions;
  readonly #bodies = new Map<string, OutboundBody>();
  #messages = 0;

  constructor(options: MetaOptions) {
    this.#options = options;
  }

  /** A message of a customer. @returns its id. */
  write(waId: string, content: object): string {
    const id = `wamid.IN${++this.#messages}`;
    const timestamp = String(Math.floor(this.#options.clock.nowMs() / 1_000));
    const contacts = [{ profile: { name: `Person ${waId}` }, wa_id: waId }];
    this.#deliver({ contacts, messages: [{ from: waId, id, timestamp, ...content }] }, { id, waId });
    return id;
  }

  readonly handler: EffectHandler = async ({ id, input, ref, resumed, signal }) => {
    const given = input as SendInput | SendAgainInput;
    // An earlier run may have reached Meta: its status comes first.
    if (resumed) await this.#time(2_000);
    if (signal.aborted) throw new Error('stopped');
    const body = 'again' in given ? this.#bodies.get(given.opaqueId) : given.body;
    if (body === undefined) throw new Error(`nothing is known of ${given.opaqueId} of ${ref.id}`);
    if (resumed) this.#doubt(given.opaqueId);
    return await this.#send({ opaqueId: given.opaqueId, to: given.to, body }, attemptOf(id), signal);
  };

  async #send(input: SendInput, attempt: number, signal: AbortSignal): Promise<SendOutcome> {
    const { faults, random } = this.#options;
    const { opaqueId } = input;
    const fault = graphBodyFault(toGraphBody(input));
    if (fault !== null) this.#options.defect(`a body that Meta refuses: ${fault}`);
    await this.#time(300);
    if (signal.aborted) this.#doubt(opaqueId);
    const dice = random();
    const later = (code: string, graphCode: number | null): SendOutcome => {
      const verdict = verdictOf(graphCode ?? TEMPORARY, 500, attempt);
      const retryAfterMs = verdict.retry === 'later' && attempt < verdict.tries ? verdict.afterMs : null;
      return { type: 'send_failed', opaqueId, code, graphCode, retryAfterMs };
    };
    if (dice < faults.unreachable) return later('whatsapp.unreachable', null);
    if (dice < faults.unreachable + faults.refused) return later('whatsapp.refused', TEMPORARY);
    const isUnanswered = dice < faults.unreachable + faults.refused + faults.unanswered;
    if (isUnanswered) this.#doubt(opaqueId);
    if (isUnanswered && random() < 0.5) return later('whatsapp.unknown_outcome', null);
    const whatsappId = `wamid.OUT${++this.#messages}`;
    this.#bodies.set(opaqueId, input.body);
    const waId = input.to.waId ?? '';
    this.delivered.push({ waId, opaqueId, body: input.body });
    this.#tell(waId, whatsappId, opaqueId);
    return isUnanswered ? later('whatsapp.unknown_outcome', null) : { type: 'send_succeeded', opaqueId, whatsappId };
  }

  /** Statuses overtake each other, and the answer of the send. */
  #tell(waId: string, whatsappId: string, opaqueId: string): void {
    const { clock, faults, random } = this.#options;
    const isLost = random() < faults.undelivered;
    if (isLost) this.#doubt(opaqueId);
    for (const status of isLost ? ['sent', 'failed'] : ['sent', 'delivered', 'read']) {
      const about = { id: whatsappId, status, recipient_id: waId, biz_opaque_callback_data: opaqueId };
      const errors = status === 'failed' ? { errors: [{ code: TEMPORARY, title: 'Something went wrong' }] } : {};
      clock.after(Math.floor(random() * 3_000), () => {
        const timestamp = String(Math.floor(clock.nowMs() / 1_000));
        this.#deliver({ statuses: [{ ...about, timestamp, ...errors }] }, null);
      });
    }
  }

  #deliver(part: object, message: { readonly id: string; readonly waId: string } | null): void {
    const { clock, faults, random } = this.#options;
    const metadata = { display_phone_number: '27600000000', phone_number_id: this.#options.phoneNumberId };
    const value = { messaging_product: 'whatsapp', metadata, ...part };
    const body = { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ value, field: 'messages' }] }] };
    const postedAt = this.#moments++;
    this.pending++;
    const again = async (): Promise<void> => {
      if (await this.#options.post(body)) {
        if (message !== null && !this.acknowledged.has(message.id))
          this.acknowledged.set(message.id, { waId: message.waId, postedAt, answeredAt: this.#moments++ });
        if (random() >= faults.twice) {
          this.pending--;
          return;
        }
      }
      clock.after(Math.floor(random() * REDELIVERY_MS), () => void again());
    };
    void again();
  }

  #doubt(opaqueId: string): void {
    this.doubtful.set(opaqueId, (this.doubtful.get(opaqueId) ?? 0) + 1);
  }

  #time(slowestMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(Math.floor(this.#options.random() * slowestMs), resolve));
  }
}
