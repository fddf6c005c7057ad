/**
 * How many webhooks a second does one machine take, durable before the answer? Load generator, database and server share
 * the machine. Ceiling: a bare handler on one thread that verifies and parses only. Baseline: Fastify with one durable
 * insert a message. Ceiling of answering: a program that only stores and sends. All in one run, each saturated once before
 * it is measured. Not measured: a network, a disk that really waits.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../src/persistence/embedded/embedded-postgres.ts';
import { mintToken } from '../src/transport/http/token.ts';
import { autocannonRate } from './lib/autocannon-load.ts';
import { openBenchDatabase } from './lib/bench-database.ts';
import { report, round } from './lib/figures.ts';
import { freePort, type LoadResult, runLoad, startServer, stopServer } from './lib/processes.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const CONNECTIONS = 256;
const CUSTOMERS = 10_000;
/** Bound of the warm-up. */
const FIRST_CONTACT_MAX_S = 60;
const PHONE = '200000000000001';
/** The shop that answers through the fake Graph. */
const BENCH_PHONE = '200000000000777';
const SECRET = 'bench-secret';

const folder = mkdtempSync(path.join(tmpdir(), 'wakala-bench-'));

function saturate(port: number, secret: string, prefix: string, phoneNumberId = PHONE): Promise<LoadResult> {
  return runLoad({
    port,
    secret,
    prefix,
    phoneNumberId,
    connections: CONNECTIONS,
    seconds: SECONDS,
    customers: CUSTOMERS,
    expected: SECONDS * 40_000,
  });
}

async function bare(): Promise<{ readonly own: LoadResult; readonly autocannonPerSecond: number }> {
  const port = await freePort();
  const server = await startServer('bench/servers/bare-uws.mjs', [String(port), SECRET]);
  await saturate(port, SECRET, 'AW');
  const own = await saturate(port, SECRET, 'A');
  const load = { port, secret: SECRET, phoneNumberId: PHONE, connections: CONNECTIONS, seconds: SECONDS };
  const autocannonPerSecond = await autocannonRate(load);
  await stopServer(server);
  return { own, autocannonPerSecond };
}

async function fastify(): Promise<LoadResult> {
  const database = await startEmbedded({ dir: path.join(folder, 'fastify') });
  const port = await freePort();
  const server = await startServer('bench/servers/fastify-insert.mjs', [String(port), SECRET, database.host, String(database.port)]);
  await saturate(port, SECRET, 'BW');
  const result = await saturate(port, SECRET, 'B');
  await stopServer(server);
  await database.stop();
  return result;
}

/** What storing and sending alone take: the ceiling of whatever decides what to answer. */
async function storeAndSend(graphPort: number): Promise<LoadResult> {
  const database = await openBenchDatabase();
  const { host, port: databasePort } = database.address;
  const port = await freePort();
  const args = [port, SECRET, host, databasePort, graphPort].map(String);
  const server = await startServer('bench/servers/store-and-send.mjs', args);
  await saturate(port, SECRET, 'FW');
  const result = await saturate(port, SECRET, 'F');
  await stopServer(server);
  await database.close();
  return result;
}

