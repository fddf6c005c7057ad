/** From the first greeting to the delivered order, as a customer sees it. */
import { describe, expect, it } from 'vitest';
import type { OrderStatus, PlaceOrder } from '../../../../src/actors/order/protocol.ts';
import { Chat, CUSTOMER, choices, FAR, NEAR, orderView, PRODUCTS, quoteOf, SETTINGS, viewWith } from '../../flow-harness.ts';

const bigCatalogue = (categories: number, each: number) =>
  Array.from({ length: categories * each }, (_, i) => ({
    ...PRODUCTS[0]!,
    id: `p_${i}`,
    name: `Dish ${i}`,
    aliases: [],
    category: `Category ${Math.floor(i / each)}`,
  }));

describe('browsing', () => {
  it('a newcomer is greeted once with the menu as a list of categories', () => {
    const chat = new Chat();
    const menu = chat.says('hi');
    expect(menu?.kind).toBe('list');
    expect(menu?.text).toContain('Mama Thandi');
    expect(choices(menu)).toEqual(['cat:Meals', 'cat:Drinks']);
    expect(chat.phone).toHaveLength(1);
    expect(chat.get().state).toBe('GREETING');
  });

  it('a category lists its sellable products, and a tap adds one', () => {
    const chat = new Chat();
    chat.says('menu');
    expect(choices(chat.taps('cat:Drinks'))).toEqual(['prod:p_coke']);
    const echo = chat.taps('prod:p_coke');
    expect(chat.cart()).toEqual({ p_coke: 1 });
    expect(choices(echo)).toEqual(['checkout:1', 'menu', 'clear:1']);
    expect(chat.get().state).toBe('CUSTOMER_FLOW');
  });

  it('more than ten categories come in pages of nine and More, every list within ten rows', () => {
    const chat = new Chat();
    chat.view = viewWith({ products: bigCatalogue(20, 1) });
    const seen = new Set<string>();
    let ids = choices(chat.says('menu'));
    for (let page = 0; page < 3; page++) {
      expect(ids.length).toBeLessThanOrEqual(10);
      for (const id of ids.filter((row) => row.startsWith('cat:'))) seen.add(id);
      ids = choices(chat.taps(ids[ids.length - 1]!.startsWith('menu:') ? ids[ids.length - 1]! : 'menu'));
    }
    expect(seen.size).toBe(20);
  });

  it('more than ten products of a category come in pages', () => {
    const chat = new Chat();
    chat.view = viewWith({ products: bigCatalogue(2, 12) });
    const first = choices(chat.taps('cat:Category 1'));
    expect(first).toHaveLength(10);
    const second = choices(chat.taps(first[9]!));
    expect(second.filter((id) => id.startsWith('prod:'))).toEqual(['prod:p_21', 'prod:p_22', 'prod:p_23']);
  });
});

