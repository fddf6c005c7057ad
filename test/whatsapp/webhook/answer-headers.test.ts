/** The webhook's answers carry what every other answer of the public port carries; only the one that Meta reads by the thousand is bare. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { message } from '../bodies.ts';
import { type Stage, stage, VERIFY_TOKEN } from '../ingest-harness.ts';

let door: Stage;

beforeEach(async () => {
  door = await stage();
});
afterEach(async () => {
  await expect.poll(() => door.ingest.inFlight).toBe(0);
  door.close();
});

const CHALLENGE = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '1' });
const WITH_ID = { headers: { 'x-request-id': 'trace-7' } };
const body = message({ type: 'text', text: { body: 'hi' } });

const ANSWERS: readonly (readonly [string, number, () => Promise<Response>])[] = [
  ['the challenge', 200, () => fetch(`${door.url}?${CHALLENGE}`, WITH_ID)],
  ['a refused verification', 403, () => fetch(`${door.url}?${CHALLENGE}`.replace('subscribe', 'x'), WITH_ID)],
  ['a verification without parameters', 400, () => fetch(door.url, WITH_ID)],
  ['a wrong signature', 401, () => door.post(body, { ...WITH_ID.headers, 'x-hub-signature-256': 'sha256=0' })],
];

it.each(ANSWERS)('is not framed, sniffed or cached, and names the request: %s', async (_name, status, ask) => {
  const { status: answered, headers } = await ask();
  const named = ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'cache-control', 'x-request-id'];
  expect([answered, ...named.map((name) => headers.get(name))]).toEqual([
    status,
    "default-src 'none'; frame-ancestors 'none'",
    'nosniff',
    'no-referrer',
    'no-store',
    'trace-7',
  ]);
});

it('a post that was taken names the request of a caller who gave one, and nothing else', async () => {
  const named = await door.post(body, WITH_ID.headers);
  const nameless = await door.post(body);
  expect([named.headers.get('x-request-id'), nameless.headers.get('x-request-id')]).toEqual(['trace-7', null]);
  for (const answer of [named, nameless]) expect([answer.status, await answer.text()]).toEqual([200, '']);
});
