/** Numbers in words and digits, in five languages. Pure. */
import { NUMBER_PARTICLES, NUMBER_WORDS, POSTPOSED } from './data/number-words.ts';

/** Longer numbers are all the same: too many. */
const NUMBER_MAX = 999_999_999;

/** @returns the number that starts here, how many words it takes, and whether it belongs behind its noun; "half a dozen", "a mabedi", "tse tharo". */
export function numberAt(tokens: readonly string[], at: number): { value: number; words: number; behind: boolean } | null {
  const first = tokens[at];
  if (first === undefined) return null;
  const second = tokens[at + 1];
  if (first === 'half' && (second === 'dozen' || (second === 'a' && tokens[at + 2] === 'dozen')))
    return { value: 6, words: second === 'a' ? 3 : 2, behind: false };
  if (second !== undefined && (NUMBER_PARTICLES.has(first) || first === 'a')) {
    const behind = readNumber(second);
    if (behind !== null && second !== 'a')
      return { value: behind, words: second === 'couple' && tokens[at + 2] === 'of' ? 3 : 2, behind: POSTPOSED.has(second) };
  }
  const value = readNumber(first);
  return value === null ? null : { value, words: 1, behind: POSTPOSED.has(first) };
}

export function readNumber(token: string): number | null {
  if (token >= '0' && token < ':') return readDigits(token);
  return NUMBER_WORDS.get(token) ?? null;
}

/** "1.000" is a thousand as people write it, "1.5" one and a half. */
function readDigits(token: string): number | null {
  if (/^\d+$/.test(token)) return Math.min(NUMBER_MAX, Number(token));
  if (/^\d{1,3}(?:\.\d{3})+$/.test(token)) return Math.min(NUMBER_MAX, Number(token.replaceAll('.', '')));
  return /^\d+\.\d+$/.test(token) ? Number(token) : null;
}
