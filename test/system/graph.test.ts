/** A shop with an access token of its own: its replies leave over HTTP to a Graph API as strict as the real one, and statuses come back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintToken } from '../../src/transport/http/token.ts';
import { type FakeGraph, startFakeGraph } from '../fakes/graph.ts';
import { Program, webhook } from './program.ts';

const PHONE = '200000000000042';
const TOKEN = 'shop-token';
const SHOP = {
  slug: 'sis-dudu',
  name: "Sis' Dudu",
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phone_number_id: PHONE, waba_id: '100000000000042', access_token: TOKEN },
  payments: { cod: { enabled: true, max_amount_minor: 500_000 } },
  delivery: { base_fee_minor: 1_500, per_km_minor: 500, free_km: 2, max_km: 10 },
  owner: { name: 'Dudu', wa_id: '27600000042' },
};

let graph: FakeGraph;
let program: Program;
let owner = '';

async function api<T>(token: string, route: string, body?: unknown): Promise<T> {
  const answer = await fetch(program.url(route), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect([200, 201]).toContain(answer.status);
  return (await answer.json()) as T;
}

beforeAll(async () => {
  graph = await startFakeGraph({ token: TOKEN });
  program = new Program({ WHATSAPP_GRAPH_URL: graph.url });
  await program.start();
  const secret = program.secrets().jwtSecret;
  const claims = { secret, sub: 'test', ttlS: 600, nowMs: Date.now() };
  const shop = await api<{ id: string }>(await mintToken({ ...claims, roles: ['platform_admin'] }), '/v1/tenants', SHOP);
  expect(JSON.stringify(shop)).not.toContain(TOKEN);
  owner = await mintToken({ ...claims, roles: ['tenant_owner'], tenantId: shop.id });
  await api(owner, '/v1/products', { name: 'Kota', price_minor: 4_500, category: 'Food' });
});
afterAll(async () => {
  await program.remove();
  await graph.close();
});

const text = (waId: string, words: string, id: string) =>
  program.postRaw(
    webhook([{ from: waId, id, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body: words } }], waId).replace(
      '200000000000001',
      PHONE,
    ),
  );

const outgoing = (waId: string) =>
  api<{ items: { status: string; whatsapp_id: string | null; text: string }[] }>(owner, `/v1/messages?wa_id=${waId}&direction=out`);

it('answers over HTTP with the shop own token, once, and follows the delivery to read', async () => {
  const waId = '27600008001';
  expect((await text(waId, '2 kota', 'wamid.g1')).status).toBe(200);
  await graph.seen(1);
  const [message] = graph.accepted;
  expect(message).toMatchObject({ phoneNumberId: PHONE, recipient: waId });
  expect(JSON.stringify(message?.body)).toContain('Kota');
  const hook = { url: program.url('/webhooks/whatsapp'), secret: program.secrets().whatsappAppSecret };
  for (const status of ['sent', 'delivered', 'read', 'delivered'] as const)
    expect(await graph.postStatus(hook, message as NonNullable<typeof message>, status)).toBe(200);
  await expect.poll(async () => (await outgoing(waId)).items).toMatchObject([{ status: 'read', whatsapp_id: message?.id }]);
  expect((await text(waId, '2 kota', 'wamid.g1')).status).toBe(200);
  await text(waId, 'cart', 'wamid.g2');
  await graph.seen(2);
  expect(graph.accepted).toHaveLength(2);
});

it('tries again when Meta says to slow down, and the customer gets one answer', async () => {
  const waId = '27600008002';
  const before = graph.accepted.length;
  graph.script({ kind: 'error', status: 429, code: 130_429, retryAfterS: 1 });
  await text(waId, 'hi', 'wamid.g3');
  await expect.poll(() => graph.accepted.slice(before).filter((message) => message.recipient === waId).length, { timeout: 20_000 }).toBe(1);
  await expect.poll(async () => (await outgoing(waId)).items.map((item) => item.status)).toEqual(['sent']);
});
