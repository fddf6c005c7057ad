/**
 * How fast does the runtime itself move messages? No database: volatile actors, one thread, then two.
 * Baseline in the same run: plain nact, one event-loop turn a message. Not measured: journal, sockets.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import { dispatch, spawn, start, stop } from 'nact';
import type { VolatileBehaviour } from '../src/runtime/behaviour.ts';
import { Link } from '../src/runtime/thread/link.ts';
import { MemoryStore } from '../test/support/memory-store.ts';
import { ref, startRuntime } from '../test/support/runtime.ts';
import { median, repeat, report, round } from './lib/figures.ts';

const ACTORS = 10_000;
const TELLS = 300_000;
const ASKS = 300_000;
const IN_FLIGHT = 10_000;
const CROSS = 300_000;
const RUNS = 7;
/** As production has it. */
const CREDIT = { messages: 8_192, bytes: 4 * 1024 * 1024 };

let handled = 0;
let allHandled: () => void = () => undefined;

const probe: VolatileBehaviour<number, number> = {
  durable: false,
  kind: 'probe',
  initial: () => 0,
  receive(state, message, context) {
    if (message === 1) context.reply(state);
    else if (++handled === TELLS) allHandled();
    return state + 1;
  },
};

const { runtime } = await startRuntime({ behaviours: [probe], limits: { entityMax: 200_000, idleMs: 600_000 } });
const refs = Array.from({ length: ACTORS }, (_, i) => ref(`probe${i}`, i % 1_024, 'probe'));
await Promise.all(refs.map((to) => runtime.ask(to, 1)));

async function tells(): Promise<number> {
  handled = 0;
  const done = new Promise<void>((resolve) => (allHandled = resolve));
  const startedMs = performance.now();
  for (let i = 0; i < TELLS; i++) runtime.tell(refs[i % ACTORS] as (typeof refs)[0], 0);
  await done;
  return (TELLS / (performance.now() - startedMs)) * 1_000;
}

async function plainNact(): Promise<number> {
  const system = start();
  let count = 0;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const actors = Array.from({ length: ACTORS }, (_, i) =>
    spawn(
      system as never,
      ((state: number) => {
        if (++count === TELLS) finish();
        return state;
      }) as never,
      `n${i}`,
    ),
  );
  const startedMs = performance.now();
  for (let i = 0; i < TELLS; i++) dispatch(actors[i % ACTORS] as never, 0 as never);
  await done;
  const rate = (TELLS / (performance.now() - startedMs)) * 1_000;
  for (const actor of actors) stop(actor as never);
  stop(system as never);
  return rate;
}

async function asks(): Promise<number> {
  const startedMs = performance.now();
  for (let sent = 0; sent < ASKS; sent += IN_FLIGHT) {
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => runtime.ask(refs[i % 1_000] as (typeof refs)[0], 1)));
  }
  return (ASKS / (performance.now() - startedMs)) * 1_000;
}

const baseline = median(await repeat(3, plainNact));
const tellRate = median(await repeat(RUNS, tells));
report({
  question: 'local tells over 10,000 actors',
  value: round(tellRate),
  unit: 'messages/s',
  runs: RUNS,
  aim: 2_500_000,
  ratio_to_plain_nact: round(tellRate / baseline, 1),
});
const askRate = median(await repeat(RUNS, asks));
report({ question: 'local asks, 10,000 in flight', value: round(askRate), unit: 'asks/s', runs: RUNS, aim: 1_000_000 });
await runtime.close();

// spawn and memory: actors that were asked once and are idle now
const fresh = await startRuntime({ behaviours: [probe], limits: { entityMax: 200_000, idleMs: 600_000 }, store: new MemoryStore() });
const MANY = 100_000;
const many = Array.from({ length: MANY }, (_, i) => ref(`m${i}`, i % 1_024, 'probe'));
globalThis.gc?.();
const before = process.memoryUsage();
const spawnedMs = performance.now();
for (let at = 0; at < MANY; at += IN_FLIGHT) await Promise.all(many.slice(at, at + IN_FLIGHT).map((to) => fresh.runtime.ask(to, 1)));
report({ question: 'activations of volatile actors', value: round((MANY / (performance.now() - spawnedMs)) * 1_000), unit: 'actors/s' });
globalThis.gc?.();
const after = process.memoryUsage();
report({
  question: 'idle volatile actor',
  value: round((after.heapUsed - before.heapUsed) / MANY),
  unit: 'bytes of heap',
  exact: globalThis.gc !== undefined,
});
await fresh.runtime.close();

// across threads: a link to a thread that decodes every message and counts
const message = {
  k: 0,
  to: { tenantId: 1, kind: 'conversation', id: 'cus_0123456789abcdefghij', shard: 77 },
  m: {
    type: 'receive',
    whatsappId: 'wamid.HBgLMjc2MDAwMDAwMDEVAgASGBQzQTdGRDk=',
    text: '2 kota and a coke pls',
    sentAtMs: 1_795_161_600_000,
  },
  ask: 0,
  id: 'wa:wamid.HBgLMjc2MDAwMDAwMDEVAgASGBQzQTdGRDk=',
  fp: null,
  store: false,
  dl: 1_795_161_610_000,
  lane: 'command',
  cor: null,
};
const worker = new Worker(new URL('./lib/counting-worker.mjs', import.meta.url));
const { port1, port2 } = new MessageChannel();
worker.postMessage({ port: port2, expected: CROSS }, [port2]);
const link = new Link<typeof message>(port1, CREDIT, () => undefined);

async function cross(): Promise<number> {
  const done = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  const startedMs = performance.now();
  let sent = 0;
  const pump = (): void => {
    while (sent < CROSS && link.send(message, false)) sent++;
    if (sent < CROSS) setImmediate(pump);
  };
  pump();
  await done;
  return (CROSS / (performance.now() - startedMs)) * 1_000;
}

const crossRate = median(await repeat(RUNS, cross));
report({ question: 'tells across threads, decoded', value: round(crossRate), unit: 'messages/s', runs: RUNS, aim: 300_000 });
link.close();
await worker.terminate();
