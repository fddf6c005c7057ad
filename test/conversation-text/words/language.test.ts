/** Which language a text is heard in. */
import { expect, test } from 'vitest';
import { hearLanguages, leadingLanguage } from '../../../src/actors/conversation/text/words/language.ts';

const leading = (text: string, among: readonly ('en' | 'zu')[] = ['en', 'zu']) =>
  leadingLanguage(hearLanguages(text), among)?.language ?? null;

test.each([
  ['ngicela ikota', 'zu'],
  ['sicela amakota amabili', 'zu'],
  ['bengicela ikota', 'zu'],
  ['ngithanda ikota', 'zu'],
  ['ngidinga ukudla', 'zu'],
  ['can i get 2 kota please', 'en'],
  ['2 kota', null],
  // One verb says which language it is, however short the message.
  ['nivala nini', 'zu'],
  ['niyaletha e-orlando west', 'zu'],
  ['kuyimalini ukuletha', 'zu'],
  ['nisavulile', 'zu'],
  ['asisayifuni i-coke', 'zu'],
  ['ngifowneleni', 'zu'],
  ['angijabulile', 'zu'],
  ['ikota ibishisile', 'zu'],
  ['uzofika nini', 'zu'],
  ['susa i coke', 'zu'],
  ['kukhona ama scones', 'zu'],
  // Prefixes written apart are no English.
  ['ngicela i kota ne coke', 'zu'],
  ['ngicela i kota i coke', 'zu'],
  ['i want i kota', 'en'],
  // What only begins alike says nothing.
  ['2 kota beside the school', 'en'],
  ['usable single silver angela asking', null],
])('%s is heard as %s', (text, language) => {
  expect(leading(text)).toBe(language);
});

test('a word that several languages have speaks for each of them, short ones for less', () => {
  expect(hearLanguages('met le').af).toBe(2);
  expect(hearLanguages('le')).toMatchObject({ st: 1, en: 0 });
  expect(hearLanguages('een e')).toMatchObject({ af: 2, st: 1 });
});

test('the beginning of a word says something only of languages that do not have the whole word', () => {
  // "ngicela" is a word of isiZulu, and its "ngi" adds nothing to that.
  expect(hearLanguages('ngicela').zu).toBe(2);
  expect(hearLanguages('ngihamba').zu).toBe(1);
  expect(hearLanguages('nge')).toMatchObject({ zu: 0 });
});

test('a word that isiXhosa has, too, casts little doubt on isiZulu', () => {
  const scores = hearLanguages('ngifuna imali yami');
  expect(leadingLanguage(scores)).toMatchObject({ language: 'zu' });
  expect(leadingLanguage(scores)?.confidence).toBeGreaterThanOrEqual(0.7);
  expect(leadingLanguage(hearLanguages('ndifuna imali'))?.language).toBe('xh');
});
