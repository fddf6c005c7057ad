/**
 * A city on one machine: 5,000 drivers' sockets at 5 Hz next to 50 webhooks/s and 20 jobs/s, for `BENCH_SECONDS` (60; the claim is about
 * 300), on the built program with its embedded database and the sandbox. Load generators, database and server share the machine. Each
 * driver accepts at once; 5 s later the shop cancels the order, so nobody rides to a door. Not measured: a network, deliveries, roads.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TENANT } from '../src/demo/demo-tenant.ts';
import { mintToken } from '../src/transport/http/token.ts';
import { type CpuSeconds, cpuSeconds, rssMibOf } from './lib/city-cpu.ts';
import { histogramDifference, metricsOf, percentileOf } from './lib/city-scrape.ts';
import { percentile, report, round } from './lib/figures.ts';
import { freePort, ROOT, runLoad, startServer, stopServer } from './lib/processes.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
/** Under the same load. With 330 s the actors that come and those that fall asleep are in balance before the measuring begins. */
const WARM_UP_S = Number(process.env.BENCH_WARM_S ?? 15);
const DRIVERS = Number(process.env.BENCH_DRIVERS ?? 5_000);
const HZ = 5;
const WEBHOOKS_PER_S = 50;
const WEBHOOK_CUSTOMERS = 500;
const JOBS_PER_S = 20;
/** Sockets that connect at once. */
const CONNECTING = 50;
const REGISTERING = 32;
const FIRST_DRIVER = 27_620_000_000;
const TOKEN_TTL_S = 7_200;
const AIM_INDEX_P99_MS = 50;
const AIM_LAG_P99_MS = 30;
/** Looks at the memory, the first and the last included. */
const MEMORY_LOOKS = 7;

interface City {
  readonly server: ChildProcess;
  readonly port: number;
  readonly opsPort: number;
  readonly secrets: { readonly jwtSecret: string; readonly whatsappAppSecret: string };
  readonly tenantId: string;
  readonly owner: string;
}

interface Phones {
  readonly sent: number;
  readonly unsent: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly offers: number;
  readonly won: number;
  readonly lost: number;
}

interface Jobs {
  readonly opened: number;
  readonly assigned: number;
  readonly unassigned: number;
  readonly cancelled: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly delaysMs: readonly number[];
  readonly requestsMs: readonly number[];
}

interface Thread {
  readonly id: number;
  readonly event_loop_lag_ms_p99: number;
}

