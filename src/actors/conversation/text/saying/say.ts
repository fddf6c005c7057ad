/** Saying something in a language: ICU messages from data files, compiled once. Pure. isiXhosa, Sesotho and Afrikaans fall back to English until their files exist. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { Language } from '../../../tenant/protocol.ts';
import { ENGLISH } from './messages-en.ts';
import { ISIZULU } from './messages-zu.ts';

export type MessageKey = keyof typeof ENGLISH;
export type MessageParams = Readonly<Record<string, string | number>>;

const CATALOGUES: Readonly<Partial<Record<Language, Readonly<Record<MessageKey, string>>>>> = { en: ENGLISH, zu: ISIZULU };
/** At most languages x keys entries. */
const compiled = new Map<string, IntlMessageFormat>();

/** Missing params come out empty: a customer must never see a template. Double spaces that this leaves are closed. */
export function say(language: Language, key: MessageKey, params: MessageParams): string {
  const text = CATALOGUES[language]?.[key] ?? ENGLISH[key];
  if (!text.includes('{')) return text;
  const id = `${language}/${key}`;
  let message = compiled.get(id);
  if (message === undefined) {
    message = new IntlMessageFormat(text, language === 'zu' ? 'zu' : 'en', undefined, { ignoreTag: true });
    compiled.set(id, message);
  }
  const values = new Proxy(params, { get: (given, name) => (typeof name === 'string' ? (given[name] ?? '') : undefined), has: () => true });
  return String(message.format(values as Record<string, string>))
    .replace(/ +([!.,])/g, '$1')
    .trim();
}

const SYMBOLS: Readonly<Record<string, string>> = { ZAR: 'R', KES: 'KSh', NGN: '₦', USD: '$', GBP: '£', EUR: '€', BWP: 'P' };
/** Currencies without a minor unit. */
const WHOLE = new Set(['UGX', 'RWF', 'XOF', 'JPY']);

/** "R45" and "R45.50": as prices stand on township boards. @param amountMinor integer minor units. */
export function formatMoney(_language: Language, amountMinor: number, currency: string): string {
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  if (WHOLE.has(currency)) return `${symbol}${amountMinor}`;
  const whole = Math.trunc(Math.abs(amountMinor) / 100);
  const cents = Math.abs(amountMinor) % 100;
  const sign = amountMinor < 0 ? '-' : '';
  return `${sign}${symbol}${whole}${cents === 0 ? '' : `.${String(cents).padStart(2, '0')}`}`;
}
