/** The driver protocol over a real server and real sockets. `case n` is one of docs/specs/gps.md. */

import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { DriverOffer } from '../../../src/actors/driver/protocol.ts';
import { newDriverRef } from '../../../src/actors/refs.ts';
import { encodeBinary } from '../../../src/transport/gps/formats/binary.ts';
import { activeJob, DATA_SHARD, DRIVER, driverView, fixAt, ORDER, off, offeredJob, SHOP, TENANT } from '../../telemetry/support.ts';
import { driverToken, Server, until } from '../support.ts';

let server: Server;
const open = (...given: ConstructorParameters<typeof Server>): Server => {
  server = new Server(...given);
  return server;
};

afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
  expect(server.sockets.open).toBe(0);
  expect([...server.feed.listeners.keys()]).toEqual([]);
});

const TOPIC = `driver/${DRIVER.id}`;

function offer(offerId = 'off_1', more: Partial<DriverOffer> = {}): DriverOffer {
  return {
    offerId,
    orderId: ORDER.id,
    jobVersion: 1,
    driverId: DRIVER.id,
    expiresAtMs: Date.now() + 20_000,
    exclusive: true,
    feeMinor: 2_500,
    surge: 1,
    pickupDistanceM: 700,
    pickupEtaS: 240,
    plan: [],
    breakdown: { road: 240 },
    job: offeredJob(),
    currency: 'ZAR',
    ...more,
  };
}

/** Status, code and type with which an upgrade is refused. */
async function refusal(path: string): Promise<unknown[]> {
  const headers = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    get(server.url(path), { headers, agent: false }, resolve)
      .on('error', reject)
      .on('upgrade', () => reject(new Error('upgraded')));
  });
  const { code } = JSON.parse(await text(reply)) as { code: string };
  return [reply.statusCode, code, reply.headers['content-type']];
}

describe('who may connect', () => {
  it('a driver of the tenant, with the token in the query or in the header', async () => {
    open();
    await server.connected();
    const phone = await server.phone('', { authorization: `Bearer ${await driverToken()}` });
    expect(await phone.next('shift')).toEqual({ type: 'shift', status: 'online' });
  });

  it('nobody else: the upgrade is refused with the problem that it would be anywhere', async () => {
    open();
    const path = '/v1/driver/socket';
    const as = async (more: Parameters<typeof driverToken>[0]) => await refusal(`${path}?token=${await driverToken(more)}`);
    const type = 'application/problem+json';
    expect(await refusal(path)).toEqual([401, 'auth.missing_token', type]);
    expect(await refusal(`${path}?token=nonsense`)).toEqual([401, 'auth.invalid_token', type]);
    expect(await as({ roles: ['staff'] })).toEqual([403, 'auth.forbidden', type]);
    expect(await as({ tenantId: null })).toEqual([403, 'auth.forbidden', type]);
    expect(await as({ sub: 'usr_1' })).toEqual([403, 'auth.forbidden', type]);
    expect(await as({ tenantId: '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9aff' })).toEqual([404, 'tenant.not_found', type]);
    expect(await as({ sub: newDriverRef(TENANT, DATA_SHARD + 1, 'x').id })).toEqual([403, 'auth.forbidden', type]);
    expect(await as({ sub: newDriverRef(TENANT, DATA_SHARD, 'nobody').id })).toEqual([404, 'driver.not_found', type]);
    server.isDatabaseAway = true;
    expect(await as({})).toEqual([503, 'runtime.unavailable', type]);
    expect(server.sockets.counters).toMatchObject({ opened: 0, refused: 9 });
  });

  it('nobody by guess: a parameter that is sent twice is refused by its name, also when both are alike', async () => {
    open();
    const token = await driverToken();
    const type = 'application/problem+json';
    for (const query of [`token=${token}&token=nonsense`, `token=${token}&token=${token}`, `token=${token}&device=a&device=b`])
      expect(await refusal(`/v1/driver/socket?${query}`)).toEqual([400, 'request.invalid', type]);
    // Without a value it names nothing, as everywhere else.
    const phone = await server.phone(`?device=&token=${token}&device=a`);
    expect(await phone.next('shift')).toMatchObject({ type: 'shift' });
  });

  it('no more than the thread takes; of one driver no more than four, the oldest goes', async () => {
    open({ socketsMax: 3, socketsPerDriverMax: 2 });
    const phones = [await server.connected(), await server.connected(), await server.connected()];
    expect((await phones[0]!.closed).code).toBe(4409);
    await server.connected();
    expect((await phones[1]!.closed).code).toBe(4409);
    const other = newDriverRef(TENANT, DATA_SHARD, 'other');
    server.system.views.set(other.id, driverView(other));
    await server.phone(`?token=${await driverToken({ sub: other.id })}`);
    expect(await refusal(`/v1/driver/socket?token=${await driverToken()}`)).toEqual([
      503,
      'request.overloaded',
      'application/problem+json',
    ]);
  });

  it('as long as the token is good: one that expires ends the socket with 4401', async () => {
    open();
    const short = await server.connected(1);
    expect(await short.closed).toEqual({ code: 4401, reason: 'auth.token_expired' });
  });

  it('a server that stops tells phones to connect again', async () => {
    open();
    const phone = await server.connected();
    server.sockets.drain();
    expect((await phone.closed).code).toBe(1001);
  });
});

