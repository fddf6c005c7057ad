/** What an operator reads when the same goes wrong in every request. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PHONE, Program, webhook } from '../program.ts';

const POSTS = 200;
/** Of each thread before it only counts. */
const LINES_EACH = 5;
const WORKERS = 2;

const program = new Program({ LOG_LEVEL: 'warn', WAKALA_WORKERS: String(WORKERS) });
beforeAll(() => program.start());
afterAll(() => program.remove());

it(`${POSTS} webhooks with the same trouble are answered one by one and told in a few lines`, async () => {
  const stranger = () => {
    const message = { from: '27600008001', id: `wamid.${randomUUID()}`, timestamp: '1795292000', type: 'text', text: { body: 'hi' } };
    return webhook([message], '27600008001').replace(PHONE, '299999999999999');
  };
  const answers = await Promise.all(Array.from({ length: POSTS }, () => program.postRaw(stranger())));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  // What it says comes through a pipe, in its own time: all of it is here when it has ended.
  await program.stop();
  const told = program.output.split('\n').filter((line) => line.includes('webhook for a number of no tenant'));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(WORKERS * LINES_EACH);
});
