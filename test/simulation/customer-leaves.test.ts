/** The customers of `simulate city`: who waits for an order goes when the day is over. */
import { expect, it } from 'vitest';
import { Customer } from '../../src/simulate/city/customer.ts';
import type { CityServer } from '../../src/simulate/city/server.ts';

it('who watches an open order stops as soon as the day ends', async () => {
  const day = new AbortController();
  let looks = 0;
  const server = { owner: async () => ({ open_order_id: `ord_${++looks}` }) } as unknown as CityServer;
  const over = new Customer(server, '27610000001').over(day.signal);
  await expect.poll(() => looks).toBe(1);
  day.abort();
  expect(await over).toBe(false);
  expect(looks).toBe(1);
});
