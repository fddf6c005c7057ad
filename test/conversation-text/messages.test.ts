/** What we say: every language has every message, and with the longest values it still fits where WhatsApp shows it. */
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../src/actors/conversation/text/data/messages-en.ts';
import { ISIZULU } from '../../src/actors/conversation/text/data/messages-zu.ts';
import { formatMoney, type MessageKey, say } from '../../src/actors/conversation/text/say.ts';

const KEYS = Object.keys(ENGLISH) as MessageKey[];
const BUTTON_TITLE_MAX_CHARS = 20;
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

  it('no text shows a template, whatever is missing or strange in its values', () => {
    for (const key of KEYS) {
      expect(say(language, key, {})).not.toMatch(/[{}]/);
      expect(say(language, key, Object.fromEntries(placeholders(ENGLISH[key]).map((name) => [name, "<b>'{x}'</b>"])))).toContain(
        placeholders(ENGLISH[key]).length > 0 ? "<b>'{x}'</b>" : '',
      );
    }
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
