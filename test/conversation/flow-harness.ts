/** One customer's chat over the pure functions: a tenant, an order and a gateway that answer as their protocols say. */
import { expect } from 'vitest';
import { projectConversation } from '../../src/actors/conversation/project.ts';
import type {
  Contact,
  ConversationCommand,
  ConversationView,
  InboundContent,
  OutboundBody,
  SendInput,
} from '../../src/actors/conversation/protocol.ts';
import { evolve, initial } from '../../src/actors/conversation/session/evolve.ts';
import { sendInput } from '../../src/actors/conversation/session/lane.ts';
import type { ConversationActorState, ConversationEvent } from '../../src/actors/conversation/session/session.ts';
import { decide } from '../../src/actors/conversation/state.ts';
import type { OrderStatus, OrderView, PlaceOrder, RateDriver } from '../../src/actors/order/protocol.ts';
import type { Product, Quote, TenantSettings } from '../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';
import type { Effect, ReadModelWrite, SendResult, TimerOp } from '../../src/runtime/behaviour.ts';

export const CUSTOMER = 'cus_0001';
export const REF = { tenantId: 7, kind: 'conversation', id: CUSTOMER, shard: 5 * 32 + 3 };
export const NOON_MS = Date.UTC(2026, 0, 15, 10, 0, 0);
export const HOUR_MS = 3_600_000;
/** About three kilometres from the shop. */
export const NEAR = { lat: -26.27, lng: 27.87 };
export const FAR = { lat: -26.9, lng: 28.9 };

const product = (id: string, name: string, priceMinor: number, category: string, more: Partial<Product> = {}): Product => ({
  id,
  name,
  priceMinor,
  category,
  description: null,
  aliases: [],
  stock: null,
  options: [],
  imageUrl: null,
  available: true,
  ...more,
});

export const PRODUCTS: readonly Product[] = [
  product('p_kota', 'Kota', 4500, 'Meals', { aliases: ['kotas', 'sphatlo'] }),
  product('p_vetkoek', 'Vetkoek', 800, 'Meals', { aliases: ['amagwinya', 'magwinya'] }),
  product('p_pap', 'Pap and Wors', 6500, 'Meals', { stock: 3 }),
  product('p_coke', 'Coke', 1800, 'Drinks', { aliases: ['coca cola', 'cokes'] }),
  product('p_juice', 'Orange Juice', 2000, 'Drinks', { stock: 0 }),
];

export const SETTINGS: TenantSettings = {
  slug: 'mama',
  name: 'Mama Thandi',
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phoneNumberId: '1', wabaId: '2', accessToken: null },
  payments: { cod: { enabled: true, maxAmountMinor: 500_000 } },
  delivery: { baseFeeMinor: 1500, perKmMinor: 500, freeKm: 2, maxKm: 10 },
  owner: { name: 'Thandi', waId: '27600000010' },
};

export function viewWith(change: Partial<TenantView> = {}): TenantView {
  return {
    tenantId: 7,
    uuid: '00000000-0000-4000-8000-000000000007',
    dataShard: 5,
    status: 'active',
    version: 1,
    settings: SETTINGS,
    products: PRODUCTS,
    ...change,
  };
}

export class Chat {
  state: ConversationActorState = initial(REF);
  seq = 0;
  nowMs = NOON_MS;
  decide: typeof decide = decide;
  view: TenantView | null = viewWith();
  readonly events: { event: ConversationEvent; seq: number; atMs: number }[] = [];
  readonly rows: ReadModelWrite[] = [];
  /** What reached the customer's phone, oldest first. */
  readonly phone: OutboundBody[] = [];
  /** Tries under way at the gateway. */
  readonly wire: { id: string; input: SendInput }[] = [];
  readonly asked: Extract<Effect, { type: 'send' }>[] = [];
  readonly timers = new Map<string, Extract<TimerOp, { op: 'arm' }>>();
  lastReply: unknown = undefined;
  #inbound = 0;

