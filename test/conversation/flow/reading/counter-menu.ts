/** A kota shop's full menu. */
import type { Product } from '../../../../src/actors/tenant/protocol.ts';

const product = (
  id: string,
  name: string,
  priceMinor: number,
  category: string,
  description: string | null,
  aliases: readonly string[],
): Product => ({
  id,
  name,
  priceMinor,
  category,
  description,
  aliases,
  stock: null,
  options: [],
  imageUrl: null,
  available: true,
});

export const MENU: readonly Product[] = [
  product('kota', 'Kota', 4_500, 'Kota', 'Quarter bread, chips, polony, atchar', ['ikota']),
  product('full', 'Full house kota', 6_500, 'Kota', 'Russian, cheese, egg, chips, polony, atchar', ['full house']),
  product('kota-russian', 'Russian kota', 5_500, 'Kota', 'Russian, chips, atchar', []),
  product('vetkoek', 'Vetkoek', 500, 'Vetkoek', 'Plain, warm', ['amagwinya', 'magwinya']),
  product('vetkoek-mince', 'Vetkoek with mince', 2_500, 'Vetkoek', 'Curried mince', ['mince vetkoek']),
  product('vetkoek-polony', 'Vetkoek with polony', 1_200, 'Vetkoek', null, ['polony vetkoek']),
  product('stew', 'Pap and beef stew', 6_000, 'Plates', 'With chakalaka', ['pap', 'stew']),
  product('wors', 'Pap and wors', 5_500, 'Plates', 'Boerewors from the braai', ['wors']),
  product('chicken', 'Quarter chicken and pap', 6_500, 'Plates', 'Flame grilled', ['chicken']),
  product('mogodu', 'Mogodu and pap', 7_000, 'Plates', null, ['mogodu']),
  product('chips', 'Large chips', 3_500, 'Sides', null, ['chips']),
  product('chips-s', 'Small chips', 2_000, 'Sides', null, []),
  product('chakalaka', 'Chakalaka', 1_200, 'Sides', 'Small tub', []),
  product('atchar', 'Atchar', 800, 'Sides', 'Small tub', []),
  product('russian', 'Russian', 1_800, 'Sides', 'Grilled', []),
  product('coke', 'Coke 500ml', 1_600, 'Drinks', null, ['coke', 'coca cola']),
  product('stoney', 'Stoney 500ml', 1_600, 'Drinks', null, ['stoney']),
];
