/**
 * The orders of a city, through the API to READY at a steady rate. When its parent says that a driver has one, the time since `ready`
 * counts; after a short ride the shop cancels it, so that the fleet stays free. Open loop. Told what to do by its parent.
 */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

const CONNECTIONS = 32;
const CUSTOMERS = 2_000;
const FIRST_CUSTOMER = 27_610_000_000;
const RIDE_MS = 5_000;
/** A job without a driver for so long counts as not assigned. */
const ASSIGNED_MAX_MS = 60_000;
const DROPOFF_M = 3_000;
const METRES_PER_DEGREE = 111_195;

const counts = { opened: 0, assigned: 0, unassigned: 0, cancelled: 0, failed: {} };
const delaysMs = [];
const requestsMs = [];
const waiting = new Map();
let setting;
let pool;
let next = 0;

async function call(method, path, body, key) {
  const headers = { authorization: `Bearer ${setting.token}`, 'content-type': 'application/json' };
  if (key !== undefined) headers['idempotency-key'] = key;
  const startedMs = performance.now();
  const answer = await pool.request({ method, path, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await answer.body.text();
  requestsMs.push(performance.now() - startedMs);
  if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${JSON.parse(text).code}`);
  return JSON.parse(text);
}

/** @returns when a driver's phone was told, unix ms; null when none was in time */
function assignedAt(orderId) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), ASSIGNED_MAX_MS);
    const settle = (atMs) => {
      clearTimeout(timer);
      waiting.delete(orderId);
      resolve(atMs);
    };
    waiting.set(orderId, settle);
  });
}

async function order(i) {
  const { lat, lng } = setting.center;
  const north = (DROPOFF_M * Math.cos(i)) / METRES_PER_DEGREE;
  const east = (DROPOFF_M * Math.sin(i)) / METRES_PER_DEGREE;
  const body = {
    customer: { wa_id: String(FIRST_CUSTOMER + (i % CUSTOMERS)), name: 'Sipho' },
    items: [{ product_id: setting.productId, quantity: 1 }],
    delivery: { location: { lat: lat + north, lng: lng + east } },
  };
  const { id } = await call('POST', '/v1/orders', body, randomUUID());
  await call('POST', `/v1/orders/${id}/accept`, {});
  await call('POST', `/v1/orders/${id}/prepare`, {});
  const assigned = assignedAt(id);
  const readyAtMs = Date.now();
  await call('POST', `/v1/orders/${id}/ready`, {});
  counts.opened++;
  const atMs = await assigned;
  if (atMs === null) counts.unassigned++;
  else {
    counts.assigned++;
    delaysMs.push(atMs - readyAtMs);
    await new Promise((resolve) => setTimeout(resolve, RIDE_MS));
  }
  await call('POST', `/v1/orders/${id}/cancel`, { reason: 'the shop has sold out' });
  counts.cancelled++;
}

function start() {
  pool = new Pool(`http://127.0.0.1:${setting.port}`, { connections: CONNECTIONS });
  const startedMs = performance.now();
  return setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) * setting.perS) / 1_000);
    for (; next < due; next++)
      order(next).catch((error) => {
        counts.failed[error.message] = (counts.failed[error.message] ?? 0) + 1;
      });
  }, 10);
}

process.on('message', (message) => {
  if (message.type === 'start') {
    setting = message;
    start();
  } else if (message.type === 'assigned') waiting.get(message.orderId)?.(message.atMs);
  else if (message.type === 'counts') process.send({ type: 'counts', cpu: process.cpuUsage(), ...counts, delaysMs, requestsMs });
  else process.exit(0);
});
