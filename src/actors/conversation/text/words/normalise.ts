/** A chat text as plain words: one alphabet case, no marks that cannot be seen, emoji counted and taken out. Pure. */
import { DASHED_PREFIXES } from './spelling.ts';

export interface PlainText {
  /** Lower case words and numbers, single spaces. */
  readonly words: string;
  /** The same, with a comma as a word of its own wherever the writer separated: comma, line, sentence. An ampersand is "n". */
  readonly parts: string;
  /** The text as a person would read it back: trimmed, invisible marks gone. */
  readonly text: string;
  readonly hadEmoji: boolean;
}

const MAX_CHARS = 4_096;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const KEYCAP = /([0-9])\ufe0f?\u20e3/g;
const EMOJI = /(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\ufe0f|\u200d|\u20e3)+/gu;
const VULGAR_FRACTIONS = /[¼½¾⅓⅔]/g;
const FRACTION_VALUES: Readonly<Record<string, string>> = { '¼': ' 0.25 ', '½': ' 0.5 ', '¾': ' 0.75 ', '⅓': ' 0.33 ', '⅔': ' 0.67 ' };
/** Arabic, eastern Arabic and Devanagari digits. */
const FOREIGN_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;
const FOREIGN_ZEROS = [0x660, 0x6f0, 0x966];
const SEPARATORS = /[,;!?+|\n]+/g;
/** "2-3 kota": one or the other. */
const RANGE = /(?<![\d-])(\d{1,2}) ?- ?(\d{1,2})(?=[\s,.]|$)/g;
const SIGN = /(^|\s)[-−](?=\d)/g;

/** Most texts: nothing to separate and nothing to take out. */
const WORDS_ONLY = /^[a-zA-Z0-9 ]*$/;
/** Nothing here needs the care that Unicode does. */
const ASCII = /^[\n -~]*$/;

/** The last one: several look at the same text one after another. */
let seen = '';
let seenAs: PlainText = { words: '', parts: '', text: '', hadEmoji: false };

/** @param given any string; what is beyond 4,096 characters is not looked at. */
export function normalise(given: string): PlainText {
  if (given !== seen) {
    seenAs = plainOf(given);
    seen = given;
  }
  return seenAs;
}

function plainOf(given: string): PlainText {
  if (given.length <= MAX_CHARS && WORDS_ONLY.test(given)) {
    const text = given.trim().replace(/ {2,}/g, ' ');
    const words = ungrouped(text.toLowerCase());
    return { words, parts: words, text, hadEmoji: false };
  }
  if (given.length <= MAX_CHARS && ASCII.test(given)) {
    const text = given.trim();
    return { ...wordsAndParts(separated(text.toLowerCase()), /[^a-z0-9., ]+/g), text: text.replace(/\s+/g, ' '), hadEmoji: false };
  }
  const text = given
    .slice(0, MAX_CHARS)
    .replace(LONE_SURROGATES, '')
    .replace(KEYCAP, ' $1 ')
    .replace(VULGAR_FRACTIONS, (sign) => FRACTION_VALUES[sign] ?? ' ')
    .normalize('NFKC')
    .replace(FOREIGN_DIGITS, asciiDigit)
    .replace(INVISIBLE, (mark) => (mark === '\u200d' ? mark : ''))
    .trim();
  const withoutEmoji = text.replace(EMOJI, ' ');
  const marked = NO_MARK.test(text) ? withRefusals(text) : null;
  const plain = separated(
    withoutEmoji
      .toLowerCase()
      .normalize('NFD')
      .replace(/\p{M}+/gu, ''),
  );
  const { words, parts } = wordsAndParts(plain, /[^\p{L}\p{N}., ]+/gu);
  return {
    words,
    parts: marked === null ? parts : normalise(marked).parts,
    text: text.replace(/\s+/g, ' '),
    // By content: some pictures are as long as the blank in their place.
    hadEmoji: withoutEmoji !== text,
  };
}

