/** A customer's order from the first word to the door, through the built program. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../program.ts';

const program = new Program();
beforeAll(() => program.start());
afterAll(() => program.remove());

const outgoing = async (waId: string) => (await program.chat(waId)).filter((message) => message.direction === 'out');
const answered = (waId: string, count: number) => expect.poll(async () => (await outgoing(waId)).length).toBe(count);

interface Cart {
  readonly cart: readonly { readonly product_id: string; readonly quantity: number }[];
  readonly state: string;
}

describe('ordering by chat', () => {
  it('ends with a delivered order, stock that adds up and a customer who knows', async () => {
    const waId = '27600001001';
    const stockOf = async (id: string) => (await program.api<{ stock: number | null }>(`/v1/products/${id}`)).body.stock ?? 0;
    const priceOf = async (id: string) => (await program.api<{ price_minor: number }>(`/v1/products/${id}`)).body.price_minor;
    const before = await stockOf('COKE-500');
    const deliveryMinor = 1_500;
    const totalMinor = 2 * (await priceOf('KOTA')) + (await priceOf('COKE-500')) + deliveryMinor;
    expect((await program.text(waId, 'Hi')).status).toBe(200);
    await answered(waId, 1);
    await program.text(waId, '2 kota and a coke pls');
    await answered(waId, 2);
    await program.tap(waId, (await program.buttons(waId))[0] ?? '');
    await answered(waId, 3);
    await program.pin(waId);
    await answered(waId, 4);
    await program.tap(waId, (await program.buttons(waId))[0] ?? '');
    await answered(waId, 5);
    const orders = await program.all<{ id: string; status: string; customer: { wa_id: string }; total_minor: number }>('/v1/orders');
    const order = orders.find((candidate) => candidate.customer.wa_id === waId);
    expect(order).toMatchObject({ status: 'CREATED', total_minor: totalMinor });
    expect(await stockOf('COKE-500')).toBe(before - 1);
    for (const [verb, status] of [
      ['accept', 'CONFIRMED'],
      ['prepare', 'PREPARING'],
      ['ready', 'READY_FOR_PICKUP'],
      ['deliver', 'DELIVERED'],
    ]) {
      expect((await program.api(`/v1/orders/${order?.id}/${verb}`, { method: 'POST', body: {} })).body).toMatchObject({ status });
    }
    await answered(waId, 9);
    expect((await program.api(`/v1/orders/${order?.id}/accept`, { method: 'POST', body: {} })).body).toMatchObject({
      status: 409,
      code: 'order.illegal_transition',
      details: { status: 'DELIVERED' },
    });
    expect(await stockOf('COKE-500')).toBe(before - 1);
  });

  it('gives stock back when the customer cancels', async () => {
    const waId = '27600001002';
    const stockOf = async () => (await program.api<{ stock: number }>('/v1/products/COKE-500')).body.stock;
    const before = await stockOf();
    await program.text(waId, '3 coke');
    await answered(waId, 1);
    await program.tap(waId, (await program.buttons(waId))[0] ?? '');
    await answered(waId, 2);
    await program.pin(waId);
    await answered(waId, 3);
    await program.tap(waId, (await program.buttons(waId))[0] ?? '');
    await answered(waId, 4);
    expect(await stockOf()).toBe(before - 3);
    await program.text(waId, 'cancel');
    await expect.poll(stockOf).toBe(before);
  });

  const texts: readonly (readonly [name: string, text: string, cart: Readonly<Record<string, number>>])[] = [
    ['English', '2 kota and a coke pls', { KOTA: 2, 'COKE-500': 1 }],
    ['isiZulu', 'ngicela ama-vetkoek amabili necoke', { VETKOEK: 2, 'COKE-500': 1 }],
    ['terse', '1x kota 2xcoke', { KOTA: 1, 'COKE-500': 2 }],
    ['misspelt', '2 koata', { KOTA: 2 }],
    ['a quantity of 0', '0 kota', {}],
    ['a quantity of 1,000', '1000 kota', {}],
    ['emoji only', '😀🍔', {}],
    ['4,096 characters', 'x'.repeat(4_096), {}],
    ['NUL and a lone surrogate', '2 kota\u0000\ud83d', { KOTA: 2 }],
  ];
  it.each(texts)('answers %s once, sensibly', async (name, text, cart) => {
    const waId = `2760000${2_000 + texts.findIndex(([other]) => other === name)}`;
    expect((await program.text(waId, text)).status).toBe(200);
    await answered(waId, 1);
    const view = (await program.api<Cart>(`/v1/conversations/${waId}`)).body;
    expect(Object.fromEntries(view.cart.map((line) => [line.product_id, line.quantity]))).toEqual(cart);
  });
});

describe('redelivery', () => {
  it('of one body eight times at once, and again after restarts, changes nothing more', async () => {
    const waId = '27600003001';
    const send = () => program.text(waId, '2 kota', 'the-same');
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    await answered(waId, 1);
    expect(await program.stop()).toBe(0);
    await program.start();
    expect((await send()).status).toBe(200);
    await program.kill9();
    await program.start();
    expect((await send()).status).toBe(200);
    expect((await program.chat(waId)).map((message) => message.direction)).toEqual(['in', 'out']);
    expect((await program.api<Cart>(`/v1/conversations/${waId}`)).body.cart).toMatchObject([{ product_id: 'KOTA', quantity: 2 }]);
  });

  it('of an API call is answered as the first time, however much came between', async () => {
    const add = (key: string) =>
      program.api<{ id: string }>('/v1/products', {
        method: 'POST',
        body: { name: `Special ${key}`, price_minor: 100, category: 'Specials' },
        headers: { 'idempotency-key': key },
      });
    const first = await add('special');
    expect(first.status).toBe(201);
    for (let i = 0; i < 30; i++) expect((await add(`special-${i}`)).status).toBe(201);
    expect(await add('special')).toEqual(first);
  });
});
