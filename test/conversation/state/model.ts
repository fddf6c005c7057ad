/** One customer's chat among crossing answers, with what must hold after every step. Knows what a message is for only by its buttons. */
import { expect } from 'vitest';
import { LANE_MAX, ORDERS_MAX, RECENT_MAX } from '../../../src/actors/conversation/limits.ts';
import type { ConversationCommand, OutboundBody } from '../../../src/actors/conversation/protocol.ts';
import { evolve, initial } from '../../../src/actors/conversation/session/evolve.ts';
import { sendInput } from '../../../src/actors/conversation/session/lane.ts';
import type { ConversationActorState, ConversationEvent } from '../../../src/actors/conversation/session/session.ts';
import type { PlaceOrder } from '../../../src/actors/order/protocol.ts';
import { decode, encode } from '../../../src/persistence/postgres/encoding.ts';
import type { SendResult } from '../../../src/runtime/behaviour.ts';
import { Chat, choices, orderView, REF } from '../flow-harness.ts';

type Asked = Chat['asked'][number];

/** What WhatsApp makes of our id: its own for the same message. */
const WAMID = 'wamid.';

export class Model extends Chat {
  /** Questions that have been answered once; an answer may come again. */
  readonly answered: ConversationCommand[] = [];
  /** Opaque ids that may go out (once more), and how often. */
  readonly #leave = new Map<string, number>();
  readonly #effects = new Set<string>();
  readonly #bodies = new Map<string, OutboundBody>();
  /** Every message that was queued and has not come to an end. */
  readonly #open = new Set<string>();
  /** Versions of quotes that WhatsApp took. */
  readonly #seen = new Set<string>();
  readonly #reserved = new Map<string, number>();
  readonly #placed = new Set<string>();

  override tell(command: ConversationCommand): readonly ConversationEvent[] {
    const before = this.state;
    const asked = this.asked.length;
    const wired = this.wire.length;
    const events = super.tell(command);
    this.#allow(before, command);
    for (const event of events) this.#watch(event);
    for (const { id, input } of this.wire.slice(wired)) this.#expectCause(id, input.opaqueId);
    for (const effect of this.asked.slice(asked)) this.#expectAgreed(effect, command, before);
    this.#expectAwake();
    this.#expectBounded();
    return events;
  }

