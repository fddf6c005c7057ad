/** Draws the body of one message as it went to the Graph API, coloured, and steps to the one before or after. Told what to show; knows no endpoint. */
import { byId, el } from './dom.js';

const older = byId('wire-older');
const newer = byId('wire-newer');
let step = () => undefined;
/** Draws again what was drawn last, once nothing is selected any more in a body that was held for it; null while none is held. */
let letGo = null;
older.addEventListener('click', () => stepTo(-1));
newer.addEventListener('click', () => stepTo(1));
document.addEventListener('selectionchange', () => {
  if (!hasSelection()) letGo?.();
});

function stepTo(by) {
  if (hasSelection()) getSelection().removeAllRanges();
  step(by);
}

function hasSelection() {
  const selection = getSelection();
  return !selection.isCollapsed && byId('wire').contains(selection.anchorNode);
}

/** Not `disabled`: who steps by keyboard keeps the focus at the end of the way. */
const allow = (button, isPossible) => button.setAttribute('aria-disabled', String(!isPossible));

/** @param sent what went out, oldest first; @param chosenId of one of them, or null for the newest; @param phoneNumberId of the shop; @param choose gets the id of another, or null for the newest */
export function drawWire(sent, chosenId, phoneNumberId, choose) {
  // A newer message does not take away what somebody is about to copy.
  const isHeld = chosenId === null && hasSelection();
  const chosen = sent.findIndex(({ id }) => id === (isHeld ? drawn.id : chosenId));
  letGo = isHeld ? () => drawWire(sent, chosenId, phoneNumberId, choose) : null;
  const at = chosen === -1 ? sent.length - 1 : chosen;
  byId('wire-steps').hidden = sent.length < 2;
  allow(older, at > 0);
  allow(newer, at < sent.length - 1);
  step = (by) => {
    const to = at + by;
    if (to >= 0 && to < sent.length) choose(to === sent.length - 1 ? null : sent[to].id);
  };
  const words = at === sent.length - 1 ? 'Newest message' : `Message ${at + 1}`;
  // A screen reader says again what is written again.
  if (byId('wire-at').textContent !== words) byId('wire-at').textContent = words;
  drawBody(sent[at], phoneNumberId);
}

/** What stands in the panel: the message's words as JSON, and the node of its status, the only part that goes on. */
let drawn = { id: null, text: null, status: null };

/** The same body is left alone while its receipts come in: what is selected in it or scrolled to stays. */
function drawBody(item, phoneNumberId) {
  const wire = byId('wire');
  if (!item?.graph) {
    if (drawn.text !== null) wire.replaceChildren(el('code', {}, 'Nothing yet. Say “Hi” on the phone.'));
    drawn = { id: null, text: null, status: null };
    return;
  }
  const body = JSON.stringify(item.graph, null, 2);
  const text = `${item.id} ${body}`;
  if (drawn.text === text) {
    if (drawn.status.data !== item.status) drawn.status.data = item.status;
    return;
  }
  drawn = { id: item.id, text, status: document.createTextNode(item.status) };
  const parts = body.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d+(?:\.\d+)?|\btrue\b|\bfalse\b|\bnull\b)/);
  const kind = (part) => (part.startsWith('"') ? (part.endsWith(':') ? 'k' : 's') : 'n');
  const nodes = parts.map((part, index) => (index % 2 === 0 ? part : el('span', { class: kind(part) }, part)));
  wire.replaceChildren(el('code', {}, `POST /${phoneNumberId}/messages\nstatus: `, drawn.status, '\n\n', ...nodes));
  wire.scrollTop = 0;
}
