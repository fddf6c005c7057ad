/** Effects whose input the state holds: journaled without it, run with it, resumed with what the state says. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Decision, DomainEvent, DurableBehaviour, EffectHandler } from '../../src/runtime/behaviour.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

interface Letter {
  readonly text: string | null;
}
type Command = { readonly type: 'write'; readonly text: string } | { readonly type: 'posted' } | { readonly type: 'forget' };
type LetterEvent = DomainEvent & { readonly data: Letter };

/** Holds one text and posts it. */
const desk: DurableBehaviour<Letter, Command, LetterEvent> = {
  durable: true,
  kind: 'desk',
  kindCode: 51,
  stateVersion: 1,
  initial: () => ({ text: null }),
  decide(_state, command, context): Decision<LetterEvent> {
    if (command.type === 'write') {
      const { text } = command;
      const effect = { type: 'external', id: context.uniqueId('post'), handler: 'post', input: { text }, inState: true } as const;
      return { ok: true, events: [{ type: 'written', data: { text } }], effects: [effect] };
    }
    return { ok: true, events: [{ type: command.type, data: { text: null } }] };
  },
  evolve: (state, event) => (event.type === 'posted' ? state : event.data),
  effectInput: (_id, state) => (state.text === null ? undefined : { text: state.text }),
};

const a = ref('a', 7, 'desk');
let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

async function startDesk(post: EffectHandler, store?: RuntimeFixture['store']): Promise<void> {
  fixture = await startRuntime({ behaviours: [desk], handlers: { post }, ...(store === undefined ? {} : { store }) });
}

describe('an effect whose input is in the state', () => {
  it('runs with its input and is stored without', async () => {
    const inputs: unknown[] = [];
    await startDesk(async ({ input }) => {
      inputs.push(input);
      return { type: 'posted' };
    });
    await fixture.runtime.ask(a, { type: 'write', text: 'Sawubona' });
    await expect.poll(() => inputs).toEqual([{ text: 'Sawubona' }]);
    const stored = [...fixture.store.rows.values()].flat().flatMap((row) => row.meta.effects ?? []);
    expect(stored).toHaveLength(1);
    expect(stored[0]).not.toHaveProperty('input');
  });

  it('is resumed after a crash with the input that the state gives', async () => {
    await startDesk(() => new Promise(() => undefined));
    await fixture.runtime.ask(a, { type: 'write', text: 'Sawubona' });
    const { store } = fixture;
    await fixture.runtime.close();
    const runs: unknown[] = [];
    await startDesk(async ({ input, resumed }) => {
      runs.push({ input, resumed });
      return { type: 'posted' };
    }, store);
    await expect.poll(() => runs).toEqual([{ input: { text: 'Sawubona' }, resumed: true }]);
  });

  it('is dropped when the state has lost the input', async () => {
    await startDesk(() => new Promise(() => undefined));
    await fixture.runtime.ask(a, { type: 'write', text: 'Sawubona' });
    await fixture.runtime.ask(a, { type: 'forget' });
    const { store } = fixture;
    await fixture.runtime.close();
    const runs: unknown[] = [];
    await startDesk(async ({ input }) => {
      runs.push(input);
      return { type: 'posted' };
    }, store);
    // Awake and answering: what was to be resumed has been.
    expect(await fixture.runtime.ask(a, { type: 'write', text: 'Molo' })).toMatchObject({ ok: true });
    await expect.poll(() => runs).toEqual([{ text: 'Molo' }]);
  });
});
