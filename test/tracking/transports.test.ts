/** Poll, event stream and socket over the real server: the same content, the same refusals, the same end. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { raw } from '../http/support.ts';
import { type Client, handshake, openSocket, openStream } from './clients.ts';
import { OTHER_ORDER, type Running, startTracking, tokenFor } from './world.ts';

const TOKEN = tokenFor();
const MANY = { callsBurst: 1_000 };

let world: Running;
let clients: Client[];

beforeEach(() => {
  world = startTracking({ limits: MANY });
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.leave();
  await world.close();
  expect(world.defects).toEqual([]);
  expect(world.tracking.watchers).toBe(0);
  expect(world.feed.subscriptions).toBe(0);
});

const poll = (token = TOKEN, query = '', headers = {}) => fetch(`${world.url}/v1/track/${token}${query}`, { headers });

async function stream(headers = {}): Promise<Client> {
  const client = await openStream(world.url, TOKEN, headers);
  if (client instanceof Response) throw new Error(`refused with ${client.status}`);
  clients.push(client);
  return client;
}

async function socket(query = ''): Promise<Client> {
  const client = await openSocket(world.url, TOKEN, query);
  clients.push(client);
  return client;
}

const seqOf = (client: Client): unknown => client.track?.seq;

describe('case 40: a poll', () => {
  it('has exactly the content that the stream and the socket have, at every step of a delivery', async () => {
    const [events, ws] = [await stream(), await socket()];
    const steps = [
      () => world.order.ride(0.1),
      () => world.order.advance('at_pickup', { arrivedPickupAtMs: Date.now() }),
      () => world.order.advance('picked_up', { pickedUpAtMs: Date.now() }),
      () => world.order.ride(0.6),
      () => world.order.advance('at_dropoff'),
    ];
    for (const step of steps) {
      step();
      const polled = (await (await poll()).json()) as Record<string, unknown>;
      for (const client of [events, ws]) {
        await client.until((it) => seqOf(it as Client) === polled.seq);
        expect(client.track).toEqual(polled);
      }
    }
    expect(events.types()).toEqual(ws.types());
  });

  it('with the tag or the number of the present state is 304 without a body', async () => {
    world.order.ride(0.4);
    const first = await poll();
    const tag = first.headers.get('etag') ?? '';
    const { seq } = (await first.json()) as { seq: number };
    for (const reply of [
      await poll(TOKEN, '', { 'if-none-match': tag }),
      await poll(TOKEN, '', { 'if-none-match': `"x", W/${tag}` }),
      await poll(TOKEN, '', { 'if-none-match': '*' }),
      await poll(TOKEN, `?since=${seq}`),
    ]) {
      expect([reply.status, await reply.text(), reply.headers.get('etag')]).toEqual([304, '', tag]);
    }
    expect(Date.parse(first.headers.get('date') ?? '')).toBeGreaterThan(0);
  });

  it('with a stale tag, or a number that is behind, beyond or nonsense, gets the whole', async () => {
    const { seq } = (await (await poll()).json()) as { seq: number };
    expect((await poll(TOKEN, '', { 'if-none-match': '"1"' })).status).toBe(200);
    for (const since of [seq - 1, seq + 1, 9e15, 'abc', '-1', '']) expect((await poll(TOKEN, `?since=${since}`)).status).toBe(200);
  });

  it('100 times at once is answered 429 with a time to wait, and other links are not touched by it', async () => {
    await world.close();
    // So slow a refill that none comes while the test runs.
    world = startTracking({ limits: { callsPerSecond: 0.001 } });
    const replies = await Promise.all(Array.from({ length: 100 }, () => poll()));
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(80);
    const [one] = refused as [Response];
    expect(Number(one.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(((await one.json()) as { code: string }).code).toBe('request.overloaded');
    expect((await poll(tokenFor(OTHER_ORDER))).status).toBe(404);
  });
});

describe('case 41: a connection', () => {
  it('of the stream begins with the whole and goes on with numbered differences', async () => {
    const events = await stream();
    await events.until(({ heard }) => heard.length === 1);
    world.order.ride(0.2);
    await events.until(({ heard }) => heard.length === 2);
    expect(events.types()).toEqual(['snapshot', 'delta']);
    expect(events.heard.map(({ id }) => Number(id))).toEqual([events.heard[1]!.data.base, seqOf(events)]);
  });

  it('that comes back without having missed anything goes on without the whole; after a gap it gets the whole', async () => {
    const before = await stream();
    await before.until(({ heard }) => heard.length === 1);
    const id = String(seqOf(before));
    before.leave();
    const same = await stream({ 'last-event-id': id });
    await same.until(({ comments }) => comments === 1);
    const sameSocket = await socket(`?since=${id}`);
    await sameSocket.until(({ heard }) => heard.length === 1);
    expect([same.types(), sameSocket.types()]).toEqual([[], ['heartbeat']]);
    world.order.ride(0.5);
    for (const [headers, query] of [
      [{ 'last-event-id': id }, `?since=${id}`],
      [{ 'last-event-id': 'junk' }, '?since=junk'],
    ] as const) {
      const [late, lateSocket] = [await stream(headers), await socket(query)];
      await Promise.all([late, lateSocket].map((client) => client.until(({ heard }) => heard.length === 1)));
      expect([late.types(), lateSocket.types()]).toEqual([['snapshot'], ['snapshot']]);
    }
  });

  it('that reads nothing holds no backlog here: what it gets later is the newest, not the history', async () => {
    const request = `GET /v1/track/${TOKEN}/events HTTP/1.1\r\nhost: x\r\n\r\n`;
    const slow = connect({ port: world.port, host: '127.0.0.1' }, () => slow.write(request));
    const fast = await stream();
    await new Promise<void>((resolve) => slow.once('data', () => resolve()));
    slow.pause();
    // More than any buffer of the operating system takes; the text is in the state only because it is long.
    const source = 'x'.repeat(200_000);
    let rounds = 0;
    while (rounds < 100) {
      rounds++;
      world.order.ride(rounds / 100, { atMs: Date.now() - 1_000 + rounds, source });
      await fast.until(
        ({ track }) =>
          (track?.position as { lat: number } | null)?.lat ===
          (world.feed.last(`order/${world.order.order.orderId}`) as { lat: number }).lat,
      );
    }
    let text = '';
    slow.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    const newest = String(seqOf(fast));
    slow.resume();
    await fast.until(() => true);
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (text.includes(`id: ${newest}`)) resolve();
      };
      slow.on('data', check);
      check();
    });
    expect(text.split('event: delta').length - 1).toBeLessThan(rounds);
    slow.destroy();
  });

  it('whose query is ambiguous is refused alike on every way', async () => {
    const query = '?since=1&since=2';
    expect((await fetch(`${world.url}/v1/track/${TOKEN}${query}`)).status).toBe(400);
    expect((await fetch(`${world.url}/v1/track/${TOKEN}/events${query}`)).status).toBe(400);
    const refused = await raw(world.port, handshake(`/v1/track/${TOKEN}/socket${query}`), /\}$/);
    expect(refused).toMatch(/^HTTP\/1.1 400 .*"code":"request.invalid".*"path":"since"/s);
  });

  it('to a link or thread that has too many is refused before it opens', async () => {
    await world.close();
    world = startTracking({ limits: { ...MANY, watchersPerLink: 2 } });
    await stream();
    await socket();
    const refused = await openStream(world.url, TOKEN);
    expect(refused).toMatchObject({ status: 429 });
    expect(await raw(world.port, handshake(`/v1/track/${TOKEN}/socket`), /\}$/)).toMatch(/^HTTP\/1.1 429 .*retry-after: 10/s);
    expect(world.tracking.counters.refusedFull).toBe(2);
  });

  it('is let go of when the client goes away, and when the server drains', async () => {
    const [events, ws] = [await stream(), await socket()];
    expect(world.tracking.watchers).toBe(2);
    events.leave();
    ws.leave();
    const [stays, staysToo] = [await stream(), await socket()];
    await stays.until(() => world.tracking.watchers <= 2 || stays.heard.length > 0);
    await world.close();
    await Promise.all([stays, staysToo].map((client) => client.until(({ closed }) => closed !== null)));
    expect([staysToo.closed, world.tracking.watchers]).toEqual([1001, 0]);
    expect(stays.types()).not.toContain('end');
  });
});

describe('case 42: a link', () => {
  const refusals = async (token: string): Promise<unknown[]> => {
    const page = await fetch(`${world.url}/t/${token}`);
    const events = await openStream(world.url, token);
    const ws = await raw(world.port, handshake(`/v1/track/${token}/socket`), /\}$/);
    return [page.status, (await poll(token)).status, (events as Response).status, Number(ws.slice(9, 12))];
  };

  it('after completion ends all that is open with a last message, and is 410 everywhere from then on', async () => {
    world.order.advance('picked_up');
    const [events, ws] = [await stream(), await socket()];
    world.order.ride(0.9);
    world.order.advance('delivered');
    for (const client of [events, ws]) {
      await client.until(({ closed }) => closed !== null);
      expect(client.heard.at(-1)).toMatchObject({ type: 'end', data: { outcome: 'delivered' } });
    }
    expect(ws.closed).toBe(1000);
    expect(await refusals(TOKEN)).toEqual([410, 410, 410, 410]);
    expect(await (await poll()).json()).toMatchObject({ code: 'tracking.ended', details: { outcome: 'delivered' } });
  });

  it('after a re-assignment is 410, while the new leg has its own link with its own driver only', async () => {
    world.order.ride(0.2);
    world.order.advance('assigned', {
      leg: 2,
      driver: { id: 'drv_3f2', name: 'Lindiwe', vehicle: 'car', registration: null },
      assignedAtMs: Date.now(),
    });
    expect(await refusals(TOKEN)).toEqual([410, 410, 410, 410]);
    const now = (await (await poll(tokenFor(undefined, 2))).json()) as Record<string, unknown>;
    // The last position on the topic is the first driver's.
    expect(now).toMatchObject({ driver: { name: 'Lindiwe' }, position: null, eta: null });
  });

  it('that is guessed, altered, for another order or for a leg that is not there is 404, all alike', async () => {
    const bodies = new Set<string>();
    for (const token of [`${TOKEN.slice(0, -1)}x`, 'guess', tokenFor(OTHER_ORDER), tokenFor(undefined, 7)]) {
      expect(await refusals(token)).toEqual([404, 404, 404, 404]);
      bodies.add((await (await poll(token)).text()).replace(/"request_id":"[^"]+"/, ''));
    }
    expect(bodies.size).toBe(1);
  });

  it('that is no link at all costs the order nothing', async () => {
    await refusals('guess');
    expect(world.order.asked).toBe(0);
  });

  it('while the order cannot be asked is 503 to programs, and a page that tries again to people', async () => {
    world.order.fault = { ok: false, fault: { code: 'runtime.unavailable', retryAfterMs: 2_000 } };
    expect(await refusals(TOKEN)).toEqual([200, 503, 503, 503]);
    expect((await poll()).headers.get('retry-after')).toBe('2');
    world.order.fault = null;
  });

  it('of the socket is nothing but the socket', async () => {
    expect(await raw(world.port, handshake('/v1/track/x'), /\}$/)).toContain('request.not_found');
    for (const token of [TOKEN, 'guess']) {
      const plain = await fetch(`${world.url}/v1/track/${token}/socket`);
      expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([426, 'request.upgrade_required']);
    }
    const head = await fetch(`${world.url}/v1/track/${TOKEN}/events`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});
