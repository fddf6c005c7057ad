/** Ten thousand customers at the same moment: whoever does not fit is told to come again, and in the end everybody is served once. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program, webhook } from '../program.ts';

const CUSTOMERS = 10_000;
const SOCKETS = 2_000;
/** Far above what the work needs, far below what an unbounded queue would take. */
const MEMORY_MAX_BYTES = 1_500 * 1024 * 1024;
const MAILBOX_TOTAL = 2_048;
/** Everybody comes again at once, so that no number of rounds says how long a slow disk takes. */
const SERVED_WITHIN_MS = 200_000;

const program = new Program({ WAKALA_MAILBOX_TOTAL: String(MAILBOX_TOTAL), WAKALA_NUMBER_RATE: '100000' });
const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
beforeAll(() => program.start());
afterAll(async () => {
  agent.destroy();
  await program.remove();
});

function post(secret: string, waId: string, id: string, text: string): Promise<number> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = webhook([{ from: waId, id, timestamp, type: 'text', text: { body: text } }], waId);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, port: program.port, host: '127.0.0.1', method: 'POST', path: '/webhooks/whatsapp', headers },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    // A connection kept from before may be closed while the request is on its way: Node leaves it to us to ask on another.
    sent.once('error', (error) => (sent.reusedSocket ? resolve(post(secret, waId, id, text)) : reject(error)));
    sent.end(body);
  });
}

it(`${CUSTOMERS.toLocaleString('en')} orders at once: nobody lost, nobody twice, memory and mailboxes bounded`, {
  timeout: 300_000,
}, async () => {
  const secret = program.secrets().whatsappAppSecret;
  let waiting = Array.from({ length: CUSTOMERS }, (_, i) => String(27_700_000_000 + i));
  const seen = new Set<number>();
  const untilMs = Date.now() + SERVED_WITHIN_MS;
  while (waiting.length > 0 && Date.now() < untilMs) {
    const answers = await Promise.all(waiting.map((waId) => post(secret, waId, `wamid.crowd${waId}`, '2 kota and a coke pls')));
    for (const status of answers) seen.add(status);
    waiting = waiting.filter((_, i) => answers[i] !== 200);
  }
  expect(waiting).toEqual([]);
  expect([...seen].filter((status) => status !== 200 && status !== 503 && status !== 429)).toEqual([]);
  expect(program.peakMemoryBytes()).toBeLessThan(MEMORY_MAX_BYTES);
  const conversations = await program.all<{ wa_id: string; cart: { quantity: number }[] }>('/v1/conversations');
  const crowd = conversations.filter((conversation) => conversation.wa_id.startsWith('277'));
  expect(crowd).toHaveLength(CUSTOMERS);
  expect(crowd.filter((conversation) => conversation.cart.map((line) => line.quantity).join() !== '2,1')).toEqual([]);
  // And it goes on as if nothing had been.
  expect(await post(secret, '27700000001', 'wamid.crowd-after', 'checkout')).toBe(200);
  await expect.poll(() => program.ready()).toBe(true);
});
