/**
 * A webhook body as a flat list of parts: every entry, change, message and status, each in its own error boundary,
 * so that one odd part never costs its neighbours. Total: never throws. Must never know a tenant.
 */

import type { ConversationCommand, ReceiveMessage } from '../../../actors/conversation/protocol.ts';
import { deliveryStatus } from '../../../actors/conversation/session/lane.ts';
import type { Notice } from '../../../ports.ts';
import { identifier, type Json, list, name, number, object, phone, text, userId } from '../loose.ts';
import { lateRetryMs } from '../sending/graph-errors.ts';
import { messageContent, messageType, wordsOf } from './message-content.ts';
import { isMisnamed, isNobody, joined, type Keys, keysOf, NOBODY, nameOn, senderOf } from './people.ts';

export type StatusCommand = Extract<ConversationCommand, { type: 'status' }>;
type AnsweredElsewhere = Extract<ConversationCommand, { type: 'answered_elsewhere' }>;
type MarketingPreference = Extract<ConversationCommand, { type: 'marketing_preference' }>;

export type WebhookPart =
  | { readonly kind: 'message'; readonly phoneNumberId: string; readonly command: ReceiveMessage }
  | {
      readonly kind: 'status';
      readonly phoneNumberId: string;
      /** Both null: a group's status, or one without a recipient. */
      readonly recipient: Keys;
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
  /** The vendor wrote from the Business app. Kept as it came; `command` tells the chat, null when it names no person or says nothing. */
  | {
      readonly kind: 'echo';
      readonly phoneNumberId: string | null;
      readonly recipient: Keys;
      readonly command: AnsweredElsewhere | null;
      readonly value: unknown;
    }
  /** One person goes by other keys from now on. */
  | { readonly kind: 'moved'; readonly phoneNumberId: string; readonly notice: Notice; readonly from: Keys; readonly to: Keys }
  /** One person stopped or resumed marketing in WhatsApp's settings. */
  | { readonly kind: 'preference'; readonly phoneNumberId: string; readonly person: Keys; readonly command: MarketingPreference }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly raw: unknown };

/** Parts for chats in one post that are read; Meta batches up to a thousand changes. What is beyond goes into one unreadable part. */
export const PARTS_MAX = 5_000;
/** The same for all other parts, counted apart: a heap of odd ones must not cost an order behind it. */
export const OTHER_PARTS_MAX = 1_000;
/** Why a message is unreadable whose sender has no number, and no user id that Meta would send anything to. */
export const MALFORMED_USER_ID = 'message from a malformed user id';
/** Times that no chat can have: before WhatsApp, or in another unit. */
const EARLIEST_S = 1_000_000_000;
const LATEST_S = 10_000_000_000;
const MS_PER_S = 1_000;

type MessagePart = Extract<WebhookPart, { kind: 'message' }>;

interface Reading {
  readonly parts: WebhookPart[];
  /** How many of them are for no chat. */
  others: number;
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
  const reading: Reading = { parts: [], others: 0, nowMs, rest: [] };
  for (const entry of entries) {
    const changes = object(entry)?.changes;
    if (!Array.isArray(changes)) {
      read(reading, entry, () => ({ kind: 'unreadable', reason: 'changes is not a list', raw: entry }));
      continue;
    }
    for (const change of changes) readChange(reading, entry as Json, change);
  }
  const { parts, rest } = reading;
  putInTimeOrder(parts);
  if (rest.length > 0) parts.push({ kind: 'unreadable', reason: 'too many parts in one post', raw: rest });
  return parts;
}

/** WhatsApp promises no order, and what a customer wrote last may stand first. Messages of the same second stay as they came. */
function putInTimeOrder(parts: WebhookPart[]): void {
  const messages = parts.filter((part) => part.kind === 'message');
  if (messages.length < 2) return;
  messages.sort((one, other) => one.command.sentAtMs - other.command.sentAtMs);
  markFollowed(messages);
  let next = 0;
  for (const [at, part] of parts.entries()) if (part.kind === 'message') parts[at] = messages[next++] ?? part;
}

