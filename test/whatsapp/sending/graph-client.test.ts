/** What a call of the Graph API carries, whatever a shop has entered. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGraphClient, type GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';

let server: Server;
let client: GraphClient;
const heard: string[] = [];
/** What the server answers. */
let answer = { status: 401, body: '{"error":{"code":190}}' };

beforeEach(async () => {
  heard.length = 0;
  answer = { status: 401, body: '{"error":{"code":190}}' };
  server = createServer((req, res) => {
    // Node reads the bytes of a header as Latin-1.
    heard.push(Buffer.from(req.headers.authorization ?? '', 'latin1').toString('utf8'));
    req.resume().on('end', () => res.writeHead(answer.status).end(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const circuit = { failures: 1, openMs: 60_000 };
  client = createGraphClient({ url: `http://127.0.0.1:${port}`, version: 'v23.0', timeoutMs: 5_000, connections: 1, circuit });
});
afterEach(async () => {
  await client.close();
  server.close();
});

it('a token of any characters is judged by Meta, and opens the circuit for no other shop', async () => {
  const send = (token: string) => client.send('1', token, { type: 'text' }, new AbortController().signal);
  for (const token of ['EAA\u2026', '\u{1f511}', 'z\u00fc', 'EAAplain'])
    expect([token, await send(token)]).toEqual([token, { kind: 'error', status: 401, code: 190, retryAfterMs: null }]);
  expect(heard).toEqual(['Bearer EAA\u2026', 'Bearer \u{1f511}', 'Bearer z\u00fc', 'Bearer EAAplain']);
});

it.each([
  ['a missing permission', 3],
  ['an account in maintenance', 131_057],
  ['a number that is not registered', 133_010],
  ['a permission of the 200s', 200],
])('%s is the matter of one shop: said with a 500 it opens the circuit for no other', async (_name, code) => {
  answer = { status: 500, body: JSON.stringify({ error: { code } }) };
  const send = () => client.send('1', 'EAAplain', { type: 'text' }, new AbortController().signal);
  for (let i = 0; i < 3; i++) expect(await send()).toEqual({ kind: 'error', status: 500, code, retryAfterMs: null });
});

it.each([1, 2, 131_000, 131_016, 133_004, 999_999])('%i with a 500 tells of the service: the circuit opens', async (code) => {
  answer = { status: 500, body: JSON.stringify({ error: { code } }) };
  const send = () => client.send('1', 'EAAplain', { type: 'text' }, new AbortController().signal);
  expect(await send()).toMatchObject({ kind: 'error', code });
  expect(await send()).toMatchObject({ kind: 'open' });
});

it.each([
  ['of any length', 'w'.repeat(5_000), { kind: 'unknown' }],
  ['that is a number', 77, { kind: 'sent', whatsappId: '77' }],
  ['with characters that no database takes', 'wamid.\0A\ud800', { kind: 'sent', whatsappId: 'wamid.A' }],
])('an id in the answer is a name that can be stored, or none: one %s', async (_name, id, expected) => {
  answer = { status: 200, body: JSON.stringify({ messages: [{ id }] }) };
  expect(await client.send('1', 'EAAplain', { type: 'text' }, new AbortController().signal)).toEqual(expected);
});

it('whoever watches is told once that Meta is shut out, whatever is tried meanwhile, and once that it answers again', async () => {
  const told: boolean[] = [];
  const { port } = server.address() as AddressInfo;
  const watched = createGraphClient({
    url: `http://127.0.0.1:${port}`,
    version: 'v23.0',
    timeoutMs: 5_000,
    connections: 1,
    circuit: { failures: 2, openMs: 1 },
    onCircuit: (isOpen) => void told.push(isOpen),
  });
  const kindOf = async () => (await watched.send('1', 'EAAplain', { type: 'text' }, new AbortController().signal)).kind;
  // One that is open lets a call through again after a millisecond.
  const sent = async () => await expect.poll(kindOf).not.toBe('open');
  answer = { status: 500, body: '{}' };
  await sent();
  expect(told).toEqual([]);
  for (let i = 0; i < 4; i++) await sent();
  expect(told).toEqual([true]);
  answer = { status: 200, body: '{"messages":[{"id":"wamid.A"}]}' };
  for (let i = 0; i < 2; i++) await sent();
  expect(told).toEqual([true, false]);
  await watched.close();
});
