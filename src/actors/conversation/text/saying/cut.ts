/** Shortening a text without splitting what a person sees as one character. Pure. */

const ELLIPSIS = '…';
/** How far back from the cut the start of a character is looked for: families and flags are long, marks can be endless. */
const CHARACTER_MAX_UNITS = 64;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ASCII_ONLY = /^[\n -~]*$/;

/**
 * @param maxChars UTF-16 units, as WhatsApp counts at its strictest; at least 1.
 * @returns the text itself when it fits, else as many whole graphemes as leave room for "…".
 */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const room = Math.max(0, maxChars - ELLIPSIS.length);
  const near = text.slice(Math.max(0, room - 2), room + 2);
  if (ASCII_ONLY.test(near)) return text.slice(0, room) + ELLIPSIS;
  // Only the surroundings of the cut are segmented: the cost does not grow with the text.
  const from = startNear(text, room);
  let end = from;
  for (const { index, segment } of segmenter.segment(text.slice(from, room + CHARACTER_MAX_UNITS))) {
    if (from + index + segment.length > room) break;
    end = from + index + segment.length;
  }
  // One character longer than anything sensible: at least no half of a surrogate pair stays.
  if (end === from) end = isHigh(text.charCodeAt(room - 1)) ? room - 1 : room;
  return text.slice(0, end) + ELLIPSIS;
}

/** A place before the cut where a character surely starts: a plain letter, if there is one. */
function startNear(text: string, room: number): number {
  const from = Math.max(0, room - CHARACTER_MAX_UNITS);
  for (let at = from; at < room - 1; at++) if (text.charCodeAt(at) < 0x80) return at;
  return from;
}

/** Keeps whole lines, at least one, and says how many more there are: "… +3". @param maxChars for all of it. */
export function cutLines(lines: string, maxChars: number): string {
  if (lines.length <= maxChars) return lines;
  const all = lines.split('\n');
  let kept = all.length - 1;
  const short = (): string => `${all.slice(0, kept).join('\n')}\n${ELLIPSIS} +${all.length - kept}`;
  while (kept > 1 && short().length > maxChars) kept--;
  return kept === 0 ? cut(lines, maxChars) : short();
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
