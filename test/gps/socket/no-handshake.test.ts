/** The path of the drivers' socket, for whoever comes without a handshake: as behind a proxy that keeps its headers back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { driverToken, Server } from '../support.ts';

const PATH = '/v1/driver/socket';
let server: Server;
beforeEach(() => {
  server = new Server();
});
afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
});

it('a plain request is told that it takes an upgrade, with or without a token', async () => {
  for (const query of ['', `?token=${await driverToken()}`]) {
    const plain = await fetch(server.url(PATH + query));
    const { code } = (await plain.json()) as { code: string };
    expect([plain.status, plain.headers.get('upgrade'), code]).toEqual([426, 'websocket', 'request.upgrade_required']);
  }
});

it('any other method is told which there are', async () => {
  const posted = await fetch(server.url(PATH), { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
