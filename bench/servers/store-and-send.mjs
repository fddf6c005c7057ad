/**
 * The ceiling of answering, lean: what is left of Wakala's work when nothing is decided, sealed or guarded. Two threads verify, parse, write the
 * rows of one message and its answer in group commits, post a fixed answer to the fake Graph, and write that it was sent.
 * The rows are as large as Wakala's, the tables are its own; no actors and no fences.
 */
import uws from 'uWebSockets.js';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Pool } from 'undici';
import { byteaArray, int2Array, int4Array, int8Array, textArray, unnested } from '../../dist/persistence/postgres/binary-arrays.js';
import { connectClient } from '../../dist/persistence/postgres/connect.js';
import { roundTrip } from '../../dist/persistence/postgres/round-trip.js';

const THREADS = 2;
const BATCH_MAX = 500;
const STATEMENT_TIMEOUT_MS = 60_000;
const GRAPH_CONNECTIONS = 64;
const SHARDS_A_THREAD = 512;
const TENANT = 1;
const KIND = 2;
/** Bytes of the columns as the journal of a bench showed them. */
const [DATA, PERSONAL, EFFECTS, SENT_DATA] = [220, 603, 60, 82].map((bytes) => Buffer.alloc(bytes, 1));
const ANSWER_TEXT = 'Your cart: 2 x Kota R30.00, 1 x Coke R15.00. Total R45.00. '.repeat(4);

const INSERT_JOURNAL = `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, subject_id, data,
    personal, effects, meta)
  select ${unnested('int', 'smallint', 'text', 'bigint', 'smallint', 'bigint', 'bigint', 'text', 'smallint', 'bigint', 'text', 'bytea', 'bytea', 'bytea', 'bytea')}`;
const INSERT_PROCESSED = `insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id)
  select ${unnested('int', 'text', 'smallint', 'text')}`;
const INSERT_MESSAGES = `insert into app.messages (tenant_id, customer_id, message_id, direction, whatsapp_id, kind, status, at_ms, seq, pointer)
  select ${unnested('int', 'text', 'text', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'text')}`;
const UPDATE_MESSAGES = `update app.messages m set whatsapp_id = n.whatsapp_id, status = 'sent'
  from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as n (tenant_id, customer_id, message_id, whatsapp_id)
  where (m.tenant_id, m.customer_id, m.message_id) = (n.tenant_id, n.customer_id, n.message_id)`;
const UPSERT_CONVERSATIONS = `insert into app.conversations as c (tenant_id, customer_id, state, language, updated_at_ms, seq)
  select ${unnested('int', 'text', 'text', 'text', 'bigint', 'bigint')}
  on conflict (tenant_id, customer_id) do update set state = excluded.state, updated_at_ms = excluded.updated_at_ms, seq = excluded.seq`;

const constant = (rows, value) => rows.map(() => value);
const column = (rows, name) => rows.map((row) => row[name]);

function journal(rows, nowMs) {
  const values = [
    int4Array(constant(rows, TENANT)),
    int2Array(constant(rows, KIND)),
    textArray(column(rows, 'customer')),
    int8Array(column(rows, 'seq')),
    int2Array(column(rows, 'shard')),
    int8Array(column(rows, 'pos')),
    int8Array(constant(rows, 1)),
    textArray(column(rows, 'type')),
    int2Array(constant(rows, 1)),
    int8Array(constant(rows, nowMs)),
    textArray(column(rows, 'customer')),
    byteaArray(rows.map((row) => (row.res ? DATA : SENT_DATA))),
    byteaArray(rows.map((row) => (row.res ? PERSONAL : null))),
    byteaArray(rows.map((row) => (row.res ? EFFECTS : null))),
    byteaArray(constant(rows, null)),
  ];
  return { name: 'journal', text: INSERT_JOURNAL, values };
}

function received(rows, nowMs) {
  const messages = [];
  for (const { customer, seq, whatsappId, answer } of rows) {
    messages.push({ customer, seq, message: whatsappId, direction: 'in', whatsappId, status: 'received', pointer: 'in' });
    messages.push({ customer, seq, message: answer, direction: 'out', whatsappId: null, status: 'queued', pointer: 'out:0' });
  }
  const conversations = [...new Map(rows.map((row) => [row.customer, row])).values()];
  const processed = [constant(rows, TENANT), column(rows, 'whatsappId'), constant(rows, KIND), column(rows, 'customer')];
  return [
    {
      name: 'processed',
      text: INSERT_PROCESSED,
      values: [int4Array(processed[0]), textArray(processed[1]), int2Array(processed[2]), textArray(processed[3])],
    },
    {
      name: 'messages',
      text: INSERT_MESSAGES,
      values: [
        int4Array(constant(messages, TENANT)),
        ...['customer', 'message', 'direction', 'whatsappId'].map((name) => textArray(column(messages, name))),
        textArray(constant(messages, 'text')),
        textArray(column(messages, 'status')),
        int8Array(constant(messages, nowMs)),
        int8Array(column(messages, 'seq')),
        textArray(column(messages, 'pointer')),
      ],
    },
    {
      name: 'conversations',
      text: UPSERT_CONVERSATIONS,
      values: [
        int4Array(constant(conversations, TENANT)),
        textArray(column(conversations, 'customer')),
        textArray(constant(conversations, 'CART')),
        textArray(constant(conversations, 'en')),
        int8Array(constant(conversations, nowMs)),
        int8Array(column(conversations, 'seq')),
      ],
    },
  ];
}