/** Says of each message whether its writer goes on in the same post. The same message again is nothing more. */
function markFollowed(messages: MessagePart[]): void {
  const behind = new Map<string, string>();
  for (let at = messages.length - 1; at >= 0; at--) {
    const part = messages[at] as MessagePart;
    const { whatsappId, contact } = part.command;
    const keys = [contact.waId, contact.userId].filter((key) => key !== null).map((key) => `${part.phoneNumberId}|${key}`);
    const isFollowed = keys.some((key) => (behind.get(key) ?? whatsappId) !== whatsappId);
    if (isFollowed) messages[at] = { ...part, command: { ...part.command, moreFollows: true } };
    for (const key of keys) behind.set(key, whatsappId);
  }
}

/** The error boundary and the bound of one part. */
function read(reading: Reading, raw: unknown, make: () => WebhookPart): void {
  let part: WebhookPart;
  try {
    part = make();
  } catch (error) {
    part = { kind: 'unreadable', reason: error instanceof Error ? error.message : 'unknown', raw };
  }
  const { parts, others } = reading;
  const isOther = part.kind === 'unreadable' || part.kind === 'account';
  if (isOther ? others >= OTHER_PARTS_MAX : parts.length - others >= PARTS_MAX) {
    reading.rest.push(raw);
    return;
  }
  parts.push(part);
  if (isOther) reading.others++;
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
  for (const echo of echoes) read(reading, echo, () => readEcho(echo, change, reading.nowMs));
  if (field !== 'messages') {
    if (field !== 'smb_message_echoes' || echoes.length === 0) read(reading, value, () => account(change, field, value));
    if (field === 'user_id_update' && phoneNumberId !== null) readMoves(reading, change, phoneNumberId);
    if (field === 'user_preferences' && phoneNumberId !== null) readPreferences(reading, change, phoneNumberId);
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
  const contacts = cardsOf(change.value);
  // Messages first: a status may fail for whatever reason without costing an order.
  for (const message of messages) {
    read(reading, { phoneNumberId, message }, () =>
      text(object(message)?.group_id) === null
        ? readMessage(message, phoneNumberId, contacts, reading.nowMs)
        : account(change, 'messages.group', message),
    );
  }
  for (const status of statuses) {
    read(reading, { phoneNumberId, status }, () =>
      isForeign(object(status)) ? account(change, 'messages.status', status) : readStatus(status, phoneNumberId, contacts, reading.nowMs),
    );
  }
}

function cardsOf(value: Json): Json[] {
  return list(value.contacts)
    .map(object)
    .filter((contact) => contact !== null);
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
  if (isNobody(contact)) return { kind: 'unreadable', reason: isMisnamed(message) ? MALFORMED_USER_ID : 'message without a sender', raw };
  return {
    kind: 'message',
    phoneNumberId,
    command: { type: 'receive', whatsappId, contact, content: messageContent(message), sentAtMs: timeOf(message.timestamp, nowMs) },
  };
}

/** A status that says nothing about delivery (a payment, a deletion, whatever Meta invents): kept as it came. */
function isForeign(status: Json | null): boolean {
  const named = name(status?.status);
  // A payment fails, too, and not because the message that asked for it did not arrive.
  if (named !== null && (name(status?.type) === 'payment' || object(status?.payment) !== null)) return true;
  return named !== null && (named === 'queued' || deliveryStatus(named) === null);
}

/** A revocation says nothing to the customer, so it does not speak for a person at the shop's end. */
function readEcho(raw: unknown, { phoneNumberId, value }: Change, nowMs: number): WebhookPart {
  const echo = object(raw);
  const whatsappId = identifier(echo?.id);
  const { keys, card } = echo === null || isOfGroup(echo) ? { keys: NOBODY, card: null } : joined(addresseeOf(echo, value), cardsOf(value));
  if (echo === null || whatsappId === null || messageType(echo) === 'revoke')
    return { kind: 'echo', phoneNumberId, recipient: keys, command: null, value: raw };
  const command: AnsweredElsewhere = {
    type: 'answered_elsewhere',
    whatsappId,
    atMs: timeOf(echo.timestamp, nowMs),
    contact: { ...keys, name: nameOn(card) },
    text: wordsOf(echo),
  };
  return { kind: 'echo', phoneNumberId, recipient: keys, command, value: raw };
}

/** Some senders have the two ends the wrong way round: the shop's own number is never the customer. */
function addresseeOf(echo: Json, { metadata }: Json): Keys {
  const keys = keysOf(echo.to, echo.to_user_id);
  const isShop = keys.waId !== null && keys.waId === phone(object(metadata)?.display_phone_number);
  return isShop ? keysOf(echo.from, echo.from_user_id) : keys;
}

/** People whose user id was replaced. What cannot be read is in the account part beside. */
function readMoves(reading: Reading, { value, time }: Change, phoneNumberId: string): void {
  for (const raw of list(value.user_id_update)) {
    const update = object(raw);
    const change = object(update?.user_id) ?? update;
    const previous = userId(change?.previous);
    const current = userId(change?.current);
    if (previous === null || current === null) continue;
    const from = keysOf(update?.wa_id, previous);
    const notice = { id: `${previous}>${current}`, atMs: timeOf(update?.timestamp ?? time, reading.nowMs) };
    read(reading, raw, () => ({ kind: 'moved', phoneNumberId, notice, from, to: { waId: null, userId: current } }));
  }
}

const MARKETING = 'marketing_messages';

/** What says neither, such as a sign-up, is in the account part beside, like all the rest. */
function readPreferences(reading: Reading, { value, time }: Change, phoneNumberId: string): void {
  const contacts = cardsOf(value);
  for (const raw of list(value.user_preferences)) {
    const update = object(raw);
    const said = name(update?.value);
    const { keys } = joined(keysOf(update?.wa_id, update?.user_id), contacts);
    if (name(update?.category) !== MARKETING || (said !== 'stop' && said !== 'resume') || isNobody(keys)) continue;
    const atMs = timeOf(update?.timestamp ?? time, reading.nowMs);
    const command: MarketingPreference = { type: 'marketing_preference', isWanted: said === 'resume', atMs };
    read(reading, raw, () => ({ kind: 'preference', phoneNumberId, person: keys, command }));
  }
}

/** A group's id is digits, too: taken for a number it would invent a customer. */
function isOfGroup(part: Json): boolean {
  return part.recipient_type === 'group' || text(part.group_id) !== null;
}

/** @returns of the first error that has one. */
function firstCodeOf(errors: unknown): number | null {
  for (const error of list(errors)) {
    const code = number(object(error)?.code);
    if (code !== null) return code;
  }
  return null;
}

function readStatus(raw: unknown, phoneNumberId: string, contacts: readonly Json[], nowMs: number): WebhookPart {
  const status = object(raw);
  const whatsappId = identifier(status?.id);
  const named = name(status?.status);
  if (status === null || whatsappId === null || named === null) return { kind: 'unreadable', reason: 'status without id or name', raw };
  const errorCode = firstCodeOf(status.errors);
  const retryAfterMs = named === 'failed' ? lateRetryMs(errorCode) : null;
  return {
    kind: 'status',
    phoneNumberId,
    recipient: isOfGroup(status) ? NOBODY : joined(keysOf(status.recipient_id, status.recipient_user_id), contacts).keys,
    command: {
      type: 'status',
      whatsappId,
      opaqueId: identifier(status.biz_opaque_callback_data),
      status: named,
      atMs: timeOf(status.timestamp, nowMs),
      errorCode,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
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
