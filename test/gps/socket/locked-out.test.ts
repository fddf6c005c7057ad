/** A suspended driver's devices: every way in answers with the same code, whatever token or key they have. */
import { afterEach, expect, it } from 'vitest';
import { activeJob, DRIVER, driverView, off, SHOP } from '../../telemetry/support.ts';
import { driverToken, KEY, Server } from '../support.ts';

let server: Server;
const open = (): Server => {
  server = new Server();
  return server;
};

afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
  expect(server.sockets.open).toBe(0);
});

const TOPIC = `driver/${DRIVER.id}`;
const suspended = (): void => void server.system.views.set(DRIVER.id, driverView(DRIVER, { status: 'suspended', online: false }));

it('the open sockets end with 4401 and the reason at once', async () => {
  open();
  const phones = [await server.connected(), await server.connected()];
  suspended();
  server.feed.publish(TOPIC, { type: 'standing', lockedOut: true });
  for (const phone of phones) expect(await phone.closed).toEqual({ code: 4401, reason: 'driver.suspended' });
});

it('a socket of one who rides stays until the ride has ended', async () => {
  open();
  const jobs = [activeJob('to_dropoff')];
  server.system.views.set(DRIVER.id, driverView(DRIVER, { status: 'suspended', online: true, jobs }));
  const phone = await server.connected();
  server.feed.publish(TOPIC, { type: 'standing', lockedOut: false });
  phone.send({ type: 'ping', id: 'p' });
  expect(await phone.next('ack')).toMatchObject({ id: 'p' });
  server.feed.publish(TOPIC, { type: 'standing', lockedOut: true });
  expect((await phone.closed).code).toBe(4401);
});

it('a new socket is refused before the upgrade', async () => {
  open();
  suspended();
  await expect(server.phone(`?token=${await driverToken()}`)).rejects.toThrow('refused');
  expect(server.sockets.counters.refused).toBe(1);
});

it('one that is suspended between upgrade and snapshot is sent away without a snapshot', async () => {
  open();
  let asked = 0;
  server.answer('get', () => {
    asked++;
    return { ok: true, value: asked === 1 ? driverView() : driverView(DRIVER, { status: 'suspended', online: false }) };
  });
  const phone = await server.phone(`?token=${await driverToken()}`);
  expect(await phone.closed).toEqual({ code: 4401, reason: 'driver.suspended' });
  expect(phone.all).toEqual([]);
});

it('positions over HTTP and from a GPS app are refused', async () => {
  open();
  suspended();
  const position = { ...off(SHOP, 0), at_ms: Date.now() };
  const batch = await server.post('/v1/driver/positions', { positions: [position] }, await driverToken());
  expect([batch.status, ((await batch.json()) as { code: string }).code]).toEqual([409, 'driver.suspended']);
  const app = await fetch(server.url(`/v1/gps/osmand?id=${KEY}&lat=${SHOP.lat}&lon=${SHOP.lng}`));
  expect([app.status, ((await app.json()) as { code: string }).code]).toEqual([409, 'driver.suspended']);
});

it('a notice about made up positions comes as an error that answers nothing', async () => {
  open();
  const phone = await server.connected();
  server.feed.publish(TOPIC, { type: 'notice', code: 'gps.mocked' });
  expect(await phone.next('error')).toEqual({ type: 'error', id: null, code: 'gps.mocked' });
});
