/** The HTTP server itself: routing, replies, bodies and limits, over real sockets. */
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpRequest, json, jsonBody, queryOf } from '../../../src/transport/http/message.ts';
import { Problem } from '../../../src/transport/http/problem.ts';
import { assertPortFree } from '../../../src/transport/http/server/app.ts';
import { call, deferred, raw, startApp, stopApps } from '../support.ts';

afterEach(stopApps);

const echo = (request: HttpRequest) => json(200, { params: request.params, query: queryOf(request), bytes: request.body.length });

describe('routing', () => {
  test('path parameters and query are decoded', async () => {
    const app = startApp((it) => it.route('GET', '/a/:first/b/:second', echo));
    const reply = await call(app, 'GET', '/a/x%20y/b/z?q=caf%C3%A9&q=2&n=1');
    expect(reply.body).toEqual({ params: { first: 'x y', second: 'z' }, query: { q: 'café', n: '1' }, bytes: 0 });
  });

  test('an unknown path is 404 and a broken percent-encoding is too', async () => {
    const app = startApp((it) => it.route('GET', '/a/:id', echo));
    expect((await call(app, 'GET', '/nowhere')).body.code).toBe('request.not_found');
    expect(await raw(app.port, 'GET /a/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', /\}$/)).toContain('404');
  });

  test('a wrong method is 405 with every method that the path has', async () => {
    const app = startApp((it) => it.route('GET', '/a', echo).route('POST', '/a', echo));
    const reply = await call(app, 'DELETE', '/a');
    expect([reply.status, reply.body.code, reply.headers.get('allow')]).toEqual([405, 'request.method_not_allowed', 'GET, HEAD, POST']);
  });

  test('HEAD answers like GET without a body', async () => {
    const app = startApp((it) => it.route('GET', '/a', () => json(200, { n: 1 })));
    const text = await raw(app.port, 'HEAD /a HTTP/1.1\r\nhost: x\r\n\r\n', /\r\n\r\n/);
    expect(text).toMatch(/^HTTP\/1.1 200 OK/);
    expect(text.toLowerCase()).toContain('content-length: 7');
    expect(text.endsWith('\r\n\r\n')).toBe(true);
  });

  test('a connection serves on after HEAD, errors included', async () => {
    const app = startApp((it) => it.route('GET', '/a', () => json(200, { n: 1 })));
    const ask = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const text = await raw(app.port, ask('HEAD', '/a') + ask('HEAD', '/none') + ask('GET', '/a'), /\{"n":1\}$/);
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
  });

  test('a reply without content has no length, and its connection serves on', async () => {
    const app = startApp((it) => it.route('DELETE', '/a', () => ({ status: 204 })).route('GET', '/a', () => ({ status: 304 })));
    const ask = (method: string) => `${method} /a HTTP/1.1\r\nhost: x\r\n\r\n`;
    const text = await raw(app.port, ask('DELETE') + ask('GET') + ask('PUT'), /\}$/);
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 304', 'HTTP/1.1 405']);
    expect(text.toLowerCase().match(/content-length: \d+/g)).toHaveLength(1);
  });

  test('a connection that is to be closed says so once', async () => {
    const app = startApp((it) => it.route('GET', '/a', echo));
    const text = await raw(app.port, 'POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(text.toLowerCase().match(/connection: close/g)).toHaveLength(1);
  });
});

test('a path that native routes serve answers 405 with their methods to every other', async () => {
  const app = startApp((it) => {
    it.servedElsewhere(['GET', 'POST'], '/hook').native.post('/hook', (res) => void res.end('native'));
  });
  for (const method of ['PUT', 'HEAD', 'OPTIONS', 'DELETE'])
    expect([method, (await fetch(`http://127.0.0.1:${app.port}/hook`, { method })).status]).toEqual([method, 405]);
  const reply = await call(app, 'PUT', '/hook');
  expect([reply.body.code, reply.headers.get('allow')]).toEqual(['request.method_not_allowed', 'GET, POST']);
  expect((await call(app, 'POST', '/hook')).text).toBe('native');
});

