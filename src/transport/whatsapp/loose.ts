/** Reading JSON that somebody else shaped: every getter is total and answers null for what is not there. */

export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A non-empty string; numbers are taken as their text. */
export function text(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** A finite number, also when it came as text. */
export function number(value: unknown): number | null {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : null;
}

const TEXT_MAX = 4_096;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what has to go, PostgreSQL refuses it in text.
const NUL = /\u0000/g;

/** Somebody's words, storable: without NUL and lone surrogates, at most 4,096 UTF-16 units and never half a character. */
export function words(value: unknown): string | null {
  const given = text(value);
  if (given === null) return null;
  const clean = given.slice(0, TEXT_MAX).replace(NUL, '').replace(LONE_SURROGATES, '');
  return clean;
}
