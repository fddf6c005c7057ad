/** The catalogue of the caller's tenant. It must never check a rule of the catalogue: the tenant actor does. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tenantRef } from '../../../actors/refs.ts';
import type { Product, ProductInput } from '../../../actors/tenant/protocol.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, replyOf } from '../api/api.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem, unwrap } from '../problem.ts';
import { listed, presentProduct } from './present.ts';
import { importCatalogue } from './product-import.ts';
import { inputOf, newProductId } from './product-input.ts';
import { listOf, page, product, productBody, productPatch, text } from './schemas.ts';

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const reading = { tag: 'Products', scope: 'tenant', permission: 'products:read' } as const;
const writing = { tag: 'Products', scope: 'tenant', permission: 'products:write' } as const;

const imported = z.object({
  created: z.int(),
  skipped: z.array(z.object({ row: z.int(), code: z.string() })),
  warnings: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export const productRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/products',
    operationId: 'addProduct',
    summary: 'Add a product',
    body: productBody,
    idempotency: 'optional',
    reply: { status: 201, schema: product },
    errors: ['product.exists', 'product.limit'],
    handle: async (call) => {
      // With a key the id follows from it, so that a retry means the same product.
      const productId = newProductId(call.idempotency === null ? randomUUID() : `${call.tenant.uuid}:${call.idempotency.hash}`);
      const command = { type: 'add_product', productId, product: inputOf(call.body) };
      const answer = await call.deps.system.ask<Product>(own(call), command, askOptions(call, call.idempotency));
      return replyOf(answer, 201, presentProduct, { location: `/v1/products/${productId}` });
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/products',
    operationId: 'listProducts',
    summary: 'List or search products, by name',
    query: z.object({
      ...page,
      q: text(100).optional().describe('Part of a name, a category or an alias, in any case'),
      category: text(60).optional(),
    }),
    reply: { status: 200, schema: listOf(product) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, tenant, query }) => {
      const wanted = { limit: query.limit, cursor: query.cursor ?? null, q: query.q ?? null, category: query.category ?? null };
      return json(200, listed(await fromPort(deps, deps.reads.products(tenant.tenantId, wanted)), presentProduct));
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/products/:id',
    operationId: 'getProduct',
    summary: 'Read a product',
    reply: { status: 200, schema: product },
    errors: ['product.not_found'],
    handle: async (call) => await ask(call, { type: 'get_product', productId: productId(call) }),
  }),
  defineRoute({
    ...writing,
    method: 'PATCH',
    path: '/v1/products/:id',
    operationId: 'changeProduct',
    summary: 'Change a product',
    body: productPatch,
    idempotency: 'optional',
    reply: { status: 200, schema: product },
    errors: ['product.not_found', 'product.exists'],
    handle: async (call) => await ask(call, { type: 'change_product', productId: productId(call), patch: changesOf(call.body) }),
  }),
  defineRoute({
    ...writing,
    method: 'DELETE',
    path: '/v1/products/:id',
    operationId: 'removeProduct',
    summary: 'Remove a product',
    reply: { status: 204, schema: null },
    errors: ['product.not_found'],
    handle: async (call) => {
      unwrap(await call.deps.system.ask(own(call), { type: 'remove_product', productId: productId(call) }, askOptions(call)));
      return { status: 204 };
    },
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/products/import',
    operationId: 'importProducts',
    summary:
      'Add products from CSV (commas, semicolons or tabs) with a header: name, price_minor, category; optional description, aliases (separated by `|`), stock, image_url',
    bodyType: 'text/csv',
    reply: { status: 200, schema: imported },
    errors: ['request.unsupported_media_type', 'request.too_large'],
    handle: importCatalogue,
  }),
];

function own(call: AnyCall) {
  return tenantRef(call.tenant.tenantId, call.tenant.dataShard);
}

/** @throws Problem `product.not_found` for an id that cannot be ours. */
function productId(call: AnyCall): string {
  const id = call.request.params.id ?? '';
  if (!ID.test(id)) throw new Problem('product.not_found');
  return id;
}

async function ask(call: AnyCall, command: unknown): Promise<HttpReply> {
  return replyOf(await call.deps.system.ask<Product>(own(call), command, askOptions(call, call.idempotency)), 200, presentProduct);
}

function changesOf(body: z.output<typeof productPatch>): Partial<ProductInput & { available: boolean }> {
  const { name, price_minor: priceMinor, category, description, aliases, stock, options, image_url: imageUrl, available } = body;
  const changes = { name, priceMinor, category, description, aliases, stock, options, imageUrl, available };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
