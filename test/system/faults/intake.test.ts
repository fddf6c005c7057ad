/** What was only written down before everything was killed is worked on by the next life, in order and once, with another number of workers. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';

const CUSTOMERS = 60;
/** For several starts, on a machine that is busy with other things. */
const TEST_MS = 300_000;
const POSTS = ['2 kota', 'cart', '3 coke', 'menu'];

const held = new Program({ WAKALA_HOLD_REPLIES: 'on', WAKALA_WORKERS: '2', WAKALA_NUMBER_RATE: '100000' });
let program = held;
beforeAll(() => held.start());
afterAll(() => program.remove());

const waIdOf = (i: number): string => String(27_600_900_000 + i);

/** The same data folder and ports in another life. */
function nextLife(extra: Record<string, string>): Program {
  const next = new Program({ ...extra, WAKALA_NUMBER_RATE: '100000' });
  rmSync(next.dataDir, { recursive: true, force: true });
  Object.assign(next, { dataDir: held.dataDir, port: held.port, opsPort: held.opsPort });
  return next;
}

async function arrived(): Promise<Map<string, string[]>> {
  const messages = await program.all<{ whatsapp_id: string }>('/v1/messages?direction=in');
  const byCustomer = new Map<string, string[]>();
  for (const { whatsapp_id: id } of messages) {
    const waId = id.split('-')[1] ?? '';
    byCustomer.set(waId, [...(byCustomer.get(waId) ?? []), id]);
  }
  return byCustomer;
}

it('keeps what was acknowledged over kill -9, and works on it in order, once, while new messages come in behind it', {
  timeout: TEST_MS,
}, async () => {
  const customers = Array.from({ length: CUSTOMERS }, (_, i) => waIdOf(i));
  for (const [n, text] of POSTS.entries()) {
    const answers = await Promise.all(customers.map((waId) => held.text(waId, text, `h-${waId}-${n}`)));
    expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  }
  // Meta sends one again: it waits twice, and is taken once.
  expect((await held.text(customers[0] as string, POSTS[0] as string, `h-${customers[0]}-0`)).status).toBe(200);
  await expect.poll(() => program.figure('wakala_intake_waiting_requests')).toBe(CUSTOMERS * POSTS.length + 1);
  expect((await arrived()).size).toBe(0);
  await held.kill9();
  program = nextLife({ WAKALA_WORKERS: '3' });
  await program.start();
  const last = POSTS.length;
  const late = await Promise.all(customers.map((waId) => program.text(waId, 'cart', `h-${waId}-${last}`)));
  expect(late.filter((answer) => answer.status !== 200)).toEqual([]);
  await expect.poll(() => program.figure('wakala_intake_waiting_requests'), { timeout: 60_000 }).toBe(0);
  const expected = (waId: string): string[] => Array.from({ length: last + 1 }, (_, n) => `wamid.h-${waId}-${n}`);
  // The figure leaves out a thread that does not answer in time.
  await expect
    .poll(async () => Object.fromEntries(await arrived()))
    .toEqual(Object.fromEntries(customers.map((waId) => [waId, expected(waId)])));
  const view = await program.api<{ cart: { quantity: number }[] }>(`/v1/conversations/${customers[1]}`);
  expect(view.body.cart.map((line) => line.quantity)).toEqual([2, 3]);
  // Once the log was seen empty, which is a moment after the last one left it, every message is there again when it is answered.
  let after = 0;
  const isThereWhenAnswered = async () => {
    const id = `h-${customers[0]}-after${after++}`;
    expect((await program.text(customers[0] as string, 'menu', id)).status).toBe(200);
    return (await arrived()).get(customers[0] as string)?.includes(`wamid.${id}`);
  };
  // What is asked too soon waits itself and keeps the lane: so the pauses are longer than a slow look into the log.
  await expect.poll(isThereWhenAnswered, { interval: 3_000, timeout: 60_000 }).toBe(true);
});

it('held, answers 503 while the database is frozen, and keeps what it had acknowledged', { timeout: TEST_MS }, async () => {
  expect(await program.stop()).toBe(0);
  program = nextLife({ WAKALA_HOLD_REPLIES: 'on', WAKALA_WORKERS: '1' });
  await program.start();
  const waId = waIdOf(900);
  expect((await program.text(waId, 'hi', `z-${waId}-0`)).status).toBe(200);
  const thaw = program.freezePostgres();
  expect((await program.text(waId, 'hi', `z-${waId}-1`)).status).toBe(503);
  thaw();
  await expect.poll(async () => (await program.text(waId, 'hi', `z-${waId}-1`)).status, { timeout: 30_000 }).toBe(200);
  expect(await program.stop()).toBe(0);
  program = nextLife({ WAKALA_WORKERS: '2' });
  await program.start();
  await expect.poll(() => program.figure('wakala_intake_waiting_requests'), { timeout: 20_000 }).toBe(0);
  await expect.poll(async () => (await arrived()).get(waId)).toEqual([`wamid.z-${waId}-0`, `wamid.z-${waId}-1`]);
});

it('every post through the log: worked on at once, through kills of everything and of a worker, none lost and none twice', {
  timeout: TEST_MS,
}, async () => {
  expect(await program.stop()).toBe(0);
  program = nextLife({ WAKALA_WORKERS: '2', WAKALA_INTAKE_ABOVE: '0' });
  await program.start();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 2; round++) {
    let going = true;
    const traffic = Promise.all(
      Array.from({ length: 32 }, async (_, i) => {
        const waId = waIdOf(1_000 + i);
        for (let n = 0; going; n++) {
          const id = `r-${waId}-${round}-${n}`;
          const status = await program.text(waId, 'cart', id).then(
            (answer) => answer.status,
            () => 0,
          );
          if (status === 200) acknowledged.add(`wamid.${id}`);
        }
      }),
    );
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(before + 200);
    await fetch(`http://127.0.0.1:${program.opsPort}/v1/threads/${round % 2}/replace`, { method: 'POST' });
    const between = acknowledged.size;
    await expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(between + 200);
    await program.kill9();
    going = false;
    await traffic;
    await program.start();
  }
  await expect.poll(() => program.figure('wakala_intake_waiting_requests'), { timeout: 60_000 }).toBe(0);
  const stored = async () =>
    (await program.all<{ whatsapp_id: string }>('/v1/messages?direction=in')).map((message) => message.whatsapp_id);
  const lost = async () => {
    const ids = new Set(await stored());
    return [...acknowledged].filter((id) => !ids.has(id));
  };
  await expect.poll(lost).toEqual([]);
  const times = new Map<string, number>();
  for (const id of await stored()) times.set(id, (times.get(id) ?? 0) + 1);
  expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
  expect(await program.stop()).toBe(0);
});