describe('the cart', () => {
  it('free text with quantities fills it, and the echo shows lines and subtotal', () => {
    const chat = new Chat();
    const echo = chat.says('2 kota and a coke pls');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
    expect(echo?.text).toContain('Kota');
    expect(echo?.text).toMatch(/108/);
    expect(choices(echo)).toEqual(['checkout:1', 'menu', 'clear:1']);
  });

  it('isiZulu is understood, detected and answered in', () => {
    const chat = new Chat();
    chat.says('Sawubona, ngicela amagwinya amabili');
    expect(chat.cart()).toEqual({ p_vetkoek: 2 });
    expect(chat.get().language).toBe('zu');
  });

  it('an explicit choice of language wins over detection', () => {
    const chat = new Chat();
    chat.says('hi');
    chat.taps('lang:en');
    chat.says('Sawubona, ngicela amagwinya amabili');
    expect(chat.get().language).toBe('en');
    chat.taps('lang:zu');
    chat.says('2 kota please');
    expect(chat.get().language).toBe('zu');
  });

  it('later words add, remove and clear', () => {
    const chat = new Chat();
    chat.says('2 kota and a coke');
    chat.says('3 kota');
    expect(chat.cart()).toEqual({ p_kota: 5, p_coke: 1 });
    chat.says('remove coke');
    expect(chat.cart()).toEqual({ p_kota: 5 });
    chat.taps(chat.buttonStarting('clear:'));
    expect(chat.cart()).toEqual({});
  });

  it('zero and a thousand change nothing and get one explanation', () => {
    const chat = new Chat();
    chat.says('2 kota');
    for (const words of ['0 coke', '1000 coke']) {
      const before = chat.phone.length;
      expect(chat.says(words)?.text).toBeTruthy();
      expect(chat.phone.length).toBe(before + 1);
      expect(chat.cart()).toEqual({ p_kota: 2 });
    }
  });

  it('no line grows beyond fifty, in one message or in several', () => {
    const chat = new Chat();
    chat.says('30 kota');
    chat.says('30 kota');
    expect(chat.cart()).toEqual({ p_kota: 30 });
  });

  it('no more than what is on the shelf can be taken, and nothing that is sold out', () => {
    const chat = new Chat();
    chat.says('5 pap and wors');
    expect(chat.cart()).toEqual({ p_pap: 3 });
    chat.taps('prod:p_juice');
    expect(chat.cart()).toEqual({ p_pap: 3 });
  });

  it('a WhatsApp cart is taken over at our own prices', () => {
    const chat = new Chat();
    chat.after(() =>
      chat.receive({
        kind: 'cart',
        note: null,
        items: [
          { productId: 'p_kota', quantity: 2 },
          { productId: 'unknown', quantity: 1 },
          { productId: 'p_coke', quantity: 999 },
        ],
      }),
    );
    expect(chat.get().cart).toEqual([{ productId: 'p_kota', name: 'Kota', quantity: 2, priceMinor: 4500 }]);
    expect(chat.phone).toHaveLength(1);
  });

  it('a WhatsApp cart that does not say how many of a product is asked about it, and the answer counts', () => {
    const chat = new Chat();
    const items = [
      { productId: 'p_kota', quantity: 2 },
      { productId: 'p_coke', quantity: 0 },
    ];
    const reply = chat.after(() => chat.receive({ kind: 'cart', note: null, items }));
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(reply?.text).toContain('How many Coke');
    chat.says('3');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 3 });
  });

  it('a button of an earlier cart shows the present one and acts on nothing', () => {
    const chat = new Chat();
    chat.says('2 kota');
    const stale = chat.ids();
    chat.says('a coke');
    for (const id of [stale[0]!, stale[2]!]) {
      const shown = chat.taps(id);
      expect(choices(shown)).toContain('checkout:2');
      expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
      expect(chat.get().step).toBeNull();
    }
  });
});

