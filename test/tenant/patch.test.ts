/** A change of settings from the wire to the state: what a body does not name stays. */
import { describe, expect, it } from 'vitest';
import { patchOf, tenantPatch } from '../../src/transport/http/v1/tenant-body.ts';
import { codeOf, SETTINGS, Shop } from './harness.ts';

const BOX = { seal: (plain: string): string => `sealed:${plain}`, open: (sealed: string): string => sealed.slice('sealed:'.length) };

function changed(...bodies: object[]): Shop {
  const shop = new Shop().open();
  for (const body of bodies) shop.send({ type: 'change_settings', patch: patchOf(tenantPatch.parse(body), 'uuid-1', BOX) });
  return shop;
}

describe('a change of settings', () => {
  it.each([
    [{ delivery: { base_fee_minor: 900 } }, { delivery: { ...SETTINGS.delivery, baseFeeMinor: 900 } }],
    [{ delivery: { max_km: 25 } }, { delivery: { ...SETTINGS.delivery, maxKm: 25 } }],
    [{ owner: { name: 'Sipho' } }, { owner: { ...SETTINGS.owner, name: 'Sipho' } }],
    [{ owner: { wa_id: '+27600000099' } }, { owner: { ...SETTINGS.owner, waId: '27600000099' } }],
    [{ payments: { cod: { enabled: false } } }, { payments: { cod: { enabled: false, maxAmountMinor: 100_000 } } }],
    [{ payments: { cod: { max_amount_minor: 5 } } }, { payments: { cod: { enabled: true, maxAmountMinor: 5 } } }],
    [{ delivery: {}, owner: {}, payments: {}, whatsapp: {} }, {}],
  ])('%j keeps whatever it does not name', (body, expected) => {
    expect(changed(body).state.settings).toEqual({ ...SETTINGS, ...expected });
  });

  it('is journaled as whole parts, so that the event can be read alone', () => {
    expect(changed({ delivery: { per_km_minor: 1 } }).journal.at(-1)?.event).toEqual({
      type: 'settings_changed',
      data: { patch: { delivery: { ...SETTINGS.delivery, perKmMinor: 1 } } },
    });
  });

  it('adds fields to a gateway, and takes one away with null', () => {
    const mpesa = { mpesa: { consumer_key: 'a' } };
    const shop = changed({ payments: mpesa }, { payments: { mpesa: { consumer_secret: 'b' }, paystack: { secret_key: 'c' } } });
    expect(shop.state.settings?.payments).toEqual({
      ...SETTINGS.payments,
      mpesa: { consumer_key: 'sealed:a', consumer_secret: 'sealed:b' },
      paystack: { secretKey: 'sealed:c' },
    });
    shop.send({ type: 'change_settings', patch: patchOf(tenantPatch.parse({ payments: { mpesa: null } }), 'uuid-1', BOX) });
    expect(shop.state.settings?.payments).toEqual({ ...SETTINGS.payments, paystack: { secretKey: 'sealed:c' } });
  });

  it.each([
    { delivery: { base_fee: 1 } },
    { delivery: { base_fee_minor: null } },
    { delivery: null },
    { owner: { phone: '27600000001' } },
    { payments: { cod: null } },
    { payments: { cod: { enabled: 'yes' } } },
    { payments: { ozow: { site_code: 'S' } } },
  ])('%j says something that is no setting, and is refused', (body) => {
    expect(tenantPatch.safeParse(body).success).toBe(false);
  });
});

describe('the status of a tenant', () => {
  const at = (status: 'provisioning' | 'trial' | 'closed'): Shop => {
    const shop = new Shop();
    shop.send({ type: 'provision', uuid: 'uuid-1', dataShard: 0, settings: SETTINGS, at: status });
    return shop;
  };

  it('is still a trial when a shop on trial is resumed', () => {
    const shop = at('trial');
    expect(shop.send({ type: 'resume' })).toMatchObject({ ok: true, events: [] });
    expect(shop.state.status).toBe('trial');
  });

  it('is active after the first opening of a shop that was being set up', () => {
    const shop = at('provisioning');
    shop.send({ type: 'resume' });
    expect(shop.state.status).toBe('active');
  });

  it.each(['suspend', 'resume'] as const)('is closed for good, whoever says %s', (type) => {
    expect(codeOf(at('closed').send({ type }))).toBe('tenant.closed');
    expect(codeOf(at('closed').send({ type: 'change_settings', patch: { name: 'New' } }))).toBe('tenant.closed');
  });
});

describe('an order that is paid in cash', () => {
  const withCash = (cod: { enabled: boolean; maxAmountMinor: number }): Shop => new Shop().open({ payments: { cod } }).with({ a: 5 });

  it('is reserved up to what the shop takes in cash, the delivery included, and takes no stock beyond it', () => {
    const shop = withCash({ enabled: true, maxAmountMinor: 3_500 });
    expect(codeOf(shop.reserve('r', { a: 2 }))).toBeNull();
    expect(shop.reserve('s', { a: 3 })).toEqual({
      ok: false,
      refusal: { code: 'order.cod_limit', details: { max_amount_minor: 3_500, total_minor: 4_500, currency: 'ZAR' } },
    });
    expect(shop.stock('a')).toBe(3);
  });

  it('is refused by a shop that takes no cash', () => {
    expect(codeOf(withCash({ enabled: false, maxAmountMinor: 100_000 }).reserve('r', { a: 1 }))).toBe('order.payment_unavailable');
  });
});
