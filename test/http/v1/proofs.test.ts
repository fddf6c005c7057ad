/** Proof of delivery over the API: three kinds, bounded, stored before it is said, seen by the shop and its driver alone. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AddProof, ProofPiece } from '../../../src/actors/order/protocol.ts';
import type { ProofPlace } from '../../../src/ports.ts';
import { cleanJpeg, jpeg, png, SECRET, webp } from '../pictures.ts';
import { call, fakeFleet, type Respond, startApi, stopApps, TENANT_B, tokenOf } from '../support.ts';
import { asDescribed, DRIVER, driverView, ORDER } from './fleet.ts';

afterEach(stopApps);

const PATH = `/v1/orders/${ORDER}/proof`;
const AT_MS = 1_700_000_000_000;

/** An order that takes what it is given, and a store that says in which order both were called. */
function world(
  options: { readonly room?: boolean; readonly erased?: boolean; readonly storeAway?: boolean; readonly lockedOut?: boolean } = {},
) {
  const calls: string[] = [];
  const kept: ProofPiece[] = [];
  const bytes = new Map<string, Uint8Array>();
  const respond: Respond = ({ to, command }) => {
    if (to.tenantId !== 1) return { ok: false, refusal: { code: 'order.not_found' } };
    if (to.kind === 'driver')
      return { ok: true, value: driverView(to.id, options.lockedOut === true ? { status: 'suspended', online: false } : {}) };
    const { by } = command as unknown as AddProof;
    if (by.role === 'driver' && by.id !== DRIVER) return { ok: false, refusal: { code: 'delivery.not_yours' } };
    if (command.type === 'proofs') return { ok: true, value: { customerId: 'cus_1', proofs: kept } };
    const { piece, stored } = command as unknown as AddProof;
    calls.push(stored ? 'say' : 'ask');
    const known = kept.find(({ hash }) => hash === piece.hash);
    if (known !== undefined) return { ok: true, value: { customerId: 'cus_1', proof: known } };
    if (options.room === false) return { ok: false, refusal: { code: 'proof.full', details: { limit: 5 } } };
    if (!stored) return { ok: true, value: { customerId: 'cus_1', proof: null } };
    const proof = { n: kept.length + 1, ...piece, atMs: AT_MS, by: by.role, byId: by.id };
    kept.push(proof);
    return { ok: true, value: { customerId: 'cus_1', proof } };
  };
  const proofs = {
    hashOf: ({ orderId }: Pick<ProofPlace, 'orderId'>, content: Uint8Array) => `${orderId}:${Buffer.from(content).toString('base64url')}`,
    put: async ({ hash }: ProofPlace, customerId: string, content: Uint8Array) => {
      if (options.storeAway === true) throw new Error('away');
      calls.push(`put for ${customerId}`);
      if (options.erased === true) return 'erased' as const;
      bytes.set(hash, content);
      return 'stored' as const;
    },
    read: async ({ hash }: ProofPlace) => bytes.get(hash) ?? null,
  };
  return { api: startApi(respond, { fleet: fakeFleet({ proofs }) }), calls, kept, bytes };
}

type World = ReturnType<typeof world>;

