/**
 * One shop in memory behind the sandbox's ports: a strict fake of the webhook (signature over raw bytes, Meta's
 * escaping), a chat that answers, and orders that keep the order of their steps.
 */
import { createHmac } from 'node:crypto';
import type { InboundContent, OutboundBody } from '../../src/actors/conversation/protocol.ts';
import type { OrderCommand, OrderHistoryEntry, OrderStatus, OrderView } from '../../src/actors/order/protocol.ts';
import { newOrderRef } from '../../src/actors/refs.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';
import type { CustomerDirectory, MessageItem, ReadModels, TenantAddress, TenantDirectory } from '../../src/ports.ts';
import type { ActorSystem, Answer } from '../../src/runtime/behaviour.ts';
import type { SandboxDeps } from '../../src/transport/sandbox/routes.ts';

const SECRET = 'sandbox-test-secret';
export const DEMO: TenantAddress = {
  tenantId: 7,
  uuid: '3f0c7a52-6f7e-4b6e-9f5b-0c1d2e3f4a5b',
  slug: 'mama-thandi',
  dataShard: 3,
  phoneNumberId: '200000000000001',
  status: 'active',
};

const STEPS: Readonly<Record<string, Readonly<Record<string, OrderStatus>>>> = {
  CREATED: { accept: 'CONFIRMED', reject: 'CANCELLED', cancel: 'CANCELLED' },
  CONFIRMED: { prepare: 'PREPARING', cancel: 'CANCELLED' },
  PREPARING: { ready: 'READY_FOR_PICKUP', cancel: 'CANCELLED' },
  READY_FOR_PICKUP: { deliver: 'DELIVERED', cancel: 'CANCELLED' },
};

interface Webhook {
  readonly entry: readonly { readonly changes: readonly { readonly value: Record<string, never> }[] }[];
}

export class FakeWorld {
  /** Every webhook body that passed the checks, parsed, oldest first. */
  readonly webhooks: Webhook[] = [];
  readonly orders = new Map<string, OrderView>();
  readonly #messages = new Map<string, MessageItem[]>();
  #count = 0;
  #nowMs = Date.now() - 60_000;
  baseUrl = '';
  ownPages: SandboxDeps['ownPages'] = { publicHost: null, believesNames: false };
  /** When set, the webhook refuses with this status and problem. */
  refuseWith: { readonly status: number; readonly body: string } | null = null;

  deps(): SandboxDeps {
    return {
      system: this.#system(),
      tenants: this.#tenants(),
      customers: this.#customers(),
      readModels: this.#readModels(),
      appSecret: SECRET,
      baseUrl: () => this.baseUrl,
      toGraphBody: ({ to, body }) => ({ messaging_product: 'whatsapp', to: to.waId, type: body.kind, body }),
      demoSlug: DEMO.slug,
      ownPages: this.ownPages,
      trackingUrl: (_tenantId, orderId, leg) => `https://shop.example/t/${orderId}-${leg}`,
      feed: { subscribe: () => () => undefined, publish: () => undefined, last: () => null },
      mintDriverToken: async (driverId) => ({ token: `token-of-${driverId}` }),
    };
  }

