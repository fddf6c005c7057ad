/**
 * The production sockets, telemetry, filter, links and index on real worker threads; only the actors are stand-ins: every driver is on
 * shift, and the one market is an index on thread 0. Prints its counts, one JSON line, on SIGUSR2; latencies and lag since the last.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads';
import { DriverIndex } from '../../dist/geo/index/driver-index.js';
import { systemClock } from '../../dist/runtime/clock.js';
import { Mesh } from '../../dist/runtime/thread/mesh.js';
import { isTelemetryNotice } from '../../dist/telemetry/protocol.js';
import { Telemetry } from '../../dist/telemetry/telemetry.js';
import { registerDriverSocket } from '../../dist/transport/gps/socket/driver-socket.js';
import { Authenticator } from '../../dist/transport/http/auth.js';
import { HttpApp } from '../../dist/transport/http/server/app.js';

const LATENCY_MAX_MS = 10_000;

function atMain() {
  const [port, threads, secret, isSaturated] = [
    Number(process.argv[2]),
    Number(process.argv[3]),
    process.argv[4],
    process.argv[5] === 'saturated',
  ];
  const latest = new Array(threads).fill(null);
  const workers = Array.from(
    { length: threads },
    (_, thread) => new Worker(new URL(import.meta.url), { workerData: { port, thread, threads, secret, isSaturated } }),
  );
  let ready = 0;
  for (const [thread, worker] of workers.entries()) {
    worker.on('message', (message) => {
      if (message === 'listening') {
        if (++ready === threads) console.log('ready');
      } else latest[thread] = message;
    });
    for (let other = 0; other < thread; other++) {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ thread: other, link: port1 }, [port1]);
      workers[other].postMessage({ thread, link: port2 }, [port2]);
    }
  }
  // What is measured over time begins anew with each question.
  process.on('SIGUSR2', () => {
    console.log(
      JSON.stringify({ rssBytes: process.memoryUsage().rss, cpuUs: process.cpuUsage().user + process.cpuUsage().system, threads: latest }),
    );
    for (const worker of workers) worker.postMessage('reset');
  });
  // An orderly exit would abort over the sockets that uWebSockets still holds in the threads' loops.
  process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
}

function view(id) {
  const profile = { driverId: id, vehicle: 'motorbike', coldStorage: false, rating: 5, completion: 1, acceptance: 1, completedJobs: 0 };
  const rest = { recentJobsMs: [], idleSinceMs: 0, earnedTodayMinor: 0, onlineSinceMs: 0, freeSlots: 1, stops: [] };
  const vehicle = { type: 'motorbike', registration: null, coldStorage: false };
  return { id, name: null, vehicle, status: 'approved', online: true, offer: null, jobs: [], profile: { ...profile, ...rest } };
}

function atWorker({ port, thread, threads, secret, isSaturated }) {
  const index = new DriverIndex({ slotMax: 100_000 });
  const latencies = new Uint32Array(LATENCY_MAX_MS);
  let indexed = 0;
  const market = (message) => {
    if (message.type !== 'positions') return;
    const bytes = new Uint8Array(message.packed);
    const triples = new Float64Array(bytes.buffer, 0, bytes.byteLength / 8);
    const nowMs = Date.now();
    for (const [i, driverId] of message.driverIds.entries()) {
      const atMs = triples[i * 3 + 2];
      index.place(driverId, triples[i * 3], triples[i * 3 + 1], atMs);
      latencies[Math.min(LATENCY_MAX_MS - 1, Math.max(0, Math.round(nowMs - atMs)))]++;
      indexed++;
    }
  };
  const mesh = new Mesh({ messages: 8_192, bytes: 4 * 1024 * 1024 }, (_from, { n }) =>
    isTelemetryNotice(n) ? telemetry.notice(n) : market(n),
  );
  const system = {
    ask: (to, command) => Promise.resolve({ ok: true, value: command.type === 'get' ? view(to.id) : null }),
    tell: (_to, message) => {
      if (thread === 0) market(message);
      else return mesh.send(0, { k: 2, n: message }) === 'sent';
      return true;
    },
  };
  const feed = { subscribe: () => () => undefined, publish: () => undefined, last: () => null };
  const telemetry = new Telemetry({
    links: { thread, threadOf: (shard) => shard % threads, send: (to, notice) => mesh.send(to, { k: 2, n: notice }, false) === 'sent' },
    system,
    feed,
    clock: systemClock,
    tracks: { write: async () => undefined },
    // Saturated: few phones stand for many, so what a phone may send is no bound.
    ...(isSaturated ? { filter: { rate: { perS: 1e6, burst: 1e6 } } } : {}),
  });
  const app = new HttpApp({
    maxInFlight: 10_000,
    bodyMaxBytes: 1_000_000,
    bodyTimeoutMs: 10_000,
    requestTimeoutMs: 10_000,
    nowMs: Date.now,
    onDefect: (error) => console.error(error),
  });
  const sockets = registerDriverSocket(app.native, {
    auth: new Authenticator({ secret, jwksUrl: null, cacheMax: 10_000, nowMs: Date.now }),
    tenants: { byUuid: async (uuid) => ({ tenantId: 1, uuid, dataShard: 3 }) },
    telemetry,
    system,
    feed,
    clock: systemClock,
    draining: () => false,
    onDefect: (error) => console.error(error),
    limits: isSaturated ? { rate: { perS: 1e6, burst: 1e6, refusedMax: 1 } } : {},
  });
  app.listen('127.0.0.1', port);
  const lag = monitorEventLoopDelay({ resolution: 5 });
  lag.enable();
  parentPort.on('message', (message) => {
    if (message === 'reset') {
      latencies.fill(0);
      lag.reset();
    } else mesh.connect(message.thread, message.link);
  });
  setInterval(() => {
    const counts = { ...telemetry.stats(), indexed, sockets: sockets.counters, lagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - 5) };
    const seen = [...latencies.entries()].filter(([, count]) => count > 0);
    parentPort.postMessage({ ...counts, latencies: Object.fromEntries(seen) });
  }, 100);
  parentPort.postMessage('listening');
}

if (isMainThread) atMain();
else atWorker(workerData);
