/** When an effect that is under way hears that it has to stop. */
import { afterEach, expect, it } from 'vitest';
import type { EffectHandler } from '../../src/runtime/behaviour.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

let fixture: RuntimeFixture;
const signals = new Map<string, AbortSignal>();
/** Never done; keeps what it was given to listen to. */
const echo: EffectHandler = ({ ref: of, signal }) => {
  signals.set(of.id, signal);
  return new Promise(() => undefined);
};

afterEach(async () => {
  signals.clear();
  await fixture.runtime.close();
});

it('an effect stops with its thread', async () => {
  fixture = await startRuntime({ handlers: { echo } });
  await fixture.runtime.ask(ref('a', 7), { type: 'call' });
  await expect.poll(() => signals.size).toBe(1);
  expect(signals.get('a')?.aborted).toBe(false);
  await fixture.runtime.close();
  expect(signals.get('a')?.aborted).toBe(true);
});

it('an effect stops when another owner takes its shard, those of other shards go on', async () => {
  fixture = await startRuntime({ handlers: { echo } });
  await fixture.runtime.ask(ref('lost', 7), { type: 'call' });
  await fixture.runtime.ask(ref('kept', 8), { type: 'call' });
  await expect.poll(() => signals.size).toBe(2);
  fixture.store.epochs.set(7, 99);
  await fixture.runtime.ask(ref('lost', 7), { type: 'add', amount: 1 });
  await expect.poll(() => signals.get('lost')?.aborted).toBe(true);
  expect(signals.get('kept')?.aborted).toBe(false);
});

it('many effects of one shard may listen at once without a warning of a leak', async () => {
  const warnings: Error[] = [];
  const heard = (warning: Error): number => warnings.push(warning);
  process.on('warning', heard);
  fixture = await startRuntime({ handlers: { echo } });
  for (let n = 0; n < 12; n++) await fixture.runtime.ask(ref(`a${n}`, 7), { type: 'call' });
  await expect.poll(() => signals.size).toBe(12);
  for (const signal of signals.values()) signal.addEventListener('abort', () => undefined);
  // Node tells of it in the next turn.
  await new Promise(setImmediate);
  process.off('warning', heard);
  expect(warnings).toEqual([]);
});
