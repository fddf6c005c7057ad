/** The life of a tenant, its catalogue, and what lists see of both. */
import { describe, expect, it } from 'vitest';
import { tenantBehaviour } from '../../src/actors/tenant/actor.ts';
import type { TenantCommand } from '../../src/actors/tenant/protocol.ts';
import type { TenantEvent } from '../../src/actors/tenant/state.ts';
import { viewChange } from '../../src/actors/tenant/view.ts';
import { codeOf, input, SETTINGS, Shop, T0, TTL_MS } from './harness.ts';

describe('the life of a tenant', () => {
  const lines = [{ productId: 'a', quantity: 1 }];
  const commands: TenantCommand[] = [
    { type: 'get' },
    { type: 'change_settings', patch: {} },
    { type: 'suspend' },
    { type: 'resume' },
    { type: 'add_product', productId: 'a', product: input(1) },
    { type: 'change_product', productId: 'a', patch: {} },
    { type: 'remove_product', productId: 'a' },
    { type: 'get_product', productId: 'a' },
    { type: 'reserve', reservationId: 'r', lines, dropoff: null, ttlMs: 1 },
    { type: 'commit_reservation', reservationId: 'r', lines },
    { type: 'release_reservation', reservationId: 'r' },
    { type: 'settle_reservation', reservationId: 'r' },
    { type: 'reservations_due' },
  ];
  it.each(commands.map((command) => [command.type, command] as const))('before it is provisioned, %s finds nothing', (_type, command) => {
    expect(new Shop().send(command)).toEqual({ ok: false, refusal: { code: 'tenant.not_found' } });
  });

  it('is provisioned once; the same uuid is answered the same, another is refused', () => {
    const shop = new Shop().open();
    const view = { uuid: 'uuid-1', dataShard: 0, status: 'active', settings: SETTINGS, version: 1, createdAtMs: T0 };
    const again = { type: 'provision', uuid: 'uuid-1', dataShard: 0, settings: SETTINGS, at: 'trial' } as const;
    expect(shop.send(again)).toEqual({ ok: true, events: [], reply: view });
    expect(shop.send({ type: 'get' })).toEqual({ ok: true, events: [], reply: view });
    expect(codeOf(shop.send({ ...again, uuid: 'uuid-2' }))).toBe('tenant.slug_taken');
  });

  it('answers each change with the version that the change has', () => {
    const shop = new Shop().open();
    const answers = [
      shop.send({ type: 'change_settings', patch: { name: 'New' } }),
      shop.send({ type: 'suspend' }),
      shop.send({ type: 'suspend' }),
      shop.send({ type: 'resume' }),
      shop.send({ type: 'get' }),
    ];
    const seen = answers.map((answer) => (answer.ok ? (answer.reply as { version: number; status: string }) : null));
    expect(seen.map((view) => [view?.version, view?.status])).toEqual([
      [2, 'active'],
      [3, 'suspended'],
      [3, 'suspended'],
      [4, 'active'],
      [4, 'active'],
    ]);
    expect(shop.state.settings?.name).toBe('New');
  });

  it('keeps what a change does not name, within whatsapp and payments too', () => {
    const shop = new Shop().open();
    shop.send({ type: 'change_settings', patch: { payments: { paystack: { secretKey: 'sealed-p' } } } });
    shop.send({ type: 'change_settings', patch: { payments: { ozow: { siteCode: 'S' } }, whatsapp: { accessToken: 'sealed-t' } } });
    expect(shop.state.settings).toEqual({
      ...SETTINGS,
      whatsapp: { ...SETTINGS.whatsapp, accessToken: 'sealed-t' },
      payments: { ...SETTINGS.payments, paystack: { secretKey: 'sealed-p' }, ozow: { siteCode: 'S' } },
    });
  });

  it('takes no orders while suspended, and still returns stock', () => {
    const shop = new Shop().open().with({ a: 5 });
    shop.reserve('r', { a: 2 });
    shop.send({ type: 'suspend' });
    expect(codeOf(shop.reserve('s', { a: 1 }))).toBe('tenant.suspended');
    shop.send({ type: 'release_reservation', reservationId: 'r' });
    expect(shop.stock('a')).toBe(5);
  });
});

