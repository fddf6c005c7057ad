/** What a body says of itself: its charset, and the columns of a catalogue. */
import { afterEach, expect, test } from 'vitest';
import { json, jsonBody } from '../../../src/transport/http/message.ts';
import { call, startApi, startApp, stopApps, tokenOf } from '../support.ts';

afterEach(stopApps);

const CSV = 'name,price_minor,category\nKota,3500,Food\n';

const importing = async (body: string, type = 'text/csv') => {
  const api = startApi(({ command }) => ({ ok: true, value: command.product }));
  const token = await tokenOf('staff');
  return await call(api, 'POST', '/v1/products/import', { token, headers: { 'content-type': type }, body });
};

test.each([
  ['', 200],
  ['; charset=utf-8', 200],
  [';charset="UTF-8"', 200],
  ['; charset=utf8', 200],
  ['; charset=us-ascii', 200],
  ['; version=1; charset=utf-8', 200],
  ['; charset=', 200],
  ['; charset=utf-16', 415],
  [';CHARSET="utf-16le"', 415],
  ['; charset=iso-8859-1', 415],
  ['; charset=utf-8; charset=utf-16', 415],
])('a body is read only in the encoding that it says it has: `%s` is %d', async (parameters, status) => {
  const app = startApp((it) => it.route('POST', '/a', (request) => json(200, jsonBody(request))));
  for (const type of ['application/json', 'application/cloudevents+json']) {
    const reply = await call(app, 'POST', '/a', { body: '{"a":1}', headers: { 'content-type': `${type}${parameters}` } });
    expect(reply.status).toBe(status);
    if (status !== 200)
      expect([reply.body.code, reply.body.detail]).toEqual(['request.unsupported_media_type', expect.stringContaining('UTF-8')]);
  }
  expect((await importing(CSV, `text/csv${parameters}`)).status).toBe(status);
});

test('columns that no catalogue has are named, and the rest is imported', async () => {
  const { status, body } = await importing('name,prize,price_minor,category,,Prize,barcode\nKota,1,3500,Food,,2,6001\n');
  expect([status, body]).toEqual([
    200,
    {
      created: 1,
      skipped: [],
      warnings: [
        { path: 'header', message: 'leaves out "prize": no column of a catalogue has this name' },
        { path: 'header', message: 'leaves out "barcode": no column of a catalogue has this name' },
      ],
    },
  ]);
  expect((await importing(CSV)).body).toEqual({ created: 1, skipped: [] });
});

test('of very many columns, and of very long names, only so much is said', async () => {
  const header = Array.from({ length: 100 }, (_, i) => `${i}${'x'.repeat(100)}`).join(',');
  const { warnings } = (await importing(`name,price_minor,category,${header}\nKota,3500,Food\n`)).body;
  expect(warnings).toHaveLength(20);
  expect(JSON.stringify(warnings).length).toBeLessThan(4_000);
});
