/** Positions over HTTP: batches and the protocols of GPS apps. `case n` is one of docs/specs/gps.md. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { newDriverRef } from '../../src/actors/refs.ts';
import { deviceKeyOf, deviceKeySecret, verifyDeviceKey } from '../../src/transport/gps/device-key.ts';
import { DATA_SHARD, DRIVER, driverView, off, SHOP, TENANT } from '../telemetry/support.ts';
import { driverToken, KEY, Server, TENANT_UUID } from './support.ts';

const BATCH = '/v1/driver/positions';
const OSMAND = '/v1/gps/osmand';
let server: Server;
const open = (): Server => {
  server = new Server();
  return server;
};

afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
});

const at = (metres: number, agoMs: number, more: object = {}) => ({ ...off(SHOP, metres), at_ms: Date.now() - agoMs, ...more });

async function read(response: Response): Promise<[number, Record<string, unknown>]> {
  return [response.status, (await response.json()) as Record<string, unknown>];
}

describe('a batch', () => {
  it('case 14: gets a verdict for each position; an unreadable one does not spoil the others', async () => {
    open();
    const same = at(5, 2_000);
    const positions = [at(0, 3_000), same, { lat: 'x', lng: 0, at_ms: 1 }, same, { lat: 0, lng: 0, at_ms: Date.now() }, at(8, 1_000)];
    const [status, body] = await read(await server.post(BATCH, { positions }, await driverToken()));
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        { verdict: 'accepted' },
        { verdict: 'accepted' },
        { verdict: 'rejected', code: 'gps.invalid_field', field: 'lat' },
        { verdict: 'duplicate', code: 'gps.duplicate' },
        { verdict: 'rejected', code: 'gps.null_island' },
        { verdict: 'accepted' },
      ],
    });
  });

  it('case 14: of 501 positions, or a body that is too large, is refused whole with 413', async () => {
    open();
    const token = await driverToken();
    const many = Array.from({ length: 501 }, (_, i) => at(0, i * 1_000));
    expect(await read(await server.post(BATCH, { positions: many }, token))).toMatchObject([413, { code: 'gps.batch_too_large' }]);
    const [status] = await read(await server.post(BATCH, `{"positions":[${' '.repeat(300_000)}]}`, token));
    expect(status).toBe(413);
    expect(server.telemetry.stats()).toMatchObject({ accepted: 0, history: 0 });
    expect((await read(await server.post(BATCH, { positions: many.slice(1) }, token)))[0]).toBe(200);
  });

  it('case 2: of which nothing can be read is refused with the place of each fault', async () => {
    open();
    const token = await driverToken();
    expect(
      await read(
        await server.post(
          BATCH,
          {
            positions: [
              { lat: 91, lng: 0, at_ms: 1 },
              { lat: 1, lng: 1 },
            ],
          },
          token,
        ),
      ),
    ).toMatchObject([
      400,
      {
        code: 'gps.invalid_field',
        errors: [
          { path: 'positions[0].lat', message: 'gps.invalid_field' },
          { path: 'positions[1].at_ms', message: 'gps.missing_field' },
        ],
      },
    ]);
    expect(await read(await server.post(BATCH, { positions: [] }, token))).toMatchObject([400, { code: 'gps.invalid_field' }]);
    expect(await read(await server.post(BATCH, '{', token))).toMatchObject([400, { code: 'request.invalid_json' }]);
  });

  it('case 12: of a device that sends without end gets 429 and a time to wait', async () => {
    open();
    const token = await driverToken();
    server.stopClock();
    const positions = Array.from({ length: 500 }, (_, i) => at(0, (500 - i) * 10));
    expect((await server.post(BATCH, { positions }, token)).status).toBe(200);
    expect((await server.post(BATCH, { positions }, token)).status).toBe(200);
    const third = await server.post(BATCH, { positions: [at(0, 0)] }, token);
    expect([third.status, Number(third.headers.get('retry-after'))]).toEqual([429, 1]);
  });

  it('case 30: of a driver without a shift is ignored, and says so', async () => {
    open();
    server.system.views.set(DRIVER.id, driverView(DRIVER, { online: false }));
    expect(await read(await server.post(BATCH, { positions: [at(0, 0)] }, await driverToken()))).toEqual([202, { ignored: 'off_duty' }]);
    expect(server.system.told).toEqual([]);
  });

  it('needs a token of a driver of the tenant', async () => {
    open();
    const positions = [at(0, 0)];
    const status = async (token: string | null) => (await server.post(BATCH, { positions }, token)).status;
    expect(await status(null)).toBe(401);
    expect(await status(await driverToken({ roles: ['staff'] }))).toBe(403);
    expect(await status(await driverToken({ tenantId: null }))).toBe(403);
    expect(await status(await driverToken({ sub: newDriverRef(TENANT, DATA_SHARD, 'nobody').id }))).toBe(403);
    server.isDatabaseAway = true;
    expect(await status(await driverToken())).toBe(503);
  });
});

describe('GPS apps', () => {
  const query = (key: string, more = '') => `?id=${key}&lat=${SHOP.lat}&lon=${SHOP.lng}&timestamp=${Math.floor(Date.now() / 1_000)}${more}`;

  it('OsmAnd by GET, by a form, and the Traccar client by JSON are taken with the device key', async () => {
    open();
    // Once: between two calls a second may begin.
    const fix = query(KEY);
    expect(await read(await fetch(server.url(OSMAND + fix)))).toEqual([200, { verdict: 'accepted' }]);
    const form = await fetch(server.url(OSMAND), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: fix.slice(1),
    });
    expect(await read(form)).toEqual([200, { verdict: 'duplicate', code: 'gps.duplicate' }]);
    const traccar = {
      device_id: KEY,
      location: {
        timestamp: new Date().toISOString(),
        coords: { latitude: SHOP.lat, longitude: SHOP.lng, accuracy: 5, speed: -1, heading: -1 },
      },
    };
    expect(await read(await server.post(OSMAND, traccar, null))).toEqual([200, { verdict: 'accepted' }]);
  });

  it('case 27: OwnTracks is known by the key in the query; other types are taken and ignored, `tid` names nobody', async () => {
    open();
    const location = { _type: 'location', lat: SHOP.lat, lon: SHOP.lng, tst: Math.floor(Date.now() / 1_000), tid: 'xx' };
    expect(await read(await server.post(`${OSMAND}?id=${KEY}`, location, null))).toEqual([200, []]);
    expect(server.telemetry.stats().accepted).toBe(1);
    expect(await read(await server.post(`${OSMAND}?id=${KEY}`, { _type: 'lwt', tst: 1 }, null))).toEqual([200, []]);
    expect((await server.post(OSMAND, { ...location, tid: KEY }, null)).status).toBe(401);
    expect((await server.post(OSMAND, { _type: 'lwt' }, null)).status).toBe(401);
  });

  it('a device is known by each spelling of its identifier, also when its position cannot be read', async () => {
    open();
    for (const name of ['id', 'deviceid', 'device_id', 'ID']) {
      expect(await read(await fetch(server.url(`${OSMAND}?${name}=${KEY}&lat=x&lon=1`)))).toMatchObject([
        400,
        { errors: [{ path: 'lat' }] },
      ]);
      expect(await read(await server.post(`${OSMAND}?${name}=${KEY}`, { _type: 'lwt' }, null))).toEqual([200, []]);
    }
  });

  it('a form may leave the identifier to the query, repeat it, and spell its media type as it likes; a body that says nothing does not count', async () => {
    open();
    const form = async (address: string, body: string) =>
      await read(await server.post(address, body, null, { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' }));
    const place = query(KEY).replace(`?id=${KEY}&`, '');
    expect(await form(`${OSMAND}?id=${KEY}`, place)).toEqual([200, { verdict: 'accepted' }]);
    expect((await form(`${OSMAND}?id=${KEY}`, query(KEY).slice(1)))[0]).toBe(200);
    expect(await form(`${OSMAND}?id=${KEY}&lat=1`, place)).toMatchObject([400, { code: 'gps.conflicting_fields' }]);
    expect((await read(await server.post(OSMAND + query(KEY), {}, null)))[0]).toBe(200);
    expect((await read(await server.post(OSMAND, {}, null)))[0]).toBe(401);
  });

  it('case 28: without a time it is now; a field that is given twice is refused', async () => {
    open();
    expect((await fetch(server.url(`${OSMAND}?id=${KEY}&lat=${SHOP.lat}&lon=${SHOP.lng}`))).status).toBe(200);
    const [status, body] = await read(await fetch(server.url(`${OSMAND + query(KEY)}&location=1,2`)));
    expect([status, body.code]).toEqual([400, 'gps.conflicting_fields']);
  });

  it('case 29: an unknown, foreign, forged or missing key is 401, the same for all, and makes nobody', async () => {
    open();
    const [uuid, driverId, mac] = KEY.split('.') as [string, string, string];
    const secret = deviceKeySecret(Buffer.alloc(32, 7));
    const keys = [
      '',
      'phone-1',
      `${uuid}.${driverId}.AAAAAAAAAAAAAAAAAAAAAA`,
      `${uuid}.${newDriverRef(TENANT, DATA_SHARD, 'other').id}.${mac}`,
      `7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9a02.${driverId}.${mac}`,
      `${KEY}A`,
      deviceKeyOf(deviceKeySecret(Buffer.alloc(32, 8)), uuid, driverId),
      deviceKeyOf(secret, '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9aff', driverId),
      deviceKeyOf(secret, uuid, newDriverRef(TENANT, DATA_SHARD, 'nobody').id),
    ];
    const answers = await Promise.all(keys.map(async (key) => await read(await fetch(server.url(OSMAND + query(key))))));
    const told = answers.map(([status, { request_id: _, ...body }]) => [status, body]);
    for (const one of told.slice(1)) expect(one).toEqual(told[1]);
    expect(told[1]).toMatchObject([401, { code: 'auth.invalid_token' }]);
    // A missing key is a fault of the query, told to nobody either.
    expect(told[0]?.[0]).toBe(401);
    expect(server.telemetry.stats().accepted).toBe(0);
    expect(server.system.told).toEqual([]);
  });

  it('a rejected position is answered 200, so that the app does not send it for ever; off duty is 202', async () => {
    open();
    expect(await read(await fetch(server.url(`${OSMAND}?id=${KEY}&lat=0&lon=0`)))).toEqual([
      200,
      { verdict: 'rejected', code: 'gps.null_island' },
    ]);
    const offDuty = new Server();
    offDuty.system.views.set(DRIVER.id, driverView(DRIVER, { online: false }));
    expect(await read(await fetch(offDuty.url(OSMAND + query(KEY))))).toEqual([202, { ignored: 'off_duty' }]);
    await offDuty.close();
  });

  it('a storage that is away is 503, not a wrong key', async () => {
    open();
    server.isDatabaseAway = true;
    const answer = await fetch(server.url(OSMAND + query(KEY)));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});

describe('a device key', () => {
  it('is read back as it was made, and no other text is one', () => {
    open();
    const secret = deviceKeySecret(Buffer.alloc(32, 7));
    expect(KEY.length).toBeLessThanOrEqual(128);
    expect(verifyDeviceKey(secret, KEY)).toEqual({ tenantUuid: TENANT_UUID, driverId: DRIVER.id });
    fc.assert(
      fc.property(fc.nat(KEY.length - 1), fc.string({ maxLength: 3 }), (position, text) => {
        const other = KEY.slice(0, position) + text + KEY.slice(position + 1);
        if (other !== KEY) expect(verifyDeviceKey(secret, other)).toBe(null);
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(verifyDeviceKey(secret, text)).toBe(null);
      }),
    );
  });
});
