/** kill -9 of everything, in the middle of traffic, again and again: what was answered 200 is there, exactly once. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';

const ROUNDS = Number(process.env.WAKALA_KILL_ROUNDS ?? 3);
const CONNECTIONS = 64;
const CUSTOMERS = 200;
/** So many in each round before the kill: every customer is in the middle of an order then. */
const ACKNOWLEDGED_EACH = 1_000;
const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');

const program = new Program({ WAKALA_NUMBER_RATE: '100000' });
beforeAll(() => program.start());
afterAll(() => program.remove());

/** A customer who orders as fast as the chat lets them: words, checkout, pin, confirm. */
async function step(waId: string, n: number): Promise<{ id: string; status: number }> {
  const id = `k${waId}-${n}`;
  const words = ['hi', '2 kota and a coke pls', 'checkout', '12 Vilakazi Street, Orlando West', 'yes', 'track'][n % 6] as string;
  const { status } = await program.text(waId, words, id);
  return { id: `wamid.${id}`, status };
}

it(`survives ${ROUNDS} kills under ${CONNECTIONS} connections`, { timeout: 120_000 + ROUNDS * 60_000 }, async () => {
  const acknowledged = new Set<string>();
  const counters = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    let going = true;
    const customer = async (i: number): Promise<void> => {
      for (let turn = 0; going; turn++) {
        const waId = String(27_600_100_000 + ((i + turn * CONNECTIONS) % CUSTOMERS));
        const n = counters.get(waId) ?? 0;
        counters.set(waId, n + 1);
        try {
          const { id, status } = await step(waId, n);
          if (status === 200) acknowledged.add(id);
        } catch {
          // The connection died with the program: nothing was promised.
        }
      }
    };
    const traffic = Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => customer(i)));
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size - before, { timeout: 60_000 }).toBeGreaterThan(ACKNOWLEDGED_EACH);
    await program.kill9();
    going = false;
    await traffic;
    await program.start();
  }
  await expectAllThere(acknowledged);
  await expectOrdersAndStock();
  await expectEveryoneAnswers(counters);
  await expectReplayEqual();
});

async function expectAllThere(acknowledged: ReadonlySet<string>): Promise<void> {
  const stored = await program.all<{ whatsapp_id: string }>('/v1/messages?direction=in');
  const seen = new Map<string, number>();
  for (const { whatsapp_id: id } of stored) seen.set(id, (seen.get(id) ?? 0) + 1);
  expect([...acknowledged].filter((id) => !seen.has(id))).toEqual([]);
  expect([...seen].filter(([, times]) => times !== 1)).toEqual([]);
}

/** Every order took its goods exactly once, and nobody has two open ones. */
async function expectOrdersAndStock(): Promise<void> {
  const settled = async () => {
    const orders = await program.all<{
      id: string;
      status: string;
      customer: { wa_id: string };
      items: { product_id: string; quantity: number }[];
    }>('/v1/orders');
    const cokes = orders
      .flatMap((order) => order.items)
      .filter((item) => item.product_id === 'COKE-500')
      .reduce((sum, item) => sum + item.quantity, 0);
    const stock = (await program.api<{ stock: number }>('/v1/products/COKE-500')).body.stock;
    return { orders, total: cokes + stock };
  };
  // A checkout that was under way when the lights went out finishes by itself.
  await expect.poll(async () => (await settled()).total, { timeout: 30_000 }).toBe(120);
  const { orders } = await settled();
  const open = new Map<string, number>();
  for (const order of orders) open.set(order.customer.wa_id, (open.get(order.customer.wa_id) ?? 0) + 1);
  expect([...open].filter(([, count]) => count > 1)).toEqual([]);
}

async function expectEveryoneAnswers(counters: ReadonlyMap<string, number>): Promise<void> {
  for (const waId of [...counters.keys()].slice(0, 50)) {
    const before = (await program.chat(waId)).filter((message) => message.direction === 'out').length;
    expect((await program.text(waId, 'menu')).status).toBe(200);
    await expect
      .poll(async () => (await program.chat(waId)).filter((message) => message.direction === 'out').length, { timeout: 20_000 })
      .toBeGreaterThan(before);
  }
}

async function expectReplayEqual(): Promise<void> {
  expect(await program.stop()).toBe(0);
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(ROOT, 'bin/wakala.js'), 'doctor', '--json'], {
    env: program.environment,
  });
  expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
}
