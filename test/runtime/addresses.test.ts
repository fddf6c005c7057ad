/** One id under several tenants and kinds is several actors, in whatever order messages come. */
import { expect, test } from 'vitest';
import type { VolatileBehaviour } from '../../src/runtime/behaviour.ts';
import { counter, ref, startRuntime } from '../support/runtime.ts';

const tally: VolatileBehaviour<number, unknown> = {
  durable: false,
  kind: 'tally',
  initial: () => 0,
  receive(state, _message, context) {
    context.reply(state + 1);
    return state + 1;
  },
};

test('messages that alternate between tenants and kinds never reach the namesake', async () => {
  const { runtime } = await startRuntime({ behaviours: [counter, tally] });
  const [one, two] = [ref('same', 7, 'counter', 1), ref('same', 7, 'counter', 2)];
  const [mine, yours] = [ref('same', 7, 'tally', 1), ref('same', 7, 'tally', 2)];
  for (let round = 1; round <= 3; round++) {
    expect(await runtime.ask(one, { type: 'add', amount: 1 })).toMatchObject({ ok: true, value: round });
    expect(await runtime.ask(mine, null)).toMatchObject({ ok: true, value: round });
    expect(await runtime.ask(yours, null)).toMatchObject({ ok: true, value: round });
    expect(await runtime.ask(two, { type: 'add', amount: 10 })).toMatchObject({ ok: true, value: 10 * round });
  }
  expect(runtime.entities).toBe(4);
  await runtime.close();
});
