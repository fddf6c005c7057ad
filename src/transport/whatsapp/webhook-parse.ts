/**
 * A webhook body as a flat list of parts: every entry, change, message and status, each in its own error boundary,
 * so that one odd part never costs its neighbours. Total: never throws. Must never know a tenant.
 */
import type { Contact, ConversationCommand, ReceiveMessage } from '../../actors/conversation/protocol.ts';
import { type Json, list, number, object, text, words } from './loose.ts';
import { messageContent, phone } from './message-content.ts';

export type StatusCommand = Extract<ConversationCommand, { type: 'status' }>;

export type WebhookPart =
  | { readonly kind: 'message'; readonly phoneNumberId: string; readonly command: ReceiveMessage }
  | {
      readonly kind: 'status';
      readonly phoneNumberId: string;
      readonly recipient: { readonly waId: string | null; readonly userId: string | null };
      readonly command: StatusCommand;
    }
  /** Account-level news, echoes, calls and whatever Meta invents: kept, not interpreted here. */
  | { readonly kind: 'other'; readonly field: string; readonly phoneNumberId: string | null; readonly raw: unknown }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly raw: unknown };

/** Parts of one post that are looked at; Meta batches up to a thousand changes. */
export const PARTS_MAX = 5_000;
/** A business-scoped user id, which some senders put where the phone number belongs. */
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;
/** Times that no chat can have: before WhatsApp, or in another unit. */
const EARLIEST_S = 1_000_000_000;
const LATEST_S = 10_000_000_000;

/** @param nowMs stands in for a timestamp that is missing or absurd. */
export function parseWebhook(body: unknown, nowMs: number): WebhookPart[] {
  const parts: WebhookPart[] = [];
  const root = object(body);
  if (root === null) return [{ kind: 'unreadable', reason: 'body is not an object', raw: body }];
  if (!Array.isArray(root.entry)) return [{ kind: 'unreadable', reason: 'entry is not a list', raw: body }];
  for (const entry of root.entry) {
    const changes = object(entry)?.changes;
    if (!Array.isArray(changes)) {
      parts.push({ kind: 'unreadable', reason: 'changes is not a list', raw: entry });
      continue;
    }
    for (const change of changes) {
      boundary(parts, change, () => readChange(parts, change, nowMs));
      if (parts.length >= PARTS_MAX)
        return [...parts.slice(0, PARTS_MAX - 1), { kind: 'unreadable', reason: 'too many parts in one post', raw: null }];
    }
  }
  return parts;
}

function boundary(parts: WebhookPart[], raw: unknown, read: () => void): void {
  try {
    read();
  } catch (error) {
    parts.push({ kind: 'unreadable', reason: error instanceof Error ? error.message : 'unknown', raw });
  }
}

function readChange(parts: WebhookPart[], raw: unknown, nowMs: number): void {
  const change = object(raw);
  const value = object(change?.value);
  const field = text(change?.field) ?? 'unknown';
  if (change === null || value === null) {
    parts.push({ kind: 'unreadable', reason: 'change without a value', raw });
    return;
  }
  const phoneNumberId = text(object(value.metadata)?.phone_number_id);
  if (field !== 'messages') {
    parts.push({ kind: 'other', field, phoneNumberId, raw: value });
    return;
  }
  const messages = list(value.messages);
  const statuses = list(value.statuses);
  if (phoneNumberId === null && messages.length + statuses.length > 0) {
    parts.push({ kind: 'unreadable', reason: 'messages without a phone number id', raw: value });
    return;
  }
  const contacts = list(value.contacts)
    .map(object)
    .filter((contact) => contact !== null);
  // Messages first: a status may fail for whatever reason without costing an order.
  for (const message of messages)
    boundary(parts, message, () => parts.push(readMessage(message, phoneNumberId as string, contacts, nowMs)));
  for (const status of statuses) boundary(parts, status, () => parts.push(readStatus(status, phoneNumberId as string, contacts, nowMs)));
  for (const [name, rest] of [
    ['errors', value.errors],
    ['calls', value.calls],
    ['message_echoes', value.message_echoes],
  ] as const) {
    if (list(rest).length > 0) parts.push({ kind: 'other', field: `messages.${name}`, phoneNumberId, raw: rest });
  }
  if (messages.length + statuses.length === 0 && list(value.errors).length === 0)
    parts.push({ kind: 'other', field: 'messages.empty', phoneNumberId, raw: value });
}

function readMessage(raw: unknown, phoneNumberId: string, contacts: readonly Json[], nowMs: number): WebhookPart {
  const message = object(raw);
  const whatsappId = words(message?.id);
  if (message === null || whatsappId === null || whatsappId === '') return { kind: 'unreadable', reason: 'message without an id', raw };
  const contact = senderOf(message, contacts);
  if (contact.waId === null && contact.userId === null) return { kind: 'unreadable', reason: 'message without a sender', raw };
  return {
    kind: 'message',
    phoneNumberId,
    command: { type: 'receive', whatsappId, contact, content: messageContent(message), sentAtMs: timeOf(message.timestamp, nowMs) },
  };
}

/** Joined by id, never simply the first: one post may carry many people. */
function senderOf(message: Json, contacts: readonly Json[]): Contact {
  const from = text(message.from);
  const misplaced = from !== null && USER_ID.test(from) ? from : null;
  const waId = misplaced === null ? phone(from) : null;
  const userId = userIdOf(message.from_user_id) ?? misplaced;
  const card =
    contacts.find((contact) => (userId !== null && text(contact.user_id) === userId) || (waId !== null && phone(contact.wa_id) === waId)) ??
    (contacts.length === 1 && waId === null && userId === null ? contacts[0] : undefined);
  const name = words(object(card?.profile)?.name) ?? words(object(card?.profile)?.username);
  return { waId: waId ?? phone(card?.wa_id), userId: userId ?? userIdOf(card?.user_id), name: name === '' ? null : name };
}

function userIdOf(value: unknown): string | null {
  const id = text(value);
  return id !== null && id.length <= 140 ? words(id) : null;
}

function readStatus(raw: unknown, phoneNumberId: string, contacts: readonly Json[], nowMs: number): WebhookPart {
  const status = object(raw);
  const whatsappId = words(status?.id);
  const name = text(status?.status);
  if (status === null || whatsappId === null || name === null) return { kind: 'unreadable', reason: 'status without id or name', raw };
  const given = text(status.recipient_id);
  const misplaced = given !== null && USER_ID.test(given) ? given : null;
  const only = contacts.length === 1 ? contacts[0] : undefined;
  const recipient = {
    waId: (misplaced === null ? phone(given) : null) ?? phone(only?.wa_id),
    userId: userIdOf(status.recipient_user_id) ?? misplaced ?? userIdOf(only?.user_id),
  };
  return {
    kind: 'status',
    phoneNumberId,
    recipient,
    command: {
      type: 'status',
      whatsappId,
      opaqueId: words(status.biz_opaque_callback_data),
      status: name,
      atMs: timeOf(status.timestamp, nowMs),
      errorCode: number(object(list(status.errors)[0])?.code),
    },
  };
}

/** Seconds as text or number, to milliseconds. */
function timeOf(value: unknown, nowMs: number): number {
  const seconds = number(value);
  return seconds === null || seconds < EARLIEST_S || seconds > LATEST_S ? nowMs : Math.round(seconds * 1_000);
}