  /** One command through decide, evolve and project; invariants are checked on the way. */
  tell(command: ConversationCommand): readonly ConversationEvent[] {
    const seq = this.seq + 1;
    const decision = this.decide(this.state, command, {
      ref: REF,
      nowMs: this.nowMs,
      seq,
      view: this.view,
      uniqueId: (salt) => `${seq}${salt}`,
    });
    this.lastReply = decision.ok ? decision.reply : decision.refusal;
    if (!decision.ok) return [];
    for (const made of decision.events) {
      this.seq++;
      const event = JSON.parse(JSON.stringify(made)) as ConversationEvent;
      const meta = { ref: REF, seq: this.seq, atMs: this.nowMs };
      this.state = evolve(this.state, event, meta);
      this.events.push({ event, seq: this.seq, atMs: this.nowMs });
      this.rows.push(...projectConversation(event, this.state, meta));
    }
    for (const effect of decision.effects ?? []) {
      if (effect.type === 'send') this.asked.push(effect);
      else {
        // What a crash would resume it with, whatever led here.
        if (effect.inState === true) expect(sendInput(effect.id, this.state)).toEqual(effect.input);
        this.wire.push({ id: effect.id, input: effect.input as SendInput });
      }
    }
    for (const timer of decision.timers ?? []) {
      if (timer.op === 'arm') this.timers.set(timer.name, timer);
      else this.timers.delete(timer.name);
    }
    return decision.events;
  }

  receive(content: InboundContent, contact: Contact = { waId: '27820000001', userId: null, name: 'Sipho' }, moreFollows = false): void {
    this.#inbound++;
    const message = { type: 'receive', whatsappId: `wamid.in${this.#inbound}`, contact, content, sentAtMs: this.nowMs } as const;
    this.tell(moreFollows ? { ...message, moreFollows } : message);
  }

  /** Messages of one post, in its order. */
  receiveTogether(...contents: readonly InboundContent[]): void {
    for (const [at, content] of contents.entries()) this.receive(content, undefined, at < contents.length - 1);
  }

  /** A text, everything that follows from it, and the last thing on the phone afterwards. */
  says(value: string): OutboundBody | null {
    return this.after(() => this.receive({ kind: 'text', text: value }));
  }

  taps(id: string): OutboundBody | null {
    return this.after(() => this.receive({ kind: 'reply', id, title: id }));
  }

  pins(position: { lat: number; lng: number }): OutboundBody | null {
    return this.after(() => this.receive({ kind: 'location', position, name: null, address: null }));
  }

  /** @returns the newest message on the phone that `action` led to, null when it led to none. */
  after(action: () => void): OutboundBody | null {
    const before = this.phone.length;
    action();
    this.settle();
    return this.phone.length > before ? (this.phone[this.phone.length - 1] as OutboundBody) : null;
  }

  /** Gateway and actors answer until nothing is under way. */
  settle(): void {
    for (let i = 0; i < 100 && (this.wire.length > 0 || this.asked.length > 0); i++) {
      this.deliver();
      this.answer();
    }
    expect(this.wire.length + this.asked.length).toBe(0);
  }

  deliver(): void {
    const sent = this.wire.shift();
    if (sent === undefined) return;
    this.phone.push(sent.input.body);
    this.tell({ type: 'send_succeeded', opaqueId: sent.input.opaqueId, whatsappId: `wamid.${sent.id}` });
  }

  /** How the tenant and the order answer; tests replace it. */
  reserve = (): SendResult => ({ ok: true, value: this.state.session.checkout?.quote });
  place = (orderId: string, command: PlaceOrder): SendResult => ({ ok: true, value: orderView(orderId, command) });
  transition = (_orderId: string): SendResult => ({
    ok: false,
    refusal: { code: 'order.illegal_transition', details: { status: 'PREPARING' } },
  });
  rate = (_orderId: string, stars: number): SendResult => ({ ok: true, value: { outcome: 'rated', code: 'K7F', stars } });
  readonly done: Extract<Effect, { type: 'send' }>[] = [];

