/** Short sentences on top of the screen: each stays until it is read, or for a few seconds when it is good news. */
import { byId, el } from './dom.js';

const SHORT_MS = 5_000;
const NOTICES_MAX = 2;

/** @param tone `good`, `info` or `bad`; bad ones stay until they are tapped away. @param label of the close button */
export function notice(tone, text, label) {
  const list = byId('notices');
  for (const old of [...list.children]) if (old.textContent.startsWith(text)) old.remove();
  const item = el('p', { class: `notice ${tone}` }, el('span', {}, text));
  item.append(el('button', { type: 'button', class: 'round', 'aria-label': label, onclick: () => item.remove() }, '✕'));
  list.append(item);
  while (list.children.length > NOTICES_MAX) list.firstElementChild.remove();
  if (tone !== 'bad') setTimeout(() => item.remove(), SHORT_MS);
}
