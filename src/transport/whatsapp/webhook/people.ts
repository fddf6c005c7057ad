/** Whom a part of a webhook is about: the keys it carries, joined with the cards of its post. Total; must never know a customer. */
import type { Contact } from '../../../actors/conversation/protocol.ts';
import { type Json, name, object, phone, text, userId, words } from '../loose.ts';

/** By which a person is known; either may be missing. */
export interface Keys {
  readonly waId: string | null;
  readonly userId: string | null;
}

export const NOBODY: Keys = { waId: null, userId: null };

/** Either may be missing, and a user id may stand where the number belongs. */
export function keysOf(givenPhone: unknown, givenUserId: unknown): Keys {
  const inPhone = userId(givenPhone);
  return { waId: inPhone === null ? phone(givenPhone) : null, userId: userId(givenUserId) ?? inPhone };
}

/** Whether a message whose sender is nobody has something in the place of a user id. */
export function isMisnamed(message: Json): boolean {
  return text(message.from_user_id) !== null;
}

export function isNobody(keys: Keys): boolean {
  return keys.waId === null && keys.userId === null;
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

/** The only card of a post is the sender's when nothing else names one, and lends its name when no id on it says otherwise. */
export function joined(keys: Keys, contacts: readonly Json[]): { keys: Keys; card: Json | null } {
  const matching = cardOf(keys, contacts);
  if (matching !== null) return { keys: completed(keys, matching), card: matching };
  const only = contacts.length === 1 ? (contacts[0] ?? null) : null;
  if (only === null || isNobody(keys)) return { keys: completed(keys, only), card: only };
  return { keys, card: isAnother(keysOf(only.wa_id, only.user_id), keys) ? null : only };
}

/** A key that both have and that differs: the card of somebody else. */
function isAnother(card: Keys, keys: Keys): boolean {
  return (
    (card.waId !== null && keys.waId !== null && card.waId !== keys.waId) ||
    (card.userId !== null && keys.userId !== null && card.userId !== keys.userId)
  );
}

/** Of news that a number has changed the old one, which `customer` names where `from` is missing or is the new one already. */
function ownKeysOf(message: Json): Keys {
  const keys = keysOf(message.from, message.from_user_id);
  const news = name(message.type) === 'system' ? object(message.system) : null;
  const before = phone(news?.customer);
  const isNew = keys.waId !== null && keys.waId === (phone(news?.wa_id) ?? phone(news?.new_wa_id));
  return before !== null && (keys.waId === null || isNew) ? { ...keys, waId: before } : keys;
}

export function senderOf(message: Json, contacts: readonly Json[]): Contact {
  const { keys, card } = joined(ownKeysOf(message), contacts);
  return { waId: keys.waId, userId: keys.userId, name: nameOn(card) };
}

export function nameOn(card: Json | null): string | null {
  const profile = object(card?.profile);
  return words(profile?.name) ?? words(profile?.username);
}
