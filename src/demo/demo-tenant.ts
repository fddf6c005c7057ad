/** The shop that a first start shows. Data only. */
import type { DriverInput } from '../actors/driver/protocol.ts';
import type { ProductInput, TenantSettings } from '../actors/tenant/protocol.ts';
import type { VehicleType } from '../geo/eta/eta-model.ts';

export const DEMO_TENANT: TenantSettings = {
  slug: 'mama-thandi',
  name: "Mama Thandi's Kitchen",
  tier: 'premium',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phoneNumberId: '200000000000001', wabaId: '100000000000001', accessToken: null },
  payments: { cod: { enabled: true, maxAmountMinor: 500_000 } },
  delivery: { baseFeeMinor: 1_500, perKmMinor: 500, freeKm: 2, maxKm: 10 },
  owner: { name: 'Thandi', waId: '27600000010' },
};

/** Three people to play; `unique` makes their ids the same in every installation of the demo. */
export const DEMO_DRIVERS: readonly (DriverInput & { readonly unique: string })[] = [
  driver('lwazi', 'Lwazi Dlamini', '27600000021', 'motorbike', 'DL 12 GP'),
  driver('ayanda', 'Ayanda Nkosi', '27600000022', 'motorbike', 'NK 34 GP'),
  driver('pieter', 'Pieter Botha', '27600000023', 'bakkie', 'PB 56 GP'),
];

function driver(
  unique: string,
  name: string,
  phone: string,
  type: VehicleType,
  registration: string,
): DriverInput & { readonly unique: string } {
  return {
    unique,
    name,
    phone,
    vehicle: { type, registration, coldStorage: false },
    documents: { licence: { number: null, expiresOn: null } },
  };
}

function product(
  id: string,
  name: string,
  priceMinor: number,
  category: string,
  description: string | null,
  aliases: readonly string[],
  stock: number | null = null,
): ProductInput & { readonly id: string } {
  return { id, name, priceMinor, category, description, aliases, stock, options: [], imageUrl: null };
}

export const DEMO_PRODUCTS: readonly (ProductInput & { readonly id: string })[] = [
  product('KOTA', 'Kota', 4_500, 'Kota', 'Quarter bread, chips, polony, atchar', ['ikota', 'sphatlo']),
  product('KOTA-FULL', 'Full house kota', 6_500, 'Kota', 'Russian, cheese, egg, chips, polony, atchar', ['full house']),
  product('KOTA-RUSSIAN', 'Russian kota', 5_500, 'Kota', 'Russian, chips, atchar', []),
  product('KOTA-VEG', 'Veggie kota', 4_800, 'Kota', 'Chips, cheese, egg, chakalaka', ['vegetarian kota']),
  product('VETKOEK', 'Vetkoek', 500, 'Vetkoek', 'Plain, warm', ['amagwinya', 'magwinya', 'igwinya', 'fatcake'], 200),
  product('VETKOEK-MINCE', 'Vetkoek with mince', 2_500, 'Vetkoek', 'Curried mince', ['mince vetkoek']),
  product('VETKOEK-POLONY', 'Vetkoek with polony', 1_200, 'Vetkoek', null, ['polony vetkoek']),
  product('PAP-STEW', 'Pap and beef stew', 6_000, 'Pap & plates', 'With chakalaka', ['pap', 'stew', 'uphuthu', 'papa']),
  product('PAP-WORS', 'Pap and wors', 5_500, 'Pap & plates', 'Boerewors from the braai', ['wors', 'boerewors']),
  product('CHICKEN-PLATE', 'Quarter chicken and pap', 6_500, 'Pap & plates', 'Flame grilled', ['chicken', 'inkukhu', 'kgoho'], 40),
  product(
    'MOGODU',
    'Mogodu and pap',
    7_000,
    'Pap & plates',
    'Weekends are busy: order early',
    ['mogodu', 'tripe', 'ulusu', 'mala mogodu'],
    15,
  ),
  product('CHIPS-S', 'Small chips', 2_000, 'Sides', 'Slap chips, salt and vinegar', []),
  product('CHIPS-L', 'Large chips', 3_500, 'Sides', 'Slap chips, salt and vinegar', ['chips', 'slap chips', 'amashibusi', 'ditjhipisi']),
  product('CHAKALAKA', 'Chakalaka', 1_200, 'Sides', 'Small tub', []),
  product('ATCHAR', 'Atchar', 800, 'Sides', 'Small tub', ['achar']),
  product('RUSSIAN', 'Russian', 1_800, 'Sides', 'Grilled', ['russians']),
  product('COKE-500', 'Coke 500ml', 1_600, 'Drinks', null, ['coke', 'coca cola'], 120),
  product('STONEY-500', 'Stoney 500ml', 1_600, 'Drinks', 'Ginger beer', ['stoney', 'ginger beer'], 60),
  product('WATER-500', 'Still water 500ml', 1_000, 'Drinks', null, ['water', 'amanzi', 'metsi'], 80),
  product('MAGEU', 'Mageu 1l', 2_200, 'Drinks', 'Banana', ['mageu', 'amahewu'], 24),
  product('SCONE', 'Scone', 800, 'Sweets', 'Baked this morning', ['scones', 'dikuku'], 48),
  product('MALVA', 'Malva pudding', 3_000, 'Sweets', 'With custard', ['malva', 'pudding'], 12),
];
