/** Times as devices write them, to unix milliseconds. Pure; must never know the present time. */

const SECONDS_BELOW = 2 ** 31;
const MILLISECONDS_BELOW = 1e14;
const MICROSECONDS_BELOW = 1e17;

/** A decimal number of seconds or milliseconds, no exponent, no comma. */
const NUMBER = /^\d{1,17}(\.\d{1,9})?$/;
/** A `+` of an offset arrives as a space where a query was not escaped. */
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:Z|([+\- ])(\d\d):?(\d\d))?$/i;

/**
 * @param time seconds (below 2^31), milliseconds (below 1e14) or microseconds (below 1e17) since 1970, or an ISO 8601 date with
 *   time; without an offset it is UTC
 * @returns whole unix milliseconds, or null when it is none of these
 */
export function repairTime(time: unknown): number | null {
  if (typeof time === 'number') return repairNumber(time);
  if (typeof time !== 'string') return null;
  return NUMBER.test(time) ? repairNumber(Number(time)) : parseIso(time);
}

function repairNumber(time: number): number | null {
  if (!(time >= 0)) return null;
  if (time < SECONDS_BELOW) return Math.round(time * 1_000);
  if (time < MILLISECONDS_BELOW) return Math.round(time);
  return time < MICROSECONDS_BELOW ? Math.round(time / 1_000) : null;
}

function parseIso(given: string): number | null {
  const match = ISO.exec(given);
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [month, day, hour, minute, second] = [part(2), part(3), part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const millis = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1_000);
  const offsetMin = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const utcMs = Date.UTC(part(1), month - 1, day, hour, minute, second, millis);
  // The 31st of June became the 1st of July.
  if (new Date(utcMs - second * 1_000 - millis).getUTCDate() !== day) return null;
  return utcMs - offsetMin * 60_000;
}
