/** One inbound message's content in our words, whatever Meta or a sample calls it. Total. */
import type { InboundContent } from '../../actors/conversation/protocol.ts';
import { type Json, list, number, object, text, words } from './loose.ts';

const MEDIA = new Set(['image', 'video', 'audio', 'voice', 'document', 'sticker']);
const CART_LINES_MAX = 100;

export function messageType(message: Json): string {
  const declared = text(message.type);
  if (declared !== null) return declared;
  // Two of Meta's own samples of locations carry no type.
  return ['location', 'text', 'interactive', 'order', 'contacts'].find((kind) => message[kind] !== undefined) ?? 'unknown';
}

export function messageContent(message: Json): InboundContent {
  const type = messageType(message);
  const part = object(message[type]);
  if (MEDIA.has(type)) return media(type, part);
  switch (type) {
    case 'text':
      return { kind: 'text', text: words(part?.body) ?? '' };
    case 'interactive':
      return interactive(part);
    case 'button':
      return { kind: 'reply', id: words(part?.payload) ?? words(part?.text) ?? '', title: words(part?.text) ?? '' };
    case 'location':
      return location(part);
    case 'order':
      return cart(part);
    case 'reaction':
      // A Postman sample spells the id with three s; an empty emoji is a removal.
      return { kind: 'reaction', messageId: text(part?.message_id) ?? text(part?.messsage_id) ?? '', emoji: words(part?.emoji) };
    case 'system':
      return {
        kind: 'system',
        event: text(part?.type) ?? 'unknown',
        newWaId: phone(part?.wa_id) ?? phone(part?.new_wa_id),
        newUserId: text(part?.user_id),
      };
    case 'edit':
    case 'revoke':
      return { kind: type, originalId: text(part?.original_message_id) ?? '', text: words(object(object(part?.message)?.text)?.body) };
    default:
      return { kind: 'other', originalType: type };
  }
}

/** Digits only. @returns null for anything that is not a number of a phone. */
export function phone(value: unknown): string | null {
  const digits = text(value)?.replace(/[^0-9]/g, '') ?? '';
  return digits === '' ? null : digits;
}

function media(type: string, part: Json | null): InboundContent {
  const mediaKind = type === 'audio' && part?.voice === true ? 'voice' : type;
  return {
    kind: 'media',
    mediaKind: mediaKind as Extract<InboundContent, { kind: 'media' }>['mediaKind'],
    mediaId: text(part?.id),
    caption: words(part?.caption) ?? words(part?.filename),
  };
}

function interactive(part: Json | null): InboundContent {
  const kind = text(part?.type);
  const reply = object(part?.button_reply) ?? object(part?.list_reply);
  const id = words(reply?.id);
  if (reply !== null && id !== null) return { kind: 'reply', id, title: words(reply.title) ?? '' };
  return { kind: 'other', originalType: `interactive.${kind ?? 'unknown'}` };
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
    const productId = words(item?.product_retailer_id);
    const quantity = number(item?.quantity);
    if (productId !== null && quantity !== null) items.push({ productId, quantity });
  }
  return { kind: 'cart', items, note: words(part?.text) };
}
