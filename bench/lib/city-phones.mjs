/**
 * The phones of a city's drivers, thousands in one process: raw sockets, each on shift, riding its own circle around the shop and sending
 * 32-byte frames; each accepts what it is offered. Open loop: a phone sends when its time has come. Told what to do by its parent.
 */
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

const FRAME_BYTES = 38;
/** Upgrades at once; a phone that was cut off tries again after a while, as often as this. */
const CONNECTING_MAX = 50;
const TRIES_MAX = 10;
const RETRY_MS = 200;
const ONLINE_MAX_MS = 20_000;
const TICK_MS = 2;
const METRES_PER_DEGREE = 111_195;
const SPEED_MPS = 8;
const CIRCLE_M = 150;
const CITY_M = 6_000;
const GOLDEN_ANGLE = 2.399963;
const TURN = 2 * Math.PI;
const START_MS = Date.now();
const TOKEN_TTL_S = 7_200;
const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;

const counts = { sent: 0, unsent: 0, cutOff: 0, refused: 0, closed: {}, offers: 0, won: 0, lost: 0, errors: {} };
const phones = [];
let setting;
let isEnding = false;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(sub) {
  const claims = { sub, tenant_id: setting.tenantId, roles: ['driver'], iss: 'wakala', aud: 'wakala' };
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ ...claims, exp: Math.floor(Date.now() / 1_000) + TOKEN_TTL_S })}`;
  return `${body}.${createHmac('sha256', setting.secret).update(body).digest('base64url')}`;
}

/** A masked frame; a mask of zeros leaves the payload as it is. */
function frame(opcode, payload) {
  const isLong = payload.length > 125;
  const head = Buffer.alloc(isLong ? 8 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (isLong ? 126 : payload.length);
  if (isLong) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

function say(phone, message) {
  phone.socket?.write(frame(OPCODE_TEXT, Buffer.from(JSON.stringify(message))));
}

/** Frames of the server, which are whole and never masked; what is not complete waits. */
function hear(phone, chunk) {
  let data = phone.pending === null ? chunk : Buffer.concat([phone.pending, chunk]);
  phone.pending = null;
  for (;;) {
    const short = data.length < 2 ? 0 : data[1] & 0x7f;
    const head = short === 126 ? 4 : 2;
    const length = short === 126 && data.length >= 4 ? data.readUInt16BE(2) : short;
    if (data.length < head + length || data.length < head) break;
    obey(phone, data[0] & 0x0f, data.subarray(head, head + length));
    data = data.subarray(head + length);
  }
  if (data.length > 0) phone.pending = data;
}

function obey(phone, opcode, payload) {
  if (opcode === OPCODE_PING) phone.socket?.write(frame(OPCODE_PONG, payload));
  else if (opcode === OPCODE_CLOSE) phone.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
  else if (opcode === OPCODE_TEXT) heard(phone, JSON.parse(payload.toString()));
}

function heard(phone, message) {
  switch (message.type) {
    case 'ack':
      if (message.id === 'online') phone.online();
      else counts.won++;
      break;
    case 'error':
      if (message.id !== 'online' && message.code === 'offer.closed') counts.lost++;
      else counts.errors[message.code] = (counts.errors[message.code] ?? 0) + 1;
      break;
    case 'offer':
      counts.offers++;
      say(phone, { type: 'accept', id: message.offer_id, offer_id: message.offer_id });
      break;
    case 'delivery':
      process.send({ type: 'assigned', orderId: message.order_id, atMs: Date.now() });
      break;
    default:
      break;
  }
}

/** Connected and on shift. Rejects when the socket is refused or ends before that. */
function openOnce(phone) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: setting.port, host: '127.0.0.1', noDelay: true });
    const timer = setTimeout(() => socket.destroy(), ONLINE_MAX_MS);
    let isUpgraded = false;
    phone.pending = null;
    phone.closeCode = 1006;
    phone.online = () => {
      clearTimeout(timer);
      phone.isReady = true;
      resolve();
    };
    socket.on('data', (data) => {
      if (isUpgraded) return hear(phone, data);
      if (!data.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        counts.refused++;
        return socket.destroy();
      }
      isUpgraded = true;
      phone.socket = socket;
      say(phone, { type: 'status', id: 'online', status: 'online' });
      const rest = data.subarray(data.indexOf('\r\n\r\n') + 4);
      if (rest.length > 0) hear(phone, rest);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      const wasReady = phone.isReady;
      phone.socket = null;
      phone.isReady = false;
      if (isEnding) return;
      if (isUpgraded && !wasReady) counts.cutOff++;
      if (wasReady) {
        counts.closed[phone.closeCode] = (counts.closed[phone.closeCode] ?? 0) + 1;
        setTimeout(() => void open(phone), RETRY_MS);
      } else reject(new Error(`ended with ${phone.closeCode} before it was on shift`));
    });
    socket.write(
      `GET /v1/driver/socket?token=${phone.token} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
  });
}

