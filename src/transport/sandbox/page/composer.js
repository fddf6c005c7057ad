/** The field that a message is written in: as high as its lines, sent by Enter, broken by Shift and Enter. Must never send by itself. */
import { byId } from './dom.js';

const field = byId('text');

/** So many lines are seen at once as the style sheet allows; the rest scrolls. To be called again when it comes into sight: out of sight it has no height. */
export function fitComposer() {
  field.style.height = 'auto';
  if (field.scrollHeight > 0) field.style.height = `${field.scrollHeight}px`;
}

/** @param send takes the text and returns whether it is on its way; @param full is told when nothing more fits in */
export function startComposer(send, full) {
  const form = byId('composer');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text !== '') send(text);
    fitComposer();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    // While a word is put together (Chinese, Amharic by keyboard), Enter takes the word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  field.addEventListener('input', () => {
    fitComposer();
    if (field.value.length >= field.maxLength) full(field.maxLength);
  });
  // The width decides how many lines there are.
  addEventListener('resize', fitComposer);
}
