/**
 * A database elsewhere, behind a line that breaks in the middle of commits: nobody can know then whether the batch is stored. Nothing
 * acknowledged is lost, nothing is stored or sent twice, and everybody is answered again without a restart.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../../src/persistence/embedded/embedded-postgres.ts';
import { type FakeGraph, startFakeGraph } from '../../fakes/graph.ts';
import { type RoughLine, roughLine } from '../../support/rough-line.ts';
import { Program } from '../program.ts';
import { Shop } from '../shop.ts';

const WAKALA = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../bin/wakala.js');
const TOKEN = 'shop-token';
const SECRETS = {
  jwtSecret: 'signs-tokens-of-this-test-and-of-nothing-else',
  whatsappAppSecret: 'signs-webhooks-of-this-test',
  whatsappVerifyToken: 'verifies-this-test',
};
const LANES = 16;
const CUSTOMERS = 160;
const WORDS = ['2 kota', 'cart', 'checkout', '12 Vilakazi Street, Orlando West', 'yes', 'track'];
const CHUNKS_BETWEEN_TROUBLES = 23;
const TROUBLES = 24;

const folder = mkdtempSync(path.join(tmpdir(), 'wakala-rough-'));
let database: EmbeddedServer;
let line: RoughLine;
let graph: FakeGraph;
let program: Program;
let shop: Shop;

beforeAll(async () => {
  database = await startEmbedded({ dir: path.join(folder, 'pg'), settings: { shared_buffers: '32MB' } });
  line = await roughLine(`${database.host}/.s.PGSQL.${database.port}`);
  graph = await startFakeGraph({ token: TOKEN });
  program = new Program({
    DATABASE_URL: `postgres://${database.user}@127.0.0.1:${line.port}/${database.database}`,
    WAKALA_JWT_SECRET: SECRETS.jwtSecret,
    WAKALA_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    WHATSAPP_APP_SECRET: SECRETS.whatsappAppSecret,
    WHATSAPP_VERIFY_TOKEN: SECRETS.whatsappVerifyToken,
    WHATSAPP_GRAPH_URL: graph.url,
    WAKALA_NUMBER_RATE: '100000',
  });
  // Where `Program` looks for them; the program itself has them from its environment.
  writeFileSync(program.file('secrets.json'), JSON.stringify(SECRETS));
  await program.start();
  shop = new Shop(program, { slug: 'kwa-mzo', phoneNumberId: '200000000000066', accessToken: TOKEN });
  await shop.open();
});
afterAll(async () => {
  await program?.remove();
  await graph?.close();
  await line?.close();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const waIdOf = (n: number): string => String(27_600_660_000 + (n % CUSTOMERS));
const wordsOf = (n: number): string => WORDS[Math.floor(n / CUSTOMERS) % WORDS.length] as string;

/** Posts as Meta does: what is not acknowledged comes again. */
async function posted(n: number): Promise<void> {
  await expect.poll(async () => (await shop.hears(waIdOf(n), wordsOf(n), `wamid.r${n}`)).status, { timeout: 60_000 }).toBe(200);
}

it('keeps and sends everything exactly once', { timeout: 180_000 }, async () => {
  let n = 0;
  const lane = async (): Promise<void> => {
    while (Object.values(line.broke).reduce((sum, count) => sum + count) < TROUBLES) await posted(n++);
  };
  line.breakEvery(CHUNKS_BETWEEN_TROUBLES);
  await Promise.all(Array.from({ length: LANES }, lane));
  line.breakEvery(0);
  expect(await program.figure('wakala_journal_failed_batches_total')).toBeGreaterThan(0);

  // Everybody is answered: whoever wrote before, once more.
  for (let last = n; n < last + CUSTOMERS; n++) await posted(n);
  const inbound = await shop.all<{ whatsapp_id: string }>('/v1/messages?direction=in');
  expect(inbound.map(({ whatsapp_id: id }) => id).sort()).toEqual(Array.from({ length: n }, (_, i) => `wamid.r${i}`).sort());

  const outbound = () => shop.all<{ id: string; status: string }>('/v1/messages?direction=out');
  await expect.poll(async () => (await outbound()).filter(({ status }) => status === 'queued'), { timeout: 30_000 }).toEqual([]);
  const sent = graph.accepted.map(({ opaque }) => opaque);
  expect(new Set(sent).size).toBe(sent.length);
  const told = (await outbound()).filter(({ status }) => status === 'sent').map(({ id }) => id);
  expect([...told].sort()).toEqual([...sent].sort());

  const orders = await shop.all<{ customer: { wa_id: string } }>('/v1/orders?status=CONFIRMED');
  expect(new Set(orders.map(({ customer }) => customer.wa_id)).size).toBe(orders.length);
  expect(await program.stop()).toBe(0);
  const { stdout } = await promisify(execFile)(process.execPath, [WAKALA, 'doctor', '--json'], { env: program.environment });
  expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
});
