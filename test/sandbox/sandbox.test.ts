/** The sandbox's endpoints over real HTTP, with the ports faked in memory. */
import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageBody, metaJson } from '../../src/transport/sandbox/webhook.ts';
import { DEMO, FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';

const WA_ID = '27600000101';

let world: FakeWorld;
let server: Listening;

beforeEach(() => {
  world = new FakeWorld();
  server = listen(world);
});
afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
});

async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(server.url + path)).json()) as T;
}

interface Items {
  items: { direction: string; body: string; at: string; status: string; graph?: object; whatsapp_id: string; id: string }[];
}

/** The first message of the newest webhook. */
function lastMessage(): Record<string, unknown> {
  const value = world.webhooks.at(-1)!.entry[0]!.changes[0]!.value as unknown as { messages: Record<string, unknown>[] };
  return value.messages[0]!;
}

describe('the bare address', () => {
  it('leads a browser to the sandbox, for as long as that is on; an unknown path stays unknown', async () => {
    for (const method of ['GET', 'HEAD']) {
      const there = await fetch(`${server.url}/`, { method, redirect: 'manual' });
      expect([method, there.status, there.headers.get('location'), there.headers.get('cache-control')]).toEqual([
        method,
        302,
        '/sandbox',
        'no-store',
      ]);
    }
    expect((await fetch(`${server.url}/`)).headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const path of ['//', '/nothing', '/index.html']) expect((await get<{ code: string }>(path)).code).toBe('request.not_found');
  });
});

