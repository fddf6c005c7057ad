/** An order that no shop accepts ends by itself when the operator's time is up, whoever was killed meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';

const program = new Program({ WAKALA_ACCEPT_WITHIN_S: '3' });
beforeAll(() => program.start());
afterAll(() => program.remove());

const WA_ID = '27600004001';

interface Order {
  readonly id: string;
  readonly status: string;
}

const said = async () => (await program.chat(WA_ID)).filter(({ direction }) => direction === 'out');
const answered = (count: number) => expect.poll(async () => (await said()).length).toBe(count);
const stock = async () => (await program.api<{ stock: number }>('/v1/products/COKE-500')).body.stock;

it('expires once: the stock is back, the customer knows, and the shop can no longer accept it', async () => {
  const before = await stock();
  await program.text(WA_ID, '3 coke');
  await answered(1);
  await program.tap(WA_ID, (await program.buttons(WA_ID))[0] ?? '');
  await answered(2);
  await program.pin(WA_ID);
  await answered(3);
  await program.tap(WA_ID, (await program.buttons(WA_ID))[0] ?? '');
  await answered(4);
  await program.kill9();
  await program.start();
  const order = () => program.all<Order>('/v1/orders').then(([only]) => only);
  await expect.poll(async () => (await order())?.status).toBe('EXPIRED');
  await expect.poll(stock).toBe(before);
  await answered(5);
  const { id } = (await order()) as Order;
  const late = await program.api(`/v1/orders/${id}/accept`, { method: 'POST', body: {} });
  expect(late).toMatchObject({ status: 409, body: { code: 'order.illegal_transition', details: { status: 'EXPIRED' } } });
  // It is as new to the chat: nothing of the order is left that would keep the next one away.
  await program.text(WA_ID, '2 kota');
  await answered(6);
  expect((await program.api<{ cart: unknown }>(`/v1/conversations/${WA_ID}`)).body.cart).toMatchObject([
    { product_id: 'KOTA', quantity: 2 },
  ]);
  const history = (await program.api<{ items: { status: string }[] }>(`/v1/orders/${id}/history`)).body.items;
  expect(history.filter(({ status }) => status === 'EXPIRED')).toHaveLength(1);
});
