/** Phones on real sockets that tap accept again and again, cancelled orders, and a kill of everything in the middle. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';
import { type Heard, Phone } from './driver-socket.ts';

const JOBS = Number(process.env.WAKALA_ACCEPT_JOBS ?? 100);
const DRIVERS = JOBS * 3;
const TAPS = 12;
/** Offers that are refused first, so that jobs go to several drivers at once. */
const REFUSALS = 0.5;
const AT_ONCE = 25;
const SHOP = { lat: -26.2485, lng: 27.854 };
const WORD_WITHIN_MS = 60_000;
const SETTLED = { timeout: 120_000, interval: 500 };

const program = new Program();
beforeAll(() => program.start());
afterAll(() => program.remove());

interface Order {
  readonly id: string;
  readonly status: string;
  readonly delivery: { readonly driver: { readonly id: string } | null } | null;
}
interface Driver {
  readonly id: string;
  readonly offer: { readonly expires_at: string } | null;
  readonly jobs: readonly { readonly order_id: string }[];
}

async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return results;
}

const post = async <T>(path: string, body: unknown, key?: string) => {
  const answer = await program.api<T>(path, {
    method: 'POST',
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** A driver who taps every offer, several times, on whatever connection there is, until there is a word. */
class Tapper {
  readonly id: string;
  readonly words: Heard[][] = [];
  readonly #token: string;
  readonly #place: { lat: number; lng: number };
  readonly #open = new Set<Promise<void>>();
  #phone: Phone | null = null;
  #connectedAtMs = 0;
  #beat: NodeJS.Timeout | null = null;
  #seen = new Set<string>();

  constructor(id: string, token: string, n: number) {
    this.id = id;
    this.#token = token;
    const angle = n * 2.4;
    const spread = 0.002 + (n % 20) * 0.0006;
    this.#place = { lat: SHOP.lat + spread * Math.sin(angle), lng: SHOP.lng + spread * Math.cos(angle) };
  }

  async connect(): Promise<void> {
    const phone = new Phone(`ws://127.0.0.1:${program.port}/v1/driver/socket?token=${this.#token}`);
    phone.onHeard = (message) => {
      if (message.type === 'offer') this.#offered(String(message.offer_id));
    };
    await phone.connect();
    this.#phone = phone;
    this.#connectedAtMs = Date.now();
    await phone.ask({ type: 'status', status: 'online' });
    phone.at(this.#place.lat, this.#place.lng);
    this.#beat ??= setInterval(() => this.#phone?.at(this.#place.lat, this.#place.lng), 2_000);
  }

  #offered(offerId: string): void {
    if (this.#seen.has(offerId)) return;
    this.#seen.add(offerId);
    if (Math.random() < REFUSALS) {
      void this.#phone?.ask({ type: 'decline', offer_id: offerId });
      return;
    }
    const taps = Promise.all(Array.from({ length: TAPS }, () => this.#tap(offerId))).then((words) => void this.words.push(words));
    this.#open.add(taps);
    void taps.finally(() => this.#open.delete(taps));
  }

  /** The connection may go with the program; the driver taps again. */
  async #tap(offerId: string): Promise<Heard> {
    const tappedAtMs = Date.now();
    for (;;) {
      const answer = (await this.#phone?.ask({ type: 'accept', offer_id: offerId })) ?? { type: 'closed' };
      if (answer.type === 'ack' || (answer.type === 'error' && !String(answer.code).startsWith('runtime.'))) return answer;
      // However long the program takes to come back.
      if (Date.now() > Math.max(tappedAtMs, this.#connectedAtMs) + WORD_WITHIN_MS) return { type: 'nothing' };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async done(): Promise<void> {
    await Promise.all(this.#open);
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#phone?.close();
  }
}

it('case 43, 44, 46, 48, 52: no order has two drivers, no driver two reservations, every tap has its word', {
  timeout: 300_000,
}, async () => {
  const tappers = await inGroups(
    Array.from({ length: DRIVERS }, (_, n) => n),
    async (n) => {
      const body = { name: `Driver ${n}`, phone: String(27_620_000_000 + n), vehicle: { type: 'motorbike' } };
      const { id } = await post<{ id: string }>('/v1/drivers', body, `driver-${n}`);
      await post(`/v1/drivers/${id}/approve`, {});
      const { token } = await post<{ token: string }>(`/v1/drivers/${id}/token`, {});
      return new Tapper(id, token, n);
    },
  );
  await inGroups(tappers, (tapper) => tapper.connect());
  const orderIds = await inGroups(
    Array.from({ length: JOBS }, (_, n) => n),
    async (n) => {
      const home = { lat: SHOP.lat + 0.01 * Math.sin(n), lng: SHOP.lng + 0.01 * Math.cos(n) };
      const body = {
        customer: { wa_id: String(27_610_000_000 + n) },
        items: [{ product_id: 'KOTA', quantity: 1 }],
        delivery: { location: home },
      };
      const { id } = await post<{ id: string }>('/v1/orders', body, `order-${n}`);
      for (const verb of ['accept', 'prepare', 'ready']) await post(`/v1/orders/${id}/${verb}`, {});
      return id;
    },
  );
  const cancelled = orderIds.filter((_, n) => n % 10 === 0);
  await inGroups(cancelled, (id) => program.api(`/v1/orders/${id}/cancel`, { method: 'POST', body: {} }));
  await program.kill9();
  await program.start();
  await inGroups(tappers, (tapper) => tapper.connect());

  const orders = async () => await program.all<Order>('/v1/orders');
  const waiting = async () => (await orders()).filter((order) => order.status === 'READY_FOR_PICKUP').length;
  await expect.poll(waiting, SETTLED).toBe(0);
  await Promise.all(tappers.map((tapper) => tapper.done()));

  const ridersByOrder = async () => {
    const riders = new Map<string, string[]>();
    for (const driver of await inGroups(tappers, async (tapper) => (await program.api<Driver>(`/v1/drivers/${tapper.id}`)).body)) {
      expect(driver.jobs.length).toBeLessThanOrEqual(2);
      for (const { order_id: orderId } of driver.jobs) riders.set(orderId, [...(riders.get(orderId) ?? []), driver.id]);
    }
    return riders;
  };
  // At any time.
  expect([...(await ridersByOrder())].filter(([, ids]) => ids.length > 1)).toEqual([]);
  // What was cancelled leaves its driver as an effect, which the kill may have cut off.
  const differing = async () => {
    const riders = await ridersByOrder();
    const told = (await orders()).map((order) => ({
      order,
      riders: riders.get(order.id) ?? [],
      assigned: order.status === 'ASSIGNED_TO_DRIVER' ? [order.delivery?.driver?.id] : [],
    }));
    return told.filter((one) => one.riders.join() !== one.assigned.join());
  };
  await expect.poll(differing, SETTLED).toEqual([]);
  const words = tappers.flatMap((tapper) => tapper.words);
  expect(words.flat().filter((word) => word.type === 'nothing')).toEqual([]);
  // However often it was tapped, one offer has one word.
  for (const word of words) expect(new Set(word.map(({ type }) => type)).size).toBe(1);
  expect(words.flat().length).toBeGreaterThanOrEqual(JOBS * 10);
});