describe('POST /sandbox/messages', () => {
  it('is the same message when it is sent again under its sender’s own id, so that a lost answer orders nothing twice', async () => {
    const own = { wa_id: WA_ID, text: '2 kota', id: 'page-0123456789' };
    const [first, again] = [await post('/sandbox/messages', own), await post('/sandbox/messages', own)];
    expect(first).toEqual({ status: 202, body: { whatsapp_id: `wamid.${btoa(own.id)}` } });
    expect(again).toEqual(first);
    const { items } = await get<Items>(`/sandbox/messages?wa_id=${WA_ID}`);
    expect(items.filter(({ direction }) => direction === 'in')).toHaveLength(1);
    expect((await post('/sandbox/messages', { ...own, id: 'no spaces here' })).body.code).toBe('request.invalid');
  });

  it('sends text through the signed webhook, escaped as Meta escapes it, and answers 202 with its id', async () => {
    const text = 'ngicela ama-vetkoek amabili 🥟 / né @ "x"';
    const sent = await post('/sandbox/messages', { wa_id: WA_ID, text });
    expect(sent).toEqual({ status: 202, body: { whatsapp_id: expect.stringMatching(/^wamid\./) } });
    expect(lastMessage()).toMatchObject({ from: WA_ID, id: sent.body.whatsapp_id, type: 'text', text: { body: text } });
    expect(lastMessage().timestamp).toMatch(/^\d{10}$/);
    expect(world.webhooks[0]).toMatchObject({
      object: 'whatsapp_business_account',
      entry: [{ id: '100000000000001', changes: [{ field: 'messages', value: { metadata: { phone_number_id: DEMO.phoneNumberId } } }] }],
    });
  });

  it.each([
    [
      'a button',
      { reply_id: 'menu', title: 'Menu' },
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'menu', title: 'Menu' } } },
    ],
    [
      'a list row',
      { reply_id: 'prod:1', list: true },
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'prod:1', title: 'prod:1' } } },
    ],
    [
      'a location',
      { location: { lat: -26.2, lng: 27.9, name: 'Home' } },
      { type: 'location', location: { latitude: -26.2, longitude: 27.9, name: 'Home' } },
    ],
  ])('sends %s in Meta’s shape', async (_, action, expected) => {
    expect((await post('/sandbox/messages', { wa_id: WA_ID, ...action })).status).toBe(202);
    expect(lastMessage()).toMatchObject(expected);
  });

  it.each([
    ['no content', { wa_id: WA_ID }],
    ['two contents', { wa_id: WA_ID, text: 'a', reply_id: 'b' }],
    ['a bad number', { wa_id: '+27 60', text: 'a' }],
    ['a position off the globe', { wa_id: WA_ID, location: { lat: 91, lng: 0 } }],
    ['no object', null],
  ])('refuses %s and calls no webhook', async (_, body) => {
    const answer = await post('/sandbox/messages', body);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('request.invalid');
    expect(world.webhooks).toEqual([]);
  });

  /** @returns the status of a message that a page of `origin` posts, or that a program does. */
  const postFrom = (origin: string | null, host: string, to = server): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { host, 'content-type': 'application/json', ...(origin === null ? {} : { origin }) };
      const posting = request(`${to.url}/sandbox/messages`, { method: 'POST', headers }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      });
      posting.once('error', reject).end(JSON.stringify({ wa_id: WA_ID, text: 'hi' }));
    });

  it('takes nothing of a page of another site, also of one whose name was made to lead here', async () => {
    const own = new URL(server.url).host;
    const { port } = new URL(server.url);
    for (const [origin, host] of [
      ['https://elsewhere.example', own],
      ['null', own],
      [`http://127.0.0.1:${Number(port) + 1}`, own],
      [`http://elsewhere.example:${port}`, `elsewhere.example:${port}`],
      [`http://localhost.elsewhere.example:${port}`, `localhost.elsewhere.example:${port}`],
    ] as const)
      expect(await postFrom(origin, host), origin).toBe(403);
    const order = world.placeOrder(WA_ID);
    const path = `/sandbox/orders/${order.id}/accept`;
    const foreign = await fetch(server.url + path, { method: 'POST', headers: { origin: 'https://elsewhere.example' } });
    expect([foreign.status, await foreign.json()]).toEqual([403, expect.objectContaining({ code: 'auth.forbidden' })]);
    expect(world.webhooks).toEqual([]);
    expect(world.orders.get(order.id)?.status).toBe('CREATED');
    expect((await fetch(server.url + path, { method: 'POST' })).status).toBe(200);
  });

  it('takes what programs and its own pages send, by address or as localhost', async () => {
    const { port } = new URL(server.url);
    expect(await postFrom(null, 'wakala.internal')).toBe(202);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `192.168.1.20:${port}`])
      expect(await postFrom(`http://${host}`, host), host).toBe(202);
  });

  it('takes what its page under another name sends where that is the public one, or the server is meant for other machines', async () => {
    const { port } = new URL(server.url);
    for (const [ownPages, origin, host, status] of [
      [{ publicHost: 'shop.example', believesNames: false }, 'https://shop.example', 'shop.example', 202],
      // Behind a proxy that names the server itself.
      [{ publicHost: 'shop.example', believesNames: false }, 'https://shop.example', `127.0.0.1:${port}`, 202],
      [{ publicHost: 'shop.example', believesNames: false }, 'https://other.example', 'other.example', 403],
      [{ publicHost: null, believesNames: true }, `http://shop-pc.local:${port}`, `shop-pc.local:${port}`, 202],
      [{ publicHost: null, believesNames: true }, 'https://other.example', `shop-pc.local:${port}`, 403],
    ] as const) {
      world.ownPages = ownPages;
      const other = listen(world);
      try {
        expect(await postFrom(origin, host, other), `${origin} at ${host}`).toBe(status);
      } finally {
        await other.close();
      }
    }
  });

  it('passes the webhook’s own problem on', async () => {
    world.refuseWith = { status: 503, body: '{"code":"webhook.not_durable","status":503}' };
    expect(await post('/sandbox/messages', { wa_id: WA_ID, text: 'hi' })).toEqual({
      status: 503,
      body: { code: 'webhook.not_durable', status: 503 },
    });
  });

  it('answers 503 when the webhook cannot be reached', async () => {
    world.baseUrl = 'http://127.0.0.1:1';
    const answer = await post('/sandbox/messages', { wa_id: WA_ID, text: 'hi' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'webhook.not_durable' } });
  });

  it('knows no shop with an access token: its customers are real', async () => {
    const tenant = 'tenant_id=11111111-2222-4333-8444-555555555555';
    for (const path of [
      `/sandbox/messages?wa_id=${WA_ID}&${tenant}`,
      `/sandbox/orders?wa_id=${WA_ID}&${tenant}`,
      `/sandbox/drivers?${tenant}`,
    ])
      expect(await get(path)).toMatchObject({ code: 'tenant.not_found' });
  });

  it('answers 404 for an unknown shop', async () => {
    const answer = await post('/sandbox/messages', { wa_id: WA_ID, text: 'hi', tenant_id: '99999999-2222-4333-8444-555555555555' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'tenant.not_found' } });
  });
});

