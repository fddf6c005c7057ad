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

/** Longest text of a message, as Meta allows it. */
const TEXT_MAX = 4_096;
/** Ids become database keys, where a page bounds them; Meta's are under 200 characters. */
const ID_MAX = 512;
/** Names of types, fields and statuses. */
const NAME_MAX = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what has to go, PostgreSQL refuses it in text.
const SUSPECT = /[\u0000\ud800-\udfff]/;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Without NUL and lone surrogates. */
export function clean(given: string): string {
  return SUSPECT.test(given) ? given.replaceAll('\0', '').replace(LONE_SURROGATES, '') : given;
}

/** Somebody's words, storable: without NUL and lone surrogates, at most 4,096 UTF-16 units and never half a character; null when nothing is left. */
export function words(value: unknown): string | null {
  const given = text(value);
  if (given === null || (given.length <= TEXT_MAX && !SUSPECT.test(given))) return given;
  const kept = given.replaceAll('\0', '').slice(0, TEXT_MAX).replace(LONE_SURROGATES, '');
  return kept === '' ? null : kept;
}

/** An identifier. @returns null when it is longer than any of Meta's: cut short it would name something else. */
export function identifier(value: unknown): string | null {
  const id = words(value);
  return id === null || id.length > ID_MAX ? null : id;
}

/** The name of a type, field or status, cut to a bounded length. */
export function name(value: unknown): string | null {
  const given = text(value);
  return words(given !== null && given.length > NAME_MAX ? given.slice(0, NAME_MAX) : given);
}

/** Set as people and address books set them: any space and any dash, marks of the writing's direction. */
const PHONE = /^[\p{Cf}\p{Zs}]{0,8}\+?[\d\p{Zs}\p{Pd}\p{Cf}().]{1,32}$/u;
/** E.164: country code and all. */
const PHONE_MAX_DIGITS = 15;

/**
 * Digits of a phone number. @returns null for everything else, so that no user id or placeholder turns into a number, and no row of digits
 * that no phone can have goes out to Meta. How few may be one is not laid down.
 */
export function phone(value: unknown): string | null {
  const given = text(value);
  if (given === null || !PHONE.test(given)) return null;
  const digits = given.replace(/\D/g, '');
  return digits === '' || digits.length > PHONE_MAX_DIGITS ? null : digits;
}

/** A business-scoped user id: country, `ENT` for linked portfolios, up to 128 letters and digits. */
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** A user id. @returns null for everything else: Meta sends nothing to it, so it must become nobody's. */
export function userId(value: unknown): string | null {
  return typeof value === 'string' && USER_ID.test(value) ? value : null;
}
