/** Numbers in words and digits, in five languages. Pure. */
import {
  DIGIT_CONCORDS,
  FRACTIONS,
  JOINED_UNITS,
  MULTIPLIERS,
  NUMBER_PARTICLES,
  NUMBER_WORDS,
  POSTPOSED,
  TENS_SUFFIX,
} from '../data/number-words.ts';

/** Longer numbers are all the same: too many. */
const NUMBER_MAX = 999_999_999;

const HUNDRED = 100;

export interface NumberRead {
  /** May be anything that people write: 0, negative, a part of one. */
  readonly value: number;
  /** How many words it takes. */
  readonly words: number;
  /** It belongs to the noun in front of it. */
  readonly behind: boolean;
}

/** @returns the number that starts here: "2", "minus 2", "twenty five", "half a dozen", "one and a half", "tse tharo", "ama-2", "ishumi nambili"; null when none does. */
export function numberAt(tokens: readonly string[], at: number): NumberRead | null {
  const first = tokens[at];
  if (first === undefined) return null;
  if (first === 'minus') {
    const positive = numberAt(tokens, at + 1);
    return positive === null ? null : { ...positive, value: -positive.value, words: positive.words + 1 };
  }
  const fraction = FRACTIONS.get(first);
  if (fraction !== undefined) return partAt(tokens, at, fraction);
  return afterParticle(tokens, at, first) ?? nguniTens(tokens, at, first) ?? plainNumber(tokens, at, first);
}

export function readNumber(token: string): number | null {
  if (token >= '0' && token < ':') return readDigits(token);
  return NUMBER_WORDS.get(token) ?? null;
}

/** "half a dozen" is six; half of anything else is no whole number of it. */
function partAt(tokens: readonly string[], at: number, fraction: number): NumberRead {
  const next = tokens[at + 1] === 'a' || tokens[at + 1] === 'of' ? at + 2 : at + 1;
  const whole = MULTIPLIERS.get(tokens[next] ?? '');
  if (whole !== undefined) return { value: fraction * whole, words: next + 1 - at, behind: false };
  return { value: fraction, words: tokens[at + 1] === 'a' ? 2 : 1, behind: false };
}

function afterParticle(tokens: readonly string[], at: number, first: string): NumberRead | null {
  const second = tokens[at + 1];
  if (second === undefined) return null;
  if (DIGIT_CONCORDS.has(first) && second >= '0' && second < ':') {
    const value = readNumber(second);
    return value === null ? null : { value, words: 2, behind: true };
  }
  if (!NUMBER_PARTICLES.has(first) || second === 'a') return null;
  const value = readNumber(second);
  if (value === null) return null;
  return { value, words: second === 'couple' && tokens[at + 2] === 'of' ? 3 : 2, behind: POSTPOSED.has(second) };
}

/** "ishumi nambili", "amashumi amabili nanhlanu". */
function nguniTens(tokens: readonly string[], at: number, first: string): NumberRead | null {
  let value = 0;
  let words = 0;
  if (first.endsWith(TENS_SUFFIX)) {
    const tens = NUMBER_WORDS.get(tokens[at + 1] ?? '');
    if (tens === undefined) return null;
    value = 10 * tens;
    words = 2;
  } else if (first.endsWith('shumi') && NUMBER_WORDS.has(first)) {
    value = 10;
    words = 1;
  } else return null;
  const unit = JOINED_UNITS.get(tokens[at + words] ?? '');
  return { value: value + (unit ?? 0), words: unit === undefined ? words : words + 1, behind: true };
}

function plainNumber(tokens: readonly string[], at: number, first: string): NumberRead | null {
  const start = readNumber(first);
  if (start === null) return null;
  let value = start;
  let next = at + 1;
  const isTen = value >= 20 && value < HUNDRED && NUMBER_WORDS.has(first);
  const unit = isTen ? NUMBER_WORDS.get(tokens[next] ?? '') : undefined;
  if (unit !== undefined && unit < 10 && (tokens[next] ?? '').length > 2) {
    value += unit;
    next++;
  }
  for (let factor = MULTIPLIERS.get(tokens[next] ?? ''); factor !== undefined; factor = MULTIPLIERS.get(tokens[next] ?? '')) {
    value *= factor;
    next++;
  }
  if (value >= HUNDRED && tokens[next] === 'and') {
    const rest = NUMBER_WORDS.get(tokens[next + 1] ?? '');
    if (rest !== undefined && rest >= 10 && rest < HUNDRED) {
      value += rest;
      next += 2;
    }
  }
  if (tokens[next] === 'and' && tokens[next + 1] === 'a') {
    const part = FRACTIONS.get(tokens[next + 2] ?? '');
    if (part !== undefined) return { value: value + part, words: next + 3 - at, behind: false };
  }
  if (tokens[next] === 'of' && MULTIPLIERS.has(tokens[next - 1] ?? '')) next++;
  return { value: Math.min(NUMBER_MAX, value), words: next - at, behind: POSTPOSED.has(first) };
}

/** "1.000" is a thousand as people write it, "1.5" one and a half. */
function readDigits(token: string): number | null {
  if (/^\d+$/.test(token)) return Math.min(NUMBER_MAX, Number(token));
  if (/^\d{1,3}(?:\.\d{3})+$/.test(token)) return Math.min(NUMBER_MAX, Number(token.replaceAll('.', '')));
  return /^\d+\.\d+$/.test(token) ? Number(token) : null;
}
