/** One inbound message's content in our words, whatever Meta or a sample calls it. Total. */
import type { InboundContent } from '../../actors/conversation/protocol.ts';
import { identifier, type Json, list, name, number, object, phone, words } from './loose.ts';

type MediaKind = Extract<InboundContent, { kind: 'media' }>['mediaKind'];

const MEDIA: ReadonlySet<string> = new Set<MediaKind>(['image', 'video', 'audio', 'voice', 'document', 'sticker']);
/** Two of Meta's own samples of locations carry no type; the payload then tells it. */
const TELLING = ['location', 'text', 'interactive', 'button', 'order', 'reaction', 'contacts', ...MEDIA];
/** Lines of a cart that are read; Meta allows 30 products in a list. */
const CART_LINES_MAX = 100;

export function messageType(message: Json): string {
  return name(message.type) ?? TELLING.find((kind) => message[kind] !== undefined && message[kind] !== null) ?? 'unknown';
}

export function messageContent(message: Json): InboundContent {
  const type = messageType(message);
  const part = object(message[type]);
  if (MEDIA.has(type)) return media(type as MediaKind, part);
  switch (type) {
    case 'text':
      return { kind: 'text', text: words(part?.body) ?? words(message.text) ?? '' };
    case 'interactive':
      return interactive(part);
    case 'button':
      return tap(part?.payload, part?.text, type);
    case 'location':
      return location(part);
    case 'order':
      return cart(part);
    case 'reaction':
      // A Postman sample spells the id with three s; an empty emoji is a removal.
      return {
        kind: 'reaction',
        messageId: identifier(part?.message_id) ?? identifier(part?.messsage_id) ?? '',
        emoji: words(part?.emoji),
      };
    case 'system':
      return {
        kind: 'system',
        event: name(part?.type) ?? 'unknown',
        newWaId: phone(part?.wa_id) ?? phone(part?.new_wa_id),
        newUserId: identifier(part?.user_id),
      };
    case 'edit':
    case 'revoke':
      return { kind: type, originalId: identifier(part?.original_message_id) ?? '', text: editedText(object(part?.message)) };
    default:
      return { kind: 'other', originalType: type };
  }
}

/** What an edited message says now: its text, or the caption of its picture. */
function editedText(edited: Json | null): string | null {
  if (edited === null) return null;
  return words(object(edited.text)?.body) ?? words(object(edited[messageType(edited)])?.caption);
}

function media(type: MediaKind, part: Json | null): InboundContent {
  return {
    kind: 'media',
    mediaKind: type === 'audio' && part?.voice === true ? 'voice' : type,
    mediaId: identifier(part?.id),
    caption: words(part?.caption) ?? words(part?.filename),
  };
}

/** Flow answers carry JSON in a string that may be broken: it is not read here, so it can break nothing. */
function interactive(part: Json | null): InboundContent {
  const reply = object(part?.button_reply) ?? object(part?.list_reply);
  const otherwise = `interactive.${name(part?.type) ?? 'unknown'}`;
  return reply === null ? { kind: 'other', originalType: otherwise } : tap(reply.id, reply.title, otherwise);
}

/** A tap without an id still says its title. */
function tap(givenId: unknown, givenTitle: unknown, otherwise: string): InboundContent {
  const title = words(givenTitle);
  const id = words(givenId) ?? title;
  return id === null ? { kind: 'other', originalType: otherwise } : { kind: 'reply', id, title: title ?? '' };
}

function location(part: Json | null): InboundContent {
  const lat = number(part?.latitude);
  const lng = number(part?.longitude);
  if (lat === null || lng === null || Math.abs(lat) > 90 || Math.abs(lng) > 180) return { kind: 'other', originalType: 'location' };
  return { kind: 'location', position: { lat, lng }, name: words(part?.name), address: words(part?.address) };
}

/** Prices in a cart are the sender's word and are not taken; quantities may come as text. */
function cart(part: Json | null): InboundContent {
  const items: { productId: string; quantity: number }[] = [];
  for (const entry of list(part?.product_items).slice(0, CART_LINES_MAX)) {
    const item = object(entry);
    const productId = identifier(item?.product_retailer_id);
    const quantity = number(item?.quantity);
    if (productId !== null && quantity !== null) items.push({ productId, quantity });
  }
  return { kind: 'cart', items, note: words(part?.text) };
}
