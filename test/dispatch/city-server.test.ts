/** How the simulated city talks to a server that is busy for a moment. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { CityServer } from '../../src/simulate/city/server.ts';

let server: Server | null = null;
afterEach(async () => {
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
});

/** A server that is busy at the first request. @returns a city that talks to it, and what each request was called. */
async function busyAtFirst(nameOf: (request: IncomingMessage, body: string) => unknown) {
  const names: unknown[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      names.push(nameOf(request, body));
      response.writeHead(names.length === 1 ? 503 : 202, { connection: 'close' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { names, city: new CityServer({ url: `http://127.0.0.1:${port}`, ownerToken: 'none' }) };
}

it('a message of the phone that is sent again after a 503 is the same message, and the next one is another', async () => {
  const { city, names: ids } = await busyAtFirst((_request, body) => (JSON.parse(body) as { id?: unknown }).id);
  await city.phone({ wa_id: '27610000000', text: 'Hi' });
  await city.phone({ wa_id: '27610000000', text: 'Hi' });
  const [first, again, next] = ids;
  expect(ids).toHaveLength(3);
  // The form that the sandbox takes.
  expect(first).toMatch(/^[\w-]{8,64}$/);
  expect(again).toBe(first);
  expect(next).not.toBe(first);
});

it('what the shop does again after a 503 is the same deed, and what it does next is another', async () => {
  const { city, names: keys } = await busyAtFirst((request) => request.headers['idempotency-key']);
  await city.owner('POST', '/v1/orders/ord_1/accept', {});
  await city.owner('POST', '/v1/orders/ord_1/prepare', {});
  await city.owner('POST', '/v1/drivers', {}, 'city-driver-1');
  const [first, again, next, named] = keys;
  expect(first).toEqual(expect.any(String));
  expect(again).toBe(first);
  expect(next).not.toBe(first);
  expect(named).toBe('city-driver-1');
});
