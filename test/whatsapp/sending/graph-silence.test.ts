/** A call of the Graph API ends by itself, whatever the server does: the runtime sets no bound to an effect (see EffectHandler). */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createGraphClient, type GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';

const TIMEOUT_MS = 300;
const DRIP_MS = 20;
let server: Server;
let client: GraphClient;
const drips: NodeJS.Timeout[] = [];

async function serve(answer: (res: ServerResponse) => void): Promise<void> {
  server = createServer((_req, res) => answer(res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createGraphClient({ url, version: 'v23.0', timeoutMs: TIMEOUT_MS, connections: 1 });
}

afterEach(async () => {
  for (const drip of drips.splice(0)) clearInterval(drip);
  server.closeAllConnections();
  await client.close();
  server.close();
});

const send = () => client.send('1', 'EAAplain', { type: 'text' }, new AbortController().signal);

it('a server that answers drop by drop for ever leaves the outcome unknown: nobody may take it for not sent', async () => {
  await serve((res) => {
    res.writeHead(200);
    drips.push(setInterval(() => res.write(' '), DRIP_MS));
  });
  expect(await send()).toEqual({ kind: 'unknown' });
});

it('behind a call that a silent server holds, one that was never written ends too, and is known not to be sent', async () => {
  await serve(() => undefined);
  expect(await Promise.all([send(), send()])).toEqual([{ kind: 'unknown' }, { kind: 'unreachable' }]);
});
