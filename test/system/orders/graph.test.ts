/** A shop with an access token of its own: its replies leave over HTTP to a Graph API as strict as the real one, and statuses come back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeGraph, startFakeGraph } from '../../fakes/graph.ts';
import { Program, PHONE as SANDBOX_PHONE, webhook } from '../program.ts';
import { Shop } from '../shop.ts';

const PHONE = '200000000000042';
const TOKEN = 'shop-token';
/** Long enough that an end which does not wait for it is told from one that does. */
const FLUSH_MS = 100;

let graph: FakeGraph;
let program: Program;
let shop: Shop;

beforeAll(async () => {
  graph = await startFakeGraph({ token: TOKEN });
  program = new Program({ WHATSAPP_GRAPH_URL: graph.url, WAKALA_JOURNAL_FLUSH_MS: String(FLUSH_MS) });
  await program.start();
  shop = new Shop(program, { slug: 'sis-dudu', phoneNumberId: PHONE, accessToken: TOKEN });
  await shop.open();
  expect(JSON.stringify(shop.created)).not.toContain(TOKEN);
});
afterAll(async () => {
  await program.remove();
  await graph.close();
});

const outgoing = (waId: string) =>
  shop.api<{ items: { status: string; whatsapp_id: string | null; text: string }[] }>(`/v1/messages?wa_id=${waId}&direction=out`);

it('answers over HTTP with the shop own token, once, and follows the delivery to read', async () => {
  const waId = '27600008001';
  expect((await shop.hears(waId, '2 kota', 'wamid.g1')).status).toBe(200);
  await graph.seen(1);
  const [message] = graph.accepted;
  expect(message).toMatchObject({ phoneNumberId: PHONE, recipient: waId });
  expect(JSON.stringify(message?.body)).toContain('Kota');
  const hook = { url: program.url('/webhooks/whatsapp'), secret: program.secrets().whatsappAppSecret };
  for (const status of ['sent', 'delivered', 'read', 'delivered'] as const)
    expect(await graph.postStatus(hook, message as NonNullable<typeof message>, status)).toBe(200);
  await expect.poll(async () => (await outgoing(waId)).items).toMatchObject([{ status: 'read', whatsapp_id: message?.id }]);
  expect((await shop.hears(waId, '2 kota', 'wamid.g1')).status).toBe(200);
  await shop.hears(waId, 'cart', 'wamid.g2');
  await graph.seen(2);
  expect(graph.accepted).toHaveLength(2);
});

it('tries again when Meta says to slow down, and the customer gets one answer', async () => {
  const waId = '27600008002';
  const before = graph.accepted.length;
  graph.script({ kind: 'error', status: 429, code: 130_429, retryAfterS: 1 });
  await shop.hears(waId, 'hi', 'wamid.g3');
  await expect.poll(() => graph.accepted.slice(before).filter((message) => message.recipient === waId).length, { timeout: 20_000 }).toBe(1);
  await expect.poll(async () => (await outgoing(waId)).items.map((item) => item.status)).toEqual(['sent']);
});

it('answers two messages of one post once, with what both asked for', async () => {
  const waId = '27600008003';
  const before = graph.accepted.length;
  const texts = ['2 kota', '1 kota'].map((body, at) => ({
    from: waId,
    id: `wamid.post${at}`,
    timestamp: String(Math.floor(Date.now() / 1000)),
    type: 'text',
    text: { body },
  }));
  expect((await program.postRaw(webhook(texts, waId).replace(SANDBOX_PHONE, PHONE))).status).toBe(200);
  await expect.poll(async () => (await outgoing(waId)).items.map((item) => item.status)).toEqual(['sent']);
  const bodies = graph.accepted.slice(before).map((message) => JSON.stringify(message.body));
  expect(bodies).toEqual([expect.stringContaining('3 x Kota')]);
  const chat = await shop.api<{ cart: { quantity: number }[] }>(`/v1/conversations/${waId}`);
  expect(chat.cart.map((line) => line.quantity)).toEqual([3]);
});

it('is stopped while Meta takes a message: the outcome is kept, and the next start does not send it again', async () => {
  const waId = '27600008004';
  const before = graph.accepted.length;
  graph.script({ kind: 'accept', afterMs: 500 });
  expect((await shop.hears(waId, 'hi', 'wamid.g4')).status).toBe(200);
  await expect.poll(() => graph.accepted.length).toBe(before + 1);
  expect(await program.stop()).toBe(0);
  await program.start();
  expect((await outgoing(waId)).items.map((item) => item.status)).toEqual(['sent']);
  expect(graph.accepted.slice(before).filter((message) => message.recipient === waId)).toHaveLength(1);
});