  /** @returns the HTTP status and body that the webhook answers. */
  webhook(raw: Buffer, signature: string | undefined): { readonly status: number; readonly body: string } {
    if (this.refuseWith !== null) return this.refuseWith;
    const expected = `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`;
    if (signature !== expected) return { status: 401, body: '{"code":"webhook.invalid_signature"}' };
    const text = raw.toString('latin1');
    // Meta never sends a bare slash nor a byte beyond ASCII; a sandbox that does would prove nothing.
    if (/[^\x20-\x7e]/.test(text) || /[^\\]\//.test(text)) return { status: 400, body: '{"code":"test.not_meta_escaped"}' };
    const body = JSON.parse(text) as Webhook;
    this.webhooks.push(body);
    const value = body.entry[0]!.changes[0]!.value as unknown as {
      messages?: {
        id: string;
        from: string;
        type: string;
        text?: { body: string };
        interactive?: Record<string, { id: string; title: string }>;
        location?: { latitude: number; longitude: number; name?: string };
      }[];
      statuses?: { id: string; status: string; recipient_id: string }[];
    };
    for (const message of value.messages ?? []) {
      // As the conversation does: a message is known by its id, however often it comes.
      if (this.#messages.get(message.from)?.some(({ whatsappId }) => whatsappId === message.id)) continue;
      const reply = message.interactive?.button_reply ?? message.interactive?.list_reply;
      const content: InboundContent =
        reply !== undefined
          ? { kind: 'reply', ...reply }
          : message.location !== undefined
            ? {
                kind: 'location',
                position: { lat: message.location.latitude, lng: message.location.longitude },
                name: message.location.name ?? null,
                address: null,
              }
            : { kind: 'text', text: message.text!.body };
      this.#store(message.from, 'in', content, message.id, 'received');
      this.#answer(message.from, content);
    }
    for (const status of value.statuses ?? []) {
      const chat = this.#messages.get(status.recipient_id) ?? [];
      this.#messages.set(
        status.recipient_id,
        chat.map((m) => (m.whatsappId === status.id ? { ...m, status: status.status } : m)),
      );
    }
    return { status: 200, body: '' };
  }

  #store(waId: string, direction: 'in' | 'out', content: InboundContent | OutboundBody, whatsappId: string, status: string): void {
    this.#count += 1;
    this.#nowMs = Math.max(this.#nowMs + 1, Date.now());
    const item = { id: `msg_${this.#count}`, whatsappId, direction, waId, kind: content.kind, content, status, atMs: this.#nowMs };
    this.#messages.set(waId, [...(this.#messages.get(waId) ?? []), item]);
  }

  /** Numbers that have written. */
  chats(): IterableIterator<string> {
    return this.#messages.keys();
  }

  say(waId: string, body: OutboundBody): void {
    this.#store(waId, 'out', body, `wamid.OUT${this.#count}`, 'sent');
  }

  #answer(waId: string, content: InboundContent): void {
    if (content.kind === 'location') {
      const order = this.placeOrder(waId);
      this.say(waId, {
        kind: 'text',
        text: `✅ Order *${order.code}* is with Mama Thandi.\n2 × Kota\n1 × Coke 500 ml\n\nTotal *R124.00*, cash on delivery. I’ll tell you when it is accepted.`,
      });
    } else if (content.kind === 'reply' && content.id === 'menu') {
      this.say(waId, {
        kind: 'list',
        text: 'What are you hungry for?',
        button: 'See the menu',
        sections: [
          {
            title: 'Kota',
            rows: [
              { id: 'prod:1', title: 'Kota', description: 'R45.00 · chips, polony, atchar' },
              { id: 'prod:2', title: 'Full house kota', description: 'R65.50 · with everything' },
            ],
          },
          {
            title: 'Drinks',
            rows: [
              { id: 'prod:3', title: 'Coke 500 ml', description: 'R19.00' },
              { id: 'prod:4', title: 'Stoney 500 ml', description: 'R19.00' },
            ],
          },
        ],
      });
    } else if (content.kind === 'reply' && content.id === 'checkout') {
      this.say(waId, { kind: 'location_request', text: 'Where shall we bring it? Share a pin or type a landmark.' });
    } else if (content.kind === 'text' && /kota/i.test(content.text)) {
      this.say(waId, {
        kind: 'buttons',
        text: 'Your cart:\n2 × Kota · R90.00\n1 × Coke 500 ml · R19.00\n\nSubtotal *R109.00*',
        buttons: [
          { id: 'checkout', title: 'Checkout' },
          { id: 'menu', title: 'Add more' },
          { id: 'clear', title: 'Clear cart' },
        ],
      });
    } else {
      this.say(waId, {
        kind: 'buttons',
        text: 'Sawubona! Welcome to *Mama Thandi’s Kitchen* 👋\nTell me what you would like, or have a look at the menu.',
        buttons: [
          { id: 'menu', title: 'Menu' },
          { id: 'track', title: 'My order' },
        ],
      });
    }
  }

