/**
 * What Meta would have sent for a tap on the sandbox phone: the same envelope, the same escaped bytes, the same
 * signature. Its only way into the program is the public webhook, so it must never call an actor.
 */
import { randomBytes } from 'node:crypto';
import { signBody } from '../whatsapp/webhook/signature.ts';

/** One tap or text of the person who holds the phone. */
export type PhoneAction =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reply'; readonly id: string; readonly title: string; readonly fromList: boolean }
  | {
      readonly kind: 'location';
      readonly lat: number;
      readonly lng: number;
      readonly name: string | null;
      readonly address: string | null;
    };

interface PhoneAddress {
  readonly wabaId: string;
  readonly phoneNumberId: string;
}

interface Sender {
  readonly waId: string;
  readonly name: string;
}

interface WebhookCall {
  readonly body: string;
  readonly signature: string;
}

const WAMID_BYTES = 18;

/** Message ids look like Meta's: opaque, base64, unique. @param ownId the sender's own: sent again under it, it is the same message */
export function newWhatsappId(ownId: string | null): string {
  return `wamid.${(ownId === null ? randomBytes(WAMID_BYTES) : Buffer.from(ownId)).toString('base64')}`;
}

/** Body of `messages`, not yet escaped. `nowMs` becomes the timestamp in whole seconds, a string, as Meta writes it. */
export function messageBody(to: PhoneAddress, from: Sender, whatsappId: string, action: PhoneAction, nowMs: number): object {
  const message = { from: from.waId, id: whatsappId, timestamp: String(Math.floor(nowMs / 1000)), ...content(action) };
  return envelope(to, { contacts: [{ profile: { name: from.name }, wa_id: from.waId }], messages: [message] });
}

/** Body of a receipt: what the phone reports about messages that it was sent. */
export function receiptBody(
  to: PhoneAddress,
  waId: string,
  whatsappIds: readonly string[],
  status: 'delivered' | 'read',
  nowMs: number,
): object {
  const timestamp = String(Math.floor(nowMs / 1000));
  return envelope(to, { statuses: whatsappIds.map((id) => ({ id, status, timestamp, recipient_id: waId })) });
}

function content(action: PhoneAction): object {
  switch (action.kind) {
    case 'text':
      return { type: 'text', text: { body: action.text } };
    case 'reply': {
      const type = action.fromList ? 'list_reply' : 'button_reply';
      return { type: 'interactive', interactive: { type, [type]: { id: action.id, title: action.title } } };
    }
    case 'location': {
      const named = {
        ...(action.name === null ? {} : { name: action.name }),
        ...(action.address === null ? {} : { address: action.address }),
      };
      return { type: 'location', location: { latitude: action.lat, longitude: action.lng, ...named } };
    }
  }
}

function envelope(to: PhoneAddress, part: object): object {
  const metadata = { display_phone_number: to.phoneNumberId, phone_number_id: to.phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, ...part };
  return { object: 'whatsapp_business_account', entry: [{ id: to.wabaId, changes: [{ value, field: 'messages' }] }] };
}

/**
 * Meta's wire form: `/` as `\/` and everything beyond ASCII as `\uXXXX`, a surrogate at a time. Signatures are
 * over these bytes, which is why a server that serialises again fails on emoji.
 */
export function metaJson(body: object): string {
  return JSON.stringify(body)
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** @returns the bytes to post and the value of `X-Hub-Signature-256` for them. */
export function signedCall(body: object, appSecret: string): WebhookCall {
  const text = metaJson(body);
  return { body: text, signature: signBody(appSecret, text) };
}
