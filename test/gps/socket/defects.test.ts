/** A defect behind one message of a phone costs that message and nothing else. */
import { afterEach, expect, it } from 'vitest';
import { Server } from '../support.ts';

const server = new Server();
afterEach(() => server.close());

it('a command that breaks is logged and told to the driver with its id; the socket goes on', async () => {
  const phone = await server.connected();
  server.answer('go_online', () => Promise.reject(new Error('planted')));
  // More often than commands may wait: each that broke is over.
  for (let n = 0; n < 20; n++) {
    phone.send({ type: 'status', status: 'online', id: `m${n}` });
    expect(await phone.next('error')).toEqual({ type: 'error', id: `m${n}`, code: 'request.internal' });
  }
  expect(server.defects).toHaveLength(20);
  expect(String(server.defects[0])).toContain('planted');
  expect(await phone.ask({ type: 'status', status: 'offline' })).toMatchObject({ type: 'ack', ok: true });
});