/** Signs that join or separate become words, commas or nothing. */
function separated(text: string): string {
  const listed = text.includes('\n') ? withoutBullets(text) : LIST_BEGINS.test(text) ? unlisted(text) : text;
  const dashed = /[-−]/.test(listed) ? signed(listed.replace(RANGE, range)).replace(/(?<![a-z])([a-z]+)-(?=[a-z])/g, joinPrefix) : listed;
  return ungrouped(dashed)
    .replace(/['’`]/g, ' ')
    .replace(/&/g, ' n ')
    .replace(/@(?= ?r?\d)/g, ' at ')
    .replace(/(\d+) ?\/ ?(\d+)/g, share)
    .replace(/(\d)[.,](\d)/g, '$1.$2')
    .replace(/(?<!\d)\.|\.(?!\d)/g, ',')
    .replace(SEPARATORS, ' , ');
}

/** "1 000 kota" and "1,000,000" are one number; "082 100 0000" is a telephone's. */
function ungrouped(text: string): string {
  return text.includes('000')
    ? text.replace(
        /(?<![\d.,] ?)\b([1-9]\d{0,2})((?:[ ,]000)+)\b(?! ?\d)/g,
        (_given, first: string, rest: string) => first + rest.replace(/[ ,]/g, ''),
      )
    : text;
}

function wordsAndParts(separated: string, other: RegExp): { words: string; parts: string } {
  const parts = separated.replace(other, ' ').replace(/ {2,}/g, ' ').trim();
  const words = parts.includes(',') ? parts.replace(/[, ]+/g, ' ').trim() : parts;
  return { words, parts };
}

/** "1. kota 2. coke" on one line. */
const LIST_BEGINS = /(?:^|:) ?1 ?[.)](?!\d)/;
const LISTED_NUMBER = /(?<![\p{L}\d(])(\d{1,2}) ?[.)](?!\d) ?(?=[\p{L}\d])/gu;

/** The numbers of a list that counts on from one are no quantities; any others stay. */
function unlisted(text: string): string {
  const numbers = [...text.matchAll(LISTED_NUMBER)].map(([, number]) => Number(number));
  return numbers.length > 1 && numbers.every((number, at) => number === at + 1) ? text.replace(LISTED_NUMBER, ' , ') : text;
}

const BULLET = /^\s*[-–•*]\s*/;
/** With a blank behind it no dash is a minus. */
const SPACED_BULLET = /^\s*[-–•*]\s+/;
const LIST_NUMBER = /^\s*(\d+)\s*[.)](?!\d)\s*/;

/** Bullets and "1." "2." in front of the lines of a list are no part of what it lists, whatever else stands above, below or between. */
function withoutBullets(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return text;
  const bullet = lines.every((line) => BULLET.test(line)) ? BULLET : SPACED_BULLET;
  return unnumbered(lines.map((line) => line.replace(bullet, ''))).join('\n');
}

/** A list is numbered from one on; "1. kota" alone may be a quantity. */
function unnumbered(lines: readonly string[]): readonly string[] {
  let last = 0;
  const listed = lines.map((line) => {
    if (Number(LIST_NUMBER.exec(line)?.[1]) !== last + 1) return line;
    last++;
    return line.replace(LIST_NUMBER, '');
  });
  return last > 1 ? listed : lines;
}

/** One dash in front of a number is a minus; several are the dashes of a list. */
function signed(text: string): string {
  return text.match(SIGN)?.length === 1 ? text.replace(SIGN, '$1minus ') : text;
}

/** "ama-vetkoek" stays one word, "forty-two" and "full-house" are two. */
function joinPrefix(_given: string, left: string): string {
  return DASHED_PREFIXES.has(left) ? left : `${left} `;
}

function range(given: string, low: string, high: string): string {
  return Number(low) >= 1 && Number(low) < Number(high) ? `${low} or ${high}` : given;
}

function share(_given: string, above: string, below: string): string {
  const value = Number(above) / Number(below);
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '0';
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = FOREIGN_ZEROS.find((start) => code >= start && code <= start + 9) ?? code;
  return String(code - zero);
}

/** Signs that refuse what they stand beside, and those that want it. */
const NO_MARK = /[❌🚫⛔✖]/u;
const MARKS = /([❌🚫⛔✖✅✔☑])\ufe0f?/gu;
const SAID_REFUSED = /\b(?:no|not|without|don.?t|remove|ngaphandle|sonder|angifuni)\b/i;

/** "kota ❌ coke ✅" and "✅ coke ❌ kota": a mark is of the words in front of it when the text ends with one, else of those behind it. */
function withRefusals(text: string): string | null {
  const pieces = text
    .trim()
    .split(MARKS)
    .map((piece) => piece.trim());
  const [first = ''] = pieces;
  const last = pieces[pieces.length - 1] ?? '';
  const isBehind = first !== '' && last === '';
  const said: string[] = isBehind || first === '' ? [] : [first];
  for (let at = 1; at < pieces.length; at += 2) {
    const words = (isBehind ? pieces[at - 1] : pieces[at + 1]) ?? '';
    if (words === '') continue;
    said.push(NO_MARK.test(pieces[at] ?? '') && !SAID_REFUSED.test(words) ? `without ${words}` : words);
  }
  return said.length === 0 ? null : said.join(', ').replace(MARKS, ' ');
}
