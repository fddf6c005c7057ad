/** Positions over a real socket: frames, bounds and advice. `case n` is one of docs/specs/gps.md. */
import { afterEach, describe, expect, it } from 'vitest';
import { encodeBinary } from '../../../src/transport/gps/formats/binary.ts';
import { fixAt, off, SHOP } from '../../telemetry/support.ts';
import { Server, until } from '../support.ts';

let server: Server;
const open = (...given: ConstructorParameters<typeof Server>): Server => {
  server = new Server(...given);
  return server;
};

afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
  expect(server.sockets.open).toBe(0);
});

describe('positions', () => {
  it('as binary frames and as text reach the filter; none is acknowledged', async () => {
    open();
    const phone = await server.connected();
    const nowMs = Date.now();
    phone.sendBytes(encodeBinary([fixAt(SHOP, nowMs - 3_000), fixAt(off(SHOP, 5), nowMs - 2_000)]));
    phone.send({ type: 'position', ...off(SHOP, 10), at_ms: nowMs - 1_000, id: '1' });
    phone.send({ type: 'positions', positions: [{ ...off(SHOP, 12), at_ms: nowMs }], id: '2' });
    await until(() => server.telemetry.stats().accepted === 4);
    await phone.ask({ type: 'status', status: 'online' });
    expect(phone.all.filter((message) => message.type === 'ack')).toHaveLength(1);
  });

  it('a frame whose length is no multiple of 32 ends the socket with 1007; an unknown version is only refused', async () => {
    open();
    const phone = await server.connected();
    const frame = new Uint8Array(32);
    frame[0] = 9;
    phone.sendBytes(frame);
    expect(await phone.next('error')).toEqual({ type: 'error', id: null, code: 'gps.unknown_version' });
    phone.sendBytes(new Uint8Array(33));
    expect((await phone.closed).code).toBe(1007);
  });

  it('case 12: a phone that sends without end is refused, then closed; another one notices nothing', async () => {
    open({ rate: { perS: 10, burst: 20, refusedMax: 50 } }).stopClock();
    const [flood, calm] = [await server.connected(), await server.connected()];
    for (let i = 0; i < 30; i++) flood.send({ type: 'decline', offer_id: 'off_1', id: String(i) });
    expect(await flood.next('error')).toMatchObject({ code: 'gps.rate_limited', id: '20' });
    for (let i = 0; i < 100; i++) flood.sendBytes(encodeBinary([fixAt(SHOP, Date.now())]));
    expect((await flood.closed).code).toBe(1008);
    expect(await calm.ask({ type: 'decline', offer_id: 'off_1' })).toMatchObject({ type: 'ack' });
  });

  it('case 13: a phone that sends at 5 Hz is advised, and only that phone', async () => {
    open();
    const [fast, other] = [await server.connected(), await server.connected()];
    const startMs = Date.now() - 20_000;
    for (let i = 0; i < 100; i++) fast.sendBytes(encodeBinary([fixAt(off(SHOP, i), startMs + i * 200)]));
    expect(await fast.next('advice')).toEqual({ type: 'advice', interval_ms: 1_000 });
    await other.ask({ type: 'status', status: 'online' });
    expect(other.all.some((message) => message.type === 'advice')).toBe(false);
  });

  it('a frame that is larger than the protocol allows ends the socket', async () => {
    open();
    const phone = await server.connected();
    phone.sendBytes(new Uint8Array(32 * 10_000));
    await phone.closed;
    expect(server.telemetry.stats().accepted).toBe(0);
  });
});
