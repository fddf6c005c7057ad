/** The connection that writes batches: sought again when it is lost, and not left open by anybody. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WriterConnection } from '../../src/persistence/postgres/writer-connection.ts';
import { ScratchDatabase } from './scratch-database.ts';

let database: ScratchDatabase;
/** Stands before the server, so that each connection is seen to come and go. */
let border: Server;
beforeAll(async () => {
  database = await ScratchDatabase.open();
  const { host, port } = database.address;
  border = createServer((near: Socket) => {
    const far = connect(path.join(host ?? '', `.s.PGSQL.${port}`));
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
  });
  border.listen(0, '127.0.0.1');
  await once(border, 'listening');
});
afterAll(async () => {
  border.close();
  await database.close();
});

async function nextConnection(): Promise<Socket> {
  const [socket] = (await once(border, 'connection')) as [Socket];
  return socket;
}

function writer(): WriterConnection {
  const address = { ...database.address, host: '127.0.0.1', port: (border.address() as AddressInfo).port };
  return new WriterConnection({ address, role: 'wakala_writer', statementTimeoutMs: 5_000 });
}

function isOpen(connection: WriterConnection): boolean {
  try {
    return connection.client !== null;
  } catch {
    return false;
  }
}

it('that is closed while it seeks a new one leaves none behind', async () => {
  const connection = writer();
  await connection.open();
  const next = nextConnection();
  connection.lost();
  await connection.close();
  const socket = await next;
  if (!socket.closed) await once(socket, 'close');
  expect(() => connection.client).toThrow('away');
});

it('that is lost is sought again', async () => {
  const connection = writer();
  await connection.open();
  const before = connection.client;
  connection.lost();
  expect(() => connection.client).toThrow('away');
  await expect.poll(() => isOpen(connection), { interval: 5 }).toBe(true);
  expect(connection.client).not.toBe(before);
  await connection.client.query('select 1');
  await connection.close();
});
