/** Webhook bodies of every kind, written by hand from the format's description. */

export const PHONE_NUMBER_ID = '211000000000007';
export const WA_ID = '27711234567';
export const USER_ID = 'ZA.20000000000000000042';
/** 2026-03-01T10:00:00Z. */
export const SENT_S = 1_772_359_200;
export const NOW_MS = (SENT_S + 60) * 1_000;

export const CARD = { profile: { name: 'Lerato K' }, wa_id: WA_ID, user_id: USER_ID };

export function envelope(value: object, field: string | undefined = 'messages'): object {
  const metadata = { display_phone_number: '+27 71 000 00 07', phone_number_id: PHONE_NUMBER_ID };
  const change = { value: { messaging_product: 'whatsapp', metadata, ...value }, ...(field === undefined ? {} : { field }) };
  return { object: 'whatsapp_business_account', entry: [{ id: '110000000000001', time: SENT_S, changes: [change] }] };
}

/** One message from Lerato, with her card. */
export function message(content: object): object {
  return envelope({ contacts: [CARD], messages: [{ from: WA_ID, id: 'wamid.IN1', timestamp: String(SENT_S), ...content }] });
}

export function status(content: object, rest: object = {}): object {
  return envelope({
    statuses: [{ id: 'wamid.OUT9', status: 'delivered', timestamp: String(SENT_S), recipient_id: WA_ID, ...content }],
    ...rest,
  });
}

export function textOf(body: string, id = 'wamid.IN1', from = WA_ID): object {
  return { from, id, timestamp: String(SENT_S), type: 'text', text: { body } };
}
