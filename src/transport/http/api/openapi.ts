/** The contract as OpenAPI 3.1, made from the same schemas that check requests. It must never describe what no route does. */
import { z } from 'zod';
import { errorEntry } from '../../../errors.ts';
import type { ApiRoute } from './api.ts';
import { type Schema, SchemaBook } from './openapi-schemas.ts';

/** Codes that every route may answer. */
const COMMON_ERRORS = [
  'request.invalid',
  'auth.missing_token',
  'auth.invalid_token',
  'auth.token_expired',
  'auth.forbidden',
  'request.not_found',
  'request.internal',
  'request.overloaded',
  'runtime.overloaded',
  'runtime.unavailable',
  'runtime.timeout',
];
const BODY_ERRORS = ['request.invalid_json', 'request.unsupported_media_type', 'request.too_large', 'request.body_timeout'];

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    request_id: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

/** @returns the document, ready for JSON. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): Schema {
  const book = new SchemaBook();
  const paths: Record<string, Schema> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, book) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wakala',
      version,
      description:
        'Orders by chat, deliveries on time. Amounts (`…_minor`) are whole minor units of the currency of the shop, times RFC 3339 in UTC. ' +
        'Errors are problem documents; their `code` is listed at /docs. ' +
        'Not in here: what phones, GPS devices, tracking links and webhooks speak; each has a protocol of its own.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: book.components,
    },
  };
}

function operation(route: ApiRoute, book: SchemaBook): Schema {
  const parameters = [...pathParameters(route), ...queryParameters(route, book), ...headerParameters(route)];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    description: `Needs the permission \`${route.permission}\`${route.orPermission === undefined ? '' : ` or \`${route.orPermission}\``}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(route, book),
    responses: { [route.reply.status]: success(route, book), ...failures(route, book) },
  };
}

const TENANT_PARAMETER: Schema = {
  name: 'tenant_id',
  in: 'query',
  required: false,
  description: 'For platform tokens: the tenant to act in.',
  schema: { type: 'string', format: 'uuid' },
};

function pathParameters(route: ApiRoute): Schema[] {
  return [...route.path.matchAll(/:([a-z_]+)/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(route: ApiRoute, book: SchemaBook): Schema[] {
  return route.scope === 'any_tenant' ? [...ownParameters(route, book), TENANT_PARAMETER] : ownParameters(route, book);
}

function ownParameters(route: ApiRoute, book: SchemaBook): Schema[] {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = book.describe(route.query, 'input') as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function headerParameters(route: ApiRoute): Schema[] {
  if (route.idempotency === undefined) return [];
  return [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: route.idempotency === 'required',
      description: 'Printable ASCII, one for each thing meant: a repeat with the same body hears the first answer and changes nothing.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ];
}

function requestBody(route: ApiRoute, book: SchemaBook): Schema {
  if (route.rawBody !== undefined) {
    const { json, types } = route.rawBody;
    const raw = types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]);
    const content = { 'application/json': { schema: book.describe(json, 'input') }, ...Object.fromEntries(raw) };
    return { requestBody: { required: true, content } };
  }
  if (route.bodyType !== undefined)
    return { requestBody: { required: true, content: { [route.bodyType]: { schema: { type: 'string' } } } } };
  if (route.body === undefined) return {};
  const schema = book.describe(route.body, 'input');
  return { requestBody: { required: Array.isArray(schema.required), content: { 'application/json': { schema } } } };
}

/** Of what is JSON itself a schema says what it holds; of any other text, that it is text. */
const JSON_TYPE = /[/+]json$/;

function success(route: ApiRoute, book: SchemaBook): Schema {
  const others = (route.reply.otherTypes ?? []).map((type) => [type, { schema: { type: JSON_TYPE.test(type) ? 'object' : 'string' } }]);
  if (route.reply.schema === null)
    return others.length === 0 ? { description: 'Done' } : { description: 'Success', content: Object.fromEntries(others) };
  const content = { 'application/json': { schema: book.describe(route.reply.schema, 'output') }, ...Object.fromEntries(others) };
  return { description: 'Success', content };
}

/** One entry a status, with the codes that lead to it. */
function failures(route: ApiRoute, book: SchemaBook): Schema {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...COMMON_ERRORS, ...errorsByKind(route), ...route.errors])) {
    const known = errorEntry(code);
    if (known === null) throw new Error(`${route.operationId} names the unregistered code ${code}`);
    const status = code === 'runtime.overloaded' ? 429 : known.status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: book.describe(problem, 'output') } };
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, { description: codes.join(', '), content }]));
}

/** What a route may answer because of what it takes and where it lives. */
function errorsByKind({ method, body, bodyType, rawBody, scope, idempotency }: ApiRoute): string[] {
  const takesBody = body !== undefined || bodyType !== undefined || rawBody !== undefined;
  return [
    ...(takesBody ? BODY_ERRORS : method === 'GET' ? [] : ['request.too_large', 'request.body_timeout']),
    ...(scope === 'platform' ? [] : ['tenant.not_found']),
    ...(idempotency === undefined ? [] : ['idempotency.key_invalid', 'idempotency.key_reused']),
    ...(idempotency === 'required' ? ['idempotency.key_missing'] : []),
  ];
}
