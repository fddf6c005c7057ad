/** The shop of a simulated day: what it is, where it is, and what it sells. It must never know what happens there. */
import { tenantRef } from '../../src/actors/refs.ts';
import type { ProductInput, TenantSettings } from '../../src/actors/tenant/protocol.ts';

export const TENANT = 7;
export const DATA_SHARD = 4;
export const PHONE_NUMBER_ID = '200000000000123';
export const STOCKED = 40;
export const SHOP = tenantRef(TENANT, DATA_SHARD);

export const PLACE = { lat: -26.2485, lng: 27.854 };

export const SETTINGS: TenantSettings = {
  slug: 'sim',
  name: 'Mama Sim',
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: PLACE,
  whatsapp: { phoneNumberId: PHONE_NUMBER_ID, wabaId: '2', accessToken: null },
  payments: { cod: { enabled: true, maxAmountMinor: 500_000 } },
  delivery: { baseFeeMinor: 1_500, perKmMinor: 500, freeKm: 2, maxKm: 10 },
  owner: { name: 'Thandi', waId: '27600000010' },
};

export const product = (name: string, priceMinor: number): ProductInput => ({
  name,
  priceMinor,
  category: 'Food',
  description: null,
  aliases: [],
  stock: STOCKED,
  options: [],
  imageUrl: null,
});

export const PRICES = [
  ['Kota', 4_500],
  ['Coke', 1_800],
  ['Vetkoek', 800],
] as const;
