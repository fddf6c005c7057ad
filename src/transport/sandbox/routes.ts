/**
 * The sandbox's endpoints: the page, the phone's messages, the shop's buttons. Registered only while the sandbox
 * is on; it must never hold a rule of the domain.
 */
import type { z } from 'zod';
import type { TenantDirectory } from '../../ports.ts';
import { isFromForeignPage, ORIGIN_HEADERS, type OwnPages } from '../http/foreign-page.ts';
import { type HttpReply, type HttpRequest, json, jsonBody, queryOf } from '../http/message.ts';
import { Problem, problemOfFault, problemOfIssues, problemOfRefusal, retryAfterS } from '../http/problem.ts';
import type { HttpApp } from '../http/server/app.ts';
import { answerWith, readStaticFile, STATIC_FILE_HEADERS } from '../http/static-file.ts';
import { DEMO_CUSTOMERS, DEMO_PLACES, GENERAL_HINTS } from './demo.ts';
import { type FleetDeps, sandboxDrivers, sandboxMap } from './fleet.ts';
import { type Delivered, type PhoneDeps, readChat, sendAsPhone, sendReceipts } from './phone.ts';
import { chatQuerySchema, infoQuerySchema, messageSchema, ORDER_VERBS, phoneAction, receiptSchema, transitionSchema } from './requests.ts';
import { moveOrder, orderJson, readOrders, type ShopDeps } from './shop.ts';
import { createTenantFinder, type SandboxTenant } from './tenant.ts';

export interface SandboxDeps extends PhoneDeps, ShopDeps, FleetDeps {
  readonly tenants: TenantDirectory;
  /** The shop that the phone talks to when a request names none. */
  readonly demoSlug: string;
  /** Pages that may post: nobody signs in here. */
  readonly ownPages: OwnPages;
}

const PAGE_TYPE = 'text/html; charset=utf-8';
const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const FOREIGN_PAGE = 'Pages of other sites may change nothing here. For a name of your own that leads here, set WAKALA_PUBLIC_URL.';
/** Static files of the page. Their names are a fixed list, so that no path of a request ever reaches the disk. */
const ASSETS: Readonly<Record<string, string>> = {
  'page.css': 'text/css; charset=utf-8',
  'page.js': SCRIPT_TYPE,
  'api.js': SCRIPT_TYPE,
  'chat.js': SCRIPT_TYPE,
  'composer.js': SCRIPT_TYPE,
  'dom.js': SCRIPT_TYPE,
  'draft.js': SCRIPT_TYPE,
  'fleet-map.js': SCRIPT_TYPE,
  'labels.js': SCRIPT_TYPE,
  'outbox.js': SCRIPT_TYPE,
  'sheet.js': SCRIPT_TYPE,
  'shop.js': SCRIPT_TYPE,
  'wire.js': SCRIPT_TYPE,
  'icon.svg': 'image/svg+xml',
};
/** Everything the page uses comes from this server; nothing is inline. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MAX_BODY_BYTES = 65_536;

/**
 * Adds `/sandbox`, everything under it and the way there from `/` to the app. Reads the page's files once: a missing file throws here,
 * at start, and not in a request.
 */