/** A load generator in a process of its own, told and asked by messages. */
function generator(script: string): ChildProcess {
  const child = spawn(process.execPath, [path.join(ROOT, script)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.once('exit', (code) => {
    if (code !== 0) console.error(`${script} ended with ${code}`);
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** The next message of a type. One listener throughout: messages come several at a time. */
function hear<T>(child: ChildProcess, type: string): Promise<T> {
  return new Promise((resolve) => {
    const listen = (message: { readonly type: string }): void => {
      if (message.type !== type) return;
      child.off('message', listen);
      resolve(message as T);
    };
    child.on('message', listen);
  });
}

function counts<T>(child: ChildProcess): Promise<T> {
  const answer = hear<T>(child, 'counts');
  child.send({ type: 'counts' });
  return answer;
}

async function openCity(dataDir: string): Promise<City> {
  const [port, opsPort] = [await freePort(), await freePort()];
  // Actors sleep after five minutes by default: a shorter run sees memory level off only when they sleep sooner.
  const sleep = process.env.BENCH_PASSIVATE_S === undefined ? {} : { WAKALA_PASSIVATE_AFTER_S: process.env.BENCH_PASSIVATE_S };
  const env = { PORT: String(port), WAKALA_OPS_PORT: String(opsPort), WAKALA_DATA_DIR: dataDir, LOG_LEVEL: 'error', ...sleep };
  const server = await startServer('bin/wakala.js', ['serve'], env);
  const secrets = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as City['secrets'];
  const { tenant } = (await (await fetch(`http://127.0.0.1:${port}/sandbox/info`)).json()) as { tenant: { id: string } };
  const owner = { secret: secrets.jwtSecret, sub: 'bench', roles: ['tenant_owner'], tenantId: tenant.id, ttlS: TOKEN_TTL_S };
  return { server, port, opsPort, secrets, tenantId: tenant.id, owner: await mintToken({ ...owner, nowMs: Date.now() }) };
}

async function api<T>({ port, owner }: City, method: string, route: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${owner}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}${route}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${route} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Through the API, some at a time. @returns their ids */
async function register(city: City): Promise<string[]> {
  const startedMs = performance.now();
  const ids: string[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < DRIVERS) {
      const number = next++;
      const body = { name: `Driver ${number + 1}`, phone: String(FIRST_DRIVER + number), vehicle: { type: 'motorbike' } };
      const { id } = await api<{ id: string }>(city, 'POST', '/v1/drivers', body);
      await api(city, 'POST', `/v1/drivers/${id}/approve`, {});
      ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: REGISTERING }, lane));
  const tookS = (performance.now() - startedMs) / 1_000;
  report({
    question: `register and approve ${DRIVERS} drivers, ${REGISTERING} at a time`,
    unit: 'drivers/s',
    value: round(DRIVERS / tookS),
    took_s: round(tookS, 1),
  });
  return ids;
}

async function connect(city: City, phones: ChildProcess, driverIds: readonly string[]): Promise<void> {
  const { port, tenantId, secrets } = city;
  const connected = hear<{ tookS: number; cutOff: number; refused: number }>(phones, 'connected');
  const center = DEMO_TENANT.location;
  phones.send({ type: 'connect', port, tenantId, secret: secrets.jwtSecret, driverIds, hz: HZ, center, connecting: CONNECTING });
  const { tookS, cutOff, refused } = await connected;
  report({
    question: `connect ${driverIds.length} drivers and go on shift, ${CONNECTING} at a time`,
    unit: 'drivers/s',
    value: round(driverIds.length / tookS),
    took_s: round(tookS, 1),
    cut_off_after_upgrade: cutOff,
    refused,
  });
}

function webhooks({ port, secrets }: City, prefix: string, seconds: number) {
  const load = { port, secret: secrets.whatsappAppSecret, phoneNumberId: DEMO_TENANT.whatsapp.phoneNumberId, prefix, seconds };
  return runLoad({ ...load, rate: WEBHOOKS_PER_S, customers: WEBHOOK_CUSTOMERS, connections: 16 });
}

/** What the program says of itself; lag is since the last look, so nobody else may look. */
async function look({ opsPort, server }: City) {
  const metrics = metricsOf(await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text());
  return { metrics, atMs: performance.now(), cpu: cpuSeconds(server.pid ?? 0), rssMib: rssMibOf(server.pid ?? 0) };
}

async function lagByThread({ opsPort }: City): Promise<Readonly<Record<string, number>>> {
  const cluster = (await (await fetch(`http://127.0.0.1:${opsPort}/v1/cluster`)).json()) as { nodes: { threads: Thread[] }[] };
  const threads = cluster.nodes.flatMap((node) => node.threads);
  return Object.fromEntries(threads.map((thread) => [thread.id, round(thread.event_loop_lag_ms_p99, 1)]));
}

async function measure(city: City, phones: ChildProcess, jobs: ChildProcess): Promise<void> {
  const [phonesBefore, jobsBefore, before] = [await counts<Phones>(phones), await counts<Jobs>(jobs), await look(city)];
  const posted = webhooks(city, 'X', SECONDS);
  const rssMib = [before.rssMib];
  for (let looks = 2; looks < MEMORY_LOOKS; looks++) {
    await sleep((SECONDS / (MEMORY_LOOKS - 1)) * 1_000);
    rssMib.push(rssMibOf(city.server.pid ?? 0));
  }
  const webhook = await posted;
  const lag = await lagByThread(city);
  const [phonesAfter, jobsAfter, after] = [await counts<Phones>(phones), await counts<Jobs>(jobs), await look(city)];
  const tookS = (after.atMs - before.atMs) / 1_000;
  const grown = (name: string): number => (after.metrics.values.get(name) ?? 0) - (before.metrics.values.get(name) ?? 0);
  const coresOf = (who: keyof CpuSeconds): number => round((after.cpu[who] - before.cpu[who]) / tookS, 2);
  const cores = { server: coresOf('server'), postgres: coresOf('postgres'), generators: coresOf('generators') };
  const delays = histogramDifference(after.metrics, before.metrics, 'wakala_gps_index_delay_seconds');
  const delayMs = (share: number): number => round(percentileOf(delays, share) * 1_000, 1);
  const assignedMs = jobsAfter.delaysMs.slice(jobsBefore.delaysMs.length);
  const requestsMs = jobsAfter.requestsMs.slice(jobsBefore.requestsMs.length);
  report({
    question: `${DRIVERS} drivers at ${HZ} Hz, ${WEBHOOKS_PER_S} webhooks/s and ${JOBS_PER_S} jobs/s for ${SECONDS} s: from socket to index (oldest fix of each batch)`,
    unit: 'ms',
    p50: delayMs(0.5),
    p95: delayMs(0.95),
    p99: delayMs(0.99),
    aim_p99: AIM_INDEX_P99_MS,
    event_loop_lag_p99_ms_by_thread: lag,
    aim_lag_p99: AIM_LAG_P99_MS,
    sent_per_second: round((phonesAfter.sent - phonesBefore.sent) / tookS),
    unsent: phonesAfter.unsent - phonesBefore.unsent,
    accepted_per_second: round(grown('wakala_gps_accepted_fixes_total') / tookS),
    indexed_per_second: round(grown('wakala_gps_market_fixes_total') / tookS),
    rejected: grown('wakala_gps_rejected_fixes_total'),
    late_or_duplicate: grown('wakala_gps_history_fixes_total') + grown('wakala_gps_duplicate_fixes_total'),
    conflated: grown('wakala_gps_conflated_fixes_total'),
    refused_by_market: grown('wakala_gps_market_refused_fixes_total'),
    tracks_written: grown('wakala_tracks_written_fixes_total'),
    tracks_lost: grown('wakala_tracks_lost_fixes_total'),
    sockets_closed: phonesAfter.closed,
    phone_errors: phonesAfter.errors,
    actors: [before, after].map(({ metrics }) => metrics.values.get('wakala_actors_live_actors')),
    rss_mib: [...rssMib, after.rssMib],
    cores: { ...cores, idle: coresOf('idle'), others: round(coresOf('busy') - cores.server - cores.postgres - cores.generators, 2) },
  });
  report({
    question: `next to it: ${JOBS_PER_S} jobs/s, from ready to the driver's phone, offer and acceptance between`,
    unit: 'ms',
    p50: percentile(assignedMs, 0.5),
    p99: percentile(assignedMs, 0.99),
    opened_per_second: round((jobsAfter.opened - jobsBefore.opened) / tookS, 1),
    assigned: jobsAfter.assigned - jobsBefore.assigned,
    unassigned: jobsAfter.unassigned - jobsBefore.unassigned,
    cancelled: jobsAfter.cancelled - jobsBefore.cancelled,
    offers: phonesAfter.offers - phonesBefore.offers,
    won: phonesAfter.won - phonesBefore.won,
    lost: phonesAfter.lost - phonesBefore.lost,
    failed: jobsAfter.failed,
    api_p50: round(percentile(requestsMs, 0.5), 1),
    api_p99: round(percentile(requestsMs, 0.99), 1),
  });
  report({
    question: `next to it: ${WEBHOOKS_PER_S} webhooks/s`,
    unit: 'ms',
    p50: webhook.p50Ms,
    p99: webhook.p99Ms,
    max: webhook.maxMs,
    statuses: webhook.statuses,
  });
}

const folder = mkdtempSync(path.join(tmpdir(), 'wakala-bench-'));
try {
  const city = await openCity(folder);
  const driverIds = await register(city);
  const phones = generator('bench/lib/city-phones.mjs');
  const jobs = generator('bench/lib/city-jobs.mjs');
  phones.on('message', (message: { readonly type: string }) => {
    if (message.type === 'assigned' && jobs.connected) jobs.send(message);
  });
  await connect(city, phones, driverIds);
  const { items } = await api<{ items: { id: string; name: string }[] }>(city, 'GET', '/v1/products?q=Kota');
  const productId = items.find(({ name }) => name === 'Kota')?.id;
  jobs.send({ type: 'start', port: city.port, token: city.owner, productId, perS: JOBS_PER_S, center: DEMO_TENANT.location });
  await webhooks(city, 'W', WARM_UP_S);
  await measure(city, phones, jobs);
  phones.send({ type: 'end' });
  jobs.send({ type: 'end' });
  await stopServer(city.server);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
