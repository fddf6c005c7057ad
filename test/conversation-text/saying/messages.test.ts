/** What we say: every language has every message, and with the longest values it still fits where WhatsApp shows it. */
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../../src/actors/conversation/text/saying/messages-en.ts';
import { ISIZULU } from '../../../src/actors/conversation/text/saying/messages-zu.ts';
import { formatMoney, type MessageKey, say } from '../../../src/actors/conversation/text/saying/say.ts';

const KEYS = Object.keys(ENGLISH) as MessageKey[];
const BUTTON_TITLE_MAX_CHARS = 20;
const ROW_TITLE_MAX_CHARS = 24;
const INTERACTIVE_BODY_MAX_CHARS = 1_024;
/** Characters of values that are bounded where they are made; others are names. */
const LONGEST: Readonly<Record<string, number>> = { lines: 400, address: 300, subtotal: 16, delivery: 16, total: 16, eta_min: 6 };
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).sort();

describe.each([
  ['en', ENGLISH],
  ['zu', ISIZULU],
] as const)('in %s', (language, messages) => {
  it('every message exists and takes the values of the English one', () => {
    expect(Object.keys(messages).sort()).toEqual([...KEYS].sort());
    for (const key of KEYS) {
      expect(messages[key].trim()).not.toBe('');
      expect([key, placeholders(messages[key])]).toEqual([key, placeholders(ENGLISH[key])]);
    }
  });

  it('buttons fit their titles', () => {
    for (const key of KEYS.filter((name) => name.startsWith('button_')))
      expect([key, say(language, key, {}).length <= BUTTON_TITLE_MAX_CHARS]).toEqual([key, true]);
  });

  it('every text fits a message with buttons, with values as long as they come', () => {
    for (const key of KEYS) {
      // Cart and quote bound their lines; names are bounded where they are entered.
      const values = placeholders(ENGLISH[key]).map((name) => [name, 'x'.repeat(LONGEST[name] ?? 200)]);
      expect([key, say(language, key, Object.fromEntries(values)).length <= INTERACTIVE_BODY_MAX_CHARS]).toEqual([key, true]);
    }
    expect(say(language, 'more_row', {}).length).toBeLessThanOrEqual(ROW_TITLE_MAX_CHARS);
    expect(say(language, 'menu_button', {}).length).toBeLessThanOrEqual(BUTTON_TITLE_MAX_CHARS);
  });

  it('no text shows a template, whatever is missing or strange in its values', () => {
    for (const key of KEYS) {
      expect(say(language, key, {})).not.toMatch(/[{}]/);
      expect(say(language, key, Object.fromEntries(placeholders(ENGLISH[key]).map((name) => [name, "<b>'{x}'</b>"])))).toContain(
        placeholders(ENGLISH[key]).length > 0 ? "<b>'{x}'</b>" : '',
      );
    }
  });
});

describe('one minute', () => {
  it.each([
    ['en', '1', 'in 1 minute.'],
    ['en', '5', 'in 5 minutes.'],
    ['en', '1-3', 'in 1-3 minutes.'],
    ['zu', '1', 'emzuzwini ongu-1.'],
    ['zu', '1-3', 'emizuzwini engu-1-3.'],
  ] as const)('is not many, in %s: %s', (language, minutes, expected) => {
    expect(say(language, 'order_eta', { code: 'K7F', minutes })).toContain(expected);
  });

  it.each([
    ['en', 1, 'About 1 minute'],
    ['en', 25, 'About 25 minutes'],
    ['zu', 1, 'Cishe umzuzu ongu-1'],
    ['zu', 25, 'Cishe imizuzu engu-25'],
  ] as const)('is not many in a quote either, in %s: %i', (language, minutes, expected) => {
    expect(say(language, 'quote', { eta_min: minutes }).endsWith(expected)).toBe(true);
  });
});

describe('money', () => {
  it.each([
    [4_500, 'ZAR', 'R45'],
    [4_550, 'ZAR', 'R45.50'],
    [5, 'ZAR', 'R0.05'],
    [-4_550, 'ZAR', '-R45.50'],
    [45, 'UGX', 'UGX 45'],
    [120_000, 'KES', 'KSh1200'],
  ])('%i %s reads %s', (minor, currency, expected) => expect(formatMoney('en', minor, currency)).toBe(expected));
});
