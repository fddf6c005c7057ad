/** Values in journal columns: what is kept of one keeps nothing else. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { decode, encode } from '../../src/persistence/postgres/encoding.ts';

it('lets go of a payload although a text of it is kept', () => {
  const PAYLOADS = 2_000;
  const WORDS = 200;
  const WORD_CHARS = 20;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const payloads = Array.from({ length: PAYLOADS }, (_, i) =>
    encode(Array.from({ length: WORDS }, (_, n) => `${i}/${n} `.padEnd(WORD_CHARS, 'kota '))),
  );
  const firstWord = (payload: Buffer | null): string => (decode(payload) as string[])[0] as string;
  firstWord(payloads[0] as Buffer);
  collect();
  const before = process.memoryUsage().heapUsed;
  const words = payloads.map(firstWord);
  collect();
  expect((process.memoryUsage().heapUsed - before) / PAYLOADS).toBeLessThan((WORDS * WORD_CHARS) / 8);
  expect(words.at(-1)).toBe('1999/0 kota kota kot');
});

it('gives back what was stored, whatever its length and letters', () => {
  const texts = ['', 'ngiyabonga', 'kota, 2 × «Spécial»', '👍🏾'.repeat(40), 'a\u0000b', 'x'.repeat(70_000), 'é'.repeat(300)];
  const value = { texts, [texts[2] as string]: texts[3], nested: { list: [1, -1, 1.5, 2 ** 40, null, true], empty: {} } };
  expect(decode(encode(value))).toEqual(value);
  expect(decode(encode(undefined))).toBeNull();
});
