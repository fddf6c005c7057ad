/**
 * How long does a position take from a phone's socket to the market's index, and how many can be taken? Phones, sockets and index share
 * the machine. Paced: 5,000 phones at 5 Hz, 32-byte frames, 30 s (`BENCH_SECONDS`) after 5 s of warming up. Saturated: 2,000 phones that send what the socket
 * takes, against a bare receiver that only decodes, same threads, same run. Not measured: the network, the actors, the database.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { report, round } from './lib/figures.ts';
import { freePort, ROOT, startServer, stopServer } from './lib/processes.ts';

const LONG_SECONDS = 300;
/** `--long` where the bench is run by itself; `BENCH_SECONDS=300` through `npm run bench`. */
const SECONDS = process.argv.includes('--long') ? LONG_SECONDS : Number(process.env.BENCH_SECONDS ?? 30);
const WARM_UP_SECONDS = 5;
const SATURATED_SECONDS = 10;
const PHONES = 5_000;
const SATURATED_PHONES = 2_000;
const HZ = 5;
const THREADS = 2;
const SECRET = 'bench-secret-of-at-least-32-bytes!!';
const AIM_OF_CEILING = 0.4;
const AIM_P99_MS = 100;
const MIB = 1024 * 1024;

interface ThreadCounts {
  readonly accepted: number;
  readonly history: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly conflatedFixes: number;
  readonly indexed: number;
  readonly lagP99Ms: number;
  /** By whole milliseconds. */
  readonly latencies: Readonly<Record<string, number>>;
}

interface Counts {
  readonly rssBytes: number;
  readonly cpuUs: number;
  readonly threads: readonly ThreadCounts[];
}

interface Sent {
  readonly sent: number;
  readonly perSecond: number;
  readonly closed: number;
}

/** The next JSON line that the server prints when it is asked. */
async function ask<T>(server: ChildProcess): Promise<T> {
  const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
  const line = once(lines, 'line');
  server.kill('SIGUSR2');
  const [text] = (await line) as [string];
  lines.close();
  return JSON.parse(text) as T;
}

function load(options: Readonly<Record<string, unknown>>): { readonly connected: Promise<unknown>; readonly done: Promise<Sent> } {
  const child = spawn(process.execPath, [path.join(ROOT, 'bench/lib/gps-load.mjs'), JSON.stringify({ secret: SECRET, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const done = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`generator ended with ${code}`);
    return JSON.parse(printed) as Sent;
  });
  return { connected: Promise.race([once(child, 'message'), done]), done };
}

function percentileMs(threads: readonly ThreadCounts[], share: number): number {
  const counts = threads.reduce<number[]>((sum, thread) => {
    for (const [ms, count] of Object.entries(thread.latencies)) sum[Number(ms)] = (sum[Number(ms)] ?? 0) + count;
    return sum;
  }, []);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count: number | undefined) => {
    seen += count ?? 0;
    return seen >= total * share;
  });
}

const sum = (threads: readonly ThreadCounts[], of: (thread: ThreadCounts) => number): number =>
  threads.reduce((total, thread) => total + of(thread), 0);

async function paced(): Promise<void> {
  const port = await freePort();
  const server = await startServer('bench/servers/gps-threads.mjs', [String(port), String(THREADS), SECRET]);
  const empty = await ask<Counts>(server);
  const { connected, done } = load({ port, phones: PHONES, hz: HZ, seconds: WARM_UP_SECONDS + SECONDS });
  await connected;
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1_000));
  const before = await ask<Counts>(server);
  const sent = await done;
  const { rssBytes, cpuUs, threads } = await ask<Counts>(server);
  await stopServer(server);
  const grown = (of: (thread: ThreadCounts) => number): number => sum(threads, of) - sum(before.threads, of);
  const accepted = grown((thread) => thread.accepted);
  report({
    question: `${PHONES} phones at ${HZ} Hz for ${SECONDS} s, from the phone's send to the market's index (two waits of 2 ms included)`,
    unit: 'ms',
    p50: percentileMs(threads, 0.5),
    p95: percentileMs(threads, 0.95),
    p99: percentileMs(threads, 0.99),
    aim_p99: AIM_P99_MS,
    event_loop_lag_p99_ms: round(Math.max(...threads.map((thread) => thread.lagP99Ms)), 1),
    sent_per_second: sent.perSecond,
    accepted,
    rejected: sum(threads, (thread) => thread.rejected),
    conflated: sum(threads, (thread) => thread.conflatedFixes),
    index_updates_per_second: round(grown((thread) => thread.indexed) / SECONDS),
    server_cpu_us_a_position: round((cpuUs - before.cpuUs) / accepted, 1),
    sockets_closed: sent.closed,
    kib_a_phone: round((rssBytes - empty.rssBytes) / PHONES / 1024, 1),
    rss_mib: round(rssBytes / MIB),
  });
}

/** Positions a second while the generator runs, as the server counts them. */
async function saturated<T>(
  script: string,
  args: readonly string[],
  positions: (counts: T) => number,
): Promise<{ perSecond: number; counts: T }> {
  const port = await freePort();
  const server = await startServer(script, [String(port), ...args]);
  const { connected, done } = load({ port, phones: SATURATED_PHONES, seconds: SATURATED_SECONDS, isSaturated: true });
  await connected;
  const startedMs = performance.now();
  const before = await ask<T>(server);
  await done;
  const counts = await ask<T>(server);
  const tookS = (performance.now() - startedMs) / 1_000;
  await stopServer(server);
  return { perSecond: (positions(counts) - positions(before)) / tookS, counts };
}

await paced();
const ceiling = await saturated<{ positions: number }>('bench/servers/bare-gps.mjs', [String(THREADS)], (counts) => counts.positions);
report({
  question: 'ceiling: bare receiver that only decodes, frames of one record',
  unit: 'positions/s',
  value: round(ceiling.perSecond),
});
const full = await saturated<Counts>('bench/servers/gps-threads.mjs', [String(THREADS), SECRET, 'saturated'], (counts) =>
  sum(counts.threads, (thread) => thread.accepted),
);
report({
  question: 'received, sent to the home thread, filtered, conflated and indexed, frames of one record',
  unit: 'positions/s',
  value: round(full.perSecond),
  ratio_to_ceiling: round(full.perSecond / ceiling.perSecond, 3),
  aim_of_ceiling: AIM_OF_CEILING,
  indexed: sum(full.counts.threads, (thread) => thread.indexed),
  rejected: sum(full.counts.threads, (thread) => thread.rejected),
  duplicates: sum(full.counts.threads, (thread) => thread.duplicate),
  conflated_between_threads: sum(full.counts.threads, (thread) => thread.conflatedFixes),
});