describe('on connecting', () => {
  it('case 41: the snapshot has the shift, every job and the open offer; what happened meanwhile follows it', async () => {
    open();
    server.system.views.set(DRIVER.id, driverView(DRIVER, { jobs: [activeJob('to_dropoff')], offer: offer('off_2') }));
    let gets = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.answer('get', async () => {
      const view = server.system.views.get(DRIVER.id);
      if (++gets === 3) await held;
      return { ok: true, value: view };
    });
    const phone = await server.phone(`?token=${await driverToken()}`);
    await until(() => gets >= 3);
    server.feed.publish(TOPIC, { type: 'offer_closed', offerId: 'off_2', reason: 'taken' });
    release();
    await phone.next('offer_closed');
    expect(phone.all.map((message) => message.type)).toEqual(['shift', 'delivery', 'offer', 'offer_closed']);
    expect(phone.all[1]).toMatchObject({
      delivery_id: ORDER.id,
      offer_id: 'off_1',
      phase: 'to_dropoff',
      pickup: { ...SHOP, name: 'Thandi' },
      cash_minor: 8_500,
      fee_minor: 2_500,
      currency: 'ZAR',
    });
    expect(phone.all[2]).toMatchObject({
      offer_id: 'off_2',
      order_id: ORDER.id,
      pickup: SHOP,
      distance_m: 2_300,
      fee_minor: 2_500,
      currency: 'ZAR',
    });
    expect(phone.all[2]?.expires_at_ms).toBeGreaterThan(Date.now());
    expect(phone.all[3]).toEqual({ type: 'offer_closed', offer_id: 'off_2', reason: 'taken' });
  });

  it('a driver actor that does not answer closes the socket, to be tried again', async () => {
    open();
    let gets = 0;
    server.answer('get', () => (++gets === 1 ? { ok: true, value: driverView() } : { ok: false, fault: { code: 'runtime.timeout' } }));
    const phone = await server.phone(`?token=${await driverToken()}`);
    expect(await phone.closed).toEqual({ code: 1013, reason: 'runtime.timeout' });
  });
});

