/** How long an answer asks to wait is understood, whoever gives it and in whichever form. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGraphClient, type GraphAnswer, type GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';

let server: Server;
let client: GraphClient;
let respond: (res: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((req, res) => req.resume().on('end', () => respond(res))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = createGraphClient({ url: `http://127.0.0.1:${port}`, version: 'v23.0', timeoutMs: 5_000, connections: 2 });
});
afterEach(async () => {
  await client.close();
  server.close();
});

function answerTo(status: number, body: string, retryAfter?: string): Promise<GraphAnswer> {
  respond = (res) => void res.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(body);
  return client.send('1', 'token', { type: 'text' }, new AbortController().signal);
}

const HOUR_MS = 3_600_000;
const inAnHour = (): string => new Date(Date.now() + HOUR_MS).toUTCString();

describe('how long an answer asks to wait', () => {
  it('is taken in seconds and as a date', async () => {
    expect(await answerTo(429, 'slow', '3')).toEqual({ kind: 'error', status: 429, code: null, retryAfterMs: 3_000 });
    const { retryAfterMs } = (await answerTo(429, 'slow', inAnHour())) as { retryAfterMs: number };
    // A date has whole seconds, and some time has passed since.
    expect(retryAfterMs).toBeGreaterThan(HOUR_MS / 2);
    expect(retryAfterMs).toBeLessThanOrEqual(HOUR_MS);
    expect(await answerTo(429, 'slow', new Date(0).toUTCString())).toMatchObject({ retryAfterMs: 0 });
  });

  it('is taken from a gateway, too, whose outcome nobody knows', async () => {
    expect(await answerTo(503, '<html>', '20')).toEqual({ kind: 'unknown', retryAfterMs: 20_000 });
    expect(await answerTo(503, '<html>')).toEqual({ kind: 'unknown' });
  });

  it.each(['soon', '-5', ''])('is nothing when it cannot be read: %j', async (given) => {
    expect(await answerTo(429, 'slow', given)).toMatchObject({ kind: 'error', retryAfterMs: null });
  });
});

it('a success that carries a coded error and no id is that error, and no outcome that nobody knows', async () => {
  expect(await answerTo(200, '{"error":{"code":131026}}')).toEqual({ kind: 'error', status: 200, code: 131_026, retryAfterMs: null });
});