async function upload({ api }: World, type: string, body: Buffer, query = '', token?: string) {
  const authorization = `Bearer ${token ?? (await tokenOf('driver', undefined, DRIVER))}`;
  const response = await fetch(`${api.url}${PATH}${query}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body: new Uint8Array(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a document of several shapes.
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

async function write({ api }: World, body: unknown, token?: string) {
  return await call(api, 'POST', PATH, { token: token ?? (await tokenOf('driver', undefined, DRIVER)), body });
}

async function download({ api }: World, n: number | string) {
  const authorization = `Bearer ${await tokenOf('staff')}`;
  const response = await fetch(`${api.url}${PATH}/${n}`, { headers: { authorization } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('adding', () => {
  it('asks the order, stores the bytes, and only then says so', async () => {
    const shop = world();
    const reply = await write(shop, { kind: 'note', text: '  Left with the neighbour  ' });
    expect([reply.status, reply.headers.get('location')]).toEqual([201, `${PATH}/1`]);
    expect(asDescribed('addProof', reply.body)).toEqual(reply.body);
    expect(reply.body).toMatchObject({ n: 1, kind: 'note', media_type: 'text/plain', size_bytes: 23, by: 'driver', by_id: DRIVER });
    expect(shop.calls).toEqual(['ask', 'put for cus_1', 'say']);
  });

  it('twice is once: the same content is neither stored nor said again', async () => {
    const shop = world();
    const first = await upload(shop, 'image/jpeg', jpeg);
    const again = await upload(shop, 'image/jpeg', cleanJpeg);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(shop.calls).toEqual(['ask', 'put for cus_1', 'say', 'ask']);
  });

  it('that the order does not take stores nothing, and a store that is away says nothing', async () => {
    const full = world({ room: false });
    const refused = await upload(full, 'image/png', png);
    expect([refused.status, refused.body.code, refused.body.details]).toEqual([409, 'proof.full', { limit: 5 }]);
    expect(full.calls).toEqual(['ask']);
    const away = world({ storeAway: true });
    expect([(await upload(away, 'image/png', png)).status, away.calls, away.kept]).toEqual([503, ['ask'], []]);
    const erased = world({ erased: true });
    expect([(await upload(erased, 'image/png', png)).body.code, erased.kept]).toEqual(['proof.erased', []]);
  });

  it('takes a picture of three formats and nothing that only says that it is one', async () => {
    const shop = world();
    for (const [type, body] of [['image/jpeg', jpeg] as const, ['image/png', png] as const, ['image/webp; x=y', webp] as const])
      expect([type, (await upload(shop, type, body)).status]).toEqual([type, 201]);
    for (const [type, body] of [['image/png', jpeg] as const, ['image/jpeg', Buffer.from('<script>')] as const])
      expect((await upload(shop, type, body)).body.code).toBe('proof.bad_image');
    expect((await upload(shop, 'image/gif', Buffer.from('GIF89a'))).status).toBe(415);
    expect((await upload(shop, 'image/jpeg', jpeg, '?kind=signature')).status).toBe(415);
    expect((await upload(shop, 'image/png', Buffer.concat([png, png]), '?kind=signature')).body.media_type).toBe('image/png');
    expect((await upload(shop, 'image/png', png, '?kind=note')).status).toBe(400);
  });

  it('keeps its bounds: two megabytes of a picture, 500 characters of a note, so many strokes and points', async () => {
    const shop = world();
    const comment = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65_533)]);
    const big = Buffer.concat([comment, ...Array.from({ length: 30 }, () => comment.subarray(2)), jpeg.subarray(2)]);
    expect(big.length).toBeGreaterThan(1024 * 1024 * 1.9);
    expect((await upload(shop, 'image/jpeg', big)).status).toBe(201);
    expect((await upload(shop, 'image/jpeg', Buffer.concat([big, Buffer.alloc(64 * 1024)]))).status).toBe(413);
    expect((await write(shop, { kind: 'note', text: 'x'.repeat(501) })).status).toBe(400);
    expect((await write(shop, { kind: 'note', text: 'x'.repeat(500) })).status).toBe(201);
    expect((await write(shop, { kind: 'note', text: 'x'.repeat(128 * 1024) })).status).toBe(413);
    const line = (points: number) => Array.from({ length: points }, (_, i) => [i % 1_000, 10]);
    const bad = [[], [[]], [line(1_001)], Array(65).fill(line(1)), Array(5).fill(line(900)), [[[1_001, 0]]], [[[0.5, 0]]], [[['"/>', 0]]]];
    for (const strokes of bad) expect((await write(shop, { kind: 'signature', strokes })).status).toBe(400);
    expect((await write(shop, { kind: 'signature', strokes: [line(1_000), ...Array(3).fill(line(1_000))] })).status).toBe(201);
    expect((await write(shop, { kind: 'photo', text: 'x' })).status).toBe(400);
  });

  it('is for the driver and the staff: a token that only reads, or of another tenant, gets nowhere', async () => {
    const shop = world();
    const note = { kind: 'note', text: 'x' };
    expect((await write(shop, note, await tokenOf('staff'))).body).toMatchObject({ by: 'vendor', by_id: 'tester' });
    expect((await write(shop, note, await tokenOf('driver', undefined, 'drv_30other'))).body.code).toBe('delivery.not_yours');
    expect((await write(shop, note, await tokenOf('staff', TENANT_B))).body.code).toBe('order.not_found');
    for (const role of ['operator', 'auditor', 'platform_admin']) expect((await write(shop, note, await tokenOf(role))).status).toBe(403);
  });
});

it('a driver that is locked out neither adds nor sees a piece', async () => {
  const shop = world({ lockedOut: true });
  expect((await upload(shop, 'image/png', png)).body.code).toBe('driver.suspended');
  const token = await tokenOf('driver', undefined, DRIVER);
  expect((await write(shop, { kind: 'note', text: 'x' }, await tokenOf('staff'))).status).toBe(201);
  for (const path of [PATH, `${PATH}/1`]) expect((await call(shop.api, 'GET', path, { token })).body.code).toBe('driver.suspended');
  expect(shop.calls).toEqual(['ask', 'put for cus_1', 'say']);
});

describe('seeing', () => {
  it('lists what there is without its content, and hands each piece out as a file that nobody runs or keeps', async () => {
    const shop = world();
    await write(shop, { kind: 'note', text: 'Gate & <dog>' });
    await write(shop, {
      kind: 'signature',
      strokes: [
        [
          [1, 2],
          [30, 40],
        ],
        [[5, 5]],
      ],
    });
    await upload(shop, 'image/jpeg', jpeg);
    const list = await call(shop.api, 'GET', PATH, { token: await tokenOf('staff') });
    expect(asDescribed('listProof', list.body)).toEqual(list.body);
    expect(list.body.items.map(({ n, kind }: ProofPiece) => [n, kind])).toEqual([
      [1, 'note'],
      [2, 'signature'],
      [3, 'photo'],
    ]);
    const [note, drawn, photo] = await Promise.all([download(shop, 1), download(shop, 2), download(shop, 3)]);
    expect([note.bytes.toString(), note.headers.get('content-type')]).toEqual(['Gate & <dog>', 'text/plain; charset=utf-8']);
    expect(drawn.bytes.toString()).toContain('d="M1 2L30 40M5 5h0"');
    expect(photo.bytes).toEqual(cleanJpeg);
    expect(photo.bytes.includes(SECRET)).toBe(false);
    for (const { headers } of [note, drawn, photo]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-disposition')).toMatch(
        new RegExp(`^attachment; filename="${ORDER}-(note|signature|photo)-[123]\\.(txt|svg|jpg)"$`),
      );
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('a number that is none, and a piece whose person was erased', async () => {
    const shop = world();
    await write(shop, { kind: 'note', text: 'x' });
    for (const n of [0, 2, '01', '1.0', 'x']) expect((await download(shop, n)).status).toBe(404);
    shop.bytes.clear();
    expect((await download(shop, 1)).status).toBe(410);
  });

  it('is not for another driver, nor for those who only read orders', async () => {
    const shop = world();
    await write(shop, { kind: 'note', text: 'x' });
    for (const path of [PATH, `${PATH}/1`]) {
      expect((await call(shop.api, 'GET', path, { token: await tokenOf('driver', undefined, DRIVER) })).status).toBe(200);
      expect((await call(shop.api, 'GET', path, { token: await tokenOf('driver', undefined, 'drv_30other') })).status).toBe(403);
      expect((await call(shop.api, 'GET', path, { token: await tokenOf('auditor') })).status).toBe(403);
      expect((await call(shop.api, 'GET', path)).status).toBe(401);
    }
  });
});
