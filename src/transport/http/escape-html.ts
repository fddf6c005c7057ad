/** Text as HTML: never as markup. Must never know what the text says. */

/** @returns the text as HTML shows it, also inside of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @returns a sentence as HTML, with what stands in `backticks` as code. */
export function proseHtml(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
