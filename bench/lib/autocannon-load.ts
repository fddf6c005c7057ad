/** A second opinion on the ceiling of webhooks: the same kind of signed posts, sent by autocannon. It must never know the server. */
import { createHmac } from 'node:crypto';
import autocannon, { type Request } from 'autocannon';

export interface AutocannonLoad {
  readonly port: number;
  readonly secret: string;
  readonly phoneNumberId: string;
  readonly connections: number;
  readonly seconds: number;
}

/** Different posts that the connections go round, signed beforehand. */
const POSTS = 2_000;

/** @returns answers a second. @throws when a post was not answered with 200. */
export async function autocannonRate({ port, secret, phoneNumberId, connections, seconds }: AutocannonLoad): Promise<number> {
  const requests = Array.from({ length: POSTS }, (_, i) => post(i, secret, phoneNumberId));
  const result = await autocannon({ url: `http://127.0.0.1:${port}`, connections, duration: seconds, requests });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`autocannon: ${result.non2xx} refusals, ${result.errors} errors`);
  return result.requests.average;
}

function post(i: number, secret: string, phoneNumberId: string): Request {
  const waId = String(27_600_100_000 + i);
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '27600000100', phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: 'Thandi M' }, wa_id: waId, user_id: `ZA.${waId}0000` }],
    messages: [{ from: waId, id: `wamid.AC${i}`, timestamp: '1795000000', type: 'text', text: { body: '2 kota and a coke pls' } }],
  };
  const entry = [{ id: '100000000000001', changes: [{ field: 'messages', value }] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  return { method: 'POST', path: '/webhooks/whatsapp', headers, body };
}
