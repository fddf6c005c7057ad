/** The contract as OpenAPI 3.1, made from the same schemas that check requests. It must never describe what no route does. */
import { z } from 'zod';
import { errorEntry } from '../../errors.ts';
import type { ApiRoute } from './api.ts';

type Schema = Record<string, unknown>;

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

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  request_id: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** @returns the document, ready for JSON. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): Schema {
  const paths: Record<string, Schema> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wakala',
      version,
      description: 'Orders by chat, deliveries on time. Errors are problem documents; their `code` is listed at /docs.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

function operation(route: ApiRoute): Schema {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    description: `Needs the permission \`${route.permission}\`${route.orPermission === undefined ? '' : ` or \`${route.orPermission}\``}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(route),
    responses: { [route.reply.status]: success(route), ...failures(route) },
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

function queryParameters(route: ApiRoute): Schema[] {
  return route.scope === 'any_tenant' ? [...ownParameters(route), TENANT_PARAMETER] : ownParameters(route);
}

function ownParameters(route: ApiRoute): Schema[] {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(route.query, 'input') as {
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
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ];
}

function requestBody(route: ApiRoute): Schema {
  if (route.rawBody !== undefined) {
    const { json, types } = route.rawBody;
    const raw = types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]);
    const content = { 'application/json': { schema: jsonSchema(json, 'input') }, ...Object.fromEntries(raw) };
    return { requestBody: { required: true, content } };
  }
  if (route.bodyType !== undefined)
    return { requestBody: { required: true, content: { [route.bodyType]: { schema: { type: 'string' } } } } };
  if (route.body === undefined) return {};
  const schema = jsonSchema(route.body, 'input');
  return { requestBody: { required: Array.isArray(schema.required), content: { 'application/json': { schema } } } };
}

function success(route: ApiRoute): Schema {
  const others = (route.reply.otherTypes ?? []).map((type) => [type, { schema: { type: 'string' } }]);
  if (route.reply.schema === null)
    return others.length === 0 ? { description: 'Done' } : { description: 'Success', content: Object.fromEntries(others) };
  const content = { 'application/json': { schema: jsonSchema(route.reply.schema, 'output') }, ...Object.fromEntries(others) };
  return { description: 'Success', content };
}

/** One entry a status, with the codes that lead to it. */
function failures(route: ApiRoute): Schema {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...COMMON_ERRORS, ...errorsByKind(route), ...route.errors])) {
    const known = errorEntry(code);
    if (known === null) throw new Error(`${route.operationId} names the unregistered code ${code}`);
    const status = code === 'runtime.overloaded' ? 429 : known.status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
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

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const made = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Schema;
  delete made.$schema;
  return made;
}
