/** What a log shows when the same goes wrong very often. */
import { expect, it } from 'vitest';
import { calm } from '../../src/node/calm-log.ts';
import { createLog } from '../../src/observability/log.ts';

function calmed(level = 'warn') {
  const lines: { readonly msg: string; readonly n?: number; readonly withheld?: number }[] = [];
  const spans: (() => void)[] = [];
  const log = calm(
    createLog({ level, destination: { write: (line) => void lines.push(JSON.parse(line)) } }),
    (_ms, task) => void spans.push(task),
  );
  return { lines, log, endSpan: () => spans.shift()?.() };
}

it('a thousand warnings with one text are five lines and, once a span, how many more there were with the facts of the newest', () => {
  const { lines, log, endSpan } = calmed();
  for (let n = 0; n < 1_000; n++) log.warn({ n }, 'not durable');
  expect(lines.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
  endSpan();
  expect(lines.slice(5)).toMatchObject([{ msg: 'not durable', n: 999, withheld: 995 }]);
  log.warn({ n: 1_000 }, 'not durable');
  expect(lines).toHaveLength(6);
  endSpan();
  expect(lines.slice(6)).toMatchObject([{ n: 1_000, withheld: 1 }]);
});

it('what has gone by is told at once when it comes back, without a line about nothing', () => {
  const { lines, log, endSpan } = calmed();
  for (let n = 0; n < 6; n++) log.warn({}, 'not durable');
  endSpan();
  endSpan();
  log.warn({}, 'not durable');
  expect(lines.map(({ withheld }) => withheld)).toEqual([undefined, undefined, undefined, undefined, undefined, 1, undefined]);
});

it('other texts, other levels and what is no trouble pass unhindered', () => {
  const { lines, log } = calmed('info');
  for (let n = 0; n < 6; n++) {
    log.warn({}, 'not durable');
    log.info({}, 'not durable');
    log.error({}, 'not durable');
  }
  log.warn({}, 'something else');
  expect(lines).toHaveLength(5 + 6 + 5 + 1);
});

it('an error given alone keeps its text and its place in the code', () => {
  const { lines, log, endSpan } = calmed();
  for (let n = 0; n < 7; n++) log.error({ err: new Error(`no room ${n}`) }, 'request failed');
  endSpan();
  expect(lines.at(-1)).toMatchObject({ msg: 'request failed', withheld: 2, err: { message: 'no room 6', stack: expect.any(String) } });
});
