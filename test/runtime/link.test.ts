/** A link between two threads: order, back-pressure, and what may pass it. Both ends live here; the channel is a real one. */
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { NO_DEADLINE } from '../../src/runtime/envelope.ts';
import { Link, type LinkCredit } from '../../src/runtime/thread/link.ts';
import { type WireMessage, wireTell } from '../../src/runtime/thread/mesh.ts';
import { holdCommits, ref, startRuntime } from '../support/runtime.ts';

interface Item {
  readonly n: number;
  readonly text: string;
}

const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const link of open.splice(0)) await link.close();
});

function pair(credit: LinkCredit): { near: Link<Item>; received: Item[]; until(count: number): Promise<void> } {
  const { port1, port2 } = new MessageChannel();
  const received: Item[] = [];
  let wake: () => void = () => undefined;
  const near = new Link<Item>(port1, credit, () => undefined);
  const far = new Link<Item>(port2, credit, (item) => {
    received.push(item);
    wake();
  });
  open.push(near, far);
  const until = async (count: number): Promise<void> => {
    while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { near, received, until };
}

const WIDE: LinkCredit = { messages: 8_192, bytes: 4 * 1024 * 1024 };

describe('a link', () => {
  it('delivers everything once and in order, over many batches', async () => {
    const { near, received, until } = pair(WIDE);
    for (let n = 0; n < 5_000; n++) expect(near.send({ n, text: `t${n}` }, false)).toBe(true);
    await until(5_000);
    expect(received.map((item) => item.n)).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    expect(received[4_999]).toEqual({ n: 4_999, text: 't4999' });
  });

  it('refuses beyond its credit of messages, lets answers pass, and takes more when the other side has read', async () => {
    const { near, until } = pair({ messages: 100, bytes: WIDE.bytes });
    let taken = 0;
    while (taken < 100_000 && near.send({ n: taken, text: '' }, false)) taken++;
    expect(taken).toBe(100);
    expect(near.send({ n: taken, text: '' }, true)).toBe(true);
    await until(101);
    await expect.poll(() => near.send({ n: 0, text: '' }, false)).toBe(true);
  });

  it('refuses beyond its credit of bytes', async () => {
    const { near, until } = pair({ messages: WIDE.messages, bytes: 64 * 1024 });
    const text = 'x'.repeat(4_096);
    let taken = 0;
    while (taken < 1_000 && near.send({ n: taken, text }, false)) taken++;
    // What is gathered for the batch of this turn is not weighed yet.
    expect(taken).toBeLessThan(200);
    await until(taken);
    await expect.poll(() => near.send({ n: 0, text }, false)).toBe(true);
  });

  it('refuses once it is closed', () => {
    const { near } = pair(WIDE);
    near.close();
    expect(near.send({ n: 0, text: '' }, true)).toBe(false);
  });
});

it('an answer to a sibling that died does not reach the one that took its place', async () => {
  const { runtime, store } = await startRuntime();
  const first = new MessageChannel();
  const second = new MessageChannel();
  const answers: unknown[] = [];
  const dying = new Link<WireMessage>(first.port2, WIDE, () => undefined);
  const next = new Link<WireMessage>(second.port2, WIDE, (message) => answers.push(message));
  open.push(dying, next, runtime);
  const commits = holdCommits(store);
  runtime.mesh.connect(1, first.port1);
  dying.send(wireTell(ref('a'), { type: 'add', amount: 7 }, {}, 1, NO_DEADLINE), false);
  await expect.poll(commits.isHeld).toBe(true);
  // The other side counts its asks from 1 again: the late answer would be taken for that of another question.
  runtime.lostThread(1);
  runtime.mesh.connect(1, second.port1);
  store.onCommit = () => 'ok';
  commits.release();
  next.send(wireTell(ref('b'), { type: 'add', amount: 3 }, {}, 1, NO_DEADLINE), false);
  await expect.poll(() => answers).toEqual([{ k: 1, ask: 1, a: { ok: true, value: 3 } }]);
});

it('a question to a sibling that nobody has answered when the runtime closes ends as unavailable', async () => {
  const { runtime } = await startRuntime({ threadOf: () => 1 });
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  const sibling = new Link<WireMessage>(port2, WIDE, (message) => heard.push(message));
  open.push(sibling);
  runtime.mesh.connect(1, port1);
  const answers = [runtime.ask(ref('a'), { type: 'add' }), runtime.ask(ref('b'), { type: 'add' }, { deadlineMs: Date.now() + 60_000 })];
  await expect.poll(() => heard.length).toBe(2);
  await runtime.close();
  expect(runtime.pendingAsks).toBe(0);
  const unavailable = { ok: false, fault: { code: 'runtime.unavailable' } };
  expect(await Promise.all(answers)).toMatchObject([unavailable, unavailable]);
});

it('what a full link refuses is counted and answered at once', async () => {
  const linkCredit = { messages: 1, bytes: WIDE.bytes };
  const { runtime } = await startRuntime({ limits: { linkCredit }, threadOf: () => 1 });
  const { port1, port2 } = new MessageChannel();
  runtime.mesh.connect(1, port1);
  open.push(port2, runtime);
  expect(runtime.tell(ref('a'), { type: 'add' })).toBe(true);
  expect(runtime.counters.rejected).toBe(0);
  expect(runtime.tell(ref('a'), { type: 'add' })).toBe(false);
  expect(await runtime.ask(ref('a'), { type: 'add' })).toMatchObject({ ok: false, fault: { code: 'runtime.overloaded' } });
  expect(runtime.counters.rejected).toBe(2);
});
