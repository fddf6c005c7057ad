/**
 * A lean webhook generator: bodies signed beforehand, raw sockets, one request in flight a connection. Closed loop
 * for saturation; open loop (`rate`) with latency counted from when a request was due, so that waiting counts.
 * Runs as a process of its own and prints one JSON line.
 */
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

const options = JSON.parse(process.argv[2] ?? '{}');
const {
  port,
  connections = 64,
  seconds = 10,
  rate = 0,
  customers = 10_000,
  secret,
  phoneNumberId,
  prefix,
  expected = 200_000,
  text = '2 kota and a coke pls',
} = options;
/** How long after the end answers may still come. */
const GRACE_S = 30;
const total = rate > 0 ? rate * seconds : expected;

function body(i) {
  const waId = String(27_600_100_000 + (i % customers));
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '100000000000001',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '27600000100', phone_number_id: phoneNumberId },
              contacts: [{ profile: { name: 'Thandi M' }, wa_id: waId, user_id: `ZA.${waId}0000` }],
              messages: [
                {
                  from: waId,
                  id: `wamid.HBgLMjc2MDAwMDAwMDEVAgASGBQz${prefix}${i}`,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  type: 'text',
                  text: { body: text },
                },
              ],
            },
          },
        ],
      },
    ],
  });
}

const requests = [];
for (let i = 0; i < total; i++) {
  const json = body(i);
  const signature = createHmac('sha256', secret).update(json).digest('hex');
  requests.push(
    Buffer.from(
      `POST /webhooks/whatsapp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nx-hub-signature-256: sha256=${signature}\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
    ),
  );
}

let next = 0;
const latencies = [];
const statuses = {};
let finished;
const done = new Promise((resolve) => (finished = resolve));
const startedMs = performance.now();
const endMs = startedMs + seconds * 1000;
const idle = [];
let waiting = 0;

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const slot = { socket, dueMs: 0, pending: '', busy: false, closed: false };
    socket.once('connect', () => resolve(slot));
    socket.once('error', reject);
    // The server ends a connection that was quiet for long: one that waits for nothing is opened again, any other is a lost request.
    socket.once('close', () => {
      slot.closed = true;
      if (slot.busy) fail('a connection was closed with a request on it');
    });
    socket.on('data', (chunk) => {
      slot.pending += chunk.toString('latin1');
      const head = slot.pending.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(slot.pending)?.[1] ?? 0);
      if (slot.pending.length < head + 4 + length) return;
      const status = slot.pending.slice(9, 12);
      slot.pending = '';
      slot.busy = false;
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies.push(performance.now() - slot.dueMs);
      if (rate > 0) {
        idle.push(slot);
        waiting--;
        pump();
      } else fire(slot);
    });
  });
}

function fail(text) {
  console.error(`webhook-load: ${text}`);
  process.exit(1);
}

function send(slot, dueMs) {
  slot.dueMs = dueMs;
  slot.busy = true;
  slot.socket.write(requests[next++]);
}

function fire(slot) {
  const nowMs = performance.now();
  if (next >= requests.length || nowMs > endMs) {
    idle.push(slot);
    if (idle.length === connections) finished();
    return;
  }
  send(slot, nowMs);
}

/** Open loop: whatever is due is sent as soon as a connection is free; its clock runs since it was due. */
function pump() {
  const nowMs = performance.now();
  // The first is due at once.
  const due = Math.min(requests.length, Math.floor(((nowMs - firstMs) / 1000) * rate) + 1);
  while (next < due && idle.length > 0) {
    // The one that was quiet for longest: so none is quiet for long.
    const slot = idle.shift();
    if (slot.closed) {
      void open().then((fresh) => {
        idle.unshift(fresh);
        pump();
      });
      continue;
    }
    waiting++;
    send(slot, firstMs + (next / rate) * 1000);
  }
  if (next >= requests.length && waiting === 0) finished();
}

setTimeout(fail, (seconds + GRACE_S) * 1000, 'not everything was answered in time').unref();
const slots = await Promise.all(Array.from({ length: connections }, open));
const firstMs = performance.now();
if (rate > 0) {
  idle.push(...slots);
  const ticker = setInterval(pump, 1);
  await done;
  clearInterval(ticker);
} else {
  for (const slot of slots) fire(slot);
  await done;
}
const tookS = (performance.now() - firstMs) / 1000;
latencies.sort((a, b) => a - b);
const at = (share) => Math.round((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0) * 100) / 100;
console.log(
  JSON.stringify({
    requests: latencies.length,
    perSecond: Math.round(latencies.length / tookS),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
    statuses,
  }),
);
process.exit(0);
