/**
 * A webhook body as a flat list of parts: every entry, change, message and status, each in its own error boundary,
 * so that one odd part never costs its neighbours. Total: never throws. Must never know a tenant.
 */
import type { Contact, ConversationCommand, ReceiveMessage } from '../../actors/conversation/protocol.ts';
import { identifier, isUserId, type Json, list, name, number, object, phone, text, words } from './loose.ts';
import { messageContent } from './message-content.ts';

export type StatusCommand = Extract<ConversationCommand, { type: 'status' }>;

export type WebhookPart =
  | { readonly kind: 'message'; readonly phoneNumberId: string; readonly command: ReceiveMessage }
  | {
      readonly kind: 'status';
      readonly phoneNumberId: string;
      /** Both null: a group's status, or one without a recipient. */
      readonly recipient: { readonly waId: string | null; readonly userId: string | null };
      readonly command: StatusCommand;
    }
  /** News about the account or the number, calls, groups and whatever Meta invents: kept, not interpreted here. */
  | {
      readonly kind: 'account';
      readonly wabaId: string | null;
      readonly phoneNumberId: string | null;
      readonly field: string;
      /** `entry.time` as it came: tells two alike changes apart. */
      readonly time: unknown;
      readonly value: unknown;
    }
  /** The vendor answered from the Business app. */
  | { readonly kind: 'echo'; readonly phoneNumberId: string | null; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly raw: unknown };

/** Parts of one post that are read; Meta batches up to a thousand changes. What is beyond goes into one unreadable part. */
export const PARTS_MAX = 5_000;
/** Times that no chat can have: before WhatsApp, or in another unit. */
const EARLIEST_S = 1_000_000_000;
const LATEST_S = 10_000_000_000;
const MS_PER_S = 1_000;

interface Reading {
  readonly parts: WebhookPart[];
  readonly nowMs: number;
  /** What did not fit under the bound, as it came. */
  readonly rest: unknown[];
}

interface Change {
  readonly wabaId: string | null;
  readonly time: unknown;
  readonly field: string;
  readonly value: Json;
  readonly phoneNumberId: string | null;
}

/** @param nowMs stands in for a timestamp that is missing or absurd, and bounds those that lie ahead. */
export function parseWebhook(body: unknown, nowMs: number): WebhookPart[] {
  const entries = object(body)?.entry;
  if (!Array.isArray(entries)) return [{ kind: 'unreadable', reason: 'entry is not a list', raw: body }];
  const reading: Reading = { parts: [], nowMs, rest: [] };
  for (const entry of entries) {
    const changes = object(entry)?.changes;
    if (!Array.isArray(changes)) {
      read(reading, entry, () => ({ kind: 'unreadable', reason: 'changes is not a list', raw: entry }));
      continue;
    }
    for (const change of changes) readChange(reading, entry as Json, change);
  }
  const { parts, rest } = reading;
  if (rest.length > 0) parts.push({ kind: 'unreadable', reason: 'too many parts in one post', raw: rest });
  return parts;
}

/** The error boundary and the bound of one part. */
function read(reading: Reading, raw: unknown, make: () => WebhookPart): void {
  if (reading.parts.length >= PARTS_MAX) {
    reading.rest.push(raw);
    return;
  }
  try {
    reading.parts.push(make());
  } catch (error) {
    reading.parts.push({ kind: 'unreadable', reason: error instanceof Error ? error.message : 'unknown', raw });
  }
}

function readChange(reading: Reading, entry: Json, raw: unknown): void {
  const given = object(raw);
  const value = object(given?.value);
  if (given === null || value === null) {
    read(reading, raw, () => ({ kind: 'unreadable', reason: 'change without a value', raw }));
    return;
  }
  const messages = list(value.messages);
  const statuses = list(value.statuses);
  const hasParts = messages.length + statuses.length > 0;
  const change: Change = {
    wabaId: identifier(entry.id),
    time: entry.time ?? null,
    // A few samples leave the field out; only messages are told by their shape.
    field: name(given.field) ?? (hasParts ? 'messages' : 'unknown'),
    value,
    phoneNumberId: identifier(object(value.metadata)?.phone_number_id),
  };
  const { field, phoneNumberId } = change;
  const echoes = list(value.message_echoes);
  for (const echo of echoes) read(reading, echo, () => ({ kind: 'echo', phoneNumberId, value: echo }));
  if (field !== 'messages') {
    if (field !== 'smb_message_echoes' || echoes.length === 0) read(reading, value, () => account(change, field, value));
    return;
  }
  if (phoneNumberId === null && hasParts) {
    read(reading, value, () => ({ kind: 'unreadable', reason: 'messages without a phone number id', raw: value }));
    return;
  }
  if (phoneNumberId !== null && hasParts) readMessages(reading, change, phoneNumberId, messages, statuses);
  let known = hasParts || echoes.length > 0;
  for (const rest of ['errors', 'calls', 'groups'] as const) {
    if (list(value[rest]).length === 0) continue;
    known = true;
    read(reading, value, () => account(change, `messages.${rest}`, value[rest]));
  }
  if (!known) read(reading, value, () => account(change, 'messages.empty', value));
}

