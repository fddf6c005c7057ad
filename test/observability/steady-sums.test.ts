/** Counters that a monitor can trust, whatever becomes of the threads behind them. */
import { afterEach, expect, test } from 'vitest';
import { Metrics, mergeMetrics } from '../../src/observability/metrics.ts';
import { SteadySums } from '../../src/observability/steady-sums.ts';

const made: Metrics[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.stop();
});

/** A thread that has counted `count` and holds `level`. */
function thread(count: number, level: number): Metrics {
  const one = new Metrics();
  made.push(one);
  one.tally('wakala_sent_messages_total', 'x', () => count);
  one.gauge('wakala_level_actors', 'x', { read: () => level });
  one.histogram('wakala_wait_seconds', 'x', [], [1]).observe(0.5);
  return one;
}

async function shown(sums: SteadySums, lives: readonly { thread: number; restarts: number; of: Metrics }[]): Promise<string[]> {
  const reports = await Promise.all(lives.map(async ({ thread, restarts, of }) => ({ thread, restarts, metrics: await of.collect() })));
  const text = await mergeMetrics(await sums.add(structuredClone(reports)));
  return text.split('\n').filter((line) => /^wakala_(sent_messages|level_actors|wait_seconds_count)/.test(line));
}

test('sums over threads never go down: neither with a thread that is silent for once, nor with one that was replaced, again and again', async () => {
  const sums = new SteadySums();
  const first = { thread: 0, restarts: 0, of: thread(10, 1) };
  const other = { thread: 1, restarts: 0, of: thread(5, 2) };
  expect(await shown(sums, [first, other])).toEqual([
    'wakala_sent_messages_total 15',
    'wakala_level_actors 3',
    'wakala_wait_seconds_count 2',
  ]);
  expect(await shown(sums, [first])).toEqual(['wakala_sent_messages_total 15', 'wakala_level_actors 1', 'wakala_wait_seconds_count 2']);
  const second = { thread: 1, restarts: 1, of: thread(1, 4) };
  expect(await shown(sums, [first, second])).toEqual([
    'wakala_sent_messages_total 16',
    'wakala_level_actors 5',
    'wakala_wait_seconds_count 3',
  ]);
  const third = { thread: 1, restarts: 2, of: thread(2, 4) };
  expect(await shown(sums, [first, third])).toEqual([
    'wakala_sent_messages_total 18',
    'wakala_level_actors 5',
    'wakala_wait_seconds_count 4',
  ]);
  expect(await shown(sums, [first, third])).toEqual([
    'wakala_sent_messages_total 18',
    'wakala_level_actors 5',
    'wakala_wait_seconds_count 4',
  ]);
});

test('a figure that somebody else keeps is exported as a counter, and a reset of it is no step down', async () => {
  let count = 4;
  const one = new Metrics();
  made.push(one);
  one.tally('wakala_sent_messages_total', 'x', () => count);
  const text = async () => await mergeMetrics([structuredClone(await one.collect())]);
  expect(await text()).toContain('# TYPE wakala_sent_messages_total counter\nwakala_sent_messages_total 4\n');
  count = 1;
  expect(await text()).toContain('wakala_sent_messages_total 4\n');
  count = 3;
  expect(await text()).toContain('wakala_sent_messages_total 6\n');
});
