/** What an operator reads in the log of an outage. */
import { expect, test } from 'vitest';
import { OutageLog } from '../../src/node/outage-log.ts';

test('an outage is told once with its reason, again when the reason changes or much later, and when it is over', async () => {
  const lines: unknown[] = [];
  const keep = ((facts: object, text: string) => lines.push({ ...facts, text: text.slice(0, 26) })) as never;
  let nowMs = 0;
  const log = new OutageLog({ warn: keep, info: keep }, () => nowMs);
  const fail = (reason: string) => log.follow(Promise.reject(Object.assign(new Error(reason), { code: '53100' }))).catch(() => undefined);
  expect(await log.follow(Promise.resolve(1))).toBe(1);
  for (nowMs = 1; nowMs < 5; nowMs++) await fail('No space left on device');
  await fail('gone');
  nowMs = 60_000.25;
  await fail('gone');
  nowMs = 60_000.75;
  await log.follow(Promise.resolve(1));
  await log.follow(Promise.resolve(1));
  expect(lines).toEqual([
    { reason: 'No space left on device', code: '53100', awayMs: 0, text: 'the database cannot be wri' },
    { reason: 'gone', code: '53100', awayMs: 4, text: 'the database cannot be wri' },
    { reason: 'gone', code: '53100', awayMs: 59_999, text: 'the database cannot be wri' },
    { awayMs: 60_000, text: 'the database can be writte' },
  ]);
});
