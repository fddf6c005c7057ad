/** Draws the body of one message as it went to the Graph API, coloured. Told what to show; knows no endpoint. */
import { byId, el } from './dom.js';

/** @param item an outgoing message, or undefined while there is none; @param phoneNumberId of the shop */
export function drawWire(item, phoneNumberId) {
  const wire = byId('wire');
  if (!item?.graph) {
    wire.replaceChildren(el('code', {}, 'Nothing yet. Say “Hi” on the phone.'));
    return;
  }
  const text = JSON.stringify(item.graph, null, 2);
  const parts = text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d+(?:\.\d+)?|\btrue\b|\bfalse\b|\bnull\b)/);
  const kind = (part) => (part.startsWith('"') ? (part.endsWith(':') ? 'k' : 's') : 'n');
  const nodes = parts.map((part, index) => (index % 2 === 0 ? part : el('span', { class: kind(part) }, part)));
  wire.replaceChildren(el('code', {}, `POST /${phoneNumberId}/messages\nstatus: ${item.status}\n\n`, ...nodes));
}
