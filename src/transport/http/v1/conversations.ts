/** Conversations and messages of the caller's tenant: read, answer by hand, hand back. It must never send a message itself. */
import { z } from 'zod';
import { CONVERSATION_STATES, type ConversationCommand, type ConversationView } from '../../../actors/conversation/protocol.ts';
import { conversationRef } from '../../../actors/refs.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, kept, replyOf } from '../api/api.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem } from '../problem.ts';
import { listed, presentConversation, presentMessage } from './present.ts';
import { conversation, instant, listOf, message, page, personKey, text } from './schemas.ts';

/** Longest text of a WhatsApp message. */
const MAX_TEXT = 4096;
const reading = { tag: 'Conversations', scope: 'tenant', permission: 'conversations:read' } as const;
const writing = { tag: 'Conversations', scope: 'tenant', permission: 'conversations:write' } as const;

export const conversationRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/conversations',
    operationId: 'listConversations',
    summary:
      'List conversations, last changed first. What changes while you page through comes again at the end: one may come twice, none that was there is missed',
    query: z.object({ ...page, state: z.enum(CONVERSATION_STATES).optional() }),
    reply: { status: 200, schema: listOf(conversation) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, tenant, query }) => {
      const wanted = { limit: query.limit, cursor: query.cursor ?? null, state: query.state ?? null };
      return json(200, listed(await fromPort(deps, deps.reads.conversations(tenant.tenantId, wanted)), presentConversation));
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/conversations/:key',
    operationId: 'getConversation',
    summary: 'Read a conversation by phone number or user id',
    reply: { status: 200, schema: conversation },
    errors: ['conversation.not_found'],
    handle: async (call) => await show(call, await refOf(call)),
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/conversations/:key/reply',
    operationId: 'replyToConversation',
    summary: 'Answer by hand; the bot is silent until release',
    body: z.object({ text: text(MAX_TEXT) }),
    idempotency: 'optional',
    reply: { status: 200, schema: conversation },
    errors: ['conversation.not_found', 'conversation.nobody', 'conversation.window_closed', 'conversation.lane_full'],
    handle: async (call) => await tell(call, { type: 'agent_reply', text: call.body.text }),
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/conversations/:key/release',
    operationId: 'releaseConversation',
    summary: 'Give the conversation back to the bot',
    idempotency: 'optional',
    reply: { status: 200, schema: conversation },
    errors: ['conversation.not_found'],
    handle: async (call) => await tell(call, { type: 'release', ...kept(call) }),
  }),
  defineRoute({
    tag: 'Conversations',
    scope: 'tenant',
    permission: 'messages:read',
    method: 'GET',
    path: '/v1/messages',
    operationId: 'listMessages',
    summary:
      'List messages, oldest first, up to the newest at the first page. For what came later list again `from` a few seconds before the last one: what was decided before it may be stored after it, and what you have comes again',
    query: z.object({
      ...page,
      wa_id: personKey.optional(),
      direction: z.enum(['in', 'out']).optional(),
      from: instant.optional(),
      to: instant.optional(),
    }),
    reply: { status: 200, schema: listOf(message) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, tenant, query }) => {
      const customerId = query.wa_id === undefined ? null : await fromPort(deps, deps.customers.find(tenant.tenantId, query.wa_id));
      if (query.wa_id !== undefined && customerId === null) return json(200, { items: [], next_cursor: null });
      const wanted = {
        limit: query.limit,
        cursor: query.cursor ?? null,
        customerId,
        direction: query.direction ?? null,
        fromMs: query.from ?? null,
        toMs: query.to ?? null,
      };
      return json(200, listed(await fromPort(deps, deps.reads.messages(tenant.tenantId, wanted)), presentMessage));
    },
  }),
];

/** @throws Problem `conversation.not_found` */
async function refOf(call: AnyCall): Promise<EntityRef> {
  const { deps, tenant, request } = call;
  const key = personKey.safeParse(request.params.key ?? '');
  const customerId = key.success ? await fromPort(deps, deps.customers.find(tenant.tenantId, key.data)) : null;
  if (customerId === null) throw new Problem('conversation.not_found');
  return conversationRef(tenant.tenantId, tenant.dataShard, customerId);
}

/** The command itself answers the conversation: a repeat hears what the first one did, whatever was said since. */
async function tell(call: AnyCall, command: ConversationCommand): Promise<HttpReply> {
  const ref = await refOf(call);
  const answer = await call.deps.system.ask<ConversationView>(ref, command, askOptions(call, call.idempotency));
  // Given by an older version, whose answer to an agent was not the conversation.
  const isOld = answer.ok && answer.value != null && answer.value.cart === undefined;
  if (!isOld) return replyOf(answer, 200, presentConversation);
  const shown = await show(call, ref);
  return answer.duplicate === true ? { ...shown, headers: { ...shown.headers, 'idempotency-replayed': 'true' } } : shown;
}

/** Of somebody who never wrote the conversation knows nothing: then it is whom others ordered for. */
async function show(call: AnyCall, ref: EntityRef): Promise<HttpReply> {
  const { deps, tenant } = call;
  const answer = await deps.system.ask<ConversationView>(ref, { type: 'get' }, askOptions(call));
  if (!answer.ok || answer.value.waId !== null || answer.value.userId !== null) return replyOf(answer, 200, presentConversation);
  const ordered = await fromPort(deps, deps.reads.orderedFor(tenant.tenantId, ref.id));
  return replyOf(answer, 200, (view) => presentConversation({ ...view, ...ordered }));
}