async function open(phone) {
  for (let tries = 1; ; tries++) {
    try {
      return await openOnce(phone);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * tries));
    }
  }
}

/** On its circle, where its time has brought it. */
function placeOf(phone, nowMs) {
  // Of a small number: the sine of one in the millions takes many times as long.
  const angle = (phone.phase + (SPEED_MPS * (nowMs - START_MS)) / 1_000 / CIRCLE_M) % TURN;
  return {
    lat: phone.lat + (CIRCLE_M * Math.cos(angle)) / METRES_PER_DEGREE,
    lng: phone.lng + (CIRCLE_M * Math.sin(angle)) / (METRES_PER_DEGREE * phone.cosLat),
  };
}

function positionFrame(phone) {
  const nowMs = Date.now();
  const { lat, lng } = placeOf(phone, nowMs);
  const buffer = Buffer.allocUnsafe(FRAME_BYTES).fill(0, 2, 14);
  buffer[0] = 0x82;
  buffer[1] = 0x80 | 32;
  buffer[6] = 1;
  buffer[7] = 3;
  buffer.writeUInt16LE(80, 8);
  buffer.writeUInt16LE(SPEED_MPS * 100, 10);
  buffer.writeDoubleLE(lat, 14);
  buffer.writeDoubleLE(lng, 22);
  buffer.writeDoubleLE(nowMs, 30);
  return buffer;
}

/** A class, so that all have one shape: what the phones take of the machine the server does not have. */
class Phone {
  socket = null;
  isReady = false;
  pending = null;
  closeCode = 1006;
  online = () => undefined;

  /** Evenly over the city, by the golden angle. */
  constructor(driverId, i, all) {
    const { lat, lng } = setting.center;
    const metres = CITY_M * Math.sqrt((i + 0.5) / all);
    this.token = tokenOf(driverId);
    this.cosLat = Math.cos((lat * Math.PI) / 180);
    this.lat = lat + (metres * Math.cos(i * GOLDEN_ANGLE)) / METRES_PER_DEGREE;
    this.lng = lng + (metres * Math.sin(i * GOLDEN_ANGLE)) / (METRES_PER_DEGREE * this.cosLat);
    this.phase = i;
  }
}

async function connectAll() {
  phones.push(...setting.driverIds.map((driverId, i) => new Phone(driverId, i, setting.driverIds.length)));
  const startedMs = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < phones.length) await open(phones[next++]);
  };
  await Promise.all(Array.from({ length: setting.connecting ?? CONNECTING_MAX }, lane));
  return { tookS: (performance.now() - startedMs) / 1_000, cutOff: counts.cutOff, refused: counts.refused };
}

/** From now on until told to stop. */
function ride() {
  const startedMs = performance.now();
  const perMs = (phones.length * setting.hz) / 1_000;
  let due = 0;
  return setInterval(() => {
    const until = Math.floor((performance.now() - startedMs) * perMs);
    for (; due < until; due++) {
      const phone = phones[due % phones.length];
      if (phone.isReady) {
        phone.socket.write(positionFrame(phone));
        counts.sent++;
      } else counts.unsent++;
    }
  }, TICK_MS);
}

process.on('message', async (message) => {
  if (message.type === 'connect') {
    setting = message;
    process.send({ type: 'connected', ...(await connectAll()) });
    ride();
  } else if (message.type === 'counts') process.send({ type: 'counts', atMs: performance.now(), cpu: process.cpuUsage(), ...counts });
  else {
    isEnding = true;
    process.exit(0);
  }
});
