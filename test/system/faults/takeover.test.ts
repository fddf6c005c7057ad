/** Two programs on one data folder: one serves, and whoever is left of them serves on, whichever of them ran the database. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';

const first = new Program({ WAKALA_WORKERS: '1', WAKALA_DRAIN_TIMEOUT_MS: '2000' });
const second = new Program({ WAKALA_WORKERS: '1', LOG_LEVEL: 'info' });
rmSync(second.dataDir, { recursive: true, force: true });
Object.assign(second, { dataDir: first.dataDir });

beforeAll(() => first.start());
afterAll(async () => {
  await second.stop();
  await first.remove();
});

it('a start that waits for the one before to end goes on when that one stops the database, and has what it had acknowledged', {
  timeout: 120_000,
}, async () => {
  expect((await first.text('27600008001', 'hi', 'before')).status).toBe(200);
  const starting = second.start();
  await expect.poll(() => second.output, { timeout: 30_000 }).toContain('"shared"');
  expect(await first.stop()).toBe(0);
  await starting;
  const messages = await second.all<{ whatsapp_id: string }>('/v1/messages?wa_id=27600008001&direction=in');
  expect(messages.map((message) => message.whatsapp_id)).toEqual(['wamid.before']);
  expect((await second.text('27600008001', 'menu')).status).toBe(200);
  expect(await second.stop()).toBe(0);
});
