/** How an exchange ends when its handler fails late: in a drain, or in the middle of a stream. */
import { afterEach, expect, test } from 'vitest';
import { call, deferred, raw, startApp, stopApps } from '../support.ts';

afterEach(stopApps);

test('while the app drains a problem ends its connection as any other reply does', async () => {
  const gate = deferred<void>();
  const entered = deferred<void>();
  const held = deferred<void>();
  const isHeld = deferred<void>();
  const app = startApp((it) =>
    it
      .route('GET', '/fails', async () => {
        entered.resolve();
        await gate.promise;
        throw new TypeError('late');
      })
      // Keeps the drain going, so that not its end closes the connection.
      .route('GET', '/held', async () => {
        isHeld.resolve();
        await held.promise;
        return { status: 204 };
      }),
  );
  const holding = call(app, 'GET', '/held');
  await isHeld.promise;
  const failing = raw(app.port, 'GET /fails HTTP/1.1\r\nhost: x\r\n\r\n', /request\.internal[^}]*\}$/);
  await entered.promise;
  const drained = app.app.drain(5_000);
  gate.resolve();
  expect((await failing).toLowerCase()).toContain('connection: close');
  held.resolve();
  await holding;
  expect(await drained).toBe(0);
});

test.each(['at once', 'later'])('a stream that throws %s is reported, ends its connection, and the app serves on', async (when) => {
  const app = startApp((it) =>
    it
      .route('GET', '/a', () => {
        const reply = {
          status: 200,
          stream: () => {
            throw new TypeError('torn');
          },
        };
        return when === 'later' ? Promise.resolve(reply) : reply;
      })
      .route('GET', '/b', () => ({ status: 204 })),
  );
  const text = await raw(app.port, 'GET /a HTTP/1.1\r\nhost: x\r\n\r\n', /0\r\n\r\n$/);
  expect(text).toMatch(/^HTTP\/1.1 200/);
  expect(app.defects).toEqual([new TypeError('torn')]);
  expect(app.app.streams).toBe(0);
  expect((await call(app, 'GET', '/b')).status).toBe(204);
});
