/** Decimal numbers in text from outside. Pure; must never guess. */

/** Digits, a point, an optional sign: no exponent, no comma, no hexadecimal, nothing around it. */
const DECIMAL = /^-?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})$/;

/** @returns the number that the text spells, or null when it is none: a decimal comma, an exponent, `NaN`, nothing */
export function decimal(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null;
}
