/**
 * Our outbound messages as bodies of the Graph API, inside its limits: too long is cut by grapheme, too many is
 * left out, titles that became equal are told apart. Pure. Source of the limits: the Cloud API's message reference.
 */
import type { OutboundBody, SendInput } from '../../actors/conversation/protocol.ts';
import { cut } from './graphemes.ts';

export const LIMITS = {
  text: 4_096,
  interactiveBody: 1_024,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  listButton: 20,
  sections: 10,
  sectionTitle: 24,
  rows: 10,
  rowId: 200,
  rowTitle: 24,
  rowDescription: 72,
  opaque: 512,
} as const;

export type GraphBody = Readonly<Record<string, unknown>> & { readonly type: string };

/** With a phone number and a user id the phone wins, as it does at Meta. */
export function toGraphBody(input: SendInput): GraphBody {
  const address = input.to.waId !== null ? { to: input.to.waId } : { recipient: input.to.userId ?? '' };
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...address,
    ...content(input.body),
    biz_opaque_callback_data: input.opaqueId.slice(0, LIMITS.opaque),
  };
}

function content(body: OutboundBody): { type: string } & Record<string, unknown> {
  switch (body.kind) {
    case 'text':
      return { type: 'text', text: { body: cut(body.text, LIMITS.text), preview_url: false } };
    case 'buttons':
      return interactive('button', body.text, { buttons: buttons(body.buttons) });
    case 'list':
      return interactive('list', body.text, { button: cut(body.button, LIMITS.listButton), sections: sections(body.sections) });
    case 'location_request':
      return interactive('location_request_message', body.text, { name: 'send_location' });
  }
}

function interactive(type: string, text: string, action: object): { type: string } & Record<string, unknown> {
  return { type: 'interactive', interactive: { type, body: { text: cut(text, LIMITS.interactiveBody) }, action } };
}

function buttons(given: Extract<OutboundBody, { kind: 'buttons' }>['buttons']): object[] {
  const title = uniqueTitles(LIMITS.buttonTitle);
  return given
    .slice(0, LIMITS.buttons)
    .map((button) => ({ type: 'reply', reply: { id: button.id.slice(0, LIMITS.buttonId), title: title(button.title) } }));
}

/** Ten rows in all, over all sections; a section needs a title as soon as there are two. */
function sections(given: Extract<OutboundBody, { kind: 'list' }>['sections']): object[] {
  const title = uniqueTitles(LIMITS.rowTitle);
  let left: number = LIMITS.rows;
  const kept: object[] = [];
  const filled = given.filter((section) => section.rows.length > 0).slice(0, LIMITS.sections);
  for (const section of filled) {
    const rows = section.rows.slice(0, left).map((row) => ({
      id: row.id.slice(0, LIMITS.rowId),
      title: title(row.title),
      ...(row.description === undefined || row.description === '' ? {} : { description: cut(row.description, LIMITS.rowDescription) }),
    }));
    if (rows.length === 0) break;
    left -= rows.length;
    kept.push({ ...(filled.length > 1 || section.title !== '' ? { title: cut(section.title || '…', LIMITS.sectionTitle) } : {}), rows });
  }
  return kept;
}

function uniqueTitles(max: number): (title: string) => string {
  const used = new Set<string>();
  return (title) => {
    let candidate = cut(title || '…', max);
    for (let n = 1; used.has(candidate); n++) candidate = `${cut(title, max - ` (${n})`.length)} (${n})`;
    used.add(candidate);
    return candidate;
  };
}
