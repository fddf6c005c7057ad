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
import { type EmbeddedServer, startEmbedded } from '../../src/persistence/embedded/embedded-postgres.ts';
import { mintToken } from '../../src/transport/http/token.ts';
import { type FakeGraph, startFakeGraph } from '../fakes/graph.ts';
import { type RoughLine, roughLine } from '../support/rough-line.ts';
import { Program, webhook } from './program.ts';

const WAKALA = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/wakala.js');
const PHONE = '200000000000066';
const TOKEN = 'shop-token';
const SHOP = {
  slug: 'kwa-mzo',
  name: 'Kwa Mzo',
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phone_number_id: PHONE, waba_id: '100000000000066', access_token: TOKEN },
  payments: { cod: { enabled: true, max_amount_minor: 500_000 } },
  delivery: { base_fee_minor: 1_500, per_km_minor: 500, free_km: 2, max_km: 10 },
  owner: { name: 'Mzo', wa_id: '27600000066' },
};
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
let owner = '';

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
  const claims = { secret: SECRETS.jwtSecret, sub: 'test', ttlS: 600, nowMs: Date.now() };
  const shop = await api<{ id: string }>(await mintToken({ ...claims, roles: ['platform_admin'] }), '/v1/tenants', SHOP);
  owner = await mintToken({ ...claims, roles: ['tenant_owner'], tenantId: shop.id });
  await api(owner, '/v1/products', { name: 'Kota', price_minor: 4_500, category: 'Food' });
});
afterAll(async () => {
  await program?.remove();
  await graph?.close();
  await line?.close();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function api<T>(token: string, route: string, body?: unknown): Promise<T> {
  const answer = await fetch(program.url(route), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect([200, 201]).toContain(answer.status);
  return (await answer.json()) as T;
}

const waIdOf = (n: number): string => String(27_600_660_000 + (n % CUSTOMERS));
const say = (n: number): Promise<{ status: number }> => {
  const words = WORDS[Math.floor(n / CUSTOMERS) % WORDS.length] as string;
  const message = { from: waIdOf(n), id: `wamid.r${n}`, timestamp: '1795000000', type: 'text', text: { body: words } };
  return program.postRaw(webhook([message], waIdOf(n)).replace('200000000000001', PHONE));
};

/** Posts as Meta does: what is not acknowledged comes again. */
async function posted(n: number): Promise<void> {
  await expect.poll(async () => (await say(n)).status, { timeout: 60_000 }).toBe(200);
}

async function listed<T>(route: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: T[]; next_cursor: string | null } = await api(
      owner,
      `${route}&limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
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
  const inbound = await listed<{ whatsapp_id: string }>('/v1/messages?direction=in');
  expect(inbound.map(({ whatsapp_id: id }) => id).sort()).toEqual(Array.from({ length: n }, (_, i) => `wamid.r${i}`).sort());

  const outbound = () => listed<{ id: string; status: string }>('/v1/messages?direction=out');
  await expect.poll(async () => (await outbound()).filter(({ status }) => status === 'queued'), { timeout: 30_000 }).toEqual([]);
  const sent = graph.accepted.map(({ opaque }) => opaque);
  expect(new Set(sent).size).toBe(sent.length);
  const told = (await outbound()).filter(({ status }) => status === 'sent').map(({ id }) => id);
  expect([...told].sort()).toEqual([...sent].sort());

  const orders = await listed<{ customer: { wa_id: string } }>('/v1/orders?status=CONFIRMED');
  expect(new Set(orders.map(({ customer }) => customer.wa_id)).size).toBe(orders.length);
  expect(await program.stop()).toBe(0);
  const { stdout } = await promisify(execFile)(process.execPath, [WAKALA, 'doctor', '--json'], { env: program.environment });
  expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
});