describe('replies', () => {
  test('every reply has the security headers, errors included', async () => {
    const app = startApp((it) => it.route('GET', '/a', echo));
    for (const path of ['/a', '/missing']) {
      const { headers } = await call(app, 'GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  test('a harmless request id comes back; a harmful or absent one is replaced', async () => {
    const app = startApp((it) => it.route('GET', '/a', echo));
    expect((await call(app, 'GET', '/a', { headers: { 'x-request-id': 'abc-1.2:3' } })).headers.get('x-request-id')).toBe('abc-1.2:3');
    for (const bad of ['<script>', 'a b', 'x'.repeat(65)]) {
      const id = (await call(app, 'GET', '/a', { headers: { 'x-request-id': bad } })).headers.get('x-request-id');
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('the request id of a problem is the one in the header', async () => {
    const app = startApp((it) => it.route('GET', '/a', () => Promise.reject(new Problem('order.not_found'))));
    const reply = await call(app, 'GET', '/a', { headers: { 'x-request-id': 'r1' } });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body).toEqual({
      type: '/docs#order.not_found',
      title: 'Order not found',
      status: 404,
      code: 'order.not_found',
      detail: 'This tenant has no such order.',
      request_id: 'r1',
    });
  });

  test('a line break in a header value cannot start another header', async () => {
    const app = startApp((it) => it.route('GET', '/a', () => ({ status: 200, headers: { location: '/x\r\nset-cookie: a=b' } })));
    const reply = await call(app, 'GET', '/a');
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(reply.headers.get('location')).toBe('/xset-cookie: a=b');
  });

  test('a defect answers 500 without its text and is reported', async () => {
    const app = startApp((it) =>
      it
        .route('GET', '/sync', () => {
          throw new Error('internal text');
        })
        .route('GET', '/async', () => Promise.reject(new Error('internal text'))),
    );
    for (const path of ['/sync', '/async']) {
      const reply = await call(app, 'GET', path);
      expect([reply.status, reply.body.code]).toEqual([500, 'request.internal']);
      expect(reply.text).not.toContain('internal text');
    }
    expect(app.defects).toHaveLength(2);
  });
});

describe('bodies', () => {
  test('malformed JSON, bad UTF-8 and a wrong type have their own codes', async () => {
    const app = startApp((it) => it.route('POST', '/a', (request) => json(200, jsonBody(request))));
    expect((await call(app, 'POST', '/a', { body: '{"a":' })).body.code).toBe('request.unsupported_media_type');
    const headers = { 'content-type': 'application/json' };
    expect((await call(app, 'POST', '/a', { body: '{"a":', headers })).body.code).toBe('request.invalid_json');
    expect(await raw(app.port, 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n"\xff"', /\}$/)).toContain('400');
  });

  test('a body in many chunks arrives whole', async () => {
    const app = startApp((it) => it.route('POST', '/a', echo));
    expect((await call(app, 'POST', '/a', { body: 'x'.repeat(900_000) })).body.bytes).toBe(900_000);
  });

  test('5 MB are refused with 413 before the handler sees any of it', async () => {
    let handled = 0;
    const app = startApp((it) =>
      it.route('POST', '/a', (request) => {
        handled++;
        return echo(request);
      }),
    );
    const reply = await call(app, 'POST', '/a', { body: 'x'.repeat(5 * 1024 * 1024) }).catch(() => null);
    if (reply !== null) expect([reply.status, reply.body.code]).toEqual([413, 'request.too_large']);
    const announced = await raw(app.port, 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5242880\r\n\r\nx', /\}$/);
    expect(announced).toContain('request.too_large');
    expect(handled).toBe(0);
  });

  test('chunked bodies are counted while they arrive, and the connection closes', async () => {
    const app = startApp((it) => it.route('POST', '/a', echo, { bodyMaxBytes: 1000 }));
    const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
    const text = await raw(app.port, `POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`);
    expect(text).toContain('413');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  test('a borrowed body is readable until the handler awaits', async () => {
    const app = startApp((it) => it.route('POST', '/a', (request) => json(200, { text: request.body.toString() }), { borrowBody: true }));
    expect((await call(app, 'POST', '/a', { body: 'hello' })).body.text).toBe('hello');
  });
});

describe('limits', () => {
  test('a client that sends its body too slowly gets 408 and is closed', async () => {
    const app = startApp((it) => it.route('POST', '/a', echo), { bodyTimeoutMs: 100 });
    const text = await raw(app.port, 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nxx');
    expect(text).toContain('request.body_timeout');
    expect(app.app.inFlight).toBe(0);
  });

  test('a handler past its deadline is answered for with 504, and its late reply is dropped', async () => {
    const late = deferred<void>();
    const app = startApp((it) => it.route('GET', '/a', async () => json(200, await late.promise)), { requestTimeoutMs: 100 });
    const reply = await call(app, 'GET', '/a');
    expect([reply.status, reply.body.code]).toEqual([504, 'runtime.timeout']);
    late.resolve();
    expect((await call(app, 'GET', '/missing')).status).toBe(404);
  });

  test.each([-3_600_000, 3_600_000])('a deadline is as far away after the clock was set by %i ms as before', async (stepMs) => {
    const clock = { nowMs: 1_700_000_000_000, monotonicMs: 5_000, readings: 0 };
    const read = (name: 'nowMs' | 'monotonicMs') => () => {
      clock.readings++;
      return clock[name];
    };
    const never = deferred<void>();
    const entered = deferred<HttpRequest>();
    const app = startApp(
      (it) =>
        it.route('GET', '/a', async (request) => {
          entered.resolve(request);
          return json(200, await never.promise);
        }),
      { requestTimeoutMs: 500, nowMs: read('nowMs'), monotonicMs: read('monotonicMs') },
    );
    const reply = call(app, 'GET', '/a');
    const request = await entered.promise;
    clock.nowMs += stepMs;
    clock.monotonicMs += 499;
    expect(request.deadlineMs).toBe(clock.nowMs + 1);
    const { readings } = clock;
    // Each sweep reads a clock once.
    await expect.poll(() => clock.readings).toBeGreaterThan(readings + 2);
    expect(app.app.inFlight).toBe(1);
    clock.monotonicMs += 1;
    expect((await reply).status).toBe(504);
    never.resolve();
  });

  test('nothing is written to a request whose client has gone', async () => {
    const gate = deferred<void>();
    const entered = deferred<HttpRequest>();
    const seen = deferred<boolean>();
    const app = startApp(
      (it) =>
        it.route('POST', '/a', async (request) => {
          entered.resolve(request);
          await gate.promise;
          return json(200, {});
        }),
      { observe: ({ aborted }) => seen.resolve(aborted) },
    );
    const socket = connect(app.port, '127.0.0.1', () => socket.write('POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}'));
    const request = await entered.promise;
    socket.destroy();
    expect(await seen.promise).toBe(true);
    expect(request.aborted()).toBe(true);
    gate.resolve();
    expect((await call(app, 'GET', '/missing')).status).toBe(404);
    expect(app.defects).toEqual([]);
  });

  test('an abort in the middle of the body frees its place', async () => {
    const seen = deferred<boolean>();
    const app = startApp((it) => it.route('POST', '/a', echo), { observe: ({ aborted }) => seen.resolve(aborted) });
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write('POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nxx', () => setImmediate(() => socket.destroy()));
    });
    expect(await seen.promise).toBe(true);
    expect(app.app.inFlight).toBe(0);
  });

  test('more requests in flight than allowed are refused with 503 and a time to retry', async () => {
    const gate = deferred<void>();
    const entered = deferred<void>();
    const app = startApp(
      (it) =>
        it.route('GET', '/a', async () => {
          entered.resolve();
          await gate.promise;
          return json(200, {});
        }),
      { maxInFlight: 1 },
    );
    const first = call(app, 'GET', '/a');
    await entered.promise;
    const refused = await call(app, 'GET', '/a');
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'request.overloaded', '1']);
    gate.resolve();
    expect((await first).status).toBe(200);
  });
});

describe('stop and start', () => {
  test('drain lets requests in flight finish, then nobody listens', async () => {
    const gate = deferred<void>();
    const entered = deferred<void>();
    const app = startApp((it) =>
      it.route('GET', '/a', async () => {
        entered.resolve();
        await gate.promise;
        return json(200, { done: true });
      }),
    );
    const pending = call(app, 'GET', '/a');
    await entered.promise;
    const drained = app.app.drain(5000);
    gate.resolve();
    expect((await pending).body).toEqual({ done: true });
    expect(await drained).toBe(0);
    await expect(fetch(`${app.url}/a`)).rejects.toThrow();
  });

  test('drain cuts off what does not finish in time and says how much', async () => {
    const entered = deferred<void>();
    const app = startApp((it) =>
      it.route('GET', '/a', () => {
        entered.resolve();
        return new Promise(() => undefined);
      }),
    );
    const pending = call(app, 'GET', '/a').catch(() => 'cut');
    await entered.promise;
    expect(await app.app.drain(20)).toBe(1);
    expect(await pending).toBe('cut');
  });

  test('a taken port is named with its variable', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(assertPortFree('PORT', '127.0.0.1', port)).rejects.toMatchObject({
      code: 'config.port_taken',
      message: expect.stringContaining(`PORT=${port}`),
    });
    expect(() => startApp((it) => it.listen('127.0.0.1', port))).toThrow(/another process/);
    await new Promise((resolve) => other.close(resolve));
    await assertPortFree('PORT', '127.0.0.1', port);
  });

  test('a port that another instance of this server shares is found too', async () => {
    const app = startApp((it) => it.route('GET', '/a', echo));
    await expect(assertPortFree('PORT', '127.0.0.1', app.port)).rejects.toMatchObject({ code: 'config.port_taken' });
  });
});
