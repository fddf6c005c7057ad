/** The page of the contract: whoever reads it sees what a call takes and answers, in words and without another tool. */
import { afterEach, expect, test } from 'vitest';
import { schemaHtml, typeHtml } from '../../../src/transport/http/api/docs-schemas.ts';
import { call, startApi, stopApps } from '../support.ts';

afterEach(stopApps);

const readDocs = async (): Promise<string> => (await call(startApi(), 'GET', '/docs')).text;
/** What a reader sees of a piece of the page. */
const seen = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

test('a reference is shown as the name of what it means, and leads to its fields on the page', async () => {
  const page = await readDocs();
  expect(page).not.toMatch(/\$ref|#\/components/);
  const ids = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets).toContain('type-Order');
  expect(targets.filter((id) => !ids.has(id))).toEqual([]);
  const order = /<section id="type-Order">(.*?)<\/section>/s.exec(page)?.[1] ?? '';
  for (const field of ['id', 'status', 'items[].quantity', 'total_minor']) expect(order).toContain(`<code>${field}</code>`);
});

test('a call says what it takes and what it answers', async () => {
  const page = await readDocs();
  const row = page.split('<code>POST /v1/orders</code>')[1]?.split('</details>')[0] ?? '';
  expect(seen(row)).toMatch(
    /Parameters .*Idempotency-Key: .*Body .*customer\.wa_id optional string Needed when .*items list of object 1 to 50 entries/,
  );
  expect(row).toMatch(/Answer 201<\/h4><p><a href="#type-Order">Order<\/a><\/p>/);
});

test('what an integrator must know of a parameter stands beside it, wherever the contract keeps it', async () => {
  const page = seen(await readDocs());
  expect(page).toContain('a repeat with the same body hears the first answer and changes nothing');
  expect(page).toContain('For platform tokens: the tenant to act in');
  expect(page).toContain('next_cursor of the page before, under the same filters');
  expect(page).toContain('whole minor units of the currency of the shop');
});

test('types are said in words: choices, lists, what may be left out and what stands for it', () => {
  const named = { $ref: '#/components/schemas/Stop' };
  expect(seen(typeHtml({ anyOf: [named, { type: 'null' }] }))).toBe('Stop or null');
  expect(seen(typeHtml({ type: 'array', items: named }))).toBe('list of Stop');
  expect(typeHtml({ enum: ['in', 'out'] })).toBe('<code>&#34;in&#34;</code> or <code>&#34;out&#34;</code>');
  expect(typeHtml({ type: 'string', format: 'date-time' })).toBe('string (date-time)');
  expect(typeHtml({ type: ['number', 'null'] })).toBe('number or null');
  const moment = { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] };
  expect(typeHtml(moment)).toBe('string (date-time) or string (date)');
  expect(typeHtml({})).toBe('anything');
  const fields = {
    limit: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 50 },
    note: { type: 'string', maxLength: 9, description: 'Of `x`' },
  };
  expect(seen(schemaHtml({ type: 'object', properties: fields, required: ['note'] }))).toBe(
    'Field Type Meaning limit optional integer at least 1; 50 unless given note string Of x ; at most 9 characters',
  );
});

test('what stands in a schema is text and never markup', () => {
  const evil = '<script>alert(1)</script>';
  const schema = { type: 'object', properties: { [evil]: { const: evil, description: evil, pattern: evil } } };
  expect(schemaHtml(schema)).not.toContain('<script');
});

test('page and contract travel compressed, and once', async () => {
  const url = startApi().url;
  for (const path of ['/docs', '/openapi.json']) {
    const first = await fetch(url + path, { headers: { 'accept-encoding': 'br' } });
    expect(first.headers.get('content-encoding')).toBe('br');
    await first.arrayBuffer();
    const again = await fetch(url + path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  }
});