describe('checkout', () => {
  it('asks for the address with a location request, quotes, confirms, and places at the quoted total', () => {
    const chat = new Chat();
    chat.says('2 kota');
    expect(chat.taps(chat.buttonStarting('checkout:'))?.kind).toBe('location_request');
    expect(chat.get().step).toBe('address');
    chat.pins(NEAR);
    expect(chat.get().step).toBe('confirm');
    const quote = quoteOf(chat);
    expect(quote.subtotalMinor).toBe(9000);
    const told = chat.taps(chat.buttonStarting('confirm:'));
    expect(told?.text).toContain('K7F');
    expect(chat.commands()).toEqual(['reserve', 'place']);
    expect(chat.done[0]?.command).toMatchObject({ lines: [{ productId: 'p_kota', quantity: 2 }], dropoff: NEAR });
    const placed = chat.done[1]?.command as PlaceOrder;
    expect(placed).toMatchObject({
      customerId: CUSTOMER,
      paymentMethod: 'cod',
      source: 'whatsapp',
      customer: { waId: '27820000001', name: 'Sipho' },
    });
    expect(placed.quote.totalMinor).toBe(quote.totalMinor);
    expect(chat.done[0]?.command).toMatchObject({ reservationId: chat.done[1]?.to.id });
    expect(chat.get()).toMatchObject({ state: 'ORDER_TRACKING', step: null, cart: [], openOrderId: chat.done[1]?.to.id });
  });

  it('takes an address in words without a position', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    chat.says('12 Vilakazi Street, opposite the church');
    expect(chat.get().step).toBe('confirm');
    expect(quoteOf(chat)).toMatchObject({ deliveryFeeMinor: 1500, distanceM: null });
    chat.says('yes');
    expect(chat.done[1]?.command).toMatchObject({ dropoff: { position: null, address: '12 Vilakazi Street, opposite the church' } });
  });

  it('too far keeps the cart and asks for another address', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    expect(chat.pins(FAR)?.text).toMatch(/10/);
    expect(chat.get().step).toBe('address');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.pins(NEAR);
    expect(chat.get().step).toBe('confirm');
  });

  it('a total over the cash limit, or no cash at all, cannot be confirmed', () => {
    for (const cod of [
      { enabled: true, maxAmountMinor: 5000 },
      { enabled: false, maxAmountMinor: 500_000 },
    ]) {
      const chat = new Chat();
      chat.view = viewWith({ settings: { ...SETTINGS, payments: { cod } } });
      chat.says('2 kota');
      chat.says('checkout');
      chat.pins(NEAR);
      expect(chat.get().step).toBeNull();
      expect(chat.cart()).toEqual({ p_kota: 2 });
      expect(chat.commands()).toEqual([]);
    }
  });

  it('a refused reservation is explained and keeps the cart', () => {
    const chat = new Chat();
    chat.reserve = () => ({
      ok: false,
      refusal: { code: 'order.out_of_stock', details: { lines: [{ product_id: 'p_kota', available: 1 }] } },
    });
    chat.order();
    expect(chat.phone[chat.phone.length - 1]?.text).toContain('Kota');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.get()).toMatchObject({ step: null, openOrderId: null });
    expect(chat.commands()).toEqual(['reserve']);
  });

  it('a changed total is asked again, its stock given back, and the next confirmation orders at the new total', () => {
    const chat = new Chat();
    const reserve = chat.reserve;
    chat.reserve = () => ({ ok: true, value: { ...quoteOf(chat), totalMinor: quoteOf(chat).totalMinor + 700 } });
    chat.order();
    expect(chat.commands()).toEqual(['reserve', 'release_reservation']);
    expect(chat.get().step).toBe('confirm');
    chat.reserve = reserve;
    chat.taps(chat.buttonStarting('confirm:'));
    expect(chat.commands()).toEqual(['reserve', 'release_reservation', 'reserve', 'place']);
    const ids = chat.done.map((effect) => (effect.command as { reservationId?: string }).reservationId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('a refused order gives its stock back and keeps the cart', () => {
    const chat = new Chat();
    chat.place = () => ({ ok: false, refusal: { code: 'runtime.poison' } });
    chat.order();
    expect(chat.commands()).toEqual(['reserve', 'place', 'release_reservation']);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('two quick confirmations make one order', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    chat.pins(NEAR);
    const id = chat.buttonStarting('confirm:');
    chat.receive({ kind: 'reply', id, title: 'Confirm' });
    chat.receive({ kind: 'reply', id, title: 'Confirm' });
    chat.receive({ kind: 'text', text: 'yes' });
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('the confirm button of an earlier order never confirms a later one', () => {
    const chat = new Chat();
    const first = chat.order();
    const old = chat.events
      .flatMap(({ event }) => event.personal?.out ?? [])
      .flatMap((body) => choices(body))
      .find((id) => id.startsWith('confirm:'))!;
    chat.orderChanged(first, 'DELIVERED', 9);
    chat.says('2 kota');
    chat.taps(chat.buttonStarting('checkout:'));
    chat.pins(NEAR);
    chat.taps(old);
    expect(chat.get()).toMatchObject({ step: 'confirm', openOrderId: null });
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('a second order waits until the first is finished', () => {
    const chat = new Chat();
    const id = chat.order();
    chat.says('a coke');
    expect(choices(chat.says('checkout'))).toContain(`track:${id}`);
    expect(chat.get().step).toBeNull();
    chat.orderChanged(id, 'DELIVERED', 9);
    expect(chat.says('checkout')?.kind).toBe('location_request');
  });

  it('what is added while the order is being placed stays in the cart', () => {
    const chat = new Chat();
    chat.placing();
    chat.receive({ kind: 'text', text: 'a coke' });
    chat.settle();
    expect(chat.cart()).toEqual({ p_coke: 1 });
  });

  it('an answer for a checkout that is gone gives its stock back', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.tell({ type: 'reserved', checkoutId: 'ord_15zzz', result: { ok: true, value: {} } });
    expect(chat.asked.map((effect) => effect.command)).toEqual([{ type: 'release_reservation', reservationId: 'ord_15zzz' }]);
  });
});

describe('after the order', () => {
  const told: readonly OrderStatus[] = ['CONFIRMED', 'PREPARING', 'READY_FOR_PICKUP', 'IN_TRANSIT', 'DELIVERED'];

  it('each status is told once, an older version never', () => {
    const chat = new Chat();
    const id = chat.order();
    for (const [i, status] of told.entries()) {
      expect(chat.orderChanged(id, status, i + 2)?.text).toContain('K7F');
      expect(chat.orderChanged(id, status, i + 2)).toBeNull();
      expect(chat.orderChanged(id, 'CREATED', 1)).toBeNull();
    }
    expect(chat.get()).toMatchObject({ openOrderId: null });
  });

  it('a rejection names its reason and the next order may follow', () => {
    const chat = new Chat();
    const id = chat.order();
    expect(chat.orderChanged(id, 'CANCELLED', 2, 'out of chips')?.text).toContain('out of chips');
    expect(chat.get().openOrderId).toBeNull();
  });

  it('"where is my order" shows the status and the way to cancel', () => {
    const chat = new Chat();
    const id = chat.order();
    const shown = chat.taps(`track:${id}`);
    expect(shown?.text).toContain('K7F');
    expect(choices(shown)).toContain(`cancel:${id}`);
  });

  it('cancelling asks the order, and its answer is told once', () => {
    const chat = new Chat();
    const id = chat.order();
    chat.transition = (orderId) => ({
      ok: true,
      value: { ...orderView(orderId, chat.done[1]!.command as PlaceOrder, 'CANCELLED'), version: 2 },
    });
    expect(chat.says('cancel')?.text).toContain('K7F');
    expect(chat.done[2]?.command).toEqual({
      type: 'transition',
      transition: 'cancel',
      by: { role: 'customer', id: CUSTOMER },
      reason: null,
    });
    expect(chat.orderChanged(id, 'CANCELLED', 2)).toBeNull();
    expect(chat.get().openOrderId).toBeNull();
  });

  it('too late to cancel is said', () => {
    const chat = new Chat();
    const id = chat.order();
    expect(chat.taps(`cancel:${id}`)?.text).toContain('K7F');
    expect(chat.get().openOrderId).toBe(id);
  });

  it('cancel drops a draft; with a draft and an order the customer says which', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('cancel');
    expect(chat.cart()).toEqual({});
    const id = chat.order();
    chat.says('a coke');
    expect(choices(chat.says('cancel'))).toEqual(['cancel:draft', `cancel:${id}`, 'menu']);
    chat.taps('cancel:draft');
    expect(chat.cart()).toEqual({});
    expect(chat.get().openOrderId).toBe(id);
  });

  it('cancelling while the order is being placed ends in no order', () => {
    const chat = new Chat();
    chat.placing();
    chat.receive({ kind: 'text', text: 'cancel' });
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'release_reservation']);
    expect(chat.get()).toMatchObject({ openOrderId: null, cart: [] });
  });
});