describe('GET /sandbox/messages', () => {
  it('shows both directions oldest first, with the Graph body of what went out', async () => {
    await post('/sandbox/messages', { wa_id: WA_ID, text: 'Hi' });
    const { items } = await get<Items>(`/sandbox/messages?wa_id=${WA_ID}`);
    expect(items.map((item) => item.direction)).toEqual(['in', 'out']);
    expect(items[0]).toMatchObject({ body: 'Hi', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    expect(items[0]).not.toHaveProperty('graph');
    expect(items[1]).toMatchObject({ status: 'sent', graph: { messaging_product: 'whatsapp', to: WA_ID } });
    expect(items[1]!.body).toContain('Welcome');
  });

  it('is empty for a number that never wrote', async () => {
    expect(await get(`/sandbox/messages?wa_id=27600000999`)).toEqual({ items: [] });
  });

  it('keeps the newest 500 of a long chat, and says that there are older ones', async () => {
    await post('/sandbox/messages', { wa_id: WA_ID, text: 'Hi' });
    for (let n = 1; n <= 1200; n += 1) world.say(WA_ID, { kind: 'text', text: `line ${n}` });
    const { items, has_older: hasOlder } = await get<Items & { has_older?: boolean }>(`/sandbox/messages?wa_id=${WA_ID}`);
    expect(items).toHaveLength(500);
    expect(hasOlder).toBe(true);
    expect(items.at(-1)!.body).toBe('line 1200');
  });
});

describe('POST /sandbox/receipts', () => {
  it('reports statuses as Meta does', async () => {
    await post('/sandbox/messages', { wa_id: WA_ID, text: 'Hi' });
    const before = await get<Items>(`/sandbox/messages?wa_id=${WA_ID}`);
    const sent = await post('/sandbox/receipts', { wa_id: WA_ID, whatsapp_ids: [before.items[1]!.whatsapp_id], status: 'read' });
    expect(sent.status).toBe(202);
    expect((await get<Items>(`/sandbox/messages?wa_id=${WA_ID}`)).items[1]!.status).toBe('read');
  });
});

describe('the shop’s view', () => {
  it('lists the customer’s orders and moves one through its steps', async () => {
    await post('/sandbox/messages', { wa_id: WA_ID, location: { lat: -26.2, lng: 27.9 } });
    const { items } = await get<{ items: { id: string; status: string; total_minor: number }[] }>(`/sandbox/orders?wa_id=${WA_ID}`);
    expect(items).toMatchObject([{ status: 'CREATED', total_minor: 12_400, currency: 'ZAR' }]);
    const steps: string[] = [];
    for (const verb of ['accept', 'prepare', 'ready', 'deliver']) {
      const answer = await post(`/sandbox/orders/${items[0]!.id}/${verb}`, {});
      expect(answer.status).toBe(200);
      steps.push(answer.body.status as string);
    }
    expect(steps).toEqual(['CONFIRMED', 'PREPARING', 'READY_FOR_PICKUP', 'DELIVERED']);
  });

  it('refuses an illegal step with the present status, an unknown order and an unknown verb', async () => {
    const order = world.placeOrder(WA_ID);
    expect(await post(`/sandbox/orders/${order.id}/deliver`, {})).toMatchObject({
      status: 409,
      body: { code: 'order.illegal_transition', details: { status: 'CREATED' } },
    });
    expect((await post('/sandbox/orders/ord_zzzz/accept', {})).status).toBe(404);
    expect((await post('/sandbox/orders/nonsense/accept', {})).status).toBe(404);
    expect((await post(`/sandbox/orders/${order.id}/explode`, {})).status).toBe(404);
  });
});

describe('the page', () => {
  it('serves every file that it names, and nothing else', async () => {
    const seen = new Set<string>();
    const queue = ['/sandbox'];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const response = await fetch(server.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      const text = await response.text();
      for (const [, name] of text.matchAll(/(?:\/sandbox\/assets\/|from '\.\/)([a-z.-]+)/g)) queue.push(`/sandbox/assets/${name}`);
      expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    }
    expect(seen).toContain('/sandbox/assets/sheet.js');
    expect((await fetch(`${server.url}/sandbox/assets/..%2Fphone.ts`)).status).toBe(404);
  });

  it('names all its modules at once, so that none waits for another on a slow line, and sends them compressed', async () => {
    const page = await (await fetch(`${server.url}/sandbox`)).text();
    const preloaded = new Set([...page.matchAll(/modulepreload" href="\/sandbox\/assets\/([a-z-]+\.js)"/g)].map(([, name]) => name));
    for (const name of [...preloaded, 'page.js']) {
      const small = await fetch(`${server.url}/sandbox/assets/${name}`, { headers: { 'accept-encoding': 'gzip' } });
      const plain = await fetch(`${server.url}/sandbox/assets/${name}`, { headers: { 'accept-encoding': 'identity' } });
      expect([small.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual(['gzip', null]);
      const text = await small.text();
      expect(await plain.text()).toBe(text);
      for (const [, imported] of text.matchAll(/from '\.\/([a-z-]+\.js)'/g)) expect([...preloaded]).toContain(imported);
    }
  });

  it('is not sent again while it has not changed: neither the page nor its files', async () => {
    for (const path of ['/sandbox', '/sandbox/assets/page.css', '/sandbox/assets/page.js']) {
      const etag = (await fetch(server.url + path)).headers.get('etag') ?? 'none';
      expect([path, (await fetch(server.url + path, { headers: { 'if-none-match': etag } })).status]).toEqual([path, 304]);
    }
  });

  it('knows the shop and the demo customers', async () => {
    expect(await get('/sandbox/info')).toMatchObject({
      tenant: { slug: 'mama-thandi', name: 'Mama Thandi’s Kitchen', phone_number_id: DEMO.phoneNumberId },
      demo_customers: expect.arrayContaining([expect.objectContaining({ wa_id: WA_ID, name: 'Lerato Mokoena' })]),
    });
  });
});

describe('metaJson', () => {
  it('is plain ASCII without a bare slash, and parses back to the same message, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const body = messageBody({ wabaId: '1', phoneNumberId: '2' }, { waId: WA_ID, name: text }, 'wamid.x', { kind: 'text', text }, 0);
        const bytes = metaJson(body);
        expect(bytes).not.toMatch(/[^\x20-\x7e]|(?<!\\)\//);
        expect(JSON.parse(bytes)).toEqual(body);
      }),
    );
  });
});
