/**
 * What does a conversation cost that nobody writes to at the moment? Memory of an awake one and of a sleeping one, and the time to
 * wake one from the journal, with the database's pages warm. One worker's runtime in this process, the real conversation actor and the
 * real store; no sockets. Not measured: a cold disk.
 */
import { conversationBehaviour } from '../src/actors/conversation/actor.ts';
import type { TenantView } from '../src/actors/tenant/view.ts';
import { DEMO_PRODUCTS, DEMO_TENANT } from '../src/demo/demo-tenant.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { type EntityRef, SHARDS } from '../src/runtime/entity.ts';
import { NactExecutor } from '../src/runtime/executor/nact-executor.ts';
import { ThreadRuntime } from '../src/runtime/thread/thread-runtime.ts';
import { openBenchDatabase } from './lib/bench-database.ts';
import { percentile, report, round } from './lib/figures.ts';

const CUSTOMERS = 10_000;
const SLEEPERS = 100_000;
const TEXTS = ['hi', '2 kota and a coke pls', 'a vetkoek', 'remove coke', 'cart'] as const;
const IN_FLIGHT = 500;
const WAKING_TOGETHER = 8;
const IDLE_MS = 600_000;
/** As production keeps it. */
const AWAKE_MAX = 50_000;

if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
const database = await openBenchDatabase();
const view: TenantView = {
  tenantId: 1,
  uuid: '00000000-0000-4000-8000-000000000001',
  status: 'active',
  dataShard: 0,
  version: 1,
  settings: DEMO_TENANT,
  products: DEMO_PRODUCTS.map((product) => ({ ...product, available: true })),
};

async function openRuntime(entityMax = AWAKE_MAX): Promise<ThreadRuntime> {
  const thread = await database.thread(new Map([['conversation', conversationBehaviour.kindCode]]));
  const runtime = new ThreadRuntime({
    thread: 0,
    threadOf: () => 0,
    behaviours: [conversationBehaviour],
    handlers: new Map([
      [
        'whatsapp.send',
        async ({ ref, id }) => {
          const whatsappId = `wamid.${id}`;
          if (recording) sent.set(ref.id, [...(sent.get(ref.id) ?? []), whatsappId]);
          return { type: 'send_succeeded', opaqueId: id, whatsappId };
        },
      ],
    ]),
    executor: new NactExecutor(),
    clock: systemClock,
    store: thread.journal,
    limits: {
      commandMax: 1_000,
      systemMax: 4_096,
      entityMax,
      idleMs: IDLE_MS,
      batchMax: 500,
      flushMs: 2,
      mailboxTotal: 65_536,
      snapshotEvery: 200,
      poisonTries: 3,
      restartsPerMinute: 5,
      linkCredit: { messages: 8_192, bytes: 4 * 1024 * 1024 },
    },
    log: console,
    random: Math.random,
    reopen: () => Promise.reject(new Error('the bench lost its database')),
    schedule: (task) => void setImmediate(task),
    viewOf: () => view,
  });
  const opened = await thread.journal.openShards([...database.epochs.keys()]);
  runtime.serve(
    new Map(
      [...database.epochs].map(([shard, epoch]) => [
        shard,
        { epoch, ...(opened.get(shard) ?? { lastPos: 0, effectsCheckpoint: 0, passed: null }) },
      ]),
    ),
  );
  return runtime;
}

const sent = new Map<string, string[]>();
let recording = true;

const customer = (n: number): EntityRef => ({ tenantId: 1, kind: 'conversation', id: `cus_${n}`, shard: n % SHARDS });

/** `work` for 0..count-1, a bounded number at a time. */
async function each(count: number, together: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

async function write(runtime: ThreadRuntime, n: number, text: string): Promise<void> {
  const command = {
    type: 'receive',
    whatsappId: `wamid.${n}.${text}`,
    sentAtMs: Date.now(),
    contact: { waId: `2760${n}`, userId: null, name: 'Thandi' },
    content: { kind: 'text', text },
  };
  const answer = await runtime.ask(customer(n), command, { commandId: `wa:${n}.${text}`, storeReply: false });
  if (!answer.ok) throw new Error(`not taken: ${JSON.stringify(answer)}`);
}

/** Every reply that is still on its way is reported as read. */
async function read(runtime: ThreadRuntime, n: number): Promise<void> {
  for (const whatsappId of sent.get(customer(n).id) ?? []) {
    const command = {
      type: 'status',
      whatsappId,
      opaqueId: whatsappId.slice('wamid.'.length),
      status: 'read',
      atMs: Date.now(),
      errorCode: null,
    };
    await runtime.ask(customer(n), command, { commandId: `st:${whatsappId}:read`, storeReply: false });
  }
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

try {
  const first = await openRuntime();
  for (const text of TEXTS) await each(CUSTOMERS, IN_FLIGHT, (n) => write(first, n, text));
  // The customer's phone shows the last reply: one status for each, as Meta sends them.
  await each(CUSTOMERS, IN_FLIGHT, (n) => read(first, n));
  await first.close();
  recording = false;
  sent.clear();

  // One at a time first, then several together, each conversation once.
  const second = await openRuntime();
  const wake = async (n: number, into: number[]): Promise<void> => {
    const startedMs = performance.now();
    const answer = await second.ask(customer(n), { type: 'get' });
    into.push(performance.now() - startedMs);
    if (!answer.ok) throw new Error('did not wake');
  };
  const [alone, together]: [number[], number[]] = [[], []];
  await each(500, 1, (n) => wake(n, []));
  await each(1_500, 1, (n) => wake(500 + n, alone));
  const before = heap();
  await each(CUSTOMERS - 2_000, WAKING_TOGETHER, (n) => wake(2_000 + n, together));
  const bytes = (heap() - before) / (CUSTOMERS - 2_000);
  for (const [question, values] of [
    ['waking one conversation from the journal, one at a time', alone],
    [`the same, ${WAKING_TOGETHER} at a time`, together],
  ] as const)
    report({
      question,
      unit: 'ms',
      p50: round(percentile(values, 0.5), 2),
      p99: round(percentile(values, 0.99), 2),
      max: round(percentile(values, 1), 2),
      aim_p99: 10,
    });
  report({
    question: 'idle awake conversation with a cart, key included',
    value: round(bytes),
    unit: 'bytes',
    aim: 4_096,
    conversations: CUSTOMERS - 2_000,
  });
  await second.close();

  // Few may stay awake, so that nearly all of them sleep: what is left of a sleeper?
  const third = await openRuntime(1_000);
  await each(2_000, IN_FLIGHT, (n) => write(third, 200_000 + n, 'hi'));
  const empty = heap();
  await each(SLEEPERS, IN_FLIGHT, (n) => write(third, 300_000 + n, 'hi'));
  report({
    question: 'sleeping conversation',
    value: round((heap() - empty) / SLEEPERS, 1),
    unit: 'bytes',
    conversations: SLEEPERS,
    awake: third.entities,
  });
  await third.close();
} finally {
  await database.close();
}
