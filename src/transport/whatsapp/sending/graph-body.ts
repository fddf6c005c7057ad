/**
 * Our outbound messages as bodies of the Graph API, inside its limits: too long is cut by grapheme, too many is
 * left out, titles that became equal are told apart. Pure. Source of the limits: the Cloud API's message reference.
 */
import type { OutboundBody, SendInput } from '../../../actors/conversation/protocol.ts';
import { clean } from '../loose.ts';
import { cut } from './graphemes.ts';

const LIMITS = {
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

type GraphBody = Readonly<Record<string, unknown>> & { readonly type: string };

const NOTHING = '…';

/**
 * Always a body that the API takes, whatever was given: buttons or a list without any entry become plain text.
 * With a phone number and a user id the phone wins, as it does at Meta; one of them has to be there.
 */
export function toGraphBody(input: SendInput): GraphBody {
  const address = input.to.waId !== null ? { to: input.to.waId } : { recipient: input.to.userId ?? '' };
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...address,
    ...content(input.body),
    biz_opaque_callback_data: clean(input.opaqueId.slice(0, LIMITS.opaque)),
  };
}

function content(body: OutboundBody): { type: string } & Record<string, unknown> {
  switch (body.kind) {
    case 'text':
      return plain(body.text);
    case 'buttons': {
      const kept = buttons(body.buttons);
      return kept.length === 0 ? plain(body.text) : interactive('button', body.text, { buttons: kept });
    }
    case 'list': {
      const kept = sections(body.sections);
      return kept.length === 0
        ? plain(body.text)
        : interactive('list', body.text, { button: label(body.button, LIMITS.listButton), sections: kept });
    }
    case 'location_request':
      return interactive('location_request_message', body.text, { name: 'send_location' });
  }
}

function plain(text: string): { type: string } & Record<string, unknown> {
  return { type: 'text', text: { body: prose(text, LIMITS.text), preview_url: false } };
}

function interactive(type: string, text: string, action: object): { type: string } & Record<string, unknown> {
  return { type: 'interactive', interactive: { type, body: { text: prose(text, LIMITS.interactiveBody) }, action } };
}

/** An empty body is refused. */
function prose(given: string, max: number): string {
  const text = cut(clean(given), max);
  return text.trim() === '' ? NOTHING : text;
}

/** One line, never empty. */
function label(given: string, max: number): string {
  return cut(clean(given).replace(/\s+/g, ' ').trim(), max) || NOTHING;
}

function buttons(given: Extract<OutboundBody, { kind: 'buttons' }>['buttons']): object[] {
  const title = uniqueTitles(LIMITS.buttonTitle);
  return distinct(given, LIMITS.buttonId)
    .slice(0, LIMITS.buttons)
    .map(({ id, entry }) => ({ type: 'reply', reply: { id, title: title(entry.title) } }));
}

/** Ten rows in all, over all sections; a section needs a title as soon as there are two. */
function sections(given: Extract<OutboundBody, { kind: 'list' }>['sections']): object[] {
  const title = uniqueTitles(LIMITS.rowTitle);
  const used = new Set<string>();
  let left: number = LIMITS.rows;
  const kept: { title: string; rows: object[] }[] = [];
  for (const section of given) {
    if (left === 0 || kept.length === LIMITS.sections) break;
    const rows = distinct(section.rows, LIMITS.rowId, used)
      .slice(0, left)
      .map(({ id, entry }) => ({ id, title: title(entry.title), ...description(entry.description) }));
    if (rows.length === 0) continue;
    left -= rows.length;
    kept.push({ title: section.title, rows });
  }
  const mustName = kept.length > 1;
  return kept.map((section) => ({
    ...(mustName || section.title.trim() !== '' ? { title: label(section.title, LIMITS.sectionTitle) } : {}),
    rows: section.rows,
  }));
}

function description(given: string | undefined): { description?: string } {
  return given === undefined || given.trim() === '' ? {} : { description: label(given, LIMITS.rowDescription) };
}

/** Entries with an id, the first of each; the API refuses doubles. */
function distinct<T extends { readonly id: string }>(
  given: readonly T[],
  idMax: number,
  used = new Set<string>(),
): { id: string; entry: T }[] {
  const kept: { id: string; entry: T }[] = [];
  for (const entry of given) {
    const id = clean(entry.id.slice(0, idMax));
    if (id.trim() === '' || used.has(id)) continue;
    used.add(id);
    kept.push({ id, entry });
  }
  return kept;
}

/** "Kota", "Kota (1)", …: also for titles that became equal by cutting. */
function uniqueTitles(max: number): (title: string) => string {
  const used = new Set<string>();
  return (title) => {
    let candidate = label(title, max);
    for (let n = 1; used.has(candidate); n++) candidate = `${label(title, max - ` (${n})`.length)} (${n})`;
    used.add(candidate);
    return candidate;
  };
}
