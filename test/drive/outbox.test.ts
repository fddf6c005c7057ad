/** The way of the driver's actions over the phone's disk: on it before they go out, off it only with their answer. */
import { expect, it } from 'vitest';
import { type Action, pageModule } from './page-modules.ts';

interface OutboxModule {
  Outbox: new (
    host: object,
  ) => {
    readonly queue: readonly Action[];
    readonly kept: readonly Action[];
    load(): Promise<void>;
    add(key: string, message: object, about: object): Promise<{ readonly added: boolean }>;
    answer(answer: { readonly id: string; readonly ok: boolean }): void;
    opened(): void;
    closed(): void;
    stop(): void;
  };
}
const { Outbox } = await pageModule<OutboxModule>('session/outbox');

interface Disk {
  /** Actions of these keys are taken only when it is let. */
  readonly slow?: readonly string[];
  /** Actions of these types are refused, as when it is full. */
  readonly refuses?: readonly string[];
  readonly holds?: readonly Action[];
}

/** A phone on its network; the disk answers what it is asked at the start only when it is let. */
function phone({ slow = [], refuses = [], holds = [] }: Disk) {
  const disk = new Map(holds.map((action) => [action.id, action]));
  const sent: string[] = [];
  let count = 0;
  const read = gate();
  const write = gate();
  const outbox = new Outbox({
    store: {
      actions: () => read.opened.then(() => [...disk.values()]),
      putAction: async (action: Action, replaced: readonly string[]) => {
        if (refuses.includes(action.message.type)) throw new Error('full');
        if (slow.includes(action.key)) await write.opened;
        for (const id of replaced) disk.delete(id);
        disk.set(action.id, action);
      },
      dropAction: async (id: string) => void disk.delete(id),
    },
    send: ({ id }: { id: string }) => sent.push(id) > 0,
    newId: () => `id-${count++}`,
    nowMs: () => 2_000_000_000_000,
    random: () => 1,
    changed: () => undefined,
    answered: () => undefined,
    suspect: () => undefined,
  });
  return { outbox, sent, letRead: read.open, letWrite: write.open, onDisk: () => [...disk.keys()] };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function kept(id: string, key: string, message: { readonly type: string; readonly [field: string]: unknown }): Action {
  return { id, seq: 1, key, message: { ...message, id }, takenAtMs: 1, attempts: 0, notBeforeMs: 0, sentAtMs: null };
}

it('what goes out while the next action is being written stays on the disk until it is answered', async () => {
  const { outbox, sent, letWrite, onDisk } = phone({ slow: ['b'] });
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
  const { outbox, onDisk } = phone({});
  await outbox.add('ord', { type: 'delivered', otp: '1111' }, {});
  await outbox.add('ord', { type: 'delivered', otp: '2222' }, {});
  expect(onDisk()).toEqual(['id-1']);
});

it('an action that is not on the disk yet neither goes out nor counts as kept', async () => {
  const { outbox, sent, letWrite } = phone({ slow: ['a'] });
  outbox.opened();
  const writing = outbox.add('a', { type: 'arrived' }, {});
  expect([outbox.queue.length, outbox.kept.length, sent.length]).toEqual([1, 0, 0]);
  letWrite();
  await writing;
  expect([outbox.queue.length, outbox.kept.length, sent.length]).toEqual([1, 1, 1]);
  outbox.closed();
});

it('what is done while the disk is still being read comes behind what it holds, and goes out', async () => {
  const { outbox, sent, letRead, onDisk } = phone({ holds: [kept('old', 'ord', { type: 'arrived' })] });
  const loading = outbox.load();
  const adding = Promise.all([outbox.add('ord', { type: 'arrived' }, {}), outbox.add('ord', { type: 'picked_up' }, {})]);
  letRead();
  await loading;
  expect((await adding).map(({ added }) => added)).toEqual([false, true]);
  outbox.opened();
  outbox.answer({ id: 'old', ok: true });
  expect(sent).toEqual(['old', 'id-1']);
  expect(outbox.queue.map(({ seq }) => seq)).toEqual([2]);
  expect(onDisk()).toEqual(['id-1']);
  outbox.closed();
});

it('a word that was replaced does not come back with the next page, also when the disk refuses the newer one', async () => {
  const { outbox, letRead, onDisk } = phone({
    refuses: ['delivered'],
    holds: [kept('old', 'ord', { type: 'delivered', otp: '1111' }), kept('other', 'shift', { type: 'status', status: 'online' })],
  });
  letRead();
  await outbox.load();
  await outbox.add('ord', { type: 'delivered', otp: '2222' }, {});
  await expect.poll(onDisk).toEqual(['other']);
  expect(outbox.kept.map(({ id }) => id)).toEqual(['other', 'id-0']);
});

it('stopped while the disk is late, it takes nothing off it: that may be the next session’s', async () => {
  const { outbox, letRead, onDisk } = phone({ holds: [kept('next', 'ord', { type: 'arrived' })] });
  const loading = outbox.load();
  outbox.stop();
  letRead();
  await loading;
  expect([outbox.queue, onDisk()]).toEqual([[], ['next']]);
});