  /** Another try needs a reason: a failure that may pass. */
  #allow({ head, recent }: ConversationActorState, command: ConversationCommand): void {
    if (command.type !== 'send_failed' && command.type !== 'status') return;
    if (command.retryAfterMs == null || (command.type === 'status' && command.status !== 'failed')) return;
    // A failure may overtake the answer that would name its message: which one it is of, the model knows.
    const opaqueId = command.opaqueId ?? (command.type === 'status' ? command.whatsappId.slice(WAMID.length) : '');
    if (head?.message.id === opaqueId || recent.some(({ id, whatsappId }) => id === opaqueId && id !== whatsappId))
      this.#leave.set(opaqueId, (this.#leave.get(opaqueId) ?? 0) + 1);
  }

  #expectCause(effectId: string, opaqueId: string): void {
    expect(this.#effects.has(effectId), `${effectId} twice`).toBe(false);
    this.#effects.add(effectId);
    if (effectId === opaqueId) return;
    const left = this.#leave.get(opaqueId) ?? 0;
    expect(left, `${effectId} without a cause`).toBeGreaterThan(0);
    this.#leave.set(opaqueId, left - 1);
  }

  #watch({ data, personal }: ConversationEvent): void {
    const out = data.out ?? [];
    expect(out.filter((mark) => mark.class === 'reply').length).toBeLessThanOrEqual(1);
    for (const [at, { id }] of out.entries()) {
      this.#open.add(id);
      const body = personal?.out?.[at];
      if (body !== undefined) this.#bodies.set(id, body);
    }
    for (const id of [...(data.dropped ?? []), ...(data.superseded ?? [])]) this.#ended(id);
    if (data.settled === undefined) return;
    this.#ended(data.settled.id);
    const quoted = choices(this.#bodies.get(data.settled.id) ?? null).find((id) => id.startsWith('confirm:'));
    if (quoted !== undefined && data.settled.status !== 'failed') this.#seen.add(quoted);
  }

  #ended(id: string): void {
    expect(this.#open.has(id), `${id} ends once`).toBe(true);
    this.#open.delete(id);
  }

  /** A reservation follows a yes to a quote that was seen, an order follows that reservation at that total. */
  #expectAgreed({ command, to }: Asked, cause: ConversationCommand, before: ConversationActorState): void {
    const { type } = command as { type: string };
    if (type === 'reserve') {
      const { checkout } = before.session;
      expect(cause.type).toBe('receive');
      const content = (cause as Extract<ConversationCommand, { type: 'receive' }>).content;
      const confirming = `confirm:${checkout?.version}`;
      if (content.kind === 'reply') expect(content.id).toBe(confirming);
      else expect([...this.#seen], 'a yes to a quote that nobody saw').toContain(confirming);
      this.#reserved.set((command as { reservationId: string }).reservationId, checkout?.quote?.totalMinor ?? -1);
    }
    if (type !== 'place') return;
    const { quote, dropoff } = command as PlaceOrder;
    expect(this.#placed.has(to.id)).toBe(false);
    this.#placed.add(to.id);
    expect(quote.totalMinor).toBe(this.#reserved.get(to.id));
    expect(dropoff.position ?? dropoff.address).not.toBeNull();
  }

  /** Somebody will say something as long as a message waits, or an order is being placed. */
  #expectAwake(): void {
    const { head, queue, session } = this.state;
    if (head === null) {
      // Only for the rest of a post.
      if (queue.length > 0) expect(this.timers.get('rest_of_post')).toMatchObject({ command: { type: 'reply_due' } });
    } else if (head.retryAtMs === null) expect(this.wire.map(({ input }) => input.opaqueId)).toContain(head.message.id);
    else expect(this.timers.get('send_retry')).toMatchObject({ dueAtMs: head.retryAtMs, command: { opaqueId: head.message.id } });
    const { checkout } = session;
    const phase = checkout?.phase;
    if (phase === 'reserving' || phase === 'placing')
      expect(this.asked.map(({ onResult }) => (onResult as { checkoutId?: string } | undefined)?.checkoutId)).toContain(checkout?.orderId);
    // A quote that is open ends with its session.
    if (session.state !== 'IDLE' || phase === 'confirm') expect([...this.timers.keys()]).toContain('session');
  }

  #expectBounded(): void {
    const { queue, recent, session } = this.state;
    // One reply beside what must not be lost.
    expect(queue.length).toBeLessThanOrEqual(LANE_MAX + 1);
    expect(queue.filter((message) => message.class === 'reply').length).toBeLessThanOrEqual(1);
    expect(recent.length).toBeLessThanOrEqual(RECENT_MAX);
    expect(session.orders.length).toBeLessThanOrEqual(ORDERS_MAX);
  }

  sendEnds(at: number, how: 'sent' | 'again' | 'dead'): void {
    const [sent] = this.wire.splice(at % Math.max(1, this.wire.length), 1);
    if (sent === undefined) return;
    const { opaqueId } = sent.input;
    if (how === 'sent') {
      if ('body' in sent.input) this.phone.push(sent.input.body);
      this.tell({ type: 'send_succeeded', opaqueId, whatsappId: WAMID + opaqueId });
    } else this.tell({ type: 'send_failed', opaqueId, code: 'x.y', graphCode: null, retryAfterMs: how === 'again' ? 1_000 : null });
  }

  /** Of the message in flight, or of one that was sent: with our own id or only WhatsApp's. */
  status(at: number, status: string, named: boolean, retryAfterMs: number | null): void {
    const ids = [this.state.head?.message.id, ...this.state.recent.map(({ id }) => id)].filter((id) => id !== undefined);
    const id = ids[at % Math.max(1, ids.length)];
    if (id === undefined) return;
    this.tell({
      type: 'status',
      whatsappId: WAMID + id,
      opaqueId: named ? id : null,
      status,
      atMs: this.nowMs,
      errorCode: null,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    });
  }

  /** The timers that are due after a while, oldest first. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers.values()].sort((a, b) => a.dueAtMs - b.dueAtMs)) {
      if (timer.dueAtMs > this.nowMs || this.timers.get(timer.name) !== timer) continue;
      this.timers.delete(timer.name);
      this.tell(timer.command as ConversationCommand);
    }
  }

  /** One question is answered, whichever: by what the other side says, by something else, or by nonsense. */
  reply(at: number, how: 'yes' | 'dearer' | 'no' | 'junk'): void {
    const [effect] = this.asked.splice(at % Math.max(1, this.asked.length), 1);
    if (effect?.onResult === undefined) return;
    const command = effect.command as { type: string };
    const answer = { ...effect.onResult, result: this.#resultOf(effect, command.type, how) } as unknown as ConversationCommand;
    this.answered.push(answer);
    this.tell(answer);
  }

  #resultOf(effect: Asked, type: string, how: 'yes' | 'dearer' | 'no' | 'junk'): unknown {
    if (how === 'junk') return { ok: true, value: { id: 1 } };
    if (how === 'no') return { ok: false, refusal: { code: type === 'reserve' ? 'tenant.suspended' : 'order.reservation_missing' } };
    if (type === 'place') return { ok: true, value: orderView(effect.to.id, effect.command as PlaceOrder) };
    if (type !== 'reserve') return type === 'rate_driver' ? this.rate(effect.to.id, 5) : this.transition(effect.to.id);
    const quote = this.state.session.checkout?.quote ?? null;
    const more = how === 'dearer' ? 500 : 0;
    return { ok: true, value: quote === null ? null : { ...quote, totalMinor: quote.totalMinor + more } } satisfies SendResult;
  }

  /** The journal alone, from a snapshot taken somewhere on the way. */
  restart(cut: number): void {
    const whole = this.#folded(0, initial(REF));
    const at = cut % (this.events.length + 1);
    const snapshot = this.events.slice(0, at).reduce((state, one) => evolve(state, one.event, { ref: REF, ...one }), initial(REF));
    const again = this.#folded(at, decode(encode(snapshot)) as ConversationActorState);
    expect(again).toEqual(this.state);
    expect(whole).toEqual(this.state);
    this.state = again;
  }

  #folded(from: number, state: ConversationActorState): ConversationActorState {
    return this.events.slice(from).reduce((folded, one) => evolve(folded, one.event, { ref: REF, ...one }), state);
  }

  /** The person's key is destroyed and the actor starts again: what only the state held is not sent any more. */
  erase(): void {
    for (const one of this.events) {
      const { personal: _gone, ...rest } = one.event;
      one.event = rest;
    }
    this.state = this.#folded(0, initial(REF));
    const kept = this.wire.filter(({ id, input }) => !('body' in input) || sendInput(id, this.state) !== undefined);
    this.wire.splice(0, this.wire.length, ...kept);
    this.#open.clear();
    this.#expectAwake();
  }

  /** Everybody has answered, every timer has run. */
  end(): void {
    for (
      let i = 0;
      i < 400 && (this.wire.length > 0 || this.asked.length > 0 || this.state.head !== null || this.state.queue.length > 0);
      i++
    ) {
      if (this.wire.length > 0) this.sendEnds(0, 'sent');
      else if (this.asked.length > 0) this.reply(0, 'yes');
      else this.pass(3_600_000);
    }
    expect(this.state).toMatchObject({ head: null, queue: [] });
    expect([...this.#open], 'messages that came to no end').toEqual([]);
    expect(['reserving', 'placing']).not.toContain(this.state.session.checkout?.phase);
  }
}
