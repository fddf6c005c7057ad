/** An order from the chat to the door with a driver on a socket and a customer who watches, through a kill of everything. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';
import { Phone } from './driver-socket.ts';

const program = new Program();
beforeAll(() => program.start());
afterAll(() => program.remove());

const WA_ID = '27600005001';
const WAIT = { timeout: 20_000, interval: 100 };
const SHOP = { lat: -26.2485, lng: 27.854 };
const HOME = { lat: -26.25, lng: 27.86 };
const ON_THE_ROAD = { lat: -26.2495, lng: 27.857 };

interface Order {
  readonly id: string;
  readonly status: string;
  readonly delivery: { readonly phase?: string; readonly driver?: { readonly id: string } | null } | null;
}

const outgoing = async () => (await program.chat(WA_ID)).filter((message) => message.direction === 'out').map((message) => message.body);
const orderNow = async (id: string) => (await program.api<Order>(`/v1/orders/${id}`)).body;

async function orderByChat(): Promise<string> {
  const answered = (count: number) => expect.poll(async () => (await outgoing()).length, WAIT).toBe(count);
  await program.text(WA_ID, '2 kota and a coke pls');
  await answered(1);
  await program.tap(WA_ID, (await program.buttons(WA_ID))[0] ?? '');
  await answered(2);
  await program.pin(WA_ID);
  await answered(3);
  await program.tap(WA_ID, (await program.buttons(WA_ID))[0] ?? '');
  await answered(4);
  const orders = await program.all<{ id: string; customer: { wa_id: string } }>('/v1/orders');
  const id = orders.find((order) => order.customer.wa_id === WA_ID)?.id ?? '';
  for (const verb of ['accept', 'prepare', 'ready']) await program.api(`/v1/orders/${id}/${verb}`, { method: 'POST', body: {} });
  return id;
}

interface DemoDriver {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

async function phoneOf(driver: DemoDriver): Promise<Phone> {
  return new Phone(`ws://127.0.0.1:${program.port}/v1/driver/socket?token=${driver.token}`).connect();
}

/** Streams one place until told otherwise, as a phone does. */
function standing(phone: Phone, place: { lat: number; lng: number }): () => void {
  phone.at(place.lat, place.lng);
  const timer = setInterval(() => phone.at(place.lat, place.lng), 500);
  return () => clearInterval(timer);
}

const arrivalsTold = async () => (await outgoing()).filter((text) => text.includes('should be with you in')).length;

/** The customer hears the arrival; then everything is killed, and who watches the ride begins in the middle of it. @returns the phone, connected anew */
async function onTheRoad(phone: Phone, driver: DemoDriver, aheadOnTheMap: () => Promise<string | null>): Promise<Phone> {
  let stand = standing(phone, ON_THE_ROAD);
  await expect.poll(arrivalsTold, WAIT).toBe(1);
  stand();
  phone.close();
  await program.kill9();
  await program.start();
  const again = await phoneOf(driver);
  stand = standing(again, ON_THE_ROAD);
  await expect.poll(aheadOnTheMap, WAIT).toBe('dropoff');
  stand();
  return again;
}

it('is offered, accepted, followed on the map and handed over with the code; a kill in between loses nothing', {
  timeout: 120_000,
}, async () => {
  const { items } = (await (await fetch(program.url('/sandbox/drivers'))).json()) as { items: DemoDriver[] };
  const driver = items.find((candidate) => candidate.name.startsWith('Lwazi')) as DemoDriver;
  let phone = await phoneOf(driver);
  expect(await phone.ask({ type: 'status', status: 'online' })).toMatchObject({ type: 'ack', ok: true });
  let stand = standing(phone, { lat: SHOP.lat + 0.004, lng: SHOP.lng });

  const orderId = await orderByChat();
  await expect.poll(() => phone.last('offer'), WAIT).not.toBeNull();
  const offer = phone.last('offer');
  expect(offer).toMatchObject({ order_id: orderId, currency: 'ZAR', pickup: { lat: SHOP.lat }, dropoff: { lat: HOME.lat } });
  const offerId = offer?.offer_id;
  const answers = await Promise.all([1, 2, 3].map(() => phone.ask({ type: 'accept', offer_id: offerId })));
  expect(answers.map((answer) => answer.type)).toEqual(['ack', 'ack', 'ack']);
  expect(await phone.ask({ type: 'decline', offer_id: offerId })).toMatchObject({ type: 'error' });
  await expect.poll(async () => (await orderNow(orderId)).delivery?.phase, WAIT).toBe('assigned');

  await expect.poll(async () => (await outgoing()).some((text) => text.includes('/t/')), WAIT).toBe(true);
  const notice = (await outgoing()).find((text) => text.includes('/t/')) ?? '';
  const token = /\/t\/([\w.~-]+)/.exec(notice)?.[1] ?? '';
  const otp = /\*(\d{4})\*/.exec(notice)?.[1] ?? '';
  expect(notice).toContain('Lwazi');
  const tracked = async () => {
    const answer = await fetch(program.url(`/v1/track/${token}`));
    return { status: answer.status, body: (await answer.json()) as { position?: { lat: number } | null; eta?: { stop: string } | null } };
  };
  await expect.poll(async () => JSON.stringify((await tracked()).body), WAIT).toContain('Lwazi');

  stand();
  phone.close();
  await program.kill9();
  await program.start();
  phone = await phoneOf(driver);
  await expect.poll(() => phone.last('delivery'), WAIT).toMatchObject({ delivery_id: orderId, phase: 'to_pickup' });
  expect(await phone.ask({ type: 'accept', offer_id: offerId })).toMatchObject({ type: 'ack' });

  // The fence notices the arrival at the shop; far away the driver's own word would not count.
  stand = standing(phone, { lat: SHOP.lat + 0.01, lng: SHOP.lng });
  await expect.poll(async () => (await tracked()).body.position?.lat ?? null, WAIT).not.toBeNull();
  expect(await phone.ask({ type: 'arrived', delivery_id: orderId })).toMatchObject({ type: 'error', code: 'delivery.not_at_stop' });
  stand();
  stand = standing(phone, SHOP);
  await expect.poll(async () => (await orderNow(orderId)).delivery?.phase, { timeout: 60_000, interval: 200 }).toBe('at_pickup');
  expect(await phone.ask({ type: 'picked_up', delivery_id: orderId })).toMatchObject({ type: 'ack' });
  expect((await orderNow(orderId)).status).toBe('IN_TRANSIT');
  stand();
  phone = await onTheRoad(phone, driver, async () => (await tracked()).body.eta?.stop ?? null);
  stand = standing(phone, HOME);
  const wrong = otp === '0000' ? '1111' : '0000';
  expect(await phone.ask({ type: 'delivered', delivery_id: orderId, otp: wrong })).toMatchObject({
    type: 'error',
    code: 'delivery.otp_wrong',
  });
  expect(await phone.ask({ type: 'delivered', delivery_id: orderId, otp })).toMatchObject({ type: 'ack' });
  stand();
  expect(await orderNow(orderId)).toMatchObject({ status: 'DELIVERED', delivery: { phase: 'delivered' } });
  expect((await tracked()).status).toBe(410);
  await expect.poll(async () => (await outgoing()).at(-1), WAIT).toContain('delivered');
  const view = await program.api<{ earnings: { deliveries: number; cash_on_hand_minor: number } }>(`/v1/drivers/${driver.id}`);
  expect(view.body.earnings).toMatchObject({ deliveries: 1 });
  expect(await arrivalsTold()).toBe(1);
  expect(view.body.earnings.cash_on_hand_minor).toBeGreaterThan(0);
  phone.close();
});