  placeOrder(waId: string): OrderView {
    const ref = newOrderRef(DEMO.tenantId, DEMO.dataShard, `cus-${waId}`, `u${this.orders.size}`);
    const atMs = Date.now();
    const order: OrderView = {
      id: ref.id,
      code: `K${7 + this.orders.size}F`,
      status: 'CREATED',
      customerId: `cus-${waId}`,
      customer: { waId, name: null },
      quote: {
        lines: [
          { productId: 'p1', name: 'Kota', quantity: 2, unitPriceMinor: 4500, totalMinor: 9000 },
          { productId: 'p3', name: 'Coke 500 ml', quantity: 1, unitPriceMinor: 1900, totalMinor: 1900 },
        ],
        subtotalMinor: 10_900,
        deliveryFeeMinor: 1500,
        totalMinor: 12_400,
        currency: 'ZAR',
        distanceM: 1840,
        etaS: 1500,
      },
      pickup: { name: "Mama Thandi's Kitchen", position: { lat: -26.2485, lng: 27.854 } },
      dropoff: { position: { lat: -26.2386, lng: 27.9086 }, address: 'Vilakazi Street, Orlando West', note: null },
      delivery: null,
      paymentMethod: 'cod',
      source: 'whatsapp',
      version: 1,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      history: [{ status: 'CREATED', atMs, by: 'customer', byId: null, reason: null }],
    };
    this.orders.set(order.id, order);
    return order;
  }

  #system(): ActorSystem {
    return {
      tell: () => false,
      ask: async <R>(to: { readonly id: string }, command: unknown): Promise<Answer<R>> => {
        const order = this.orders.get(to.id);
        const asked = command as OrderCommand;
        if (order === undefined || asked.type !== 'transition') return { ok: false, refusal: { code: 'order.not_found' } };
        const status = STEPS[order.status]?.[asked.transition];
        if (status === undefined) {
          return {
            ok: false,
            refusal: { code: 'order.illegal_transition', details: { status: order.status, transition: asked.transition } },
          };
        }
        const entry: OrderHistoryEntry = { status, atMs: Date.now(), by: asked.by.role, byId: asked.by.id, reason: asked.reason };
        const moved: OrderView = { ...order, status, version: order.version + 1, history: [...order.history, entry] };
        this.orders.set(order.id, moved);
        if (order.customer.waId !== null) this.say(order.customer.waId, { kind: 'text', text: `Order *${order.code}* is now ${status}.` });
        return { ok: true, value: moved as R };
      },
    };
  }

  #tenants(): TenantDirectory {
    const view = {
      settings: { name: 'Mama Thandi’s Kitchen', currency: 'ZAR', whatsapp: { wabaId: '100000000000001', accessToken: null } },
    } as TenantView;
    const real = { settings: { ...view.settings, whatsapp: { ...view.settings.whatsapp, accessToken: 'sealed' } } } as TenantView;
    const other = { ...DEMO, tenantId: 8, uuid: '11111111-2222-4333-8444-555555555555', slug: 'other', phoneNumberId: '200000000000002' };
    const known = [other, DEMO];
    return {
      byPhoneNumberId: async (id) => known.find((t) => t.phoneNumberId === id) ?? null,
      byUuid: async (uuid) => known.find((t) => t.uuid === uuid) ?? null,
      claim: async () => ({ ok: false, code: 'tenant.slug_taken' }),
      // One a page, so that whoever lists has to follow the cursor.
      list: async ({ cursor }) => (cursor === null ? { items: [other], nextCursor: 'more' } : { items: [DEMO], nextCursor: null }),
      view: async (tenantId) => (tenantId === DEMO.tenantId ? view : tenantId === other.tenantId ? real : null),
      peekView: () => view,
      invalidate: () => undefined,
    };
  }

  #customers(): CustomerDirectory {
    const find: CustomerDirectory['find'] = async (tenantId, key) =>
      tenantId === DEMO.tenantId && 'waId' in key && this.#messages.has(key.waId) ? `cus-${key.waId}` : null;
    const resolve = async (_: number, { waId }: { readonly waId: string | null }): Promise<string> => `cus-${waId}`;
    return { find, resolve, known: resolve, moved: resolve };
  }

  #readModels(): ReadModels {
    const nothing = async (): Promise<{ items: never[]; nextCursor: null }> => ({ items: [], nextCursor: null });
    return {
      products: nothing,
      conversations: nothing,
      drivers: nothing,
      orders: async (_, { customerId, limit }) => {
        const newestFirst = [...this.orders.values()].filter((o) => o.customerId === customerId).reverse();
        return { items: newestFirst.slice(0, limit), nextCursor: newestFirst.length > limit ? String(limit) : null };
      },
      messages: async (_, { customerId, cursor, limit }) => {
        const all = this.#messages.get((customerId ?? '').slice('cus-'.length)) ?? [];
        const from = cursor === null ? 0 : Number(cursor);
        const to = from + limit;
        return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
      },
      outbound: async () => null,
      taken: async () => null,
      orderedFor: async () => null,
    };
  }
}
