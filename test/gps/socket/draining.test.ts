/** Phones that are on their way in while the server stops. */
import { afterEach, expect, it } from 'vitest';
import { DRIVER } from '../../telemetry/support.ts';
import { driverToken, Server, until } from '../support.ts';

let server: Server;

afterEach(() => server.close());

it('a phone that was being let in when the sockets were sent away is refused, and connects elsewhere', async () => {
  server = new Server();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.answer('get', async () => {
    await held;
    return { ok: true, value: server.system.views.get(DRIVER.id) };
  });
  const opening = server.phone(`?token=${await driverToken()}`);
  const outcome = opening.then(
    () => 'open',
    () => 'refused',
  );
  await until(() => server.asked('get').length > 0);
  server.sockets.drain();
  release();
  expect(await outcome).toBe('refused');
  expect(server.sockets.counters).toMatchObject({ opened: 0, refused: 1 });
});
