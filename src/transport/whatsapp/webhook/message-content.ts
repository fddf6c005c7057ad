/** One inbound message's content in our words, whatever Meta or a sample calls it. Total. */
import type { InboundContent, MessageAbout } from '../../../actors/conversation/protocol.ts';
import { identifier, type Json, list, name, number, object, phone, userId, words } from '../loose.ts';
import { cut } from '../sending/graphemes.ts';

type MediaKind = Extract<InboundContent, { kind: 'media' }>['mediaKind'];

const MEDIA: ReadonlySet<string> = new Set<MediaKind>(['image', 'video', 'audio', 'voice', 'document', 'sticker']);
/** Two of Meta's own samples of locations carry no type; the payload then tells it. */
const TELLING = ['location', 'text', 'interactive', 'button', 'order', 'reaction', 'contacts', ...MEDIA];
/** Lines of a cart that are read; Meta allows 30 products in a list. */
const CART_LINES_MAX = 100;
/** What is kept of an ad's headline and of its words. */
const AD_TEXT_MAX = 200;

export function messageType(message: Json): string {
  return name(message.type) ?? TELLING.find((kind) => message[kind] !== undefined && message[kind] !== null) ?? 'unknown';
}

export function messageContent(message: Json): InboundContent {
  const payload = payloadOf(message);
  const about = aboutOf(message);
  return about === null ? payload : { ...payload, about };
}

/** What the message points at; null for most. */
function aboutOf(message: Json): MessageAbout | null {
  const context = object(message.context);
  const referral = object(message.referral);
  if (context === null && referral === null) return null;
  const quotedId = identifier(context?.id);
  const forwarded = context?.forwarded === true || context?.frequently_forwarded === true;
  const product = object(context?.referred_product);
  const productId = identifier(product?.product_retailer_id);
  const ad = adOf(referral);
  if (quotedId === null && !forwarded && productId === null && ad === null) return null;
  return {
    ...(quotedId === null ? {} : { quotedId }),
    ...(forwarded ? { forwarded } : {}),
    ...(productId === null ? {} : { product: { productId, catalogId: identifier(product?.catalog_id) } }),
    ...(ad === null ? {} : { ad }),
  };
}

function adOf(referral: Json | null): NonNullable<MessageAbout['ad']> | null {
  if (referral === null) return null;
  const short = (value: unknown): string | null => {
    const given = words(value);
    return given === null ? null : cut(given, AD_TEXT_MAX);
  };
  const ad = {
    sourceType: name(referral.source_type),
    sourceId: identifier(referral.source_id),
    sourceUrl: identifier(referral.source_url),
    headline: short(referral.headline),
    text: short(referral.body),
    clickId: identifier(referral.ctwa_clid),
  };
  return Object.values(ad).every((value) => value === null) ? null : ad;
}

function payloadOf(message: Json): InboundContent {
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
      return systemNews(part);
    case 'edit':
    case 'revoke':
      return { kind: type, originalId: identifier(part?.original_message_id) ?? '', text: editedText(object(part?.message)) };
    default:
      return { kind: 'other', originalType: type };
  }
}

/** News of somebody's account whose keys stay: what stands beside is nobody's new number. */
const KEYS_STAY = 'customer_identity_changed';

function systemNews(part: Json | null): InboundContent {
  const event = name(part?.type) ?? 'unknown';
  if (event === KEYS_STAY) return { kind: 'system', event, newWaId: null, newUserId: null };
  return { kind: 'system', event, newWaId: phone(part?.wa_id) ?? phone(part?.new_wa_id), newUserId: userId(part?.user_id) };
}

/** What the shop wrote in the Business app, for a list of messages: its words, or what else it was. An edit says nothing new. */
export function wordsOf(message: Json): string | null {
  const type = messageType(message);
  if (type === 'edit') return null;
  const content = messageContent(message);
  switch (content.kind) {
    case 'text':
      return content.text === '' ? null : content.text;
    case 'media':
      return content.caption ?? `[${content.mediaKind}]`;
    case 'location':
      return content.address ?? content.name ?? '[location]';
    case 'reaction':
      return content.emoji;
    default:
      return words(object(object(message[type])?.body)?.text) ?? `[${type}]`;
  }
}

/** What an edited message says now: its text, or the caption of its picture. */
function editedText(edited: Json | null): string | null {
  if (edited === null) return null;
  return words(object(edited.text)?.body) ?? words(object(edited[messageType(edited)])?.caption);
}

function media(type: MediaKind, part: Json | null): InboundContent {
  const caption = words(part?.caption);
  const filename = caption === null ? words(part?.filename) : null;
  return {
    kind: 'media',
    mediaKind: type === 'audio' && part?.voice === true ? 'voice' : type,
    mediaId: identifier(part?.id),
    caption: caption ?? filename,
    ...(filename === null ? {} : { named: true }),
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

/**
 * Prices in a cart are the sender's word and are not taken; quantities may come as text. One that cannot be read is none: the customer is
 * asked how many it shall be. A line that names no product is nothing.
 */
function cart(part: Json | null): InboundContent {
  const items: { productId: string; quantity: number }[] = [];
  for (const entry of list(part?.product_items).slice(0, CART_LINES_MAX)) {
    const item = object(entry);
    const productId = identifier(item?.product_retailer_id);
    if (productId !== null) items.push({ productId, quantity: number(item?.quantity) ?? 0 });
  }
  return { kind: 'cart', items, note: words(part?.text) };
}