export function registerSandbox(app: HttpApp, deps: SandboxDeps): void {
  registerPage(app);
  const find = createTenantFinder(deps.tenants, deps.demoSlug);
  const tenantOf = async (input: { readonly tenant_id?: string | undefined }): Promise<SandboxTenant> => {
    const tenant = await find(input.tenant_id);
    if (tenant === null) throw new Problem('tenant.not_found');
    return tenant;
  };
  const limits = { bodyMaxBytes: MAX_BODY_BYTES, headers: ORIGIN_HEADERS };
  const ownBody = (request: HttpRequest, whenEmpty?: object): unknown => {
    if (isFromForeignPage(request, deps.ownPages)) throw new Problem('auth.forbidden', { detail: FOREIGN_PAGE });
    return whenEmpty !== undefined && request.body.length === 0 ? whenEmpty : jsonBody(request);
  };

  app.route('GET', '/sandbox/info', async (request) => json(200, info(await tenantOf(parse(infoQuerySchema, queryOf(request))))));
  app.route('GET', '/sandbox/messages', async (request) => {
    const query = parse(chatQuerySchema, queryOf(request));
    return json(200, listed(await readChat(deps, await tenantOf(query), query.wa_id)));
  });
  app.route('GET', '/sandbox/orders', async (request) => {
    const query = parse(chatQuerySchema, queryOf(request));
    return json(200, listed(await readOrders(deps, await tenantOf(query), query.wa_id)));
  });
  app.route('GET', '/sandbox/drivers', async (request) =>
    json(200, { items: await sandboxDrivers(deps, await tenantOf(parse(infoQuerySchema, queryOf(request)))) }),
  );
  app.route('GET', '/sandbox/map', async (request) =>
    json(200, await sandboxMap(deps, await tenantOf(parse(infoQuerySchema, queryOf(request))), Date.now())),
  );
  const postMessage = async (request: HttpRequest): Promise<HttpReply> => {
    const message = parse(messageSchema, ownBody(request));
    const from = { waId: message.wa_id, name: message.name ?? null };
    const { whatsappId, outcome } = await sendAsPhone(deps, await tenantOf(message), from, phoneAction(message), message.id ?? null);
    return passOn(outcome, { whatsapp_id: whatsappId });
  };
  app.route('POST', '/sandbox/messages', postMessage, limits);
  const postReceipts = async (request: HttpRequest): Promise<HttpReply> => {
    const receipt = parse(receiptSchema, ownBody(request));
    return passOn(await sendReceipts(deps, await tenantOf(receipt), receipt.wa_id, receipt.whatsapp_ids, receipt.status), {});
  };
  app.route('POST', '/sandbox/receipts', postReceipts, limits);
  const postTransition = async (request: HttpRequest): Promise<HttpReply> => {
    const verb = ORDER_VERBS.find((known) => known === request.params.verb);
    if (verb === undefined) throw new Problem('request.not_found');
    const body = parse(transitionSchema, ownBody(request, {}));
    const answer = await moveOrder(deps, await tenantOf(body), request.params.id ?? '', verb, body.reason ?? null);
    if (answer === null) throw new Problem('order.not_found');
    if (answer.ok) return json(200, orderJson(answer.value));
    throw 'refusal' in answer ? problemOfRefusal(answer.refusal) : problemOfFault(answer.fault);
  };
  app.route('POST', '/sandbox/orders/:id/:verb', postTransition, limits);
}

function registerPage(app: HttpApp): void {
  // Whoever opens the bare address looks for something to look at. Not for good: the sandbox may be switched off.
  app.route('GET', '/', () => ({ status: 302, headers: { location: '/sandbox', 'cache-control': 'no-store' } }));
  const add = (path: string, name: string, type: string, headers: Readonly<Record<string, string>>): void => {
    const file = readStaticFile(type, new URL(`./page/${name}`, import.meta.url));
    app.route('GET', path, answerWith(file, headers), { headers: STATIC_FILE_HEADERS });
  };
  add('/sandbox', 'page.html', PAGE_TYPE, { 'content-security-policy': PAGE_POLICY });
  for (const [name, type] of Object.entries(ASSETS)) add(`/sandbox/assets/${name}`, name, type, {});
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw problemOfIssues(parsed.error);
  return parsed.data;
}

function info(tenant: SandboxTenant): object {
  return {
    tenant: { id: tenant.uuid, slug: tenant.slug, name: tenant.name, phone_number_id: tenant.phoneNumberId, currency: tenant.currency },
    demo_customers: DEMO_CUSTOMERS.map(({ waId, name, language, hints }) => ({ wa_id: waId, name, language, hints })),
    hints: GENERAL_HINTS,
    places: DEMO_PLACES,
  };
}

/** `has_older` stands there only when it is so. */
function listed({ items, hasOlder }: { readonly items: readonly object[]; readonly hasOlder: boolean }): object {
  return hasOlder ? { items, has_older: true } : { items };
}

/** 202 when the webhook answered 200, otherwise what the webhook said. */
function passOn(outcome: Delivered, body: object): HttpReply {
  if (outcome.ok) return json(202, body);
  if (typeof outcome.problem === 'object' && outcome.problem !== null) {
    return json(outcome.status, outcome.problem, { 'content-type': 'application/problem+json' });
  }
  const detail = outcome.status === 503 ? 'The webhook did not answer.' : `The webhook answered ${outcome.status} without a reason.`;
  throw new Problem('webhook.not_durable', { detail, headers: { 'retry-after': retryAfterS() } });
}
