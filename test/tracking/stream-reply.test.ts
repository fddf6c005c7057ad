/** Stream replies of the HTTP layer: order, limits, aborts, drain. */
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplyStream } from '../../src/transport/http/message.ts';
import { call, deferred, raw, startApp, stopApps } from '../http/support.ts';

afterEach(stopApps);

function streaming(options: Parameters<typeof startApp>[1] = {}, begin: (out: ReplyStream) => void = () => undefined) {
  const opened = deferred<ReplyStream>();
  const closed = deferred<void>();
  const app = startApp(
    (it) =>
      it
        .route('GET', '/s', async () => ({
          status: 200,
          headers: { 'content-type': 'text/plain' },
          stream: (out) => {
            out.onClose(() => closed.resolve());
            begin(out);
            out.write('first ');
            opened.resolve(out);
          },
        }))
        .route('GET', '/a', () => ({ status: 204 })),
    options,
  );
  return { app, opened: opened.promise, closed: closed.promise };
}

describe('a stream reply', () => {
  it('arrives bit by bit with the head of any reply, and ends in order', async () => {
    const { app, opened, closed } = streaming();
    const pending = fetch(`${app.url}/s`);
    const out = await opened;
    const response = await pending;
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    out.write('second');
    out.end();
    await closed;
    expect(await response.text()).toBe('first second');
    expect([out.write('late'), app.app.streams]).toEqual([false, 0]);
    out.end();
    expect((await call(app, 'GET', '/a')).status).toBe(204);
  });

  it('has no deadline, takes no place of requests in flight, and is observed once, when it opens', async () => {
    const seen: unknown[] = [];
    const { app, opened } = streaming({ requestTimeoutMs: 60, maxInFlight: 1, observe: ({ route, status }) => seen.push([route, status]) });
    const text = fetch(`${app.url}/s`).then((response) => response.text());
    const out = await opened;
    expect([app.app.inFlight, app.app.streams]).toEqual([0, 1]);
    // A request that ends by its deadline shows that deadlines passed meanwhile.
    const late = startApp((it) => it.route('GET', '/never', () => new Promise(() => undefined)), { requestTimeoutMs: 200 });
    expect((await call(late, 'GET', '/never')).status).toBe(504);
    expect((await call(app, 'GET', '/a')).status).toBe(204);
    out.write('alive');
    out.end();
    expect(await text).toBe('first alive');
    expect(seen).toEqual([
      ['/s', 200],
      ['/a', 204],
    ]);
  });

  it('whose client goes away is closed once, and writing to it does nothing', async () => {
    const { app, opened, closed } = streaming();
    const socket = connect(app.port, '127.0.0.1', () => socket.write('GET /s HTTP/1.1\r\nhost: x\r\n\r\n'));
    const out = await opened;
    socket.destroy();
    await closed;
    expect([out.write('x'), app.app.streams]).toEqual([false, 0]);
    expect(app.defects).toEqual([]);
  });

  it('says when the client is behind, and when it has caught up', async () => {
    const drained = deferred<void>();
    const { app, opened } = streaming({}, (out) => out.onDrain(() => drained.resolve()));
    const socket = connect(app.port, '127.0.0.1', () => socket.write('GET /s HTTP/1.1\r\nhost: x\r\n\r\n'));
    const out = await opened;
    socket.pause();
    const chunk = 'x'.repeat(1_000_000);
    let chunks = 0;
    while (out.write(chunk)) chunks++;
    expect(chunks).toBeLessThan(100);
    socket.resume();
    await drained.promise;
    expect(out.write('more')).toBe(true);
    socket.destroy();
  });

  it('ends when the app drains, without holding the drain up', async () => {
    const { app, closed } = streaming();
    const response = await fetch(`${app.url}/s`);
    const text = response.text();
    expect(await app.app.drain(5_000)).toBe(0);
    await closed;
    expect(await text).toBe('first ');
  });

  it('is closed when the app is abandoned', async () => {
    const { app, opened, closed } = streaming();
    const cut = fetch(`${app.url}/s`).then((response) => response.text());
    const outcome = cut.catch(() => 'cut');
    await opened;
    app.app.abandon();
    await closed;
    expect(await outcome).toBe('cut');
  });

  it('to HEAD is the head alone', async () => {
    const { app } = streaming();
    const text = await raw(app.port, 'HEAD /s HTTP/1.1\r\nhost: x\r\n\r\n', /\r\n\r\n/);
    expect(text).toMatch(/^HTTP\/1.1 200 OK.*\r\n\r\n$/s);
    expect(app.app.streams).toBe(0);
  });
});
