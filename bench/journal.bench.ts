/**
 * What does the journal cost over writing rows? Ceiling in the same run: a loop on one connection that inserts the same rows in
 * batches of the same size into a table with the same columns and indexes, encoded beforehand, one commit a batch. The journal adds
 * the fence, row-level security, encoding, gathering from a thousand actors and telling each of them. Not measured: actors that decide.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type pg from 'pg';
import { byteaArray, int2Array, int4Array, int8Array, textArray, unnested } from '../src/persistence/postgres/binary-arrays.ts';
import { connectClient } from '../src/persistence/postgres/connect.ts';
import { encode } from '../src/persistence/postgres/encoding.ts';
import { type Entry, GroupCommit } from '../src/runtime/journal/group-commit.ts';
import type { JournalRow } from '../src/runtime/journal/store.ts';
import { openBenchDatabase } from './lib/bench-database.ts';
import { median, report, round } from './lib/figures.ts';

const BATCH = 500;
const EVENTS = 60_000;
const ENTITIES = 1_000;
/** Two batches: one on its way, one that gathers. */
const IN_FLIGHT = BATCH * 2;
const RUNS = 5;
const TENANT = 1;
const KIND = 2;
const DATA = { set: { state: 'CART', step: null }, inbound: { whatsappId: 'wamid.HBgLMjc2MDAwMDAwMDEVAgASGBQzQTdG', kind: 'text' } };
const PERSONAL = {
  content: { kind: 'text', text: '2 kota and a coke pls' },
  contact: { waId: '27600000001', userId: null, name: 'Thandi' },
};

const database = await openBenchDatabase();
const thread = await database.thread(new Map([['conversation', KIND]]));
const bare = await connectClient({ address: database.address, role: null, statementTimeoutMs: 60_000 }, () => undefined);

/** The journal's table without its rules. */
async function createBareTable(client: pg.Client): Promise<void> {
  await client.query('create table bare (like app.journal including defaults including indexes)');
}

async function bareLoop(): Promise<number> {
  await bare.query('truncate bare');
  const [data, personal] = [encode(DATA) as Buffer, Buffer.alloc((encode(PERSONAL) as Buffer).length + 30)];
  const startedMs = performance.now();
  for (let from = 0; from < EVENTS; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, i) => from + i);
    const shard = (n: number): number => n % ENTITIES;
    await bare.query('begin');
    await bare.query({
      name: 'bare',
      text: `insert into bare select ${unnested('int', 'smallint', 'text', 'bigint', 'smallint', 'bigint', 'bigint', 'text', 'smallint', 'bigint', 'text', 'bytea', 'bytea', 'bytea', 'bytea')}`,
      values: [
        int4Array(rows.map(() => TENANT)),
        int2Array(rows.map(() => KIND)),
        textArray(rows.map((n) => `cus_${n % ENTITIES}`)),
        int8Array(rows.map((n) => Math.floor(n / ENTITIES) + 1)),
        int2Array(rows.map(shard)),
        int8Array(rows.map((n) => Math.floor(n / ENTITIES) + 1)),
        int8Array(rows.map(() => 1)),
        textArray(rows.map(() => 'message_received')),
        int2Array(rows.map(() => 1)),
        int8Array(rows.map(() => Date.now())),
        textArray(rows.map((n) => `cus_${n % ENTITIES}`)),
        byteaArray(rows.map(() => data)),
        byteaArray(rows.map(() => personal)),
        byteaArray(rows.map(() => null)),
        byteaArray(rows.map(() => null)),
      ],
    });
    await bare.query('commit');
  }
  return (EVENTS / (performance.now() - startedMs)) * 1_000;
}

const journal = new GroupCommit({
  store: thread.journal,
  batchMax: BATCH,
  flushMs: 2,
  reopen: () => Promise.reject(new Error('the bench lost its database')),
  fenced: () => undefined,
  schedule: (task) => void setImmediate(task),
  after: (ms, task) => void setTimeout(task, ms),
  retryLater: () => undefined,
});
for (const [shard, epoch] of database.epochs) journal.hold(shard, { epoch, lastPos: 0 });

let generation = 0;

async function throughJournal(personal: unknown): Promise<number> {
  generation++;
  let sent = 0;
  let written = 0;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    failed = () => reject(new Error('an event was not written'));
  });
  const append = (): void => {
    const n = sent++;
    const id = `${generation}-${n % ENTITIES}`;
    const ref = { tenantId: TENANT, kind: 'conversation', id, shard: n % ENTITIES };
    const row: JournalRow = {
      ref,
      kindCode: KIND,
      seq: Math.floor(n / ENTITIES) + 1,
      pos: 0,
      atMs: Date.now(),
      type: 'message_received',
      version: 1,
      data: DATA,
      personal,
      subjectId: personal === undefined ? null : `cus_${n % ENTITIES}`,
      meta: {},
    };
    journal.append({ ref, rows: [row], processed: null, timers: [], readModels: [], committed, failed: () => failed() } satisfies Entry);
  };
  const committed = (): void => {
    written++;
    if (sent < EVENTS) append();
    else if (written === EVENTS) finish();
  };
  const startedMs = performance.now();
  while (sent < IN_FLIGHT) append();
  await done;
  return (EVENTS / (performance.now() - startedMs)) * 1_000;
}
let failed: () => void = () => undefined;

try {
  await createBareTable(bare);
  const [loop, plain, sealed] = [[] as number[], [] as number[], [] as number[]];
  // In turns, so that a slow minute of the machine hits all three.
  for (let run = 0; run <= RUNS; run++) {
    const values = [await bareLoop(), await throughJournal(undefined), await throughJournal(PERSONAL)];
    await turn();
    if (run === 0) continue;
    for (const [i, list] of [loop, plain, sealed].entries()) list.push(values[i] as number);
  }
  const ceiling = median(loop);
  report({ question: 'ceiling: bare batched insert loop, same rows', value: round(ceiling), unit: 'events/s', batch: BATCH, runs: RUNS });
  for (const [question, values] of [
    ['journal, events without personal data', plain],
    ['journal, every event sealed under its person', sealed],
  ] as const) {
    report({
      question,
      value: round(median(values)),
      unit: 'events/s',
      ratio_to_ceiling: round(median(values.map((value, run) => value / (loop[run] as number))), 2),
      aim_of_ceiling: 0.7,
      runs: RUNS,
    });
  }
} finally {
  await bare.end();
  await database.close();
}
