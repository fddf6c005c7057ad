/** The contract as a document of its own: whoever generates a client from it finds everything that it refers to, under names. */
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { SchemaBook } from '../../../src/transport/http/api/openapi-schemas.ts';
import { call, startApi, stopApps } from '../support.ts';

afterEach(stopApps);

type Json = Record<string, unknown>;

function refsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => (key === '$ref' ? [value as string] : refsIn(value)));
}

/** RFC 6901, from the document's root. */
function resolve(document: Json, ref: string): unknown {
  const steps = ref.slice(2).split('/');
  return steps.reduce<unknown>((part, step) => (part as Json | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

test('every reference leads somewhere in the document itself', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const refs = new Set(refsIn(body));
  expect(refs.size).toBeGreaterThan(10);
  for (const ref of refs) expect([ref, ref.startsWith('#/'), typeof resolve(body, ref)]).toEqual([ref, true, 'object']);
});

test('what comes out of several routes has one name, described once', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const reply = (path: string, method: string, status: number) =>
    body.paths[path][method].responses[status].content['application/json'].schema;
  const order = { $ref: '#/components/schemas/Order' };
  expect(reply('/v1/orders', 'post', 201)).toEqual(order);
  expect(reply('/v1/orders/{id}', 'get', 200)).toEqual(order);
  expect(reply('/v1/orders', 'get', 200).properties.items).toEqual({ type: 'array', items: order });
  expect(body.components.schemas.Order.properties.delivery).toMatchObject({ type: 'object' });
  for (const name of ['Tenant', 'Product', 'Quote', 'Conversation', 'Message', 'Driver', 'Problem'])
    expect(body.components.schemas[name]).toMatchObject({ type: 'object' });
});

test('every tag that an operation carries is listed', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const listed = body.tags.map(({ name }: { name: string }) => name);
  const carried = Object.values(body.paths as Record<string, Record<string, { tags: string[] }>>).flatMap((methods) =>
    Object.values(methods).flatMap(({ tags }) => tags),
  );
  expect([...listed].sort()).toEqual([...new Set(carried)].sort());
});

test('one name for two things, or none for what calls itself, is a defect', () => {
  const named = (schema: z.ZodType) => z.object({ part: schema.meta({ id: 'Twice' }) });
  const book = new SchemaBook();
  book.describe(named(z.object({ a: z.string() })), 'output');
  expect(() => book.describe(named(z.object({ b: z.string() })), 'output')).toThrow('Twice');
  expect(() => new SchemaBook().describe(z.object({ any: z.json() }), 'input')).toThrow('needs an id');
});

test('a parameter says what it takes and what it is when it is left out', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const schemaOf = (path: string, name: string) =>
    body.paths[path].get.parameters.find((parameter: { name: string }) => parameter.name === name).schema;
  for (const path of ['/v1/products', '/v1/orders', '/v1/messages', '/v1/conversations', '/v1/drivers', '/v1/tenants'])
    expect([path, schemaOf(path, 'limit')]).toEqual([path, { type: 'integer', minimum: 1, maximum: 500, default: 50 }]);
  for (const path of ['/v1/orders', '/v1/messages']) {
    const { type, description, anyOf } = schemaOf(path, 'wa_id');
    expect([path, type, description]).toEqual([path, 'string', 'A phone number in digits, country code first, or a user id']);
    const takes = (value: string): boolean => anyOf.some(({ pattern }: { pattern: string }) => new RegExp(pattern, 'u').test(value));
    expect(['27600000011', '5678', 'ZA.1', 'ZA.ENT.1'].filter(takes)).toHaveLength(4);
    expect(['nonsense', 'za.1', '2771000000123456', ''].filter(takes)).toEqual([]);
  }
});

test('what an order says only by itself is named as that', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const [driver] = body.components.schemas.Order.properties.delivery.properties.driver.anyOf;
  for (const field of ['name', 'registration']) expect(driver.properties[field].description).toMatch(/null in lists/);
});

test('another type of answer is an object where it is JSON, too, and text where it is not', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const typesOf = (path: string) =>
    Object.entries(body.paths[path].get.responses[200].content as Record<string, { schema: Json }>)
      .filter(([type]) => type !== 'application/json')
      .map(([type, { schema }]) => [type, schema.type]);
  expect(typesOf('/v1/drivers/{id}/track')).toEqual([
    ['application/geo+json', 'object'],
    ['application/gpx+xml', 'string'],
  ]);
  expect(typesOf('/v1/drivers/{id}/statement')).toEqual([['text/csv', 'string']]);
});

test('the document names what is served and not in it', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  for (const path of ['/webhooks/whatsapp', '/v1/driver/positions', '/v1/gps/osmand', '/v1/track/{token}'])
    expect([path, body.paths[path]]).toEqual([path, undefined]);
  expect(body.info.description).toMatch(/Not in here: .*phones, GPS devices, tracking links and webhooks/);
});
