/** What becomes of a message and an order that are repeated when the ids of their first time are forgotten. */
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbedded } from '../../../src/persistence/embedded/embedded-postgres.ts';
import { connectClient } from '../../../src/persistence/postgres/connect.ts';
import { Program } from '../program.ts';

const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });
const WA_ID = '27600700001';
const OLD_DAYS = 20;

const program = new Program({ WAKALA_WORKERS: '1' });
beforeAll(() => program.start());
afterAll(() => program.remove());

/** In the running program's own database. */
async function inDatabase<T>(body: (admin: pg.Client) => Promise<T>): Promise<T> {
  const address = await startEmbedded({ dir: path.join(program.dataDir, 'pg') });
  const admin = await connectClient({ address, role: null, statementTimeoutMs: 10_000 }, () => undefined);
  return await body(admin).finally(() => admin.end());
}

const ids = (): Promise<string[]> =>
  inDatabase(async (admin) => {
    const { rows } = await admin.query<{ id: string }>('select command_id as id from app.processed_commands');
    return rows.map((row) => row.id);
  });

async function deadLetters(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${program.opsPort}/v1/deadletters`);
  return ((await answer.json()) as { items: { reason: string }[] }).items.map((item) => item.reason);
}

interface Product {
  readonly id: string;
  readonly stock: number | null;
}

async function order(): Promise<{ status: number; body: { id: string } }> {
  const [product] = await program.all<Product>('/v1/products');
  const body = { customer: { wa_id: '27600700002' }, items: [{ product_id: product?.id, quantity: 1 }], payment_method: 'cod' };
  return await program.api('/v1/orders', { method: 'POST', body, headers: { 'idempotency-key': 'long-ago' } });
}

it('a start forgets old ids and nothing else; a repeat of what they stood for is done no second time', { timeout: 120_000 }, async () => {
  expect((await program.text(WA_ID, 'hi', 'old')).status).toBe(200);
  await poll(async () => (await program.chat(WA_ID)).length).toBe(2);
  const placed = await order();
  expect(placed.status).toBe(201);
  // Done, and settled: until then ids stay.
  await poll(() => program.figure('wakala_pending_effects')).toBe(0);
  await inDatabase((admin) => admin.query("update app.processed_commands set at = at - $1 * interval '1 day'", [OLD_DAYS]));
  await program.text('27600700003', 'hi', 'young');
  expect(await ids()).toContain('wa:wamid.old');
  await program.stop();
  await program.start();
  await poll(() => program.figure('wakala_retention_removed_total')).toBeGreaterThan(2);
  await poll(async () => (await ids()).filter((id) => !id.startsWith('fx:') && !id.startsWith('st:'))).toEqual(['wa:wamid.young']);

  const stock = await program.all<Product>('/v1/products');
  expect((await program.text(WA_ID, 'hi', 'old')).status).toBe(200);
  const again = await order();
  expect([again.status, again.body.id]).toEqual([201, placed.body.id]);
  expect((await program.text(WA_ID, 'menu', 'new')).status).toBe(200);
  await poll(async () => (await program.chat(WA_ID)).length).toBe(4);
  expect((await program.all('/v1/orders')).length).toBe(1);
  await poll(deadLetters).toEqual(['runtime.poison']);
  expect(await program.all<Product>('/v1/products')).toEqual(stock);
});