  answer(): void {
    const effect = this.asked.shift();
    if (effect === undefined) return;
    this.done.push(effect);
    if (effect.onResult === undefined) return;
    const command = effect.command as { type: string };
    const result =
      command.type === 'reserve'
        ? this.reserve()
        : command.type === 'place'
          ? this.place(effect.to.id, command as PlaceOrder)
          : command.type === 'rate_driver'
            ? this.rate(effect.to.id, (command as RateDriver).stars)
            : this.transition(effect.to.id);
    this.tell({ ...effect.onResult, result } as unknown as ConversationCommand);
  }

  get(): ConversationView {
    this.tell({ type: 'get' });
    return this.lastReply as ConversationView;
  }

  /** `product: quantity` of the cart. */
  cart(): Record<string, number> {
    return Object.fromEntries(this.get().cart.map((line) => [line.productId, line.quantity]));
  }

  commands(): string[] {
    return this.done.map((effect) => (effect.command as { type: string }).type);
  }

  /** The buttons or rows of what is on the phone now. */
  ids(): string[] {
    return choices(this.phone[this.phone.length - 1] ?? null);
  }

  buttonStarting(prefix: string): string {
    const id = this.ids().find((known) => known.startsWith(prefix));
    expect(id, `a button ${prefix} in ${JSON.stringify(this.phone[this.phone.length - 1])}`).toBeDefined();
    return id as string;
  }

  /** Up to the quote for two kotas, then confirmed. @returns the order's id. */
  order(): string {
    this.says('2 kota');
    this.taps(this.buttonStarting('checkout:'));
    this.pins(NEAR);
    this.taps(this.buttonStarting('confirm:'));
    return this.get().openOrderId as string;
  }

  /** Up to the yes to that quote, and no further: the order is being placed until `settle`. */
  placing(): void {
    this.says('2 kota');
    this.says('checkout');
    this.pins(NEAR);
    this.receive({ kind: 'reply', id: this.buttonStarting('confirm:'), title: '' });
  }

  orderChanged(orderId: string, status: OrderStatus, version: number, reason: string | null = null): OutboundBody | null {
    return this.after(() => this.tell({ type: 'order_changed', orderId, code: 'K7F', status, version, reason }));
  }
}

export function choices(body: OutboundBody | null): string[] {
  if (body?.kind === 'buttons') return body.buttons.map((button) => button.id);
  if (body?.kind === 'list') return body.sections.flatMap((section) => section.rows.map((row) => row.id));
  return [];
}

export function orderView(id: string, command: PlaceOrder, status: OrderStatus = 'CREATED'): OrderView {
  return {
    id,
    code: 'K7F',
    status,
    customerId: command.customerId,
    customer: { waId: command.customer.waId, name: command.customer.name },
    quote: command.quote,
    pickup: command.pickup,
    dropoff: command.dropoff,
    delivery: null,
    paymentMethod: 'cod',
    source: 'whatsapp',
    version: 1,
    createdAtMs: NOON_MS,
    updatedAtMs: NOON_MS,
    history: [],
  };
}

/** The state that the journal alone gives, optionally after the person's key is destroyed. */
export function replay(chat: Chat, erased = false): ConversationActorState {
  return chat.events.reduce((state, { event, seq, atMs }) => {
    const { personal, ...rest } = event;
    const stored = (erased || personal === undefined ? rest : { ...rest, personal }) as ConversationEvent;
    return evolve(state, stored, { ref: REF, seq, atMs });
  }, initial(REF));
}

export function quoteOf(chat: Chat): Quote {
  const quote = chat.state.session.checkout?.quote;
  if (quote === null || quote === undefined) throw new Error('no quote shown');
  return quote;
}

/** A chat in which the customer has said all of these, one after the other. */
export function chatAfter(...texts: readonly string[]): Chat {
  return chatWith(null, texts);
}

/** The same in a shop that sells these. */
export function chatIn(products: readonly Product[]): (...texts: readonly string[]) => Chat {
  return (...texts) => chatWith(products, texts);
}

function chatWith(products: readonly Product[] | null, texts: readonly string[]): Chat {
  const chat = new Chat();
  if (products !== null) chat.view = viewWith({ products });
  for (const text of texts) chat.says(text);
  return chat;
}

/** The text of what the customer heard last. */
export const last = (chat: Chat): string => chat.phone.at(-1)?.text ?? '';