/** A tenant with an access token, so that its replies go to the Graph API. */
async function openShop(port: number, jwtSecret: string): Promise<void> {
  const call = async (token: string, route: string, body: unknown): Promise<{ id: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const token = { secret: jwtSecret, sub: 'bench', ttlS: 3_600, nowMs: Date.now() };
  const shop = await call(await mintToken({ ...token, roles: ['platform_admin'] }), '/v1/tenants', {
    slug: 'bench',
    name: 'Bench Kitchen',
    tier: 'basic',
    currency: 'ZAR',
    timezone: 'Africa/Johannesburg',
    languages: ['en', 'zu'],
    location: { lat: -26.2485, lng: 27.854 },
    whatsapp: { phone_number_id: BENCH_PHONE, waba_id: '100000000000777', access_token: 'bench-token' },
    payments: { cod: { enabled: true, max_amount_minor: 500_000 } },
    delivery: { base_fee_minor: 1_500, per_km_minor: 500, free_km: 2, max_km: 10 },
    owner: { name: 'Thandi', wa_id: '27600000019' },
  });
  const owner = await mintToken({ ...token, roles: ['tenant_owner'], tenantId: shop.id });
  for (const name of ['Kota', 'Coke', 'Vetkoek']) await call(owner, '/v1/products', { name, price_minor: 1_500, category: 'Food' });
}

async function wakala(
  name: string,
  env: Readonly<Record<string, string>>,
  load: (port: number, secret: string) => Promise<LoadResult>,
  phoneNumberId = PHONE,
): Promise<LoadResult> {
  const [port, ops] = [await freePort(), await freePort()];
  const dataDir = path.join(folder, name);
  const server = await startServer('bin/wakala.js', ['serve'], {
    PORT: String(port),
    WAKALA_OPS_PORT: String(ops),
    WAKALA_DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    ...env,
  });
  const secrets = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as { whatsappAppSecret: string; jwtSecret: string };
  if (phoneNumberId === BENCH_PHONE) await openShop(port, secrets.jwtSecret);
  // Everybody writes once before the clock runs: a first message makes a person, a key and a conversation, and is a figure of its own.
  const first = await runLoad({
    port,
    secret: secrets.whatsappAppSecret,
    prefix: 'W',
    phoneNumberId,
    connections: CONNECTIONS,
    seconds: FIRST_CONTACT_MAX_S,
    customers: CUSTOMERS,
    expected: CUSTOMERS,
  });
  report({
    question: `first messages of ${CUSTOMERS} new customers (${name})`,
    unit: 'webhooks/s',
    value: first.perSecond,
    p50_ms: first.p50Ms,
    p99_ms: first.p99Ms,
    statuses: first.statuses,
  });
  const result = await load(port, secrets.whatsappAppSecret);
  if (process.env.BENCH_METRICS !== undefined)
    console.log(
      (await (await fetch(`http://127.0.0.1:${ops}/metrics`)).text())
        .split('\n')
        .filter((line) => /journal|conflict|dupl|rejected|lag_p99|mailbox_depth/.test(line) && !line.startsWith('#'))
        .join('\n'),
    );
  await stopServer(server);
  return result;
}

try {
  const { own: ceiling, autocannonPerSecond } = await bare();
  report({
    question: 'ceiling: bare handler, one thread, verify and parse only',
    unit: 'webhooks/s',
    value: ceiling.perSecond,
    p99_ms: ceiling.p99Ms,
    autocannon_per_second: round(autocannonPerSecond),
  });
  const baseline = await fastify();
  report({
    question: 'baseline: Fastify, one durable insert a message',
    unit: 'webhooks/s',
    value: baseline.perSecond,
    p50_ms: baseline.p50Ms,
    p99_ms: baseline.p99Ms,
  });
  const storing = await wakala('storing', { WAKALA_HOLD_REPLIES: 'on' }, async (port, secret) => {
    await saturate(port, secret, 'CW');
    return saturate(port, secret, 'C');
  });
  report({
    question: 'storing alone (replies held back), saturated',
    unit: 'webhooks/s',
    value: storing.perSecond,
    p50_ms: storing.p50Ms,
    p95_ms: storing.p95Ms,
    p99_ms: storing.p99Ms,
    max_ms: storing.maxMs,
    statuses: storing.statuses,
    ratio_to_ceiling: round(storing.perSecond / ceiling.perSecond, 3),
    aim_of_ceiling: 0.333,
    ratio_to_fastify: round(storing.perSecond / baseline.perSecond, 2),
    aim_of_fastify: 2,
  });
  const graphPort = await freePort();
  const graph = await startServer('bench/servers/fake-graph.mjs', [String(graphPort)]);
  const lean = await storeAndSend(graphPort);
  report({
    question: 'ceiling of answering: the same rows and calls, nothing decided or sealed',
    unit: 'webhooks/s',
    value: lean.perSecond,
    p50_ms: lean.p50Ms,
    p99_ms: lean.p99Ms,
    ratio_to_ceiling: round(lean.perSecond / ceiling.perSecond, 3),
  });
  const throughGraph = { WHATSAPP_GRAPH_URL: `http://127.0.0.1:${graphPort}`, WAKALA_NUMBER_RATE: '100000' };
  const sent = async (): Promise<number> => Number(await (await fetch(`http://127.0.0.1:${graphPort}/sent`)).text());
  let sentDuring = 0;
  const answering = await wakala(
    'answering',
    throughGraph,
    async (port, secret) => {
      await saturate(port, secret, 'DW', BENCH_PHONE);
      const before = await sent();
      const result = await saturate(port, secret, 'D', BENCH_PHONE);
      sentDuring = (await sent()) - before;
      return result;
    },
    BENCH_PHONE,
  );
  report({
    question: 'every message answered through a fake Graph, saturated',
    unit: 'webhooks/s',
    value: answering.perSecond,
    p50_ms: answering.p50Ms,
    p95_ms: answering.p95Ms,
    p99_ms: answering.p99Ms,
    max_ms: answering.maxMs,
    statuses: answering.statuses,
    sent_through_graph: sentDuring,
    ratio_to_ceiling: round(answering.perSecond / ceiling.perSecond, 3),
    aim_of_ceiling: 0.125,
    ratio_to_autocannon: round(answering.perSecond / autocannonPerSecond, 3),
    ratio_to_storing_and_sending: round(answering.perSecond / lean.perSecond, 2),
  });
  const paced = await wakala(
    'paced',
    throughGraph,
    (port, secret) =>
      runLoad({
        port,
        secret,
        prefix: 'E',
        phoneNumberId: BENCH_PHONE,
        connections: 128,
        seconds: SECONDS,
        rate: 1_000,
        customers: CUSTOMERS,
      }),
    BENCH_PHONE,
  );
  await stopServer(graph);
  report({
    question: 'open loop, 1,000 webhooks/s, answered',
    unit: 'ms',
    p50: paced.p50Ms,
    p95: paced.p95Ms,
    p99: paced.p99Ms,
    max: paced.maxMs,
    statuses: paced.statuses,
    aim_p50: 15,
    aim_p99: 150,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
