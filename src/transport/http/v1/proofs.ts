/** Proof of delivery over the API: the driver of an order adds pieces, the shop and that driver see them. It must never judge who may: the order does. */
import { z } from 'zod';
import {
  ORDER_ROLES,
  type OrderCommand,
  PROOF_KINDS,
  type ProofAuthor,
  type ProofList,
  type ProofPiece,
  type ProofReply,
} from '../../../actors/order/protocol.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort } from '../api/api.ts';
import { type HttpReply, json } from '../message.ts';
import { PICTURE_TYPES } from '../picture.ts';
import { Problem, unwrap } from '../problem.ts';
import { readOwnDriver } from './drivers.ts';
import { orderRefOf, roleOf } from './orders.ts';
import { time } from './present.ts';
import {
  contentTypeOf,
  extensionOf,
  PROOF_BYTES_MAX,
  PROOF_MIN_BYTES_PER_S,
  pictureQuery,
  proofBody,
  proofContentOf,
} from './proof-content.ts';
import { isoTime, listOf } from './schemas.ts';

/** Whoever works in the shop, and the driver: those who only look at orders do not see into people's homes. */
const touching = { tag: 'Orders', scope: 'tenant', permission: 'orders:write', orPermission: 'driver:self' } as const;
const NO_STORE = { 'cache-control': 'no-store' } as const;
const NUMBER = /^[1-9][0-9]{0,2}$/;

const proof = z
  .object({
    n: z.int(),
    kind: z.enum(PROOF_KINDS),
    hash: z.string(),
    media_type: z.string(),
    size_bytes: z.int(),
    at: isoTime,
    by: z.enum(ORDER_ROLES),
    by_id: z.string().nullable(),
  })
  .meta({ id: 'Proof' });

export const proofRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...touching,
    method: 'POST',
    path: '/v1/orders/:id/proof',
    operationId: 'addProof',
    summary: 'Add proof of the delivery: a note, a photo or a signature; the same content again is answered as it is',
    query: pictureQuery,
    rawBody: { types: PICTURE_TYPES, json: proofBody, maxBytes: PROOF_BYTES_MAX, minBytesPerS: PROOF_MIN_BYTES_PER_S },
    reply: { status: 201, schema: proof },
    errors: [
      'order.not_found',
      'driver.not_found',
      'driver.suspended',
      'delivery.not_yours',
      'delivery.wrong_phase',
      'proof.bad_image',
      'proof.full',
      'proof.too_late',
      'proof.erased',
      'request.too_large',
      'request.unsupported_media_type',
    ],
    handle: async (call) => await add(call, call.query.kind),
  }),
  defineRoute({
    ...touching,
    method: 'GET',
    path: '/v1/orders/:id/proof',
    operationId: 'listProof',
    summary: 'List the proof of a delivery, oldest first',
    reply: { status: 200, schema: listOf(proof) },
    errors: ['order.not_found', 'driver.not_found', 'driver.suspended', 'delivery.not_yours'],
    handle: async (call) => json(200, { items: (await listed(call)).proofs.map(presentProof), next_cursor: null }, NO_STORE),
  }),
  defineRoute({
    ...touching,
    method: 'GET',
    path: '/v1/orders/:id/proof/:n',
    operationId: 'getProof',
    summary: 'Read one piece of proof as a file',
    reply: { status: 200, schema: null, otherTypes: ['text/plain', 'image/svg+xml', ...PICTURE_TYPES] },
    errors: ['order.not_found', 'driver.not_found', 'driver.suspended', 'delivery.not_yours', 'proof.not_found', 'proof.erased'],
    handle: async (call) => await file(call),
  }),
];

/** Asked, stored, said: a piece that the order knows of can be read, and nothing is stored that it would not take. */
async function add(call: AnyCall, kind: 'photo' | 'signature'): Promise<HttpReply> {
  const { deps, tenant } = call;
  const { proofs } = deps.fleet;
  const { id } = orderRefOf(call);
  const by = await authorOf(call);
  const content = proofContentOf(call.request, kind);
  const hash = proofs.hashOf({ tenantId: tenant.tenantId, orderId: id }, content.bytes);
  const piece = { kind: content.kind, hash, mediaType: content.mediaType, sizeBytes: content.bytes.length };
  const say = (stored: boolean): OrderCommand => ({ type: 'add_proof', piece, by, stored });
  const before = await ask<ProofReply>(call, say(false));
  if (before.proof !== null) return added(id, before.proof);
  const outcome = await fromPort(deps, proofs.put({ tenantId: tenant.tenantId, orderId: id, hash }, before.customerId, content.bytes));
  if (outcome === 'erased') throw new Problem('proof.erased');
  const { proof: kept } = await ask<ProofReply>(call, say(true));
  if (kept === null) throw new TypeError('a piece that was added is not there');
  return added(id, kept);
}

function added(orderId: string, piece: ProofPiece): HttpReply {
  return json(201, presentProof(piece), { ...NO_STORE, location: `/v1/orders/${orderId}/proof/${piece.n}` });
}

async function file(call: AnyCall): Promise<HttpReply> {
  const { deps, request, tenant } = call;
  const { id } = orderRefOf(call);
  const { proofs } = await listed(call);
  const wanted = request.params.n ?? '';
  const piece = NUMBER.test(wanted) ? proofs.find(({ n }) => n === Number(wanted)) : undefined;
  if (piece === undefined) throw new Problem('proof.not_found');
  const bytes = await fromPort(deps, deps.fleet.proofs.read({ tenantId: tenant.tenantId, orderId: id, hash: piece.hash }));
  if (bytes === null) throw new Problem('proof.erased');
  const name = `${id}-${piece.kind}-${piece.n}.${extensionOf(piece.mediaType)}`;
  // Always a download, never a page of ours: the bytes are a stranger's.
  const headers = {
    ...NO_STORE,
    'content-type': contentTypeOf(piece.mediaType),
    'content-disposition': `attachment; filename="${name}"`,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: bytes };
}

async function listed(call: AnyCall): Promise<ProofList> {
  return await ask<ProofList>(call, { type: 'proofs', by: await authorOf(call) });
}

async function ask<R>(call: AnyCall, command: OrderCommand): Promise<R> {
  return unwrap(await call.deps.system.ask<R>(orderRefOf(call), command, askOptions(call)));
}

/** Whoever may not write orders came in as a driver. @throws Problem `driver.not_found`, `driver.suspended` */
async function authorOf(call: AnyCall): Promise<ProofAuthor> {
  const { principal } = call;
  const role = principal.permissions.has('orders:write') ? roleOf(principal) : 'driver';
  if (role === 'driver') await readOwnDriver(call);
  return { role, id: principal.sub };
}

function presentProof(piece: ProofPiece): z.input<typeof proof> {
  return {
    n: piece.n,
    kind: piece.kind,
    hash: piece.hash,
    media_type: piece.mediaType,
    size_bytes: piece.sizeBytes,
    at: time(piece.atMs),
    by: piece.by,
    by_id: piece.byId,
  };
}
