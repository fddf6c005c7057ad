/**
 * What the Graph API would refuse about one of our message bodies: the sandbox's stand-in for it. Pure; must not
 * share code with what builds bodies, because it is there to find its mistakes.
 */
import { type Json, list, object } from '../loose.ts';

const TEXT_MAX = 4_096;
const BODY_MAX = 1_024;
const OPAQUE_MAX = 512;

/** @returns what is wrong, or null when the API would take it. */
export function graphBodyFault(body: Json): string | null {
  if (body.messaging_product !== 'whatsapp') return 'messaging_product';
  if (body.recipient_type !== 'individual') return 'recipient_type';
  if (body.to === undefined ? !fits(body.recipient, 160) : !/^\d{1,20}$/.test(String(body.to))) return 'to';
  if (body.biz_opaque_callback_data !== undefined && !fits(body.biz_opaque_callback_data, OPAQUE_MAX)) return 'biz_opaque_callback_data';
  if (body.type === 'text') return fits(object(body.text)?.body, TEXT_MAX) ? null : 'text.body';
  if (body.type !== 'interactive') return 'type';
  const interactive = object(body.interactive);
  if (!fits(object(interactive?.body)?.text, BODY_MAX)) return 'interactive.body.text';
  const action = object(interactive?.action);
  switch (interactive?.type) {
    case 'button':
      return buttonsFault(list(action?.buttons));
    case 'list':
      return fits(action?.button, 20) ? sectionsFault(list(action?.sections)) : 'interactive.action.button';
    case 'location_request_message':
      return action?.name === 'send_location' ? null : 'interactive.action.name';
    default:
      return 'interactive.type';
  }
}

function buttonsFault(buttons: readonly unknown[]): string | null {
  if (buttons.length < 1 || buttons.length > 3) return 'interactive.action.buttons';
  const replies = buttons.map((button) => object(object(button)?.reply));
  if (!replies.every((reply) => fits(reply?.id, 256) && fits(reply?.title, 20))) return 'interactive.action.buttons.reply';
  return areUnique(replies, 'title') && areUnique(replies, 'id') ? null : 'interactive.action.buttons not unique';
}

function sectionsFault(sections: readonly unknown[]): string | null {
  if (sections.length < 1 || sections.length > 10) return 'interactive.action.sections';
  const rows: (Json | null)[] = [];
  for (const given of sections) {
    const section = object(given);
    if (section?.title === undefined ? sections.length > 1 : !fits(section.title, 24)) return 'interactive.action.sections.title';
    if (list(section?.rows).length === 0) return 'interactive.action.sections.rows';
    rows.push(...list(section?.rows).map(object));
  }
  if (rows.length > 10) return 'interactive.action.sections.rows';
  const areFitting = rows.every(
    (row) => fits(row?.id, 200) && fits(row?.title, 24) && (row?.description === undefined || fits(row.description, 72)),
  );
  return areFitting && areUnique(rows, 'id') ? null : 'interactive.action.sections.rows';
}

function fits(value: unknown, max: number): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= max;
}

function areUnique(entries: readonly (Json | null)[], key: string): boolean {
  return new Set(entries.map((entry) => entry?.[key])).size === entries.length;
}
