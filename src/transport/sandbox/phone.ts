/**
 * The person's side of the sandbox: sends through the real signed webhook over HTTP, and reads back what the
 * chat holds. It must never tell an actor anything directly; what works here works with Meta.
 */
import type { InboundContent, OutboundBody, SendInput } from '../../actors/conversation/protocol.ts';
import type { CustomerDirectory, MessageItem, ReadModels } from '../../ports.ts';
import { DEMO_CUSTOMERS } from './demo.ts';
import type { SandboxTenant } from './tenant.ts';
import { messageBody, newWhatsappId, type PhoneAction, receiptBody, signedCall } from './webhook.ts';

const WEBHOOK_TIMEOUT_MS = 10_000;
const MAX_PROBLEM_CHARS = 16_384;
const PAGE_SIZE = 500;
/** The newest messages of a chat that the phone shows; a longer chat loses its beginning on the page only, which says so. */
const MAX_SHOWN = 500;
const MAX_PAGES = 20;
const ALL_OF_CHAT = { direction: null, fromMs: null, toMs: null };

export interface PhoneDeps {
  readonly customers: CustomerDirectory;
  readonly readModels: ReadModels;
  readonly appSecret: string;
  /** Where this server itself listens, `http://127.0.0.1:8080`. */
  readonly baseUrl: () => string;
  readonly toGraphBody: (input: SendInput) => object;
}

/** How the webhook answered a call of the phone. */
export type Delivered =
  | { readonly ok: true }
  /** `problem` is the webhook's own document, or null when there was none. */
  | { readonly ok: false; readonly status: number; readonly problem: unknown };

interface ShownMessage {
  readonly id: string;
  readonly whatsapp_id: string | null;
  readonly direction: 'in' | 'out';
  readonly kind: string;
  /** What a person reads in the bubble; empty when the person's data was erased. */
  readonly body: string;
  readonly text: string;
  readonly status: string;
  readonly at: string;
  /** What went to the Graph API; outgoing only. */
  readonly graph?: object;
  /** Outgoing only: buttons and lists, as the chat app draws them. */
  readonly content?: OutboundBody;
  readonly location?: { readonly lat: number; readonly lng: number };
}

/** @param ownId the sender's own for this message, or null. @returns the WhatsApp id and how the webhook answered; a network fault is status 503 without a problem. */
export async function sendAsPhone(
  deps: PhoneDeps,
  tenant: SandboxTenant,
  from: { readonly waId: string; readonly name: string | null },
  action: PhoneAction,
  ownId: string | null,
): Promise<{ readonly whatsappId: string; readonly outcome: Delivered }> {
  const whatsappId = newWhatsappId(ownId);
  const name = from.name ?? DEMO_CUSTOMERS.find((customer) => customer.waId === from.waId)?.name ?? `Customer ${from.waId.slice(-4)}`;
  const body = messageBody(tenant, { waId: from.waId, name }, whatsappId, action, Date.now());
  return { whatsappId, outcome: await post(deps, body) };
}

/** The phone showed these messages: Meta would now report a status for each. */
export function sendReceipts(
  deps: PhoneDeps,
  tenant: SandboxTenant,
  waId: string,
  whatsappIds: readonly string[],
  status: 'delivered' | 'read',
): Promise<Delivered> {
  return post(deps, receiptBody(tenant, waId, whatsappIds, status, Date.now()));
}

async function post(deps: PhoneDeps, body: object): Promise<Delivered> {
  const call = signedCall(body, deps.appSecret);
  let response: Response;
  try {
    response = await fetch(`${deps.baseUrl()}/webhooks/whatsapp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': call.signature },
      body: call.body,
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    });
  } catch {
    // Refused, reset or timed out: to the phone they are the same "try again".
    return { ok: false, status: 503, problem: null };
  }
  const text = await response.text().catch(() => '' /* the connection broke after the status: the status still counts */);
  return response.status === 200 ? { ok: true } : { ok: false, status: response.status, problem: parseProblem(text) };
}

function parseProblem(text: string): unknown {
  try {
    return JSON.parse(text.slice(0, MAX_PROBLEM_CHARS));
  } catch {
    // Not every refusal has a document (a proxy, a cut connection).
    return null;
  }
}

/** The newest `MAX_SHOWN`, oldest first, and whether there are older ones; empty for a number that never wrote. O(messages of the chat). */
export async function readChat(
  deps: PhoneDeps,
  tenant: SandboxTenant,
  waId: string,
): Promise<{ readonly items: ShownMessage[]; readonly hasOlder: boolean }> {
  const customerId = await deps.customers.find(tenant.tenantId, { waId });
  if (customerId === null) return { items: [], hasOlder: false };
  let newest: MessageItem[] = [];
  let count = 0;
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const listed = await deps.readModels.messages(tenant.tenantId, { ...ALL_OF_CHAT, customerId, limit: PAGE_SIZE, cursor });
    newest = [...newest, ...listed.items].slice(-MAX_SHOWN);
    count += listed.items.length;
    cursor = listed.nextCursor;
    if (cursor === null) break;
  }
  return { items: newest.map((item) => shown(deps, item, waId)), hasOlder: count > newest.length };
}

function shown(deps: PhoneDeps, item: MessageItem, waId: string): ShownMessage {
  const text = textOf(item.content);
  const base = {
    id: item.id,
    whatsapp_id: item.whatsappId,
    direction: item.direction,
    kind: item.kind,
    body: text,
    text,
    status: item.status,
    at: new Date(item.atMs).toISOString(),
  };
  if (item.content === null) return base;
  if (item.direction === 'out') {
    const content = item.content as OutboundBody;
    return {
      ...base,
      content,
      graph: deps.toGraphBody({ opaqueId: item.id, to: { waId: item.waId ?? waId, userId: null }, body: content }),
    };
  }
  return item.content.kind === 'location' ? { ...base, location: item.content.position } : base;
}

/** The words of a message, whichever way it went. */
function textOf(content: InboundContent | OutboundBody | null): string {
  if (content === null) return '';
  switch (content.kind) {
    case 'text':
    case 'buttons':
    case 'list':
    case 'location_request':
      return content.text;
    case 'reply':
      return content.title;
    case 'location':
      return content.name ?? content.address ?? `${content.position.lat}, ${content.position.lng}`;
    case 'cart':
      return content.items.map((item) => `${item.quantity} × ${item.productId}`).join(', ');
    case 'media':
      return content.caption ?? `[${content.mediaKind}]`;
    case 'reaction':
      return content.emoji ?? '[reaction removed]';
    case 'edit':
    case 'revoke':
      return content.text ?? `[${content.kind}]`;
    case 'system':
      return `[${content.event}]`;
    case 'other':
      return `[${content.originalType}]`;
  }
}