function sent(rows) {
  const names = ['customer', 'answer', 'whatsappId'];
  const values = [int4Array(constant(rows, TENANT)), ...names.map((name) => textArray(column(rows, name)))];
  return [{ name: 'sent', text: UPDATE_MESSAGES, values }];
}

class Thread {
  #lastSeq = new Map();
  #lastPos = new Map();
  #waiting = [];
  #isWriting = false;

  constructor(database, graph) {
    this.database = database;
    this.graph = graph;
  }

  append(row) {
    row.seq = nextOf(this.#lastSeq, row.customer);
    row.pos = nextOf(this.#lastPos, row.shard);
    this.#waiting.push(row);
    if (!this.#isWriting) void this.#write();
  }

  /** What comes while one batch is written is the next one. */
  async #write() {
    this.#isWriting = true;
    await new Promise(setImmediate);
    for (; this.#waiting.length > 0; await new Promise(setImmediate)) {
      const rows = this.#waiting.splice(0, BATCH_MAX);
      const [ins, outs] = [rows.filter((row) => row.res), rows.filter((row) => !row.res)];
      const nowMs = Date.now();
      const statements = [journal(rows, nowMs), ...(ins.length > 0 ? received(ins, nowMs) : []), ...(outs.length > 0 ? sent(outs) : [])];
      await roundTrip(this.database, statements);
      for (const row of ins) {
        row.res.cork(() => row.res.endWithoutBody(0));
        this.#send(row);
      }
    }
    this.#isWriting = false;
  }

  #send({ customer, shard, answer, from }) {
    const chunks = [];
    this.graph.dispatch(graphCall(from), {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: (_controller, chunk) => chunks.push(chunk),
      onResponseEnd: () => {
        const whatsappId = JSON.parse(Buffer.concat(chunks).toString()).messages[0].id;
        this.append({ res: null, customer, shard, type: 'message_sent', from, answer, whatsappId, seq: 0, pos: 0 });
      },
      onResponseError: (_controller, error) => {
        throw error;
      },
    });
  }
}

function nextOf(last, of) {
  const next = (last.get(of) ?? 0) + 1;
  last.set(of, next);
  return next;
}

function graphCall(to) {
  const buttons = ['Check out', 'Menu'].map((title) => ({ type: 'reply', reply: { id: title, title } }));
  const interactive = { type: 'button', body: { text: ANSWER_TEXT }, action: { buttons } };
  const body = JSON.stringify({ messaging_product: 'whatsapp', recipient_type: 'individual', to, type: 'interactive', interactive });
  const headers = { authorization: 'Bearer bench-token', 'content-type': 'application/json' };
  return { path: '/v23.0/1/messages', method: 'POST', headers, body };
}

async function atWorker({ port, secret, host, databasePort, graphPort, thread }) {
  // The writer's own connection: without its planning the same statements take up to three times as long.
  const address = { host, port: databasePort, user: 'postgres', database: 'postgres' };
  const database = await connectClient({ address, role: 'wakala_writer', statementTimeoutMs: STATEMENT_TIMEOUT_MS }, () => undefined);
  await database.query(`set app.tenant_ids = '{${TENANT}}'`);
  const writer = new Thread(database, new Pool(`http://127.0.0.1:${graphPort}`, { connections: GRAPH_CONNECTIONS }));
  const key = createSecretKey(Buffer.from(secret));
  uws
    .App()
    .post('/webhooks/whatsapp', (res, req) => {
      const signature = req.getHeader('x-hub-signature-256');
      res.onAborted(() => undefined);
      res.onData((chunk, last) => {
        if (!last) return;
        const body = Buffer.from(chunk).toString('latin1');
        const digest = Buffer.from(`sha256=${createHmac('sha256', key).update(body, 'latin1').digest('hex')}`, 'latin1');
        const given = Buffer.from(signature, 'latin1');
        if (digest.length !== given.length || !timingSafeEqual(digest, given)) return res.writeStatus('401 Unauthorized').end();
        const { from, id } = JSON.parse(body).entry[0].changes[0].value.messages[0];
        // A customer is written by either thread as its own here, so that nothing crosses between them.
        const customer = `cus_${thread}0000000${from.padStart(12, '0')}`;
        const shard = thread * SHARDS_A_THREAD + (Number(from.slice(-4)) % SHARDS_A_THREAD);
        writer.append({ res, customer, shard, type: 'message_received', from, answer: `${id}/0`, whatsappId: id, seq: 0, pos: 0 });
      });
    })
    .listen('127.0.0.1', port, (socket) => parentPort.postMessage(socket ? 'listening' : 'failed'));
}

if (isMainThread) {
  const [port, secret, host, databasePort, graphPort] = process.argv.slice(2);
  let ready = 0;
  for (let thread = 0; thread < THREADS; thread++) {
    const data = { port: Number(port), secret, host, databasePort: Number(databasePort), graphPort: Number(graphPort), thread };
    new Worker(new URL(import.meta.url), { workerData: data }).on('message', () => {
      if (++ready === THREADS) console.log('ready');
    });
  }
  // An orderly exit would abort over the sockets that uWebSockets still holds in the threads' loops.
  process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
} else await atWorker(workerData);
