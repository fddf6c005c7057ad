/** A chat text as plain words: one alphabet case, no marks that cannot be seen, emoji counted and taken out. Pure. */

export interface PlainText {
  /** Lower case words and numbers, single spaces. */
  readonly words: string;
  /** The text as a person would read it back: trimmed, invisible marks gone. */
  readonly text: string;
  readonly hadEmoji: boolean;
}

const MAX_CHARS = 4_096;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const KEYCAP = /([0-9])\ufe0f?\u20e3/g;
const EMOJI = /(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\ufe0f|\u200d|\u20e3)+/gu;

/** Nothing here needs the care that Unicode does; no dash, dot, comma or apostrophe either. */
const PLAIN = /^[a-zA-Z0-9 !?&+*()]*$/;

export function normalise(given: string): PlainText {
  if (given.length <= MAX_CHARS && PLAIN.test(given)) {
    const text = given.trim().replace(/ {2,}/g, ' ');
    return {
      words: text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .trim(),
      text,
      hadEmoji: false,
    };
  }
  const text = given
    .slice(0, MAX_CHARS)
    .replace(LONE_SURROGATES, '')
    .replace(KEYCAP, ' $1 ')
    .normalize('NFKC')
    .replace(INVISIBLE, (mark) => (mark === '\u200d' ? mark : ''))
    .trim();
  const withoutEmoji = text.replace(EMOJI, ' ');
  const words = withoutEmoji
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    // "ama-vetkoek" and "i-coke" stay one word; a dash between words separates.
    .replace(/(?<=[a-z])-(?=[a-z])/g, '')
    .replace(/['’`]/g, ' ')
    .replace(/(\d)[.,](\d)/g, '$1.$2')
    .replace(/(?<!\d)\.|\.(?!\d)/g, ' ')
    .replace(/[^\p{L}\p{N}. ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { words, text: text.replace(/\s+/g, ' '), hadEmoji: withoutEmoji.length !== text.length };
}
