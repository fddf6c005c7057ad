/** Short sentences on top of the screen: each stays until it is read, or for a few seconds when it is good news. */
import { byId, el } from '../dom.js';

const SHORT_MS = 5_000;
const NOTICES_MAX = 2;

/** @param tone `good`, `info` or `bad`; bad ones stay until they are tapped away. @param label of the close button; @param about what it is about, for `forgetNotices` */
export function notice(tone, text, label, about = '') {
  const list = byId('notices');
  for (const old of [...list.children]) if (old.textContent.startsWith(text)) old.remove();
  const item = el('p', { class: `notice ${tone}`, 'data-about': about }, el('span', {}, text));
  item.append(el('button', { type: 'button', class: 'round', 'aria-label': label, onclick: () => item.remove() }, '✕'));
  list.append(item);
  while (list.children.length > NOTICES_MAX) list.firstElementChild.remove();
  if (tone !== 'bad') setTimeout(() => item.remove(), SHORT_MS);
}

/** What was said about it has come true otherwise by now. */
export function forgetNotices(about) {
  for (const old of [...byId('notices').children]) if (old.dataset.about === about) old.remove();
}
