/** `/metrics` as a monitor reads it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';
import { type Family, readExposition } from './exposition.ts';

const program = new Program();
beforeAll(() => program.start());
afterAll(() => program.remove());

async function scrape(): Promise<Map<string, Family>> {
  const answer = await fetch(`http://127.0.0.1:${program.opsPort}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return readExposition(await answer.text());
}

const replace = (thread: number) => fetch(`http://127.0.0.1:${program.opsPort}/v1/threads/${thread}/replace`, { method: 'POST' });

it('is well-formed, says counter of whatever only grows, and nothing that is counted goes down when a thread is replaced', async () => {
  for (let i = 0; i < 8; i++) expect((await program.text(`2760000800${i}`, 'hi')).status).toBe(200);
  expect((await program.postRaw('{}', 'nonsense')).status).toBe(401);
  // A thread that does not answer a scrape in time is not in its sums yet.
  const accepted = (families: Map<string, Family>) =>
    families.get('wakala_webhook_accepted_requests_total')?.samples.get('wakala_webhook_accepted_requests_total{}');
  let before = new Map<string, Family>();
  await expect
    .poll(async () => {
      before = await scrape();
      return accepted(before);
    })
    .toBe(8);
  const mistyped = [...before].filter(([name, { type }]) => name.endsWith('_total') !== (type === 'counter'));
  expect(mistyped.filter(([, { type }]) => type !== 'histogram').map(([name]) => name)).toEqual([]);
  expect([...before.keys()].every((name) => name.startsWith('wakala_'))).toBe(true);

  for (const thread of [0, 1]) {
    expect((await replace(thread)).status).toBe(202);
    await expect.poll(() => program.ready(), { timeout: 20_000 }).toBe(true);
  }
  const after = await scrape();
  const fell = [...before].flatMap(([name, { type, samples }]) =>
    type === 'gauge' ? [] : [...samples].filter(([key, value]) => !((after.get(name)?.samples.get(key) ?? -1) >= value)),
  );
  expect(fell).toEqual([]);
});
