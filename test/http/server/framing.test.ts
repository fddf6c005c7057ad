/** Requests whose body's end is not clear: refused, and nothing behind them is taken for a request. */
import { afterEach, describe, expect, test } from 'vitest';
import { json } from '../../../src/transport/http/message.ts';
import { raw, startApp, stopApps } from '../support.ts';

afterEach(stopApps);

const BODY = '{"n":1}';
const END = /\}$|^HTTP\/1\.1 (?:400|505)[\s\S]*$/;

function appThatCounts() {
  const seen: string[] = [];
  const app = startApp((it) =>
    it.route('POST', '/a', (request) => {
      seen.push(request.body.toString());
      return json(200, { n: seen.length });
    }),
  );
  const post = (headers: string, rest: string) => raw(app.port, `POST /a HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${rest}`, END);
  return { seen, post };
}

describe('a request that does not say clearly where its body ends', () => {
  test.each([
    ['two lengths that differ', `content-length: ${BODY.length}\r\ncontent-length: 0`, BODY],
    ['the same length twice', `content-length: ${BODY.length}\r\ncontent-length: ${BODY.length}`, BODY],
    ['an empty length before another', `content-length: \r\ncontent-length: ${BODY.length}`, BODY],
    ['a coding other than chunked', 'transfer-encoding: xchunked', `7\r\n${BODY}\r\n0\r\n\r\n`],
    ['a coding on top of chunked', 'transfer-encoding: gzip, chunked', `7\r\n${BODY}\r\n0\r\n\r\n`],
    ['two codings', 'transfer-encoding: chunked\r\ntransfer-encoding: identity', `7\r\n${BODY}\r\n0\r\n\r\n`],
    ['a length and a coding', `content-length: ${BODY.length}\r\ntransfer-encoding: chunked`, `7\r\n${BODY}\r\n0\r\n\r\n`],
  ])('never reaches its handler: %s', async (_, headers, rest) => {
    const { seen, post } = appThatCounts();
    expect(await post(headers, rest)).not.toMatch(/HTTP\/1\.1 2/);
    expect(seen).toEqual([]);
  });

  test('is told so', async () => {
    const { post } = appThatCounts();
    const text = await post('transfer-encoding: gzip, chunked', `7\r\n${BODY}\r\n0\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('request.invalid');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  test('does not carry a second request in', async () => {
    const { seen, post } = appThatCounts();
    const hidden = `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nhidden`;
    await post(`content-length: 0\r\ncontent-length: ${hidden.length}`, hidden);
    expect(seen).toEqual([]);
  });
});

test('a body in chunks, in any case of the word, is taken', async () => {
  const { seen, post } = appThatCounts();
  await post('Transfer-Encoding: Chunked', `7\r\n${BODY}\r\n0\r\n\r\n`);
  expect(seen).toEqual([BODY]);
});
