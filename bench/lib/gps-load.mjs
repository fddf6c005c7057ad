/**
 * Drivers' phones, many in one process: raw sockets, frames of one record made beforehand, tokens signed by itself. Open loop: each
 * phone sends when its time has come. Saturated: each sends as soon as its socket takes more. Prints one JSON line.
 */
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

const { port, secret, phones = 5_000, hz = 5, seconds = 10, isSaturated = false, frames = 8 } = JSON.parse(process.argv[2] ?? '{}');
const TENANT = '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a01';
const FRAME_BYTES = 38;
const CONNECTING = 100;
const TICK_MS = 2;
const METRES_PER_DEGREE = 111_195;
const SPEED_MPS = 8;
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Data shard 3, and a lane that spreads over the threads. */
const driverId = (i) => `drv_3${CROCKFORD[i % 32]}phone${i}`;

function tokenOf(sub) {
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, tenant_id: TENANT, roles: ['driver'], iss: 'wakala', aud: 'wakala', exp: Math.floor(Date.now() / 1_000) + 3_600 })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

function open(i) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const heading = (i * 2 * Math.PI) / 97;
    const phone = { socket, lat: -26.2 + (i % 100) * 0.002, lng: 27.9 + Math.floor(i / 100) * 0.002, heading, sentAtMs: Date.now() };
    socket.once('data', (data) => {
      if (!data.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(data.toString('latin1').slice(0, 200)));
      socket.on('data', () => undefined);
      resolve(phone);
    });
    socket.once('error', reject);
    socket.once('close', () => {
      closed++;
    });
    socket.write(
      `GET /v1/driver/socket?token=${tokenOf(driverId(i))} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
  });
}

/** `count` frames whose fixes lie evenly between the last one and now; a mask of zeros leaves the payload as it is. */
function framesOf(phone, count) {
  const nowMs = Date.now();
  const stepMs = (nowMs - phone.sentAtMs) / count;
  const buffer = Buffer.alloc(count * FRAME_BYTES);
  for (let i = 0; i < count; i++) {
    phone.sentAtMs += stepMs;
    const metres = (SPEED_MPS * stepMs) / 1_000;
    phone.lat += (metres * Math.cos(phone.heading)) / METRES_PER_DEGREE;
    phone.lng += (metres * Math.sin(phone.heading)) / (METRES_PER_DEGREE * 0.9);
    const at = i * FRAME_BYTES;
    buffer[at] = 0x82;
    buffer[at + 1] = 0x80 | 32;
    buffer[at + 6] = 1;
    buffer[at + 7] = 3;
    buffer.writeUInt16LE(80, at + 8);
    buffer.writeUInt16LE(SPEED_MPS * 100, at + 10);
    buffer.writeDoubleLE(phone.lat, at + 14);
    buffer.writeDoubleLE(phone.lng, at + 22);
    buffer.writeDoubleLE(phone.sentAtMs, at + 30);
  }
  return buffer;
}

let closed = 0;
let sent = 0;
const all = [];
for (let from = 0; from < phones; from += CONNECTING)
  all.push(...(await Promise.all(Array.from({ length: Math.min(CONNECTING, phones - from) }, (_, i) => open(from + i)))));
console.error(`gps-load: ${all.length} phones connected`);
process.send?.('connected');

const startedMs = performance.now();
const endMs = startedMs + seconds * 1_000;
if (isSaturated) {
  await Promise.all(
    all.map(
      (phone) =>
        new Promise((resolve) => {
          // A phone that was cut off has sent what it will; the others go on.
          phone.socket.once('close', resolve);
          const pump = () => {
            if (phone.socket.destroyed) return;
            if (performance.now() >= endMs) return resolve();
            // A fix a millisecond at most: more would be duplicates.
            const count = Math.min(frames, Math.floor(Date.now() - phone.sentAtMs));
            if (count === 0) return setTimeout(pump, 1);
            sent += count;
            if (phone.socket.write(framesOf(phone, count))) setImmediate(pump);
            else phone.socket.once('drain', pump);
          };
          pump();
        }),
    ),
  );
} else {
  await new Promise((resolve) => {
    const perMs = (phones * hz) / 1_000;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const due = Math.floor((nowMs - startedMs) * perMs);
      for (; sent < due; sent++) {
        const phone = all[sent % phones];
        phone.socket.write(framesOf(phone, 1));
      }
      if (nowMs < endMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}
const tookS = (performance.now() - startedMs) / 1_000;
console.log(JSON.stringify({ sent, perSecond: Math.round(sent / tookS), closed }));
process.exit(0);