describe('the catalogue', () => {
  it('adds, changes, hides and removes; every answer is the product as it is now', () => {
    const shop = new Shop().open();
    const product = { ...input(3), id: 'a', available: true };
    expect(shop.send({ type: 'add_product', productId: 'a', product: input(3) })).toMatchObject({ reply: product });
    expect(codeOf(shop.send({ type: 'add_product', productId: 'a', product: input(3) }))).toBe('product.exists');
    expect(shop.send({ type: 'change_product', productId: 'a', patch: { priceMinor: 5, available: false } })).toMatchObject({
      events: [{ type: 'product_changed', data: { productId: 'a', patch: { priceMinor: 5, available: false } } }],
      reply: { ...product, priceMinor: 5, available: false },
    });
    expect(shop.send({ type: 'get_product', productId: 'a' })).toMatchObject({ events: [], reply: { priceMinor: 5 } });
    expect(codeOf(shop.reserve('r', { a: 1 }))).toBe('order.product_unavailable');
    shop.send({ type: 'remove_product', productId: 'a' });
    expect(codeOf(shop.send({ type: 'get_product', productId: 'a' }))).toBe('product.not_found');
    expect(codeOf(shop.send({ type: 'change_product', productId: 'a', patch: {} }))).toBe('product.not_found');
    expect(codeOf(shop.send({ type: 'remove_product', productId: 'a' }))).toBe('product.not_found');
  });

  it.each([
    ['basic', 100],
    ['premium', 1_000],
    ['enterprise', 10_000],
  ] as const)('a %s tenant has at most %i products', (tier, limit) => {
    const shop = new Shop().open({ tier });
    const product = { ...input(null), available: true };
    for (let i = 0; i < limit; i++) {
      const event = { type: 'product_saved', data: { product: { ...product, id: `p${i}` } } } as const;
      tenantBehaviour.evolve(shop.state, event, { ref: { tenantId: 7, kind: 'tenant', id: 'self', shard: 5 }, seq: i + 2, atMs: T0 });
    }
    expect(shop.send({ type: 'add_product', productId: 'more', product: input(1) })).toEqual({
      ok: false,
      refusal: { code: 'product.limit', details: { limit } },
    });
  });

  it.each(['constructor', 'toString', '__proto__', ''])('the id "%s" finds nothing that nobody added', (productId) => {
    const shop = new Shop().open();
    expect(codeOf(shop.send({ type: 'get_product', productId }))).toBe('product.not_found');
    expect(
      codeOf(shop.send({ type: 'reserve', reservationId: productId, lines: [{ productId, quantity: 1 }], dropoff: null, ttlMs: 1 })),
    ).toBe('product.not_found');
    expect(shop.send({ type: 'release_reservation', reservationId: productId })).toMatchObject({ ok: true, events: [] });
  });
});

describe('read models', () => {
  it('write each product whose stock moved, and the tenant with its version when more than stock changed', () => {
    const shop = new Shop().open().with({ a: 5, b: null });
    shop.writes.length = 0;
    shop.reserve('r', { a: 2, b: 1 });
    expect(shop.writes.map(({ op, row }) => [op, row.productId ?? row.version, row.stock])).toEqual([['product.upsert', 'a', 3]]);
    expect(shop.rowOf('a')).toEqual({ ...input(3), id: 'a', available: true });
    shop.writes.length = 0;
    shop.commit('r', { a: 2, b: 1 });
    shop.send({ type: 'change_product', productId: 'b', patch: { priceMinor: 9 } });
    shop.send({ type: 'remove_product', productId: 'b' });
    expect(shop.writes.map(({ op, row }) => [op, row.productId ?? row.version])).toEqual([
      ['product.upsert', 'b'],
      ['tenant.upsert', 6],
      ['product.delete', 'b'],
      ['tenant.upsert', 7],
    ]);
  });

  it('a copy of the shop hears of stock when units moved, of nothing when only a reservation did, of all otherwise', () => {
    const moves = [{ productId: 'a', units: -1 }];
    const reserved = (moved: typeof moves): TenantEvent => ({
      type: 'stock_reserved',
      data: { reservationId: 'r', lines: [], moves: moved, quote: null, expiresAtMs: 1 },
    });
    const ended = (moved: typeof moves): TenantEvent => ({
      type: 'reservation_ended',
      data: { reservationIds: ['r'], moves: moved, why: 'released' },
    });
    const later: TenantEvent = { type: 'expiry_moved', data: { nextExpiryAtMs: null } };
    const paused: TenantEvent = { type: 'status_changed', data: { status: 'suspended' } };
    const removed: TenantEvent = { type: 'product_removed', data: { productId: 'a' } };
    const kept: TenantEvent = { type: 'reservation_committed', data: { reservationId: 'r' } };
    expect([[], [reserved([]), later], [kept], [ended([])]].map(viewChange)).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
    expect([[reserved(moves)], [ended(moves), later], [later, ended(moves)]].map(viewChange)).toEqual(['stock', 'stock', 'stock']);
    expect(
      [
        [reserved(moves), removed],
        [paused, later],
      ].map(viewChange),
    ).toEqual(['all', 'all']);
  });

  it('a shop that ran out can be read as such until the reservation ends', () => {
    const shop = new Shop().open().with({ a: 1 });
    shop.reserve('r', { a: 1 });
    expect(shop.rowOf('a')?.stock).toBe(0);
    shop.pass(TTL_MS);
    expect(shop.rowOf('a')?.stock).toBe(1);
  });
});