describe('what the driver is told', () => {
  it('jobs, their end and the shift, in the words of the protocol', async () => {
    open();
    const phone = await server.connected();
    server.feed.publish(TOPIC, { type: 'delivery', job: activeJob('at_pickup') });
    expect(await phone.next('delivery')).toMatchObject({ phase: 'at_pickup', delivery_id: ORDER.id });
    server.feed.publish(TOPIC, { type: 'delivery_ended', orderId: ORDER.id, outcome: 'cancelled' });
    expect(await phone.next('delivery_ended')).toEqual({
      type: 'delivery_ended',
      delivery_id: ORDER.id,
      order_id: ORDER.id,
      outcome: 'cancelled',
    });
    server.feed.publish(TOPIC, { type: 'shift', online: false });
    expect(await phone.next('shift')).toEqual({ type: 'shift', status: 'offline' });
    server.feed.publish(TOPIC, { type: 'offer_closed', offerId: 'off_1', reason: 'undelivered' });
    expect(await phone.next('offer_closed')).toMatchObject({ reason: 'expired' });
  });

  it('case 63: the pong after an offer shows that it is on the phone, and is told once an offer', async () => {
    open();
    const phone = await server.connected();
    server.feed.publish(TOPIC, { type: 'offer', offer: offer() });
    await until(() => server.system.told.length === 1);
    expect(server.system.told[0]).toMatchObject({ to: DRIVER, command: { type: 'offer_delivered', offerId: 'off_1' } });
    server.feed.publish(TOPIC, { type: 'offer', offer: offer() });
    server.feed.publish(TOPIC, { type: 'offer', offer: offer('off_2') });
    await until(() => server.system.told.length === 2);
    expect(server.system.told[1]?.command.offerId).toBe('off_2');
    expect(phone.all.filter((message) => message.type === 'offer')).toHaveLength(3);
  });

  it('case 41: a phone that does not read is closed when too much waits, never skipped', async () => {
    open({ backpressureMaxBytes: 65_536 });
    const token = await driverToken();
    const slow = connect({ port: server.port, host: '127.0.0.1' });
    slow.pause();
    const closed = new Promise((resolve) => slow.once('close', resolve));
    slow.on('error', () => undefined);
    slow.write(
      `GET /v1/driver/socket?token=${token} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await until(() => server.sockets.open === 1);
    // Larger than what the operating system buffers.
    const big = offer('off_big', { breakdown: {}, job: offeredJob(ORDER.id, { code: 'K'.repeat(50_000) }) });
    for (let i = 0; i < 2_000 && server.sockets.open === 1; i++) {
      server.feed.publish(TOPIC, { type: 'offer', offer: { ...big, offerId: `off_${i}` } });
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.sockets.counters.slow).toBe(1);
    slow.resume();
    await closed;
  });
});

describe('what the driver says', () => {
  it('is answered with its id after the actor has answered', async () => {
    open();
    const phone = await server.connected();
    expect(await phone.ask({ type: 'status', status: 'offline' })).toMatchObject({ type: 'ack', ok: true });
    expect(server.asked('go_offline')).toEqual([{ type: 'go_offline', reason: 'driver' }]);
    server.answer('go_online', { ok: false, refusal: { code: 'driver.not_approved' } });
    expect(await phone.ask({ type: 'status', status: 'online' })).toMatchObject({ type: 'error', code: 'driver.not_approved' });
    server.answer('decline', { ok: false, fault: { code: 'runtime.unavailable', retryAfterMs: 500 } });
    expect(await phone.ask({ type: 'decline', offer_id: 'off_1' })).toMatchObject({ code: 'runtime.unavailable', retry_after_ms: 500 });
    phone.send({ type: 'decline', offer_id: 'off_1' });
    expect(await phone.next('error')).toMatchObject({ id: null, code: 'runtime.unavailable' });
  });

  it.each(['won', 'already_yours'] as const)('an acceptance that is %s is acknowledged with its outcome', async (outcome) => {
    open();
    server.answer('accept', { ok: true, value: { outcome } });
    const phone = await server.connected();
    const before = Date.now();
    expect(await phone.ask({ type: 'accept', offer_id: 'off_1' })).toMatchObject({ type: 'ack', ok: true, outcome });
    const [command] = server.asked('accept');
    expect(command).toMatchObject({ offerId: 'off_1' });
    expect(command?.receivedAtMs).toBeGreaterThanOrEqual(before);
  });

  it.each(['lost', 'expired', 'withdrawn', 'declined'] as const)(
    'an acceptance that is %s is refused with its outcome',
    async (outcome) => {
      open();
      server.answer('accept', { ok: true, value: { outcome } });
      const phone = await server.connected();
      expect(await phone.ask({ type: 'accept', offer_id: 'off_1' })).toMatchObject({ type: 'error', code: 'offer.closed', outcome });
    },
  );

  it('an acceptance that is pending is answered when the order has decided, also when that is heard first', async () => {
    open();
    const phone = await server.connected();
    server.answer('accept', async () => {
      server.feed.publish(TOPIC, { type: 'offer_settled', offerId: 'off_1', outcome: 'won' });
      return { ok: true, value: { outcome: 'pending' } };
    });
    expect(await phone.ask({ type: 'accept', offer_id: 'off_1' })).toMatchObject({ type: 'ack', outcome: 'won' });
    server.system.respond = () => undefined;
    server.answer('accept', { ok: true, value: { outcome: 'pending' } });
    const answered = phone.ask({ type: 'accept', offer_id: 'off_2' });
    await until(() => server.asked('accept').length === 2);
    server.feed.publish(TOPIC, { type: 'offer_settled', offerId: 'off_other', outcome: 'won' });
    server.feed.publish(TOPIC, { type: 'offer_settled', offerId: 'off_2', outcome: 'lost' });
    expect(await answered).toMatchObject({ type: 'error', code: 'offer.closed', outcome: 'lost' });
  });

  it('a bid for another amount is acknowledged without an outcome, one for the offered fee is an acceptance', async () => {
    open();
    const phone = await server.connected();
    server.answer('bid', { ok: true, value: { outcome: 'declined' } });
    const answer = await phone.ask({ type: 'bid', offer_id: 'off_1', amount_minor: 3_000 });
    expect(answer).toMatchObject({ type: 'ack', ok: true });
    expect(answer).not.toHaveProperty('outcome');
    server.system.respond = () => undefined;
    server.answer('bid', { ok: true, value: { outcome: 'won' } });
    expect(await phone.ask({ type: 'bid', offer_id: 'off_1' })).toMatchObject({ type: 'ack', outcome: 'won' });
    expect(server.asked('bid').map((one) => one.amountMinor)).toEqual([3_000, null]);
  });

  it('case 36: "arrived" goes to the order with the distance that the platform believes in, 3 km as well as 10 m', async () => {
    open();
    server.system.views.set(DRIVER.id, driverView(DRIVER, { jobs: [activeJob('to_pickup')] }));
    server.answer('driver_step', { ok: false, refusal: { code: 'delivery.not_at_stop' } });
    const phone = await server.connected();
    phone.sendBytes(encodeBinary([fixAt(off(SHOP, 3_000), Date.now() - 100)]));
    expect(await phone.ask({ type: 'arrived', delivery_id: ORDER.id })).toMatchObject({ type: 'error', code: 'delivery.not_at_stop' });
    const [step] = server.asked('driver_step');
    expect(step).toMatchObject({ driverId: DRIVER.id, step: 'arrived', otp: null, evidence: { by: 'driver' } });
    const evidence = step?.evidence as { distanceM: number; positionAtMs: number };
    expect(Math.round(evidence.distanceM / 100)).toBe(30);
    expect(Date.now() - evidence.positionAtMs).toBeLessThan(60_000);
  });

  it('a step has no evidence where nothing is believed, and an order of ours', async () => {
    open();
    const phone = await server.connected();
    expect(await phone.ask({ type: 'delivered', delivery_id: ORDER.id, otp: '1234' })).toMatchObject({ type: 'ack', ok: true });
    expect(await phone.ask({ type: 'picked_up', delivery_id: ORDER.id })).toMatchObject({ ok: true });
    expect(await phone.ask({ type: 'delivered', delivery_id: 'nonsense' })).toMatchObject({ code: 'delivery.not_yours' });
    const steps = server.system.asked.filter((one) => one.command.type === 'driver_step');
    expect(steps.map((one) => [one.to.id, one.options.commandId])).toEqual([
      [ORDER.id, undefined],
      [ORDER.id, undefined],
    ]);
    expect(steps[0]?.command).toMatchObject({ otp: '1234', evidence: { distanceM: null, positionAtMs: null, by: 'driver' } });
  });

  it('an arrival said twice, or noticed by the fence and then said, is one command', async () => {
    open();
    server.system.views.set(DRIVER.id, driverView(DRIVER, { jobs: [activeJob('to_dropoff')] }));
    const phone = await server.connected();
    phone.sendBytes(encodeBinary([fixAt(SHOP, Date.now() - 100)]));
    for (let i = 0; i < 2; i++) expect(await phone.ask({ type: 'arrived', delivery_id: ORDER.id })).toMatchObject({ ok: true });
    const ids = server.system.asked.filter((one) => one.command.type === 'driver_step').map((one) => one.options.commandId);
    expect(ids).toEqual(['arrived:off_1:dropoff', 'arrived:off_1:dropoff']);
  });

  it('a wrong code is refused with the tries that are left, a decline that comes too late with what had happened', async () => {
    open();
    const phone = await server.connected();
    server.answer('driver_step', { ok: true, value: { ok: false, code: 'delivery.otp_wrong', triesLeft: 2 } });
    expect(await phone.ask({ type: 'delivered', delivery_id: ORDER.id, otp: '0000' })).toMatchObject({
      type: 'error',
      code: 'delivery.otp_wrong',
      tries_left: 2,
    });
    server.answer('decline', { ok: true, value: { outcome: 'won' } });
    expect(await phone.ask({ type: 'decline', offer_id: 'off_1' })).toMatchObject({ type: 'error', code: 'offer.closed', outcome: 'won' });
  });

  it('a ping is answered, so that a phone that stands still knows whether it is connected', async () => {
    open();
    const phone = await server.connected();
    expect(await phone.ask({ type: 'ping' })).toMatchObject({ type: 'ack', ok: true });
  });

  it('an answer carries the id as it was given: a number stays a number, text stays text', async () => {
    open();
    server.answer('decline', { ok: true, value: { outcome: 'won' } });
    const phone = await server.connected();
    for (const id of [0, 7, 1.5, '7', 'm-1']) {
      phone.send({ type: 'ping', id });
      expect(await phone.next('ack')).toEqual({ type: 'ack', id, ok: true });
      phone.send({ type: 'decline', offer_id: 'off_1', id });
      expect(await phone.next('error')).toMatchObject({ id, code: 'offer.closed' });
      phone.send({ type: 'dance', id });
      expect(await phone.next('error')).toMatchObject({ id, code: 'driver.unknown_type' });
    }
  });

  it('what cannot be read is named, with the id where there is one', async () => {
    open();
    const phone = await server.connected();
    phone.send('{');
    expect(await phone.next('error')).toEqual({ type: 'error', id: null, code: 'driver.invalid_json' });
    expect(await phone.ask({ type: 'dance' })).toMatchObject({ code: 'driver.unknown_type', field: 'type' });
    expect(await phone.ask({ type: 'position', lat: 'x', lng: 1, at_ms: 1 })).toMatchObject({ code: 'gps.invalid_field', field: 'lat' });
    expect(
      await phone.ask({
        type: 'positions',
        positions: [
          { ...SHOP, at_ms: Date.now() },
          { lat: 91, lng: 0, at_ms: 1 },
        ],
      }),
    ).toMatchObject({ code: 'gps.invalid_field', index: 1, field: 'lat' });
    await until(() => server.telemetry.stats().accepted === 1);
  });

  it('no more than sixteen commands wait at once', async () => {
    open();
    server.answer('decline', () => new Promise(() => undefined));
    const phone = await server.connected();
    for (let i = 0; i < 17; i++) phone.send({ type: 'decline', offer_id: 'off_1', id: String(i) });
    expect(await phone.next('error')).toEqual({ type: 'error', id: '16', code: 'runtime.overloaded' });
  });
});
