/** The way of the driver's actions over the phone's disk: on it before they go out, off it only with their answer. */
import { expect, it } from 'vitest';
import { type Action, pageModule } from './page-modules.ts';

interface OutboxModule {
  Outbox: new (
    host: object,
  ) => {
    readonly queue: readonly Action[];
    readonly kept: readonly Action[];
    add(key: string, message: object, about: object): Promise<{ readonly added: boolean }>;
    answer(answer: { readonly id: string; readonly ok: boolean }): void;
    opened(): void;
    closed(): void;
  };
}
const { Outbox } = await pageModule<OutboxModule>('session/outbox');

/** A phone on its network whose disk takes the actions of these keys only when it is let. */
function phone(slowKeys: readonly string[]) {
  const disk = new Map<string, Action>();
  const sent: string[] = [];
  let letWrite = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    letWrite = resolve;
  });
  const outbox = new Outbox({
    store: {
      putAction: async (action: Action) => {
        if (slowKeys.includes(action.key)) await slow;
        disk.set(action.id, action);
      },
      dropAction: async (id: string) => void disk.delete(id),
    },
    send: ({ id }: { id: string }) => sent.push(id) > 0,
    newId: (
      (count) => () =>
        `id-${count++}`
    )(0),
    nowMs: () => 2_000_000_000_000,
    random: () => 1,
    changed: () => undefined,
    answered: () => undefined,
    suspect: () => undefined,
  });
  return { outbox, sent, letWrite, onDisk: () => [...disk.keys()] };
}

it('what goes out while the next action is being written stays on the disk until it is answered', async () => {
  const { outbox, sent, letWrite, onDisk } = phone(['b']);
  await outbox.add('a', { type: 'arrived' }, {});
  const writing = outbox.add('b', { type: 'accept' }, {});
  outbox.opened();
  expect(sent).toEqual(['id-0']);
  letWrite();
  await writing;
  expect(onDisk()).toEqual(['id-0', 'id-1']);
  outbox.answer({ id: 'id-0', ok: true });
  expect(onDisk()).toEqual(['id-1']);
  outbox.closed();
});

it('what a newer word has replaced leaves the disk once that one is on it', async () => {
  const { outbox, onDisk } = phone([]);
  await outbox.add('ord', { type: 'delivered', otp: '1111' }, {});
  await outbox.add('ord', { type: 'delivered', otp: '2222' }, {});
  expect(onDisk()).toEqual(['id-1']);
});

it('an action that is not on the disk yet neither goes out nor counts as kept', async () => {
  const { outbox, sent, letWrite } = phone(['a']);
  outbox.opened();
  const writing = outbox.add('a', { type: 'arrived' }, {});
  expect([outbox.queue.length, outbox.kept.length, sent.length]).toEqual([1, 0, 0]);
  letWrite();
  await writing;
  expect([outbox.queue.length, outbox.kept.length, sent.length]).toEqual([1, 1, 1]);
  outbox.closed();
});
