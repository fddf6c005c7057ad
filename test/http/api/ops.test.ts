/** The operations port against pages in an operator's browser, which can post to it without being meant to. */
import { afterEach, expect, test } from 'vitest';
import { registerOps } from '../../../src/transport/http/api/ops.ts';
import { raw, startApp, stopApps } from '../support.ts';

afterEach(stopApps);

function startOps() {
  const replaced: number[] = [];
  const app = startApp((it) =>
    registerOps(it, {
      ready: async () => ({ ready: true, checks: {} }),
      metricsText: async () => '',
      cluster: async () => ({}),
      replaceThread: (thread) => replaced.push(thread) > 0,
      deadLetters: async () => ({ items: [], nextCursor: null }),
    }),
  );
  const post = async (host: string, origin: string | null): Promise<number> => {
    const from = origin === null ? '' : `Origin: ${origin}\r\n`;
    const text = `POST /v1/threads/1/replace HTTP/1.1\r\nHost: ${host}\r\n${from}Content-Length: 0\r\n\r\n`;
    const head = await raw(app.port, text, /\r\n\r\n/);
    return Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]);
  };
  return { port: app.port, replaced, post };
}

test('a page of another site cannot change anything on the operations port, also one whose name was made to lead here', async () => {
  const { port, replaced, post } = startOps();
  const own = `127.0.0.1:${port}`;
  const foreign = [
    [own, 'https://evil.example'],
    [own, 'null'],
    [own, `http://127.0.0.1:${port + 1}`],
    [`evil.example:${port}`, `http://evil.example:${port}`],
    [`127.0.0.1.evil.example:${port}`, `http://127.0.0.1.evil.example:${port}`],
  ] as const;
  for (const [host, origin] of foreign) expect(await post(host, origin), origin).toBe(403);
  expect(replaced).toEqual([]);
});

test('tools and the own pages of the operations port may change things', async () => {
  const { port, replaced, post } = startOps();
  expect(await post(`127.0.0.1:${port}`, null)).toBe(202);
  expect(await post('ops.internal', null)).toBe(202);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    expect(await post(host, `http://${host}`), host).toBe(202);
  expect(replaced).toHaveLength(5);
});