function readMessages(
  reading: Reading,
  change: Change,
  phoneNumberId: string,
  messages: readonly unknown[],
  statuses: readonly unknown[],
): void {
  const contacts = list(change.value.contacts)
    .map(object)
    .filter((contact) => contact !== null);
  // Messages first: a status may fail for whatever reason without costing an order.
  for (const message of messages) {
    read(reading, { phoneNumberId, message }, () =>
      text(object(message)?.group_id) === null
        ? readMessage(message, phoneNumberId, contacts, reading.nowMs)
        : account(change, 'messages.group', message),
    );
  }
  for (const status of statuses) {
    read(reading, { phoneNumberId, status }, () => readStatus(status, phoneNumberId, contacts, reading.nowMs));
  }
}

function account(change: Change, field: string, value: unknown): WebhookPart {
  const { wabaId, phoneNumberId, time } = change;
  return { kind: 'account', wabaId, phoneNumberId, field, time, value };
}

function readMessage(raw: unknown, phoneNumberId: string, contacts: readonly Json[], nowMs: number): WebhookPart {
  const message = object(raw);
  const whatsappId = identifier(message?.id);
  if (message === null || whatsappId === null) return { kind: 'unreadable', reason: 'message without an id', raw };
  const contact = senderOf(message, contacts);
  if (contact.waId === null && contact.userId === null) return { kind: 'unreadable', reason: 'message without a sender', raw };
  return {
    kind: 'message',
    phoneNumberId,
    command: { type: 'receive', whatsappId, contact, content: messageContent(message), sentAtMs: timeOf(message.timestamp, nowMs) },
  };
}

interface Keys {
  readonly waId: string | null;
  readonly userId: string | null;
}

/** Either may be missing, and a user id may stand where the number belongs. */
function keysOf(givenPhone: unknown, givenUserId: unknown): Keys {
  const inPhone = typeof givenPhone === 'string' && isUserId(givenPhone) ? givenPhone : null;
  return { waId: inPhone === null ? phone(givenPhone) : null, userId: identifier(givenUserId) ?? inPhone };
}

/** Joined by id, never simply the first: one post may carry many people. */
function cardOf(keys: Keys, contacts: readonly Json[]): Json | null {
  for (const contact of contacts) {
    const theirs = keysOf(contact.wa_id, contact.user_id);
    if ((keys.userId !== null && theirs.userId === keys.userId) || (keys.waId !== null && theirs.waId === keys.waId)) return contact;
  }
  return null;
}

/** What the message leaves out is taken from the sender's card. */
function completed(keys: Keys, card: Json | null): Keys {
  if (card === null || (keys.waId !== null && keys.userId !== null)) return keys;
  const theirs = keysOf(card.wa_id, card.user_id);
  return { waId: keys.waId ?? theirs.waId, userId: keys.userId ?? theirs.userId };
}

/** The only card of a post is the sender's when nothing else names one; when another id is named, only its name is believed. */
function joined(keys: Keys, contacts: readonly Json[]): { keys: Keys; card: Json | null } {
  const matching = cardOf(keys, contacts);
  if (matching !== null) return { keys: completed(keys, matching), card: matching };
  const only = contacts.length === 1 ? (contacts[0] ?? null) : null;
  return { keys: keys.waId === null && keys.userId === null ? completed(keys, only) : keys, card: only };
}

function senderOf(message: Json, contacts: readonly Json[]): Contact {
  const { keys, card } = joined(keysOf(message.from, message.from_user_id), contacts);
  const profile = object(card?.profile);
  return { waId: keys.waId, userId: keys.userId, name: words(profile?.name) ?? words(profile?.username) };
}

function readStatus(raw: unknown, phoneNumberId: string, contacts: readonly Json[], nowMs: number): WebhookPart {
  const status = object(raw);
  const whatsappId = identifier(status?.id);
  const named = name(status?.status);
  if (status === null || whatsappId === null || named === null) return { kind: 'unreadable', reason: 'status without id or name', raw };
  // A group's id is digits, too: taken for a number it would invent a customer.
  const inGroup = status.recipient_type === 'group';
  return {
    kind: 'status',
    phoneNumberId,
    recipient: inGroup ? { waId: null, userId: null } : joined(keysOf(status.recipient_id, status.recipient_user_id), contacts).keys,
    command: {
      type: 'status',
      whatsappId,
      opaqueId: identifier(status.biz_opaque_callback_data),
      status: named,
      atMs: timeOf(status.timestamp, nowMs),
      errorCode: number(object(list(status.errors)[0])?.code),
    },
  };
}

/** Seconds (some senders: milliseconds) as text or number, to milliseconds; never later than now. */
function timeOf(value: unknown, nowMs: number): number {
  const given = number(value);
  if (given === null) return nowMs;
  const seconds = given > LATEST_S ? given / MS_PER_S : given;
  return seconds < EARLIEST_S || seconds > LATEST_S ? nowMs : Math.min(nowMs, Math.round(seconds * MS_PER_S));
}
