/** Lines that belong to persons: nobody's number is put over the others', and what cannot be told is asked. */
import { describe, expect, it } from 'vitest';
import { chatAfter } from '../../flow-harness.ts';

describe('"sipho wants 1 not 2"', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['2 kota and a coke', 'sipho wants 1 not 2'], { p_kota: 1, p_coke: 1 }],
    // The third is somebody else's.
    [['3 kota', 'sipho wants 1 not 2'], { p_kota: 2 }],
    [['3 kota and 2 coke', 'sipho wants 1 kota not 2'], { p_kota: 2, p_coke: 2 }],
    [['1 kota', 'sipho wants 1 not 2'], { p_kota: 1 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));

  it('asks which when it may be of several', () => {
    const chat = chatAfter('2 kota, 2 coke and 1 vetkoek');
    expect(chat.says('sipho wants 1 not 2')?.text).toContain('Which one do you mean: Kota / Coke?');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 2, p_vetkoek: 1 });
    chat.says('coke');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1, p_vetkoek: 1 });
  });
});

describe('"1 for me and 2 for gogo"', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['3 kota', '1 for me and 2 for gogo'], { p_kota: 3 }],
    [['2 kota', '1 for me and 2 for gogo'], { p_kota: 3 }],
    [['how much is a kota', '1 for me and 2 for gogo'], { p_kota: 3 }],
    [['2 kota', '1 more for gogo'], { p_kota: 3 }],
    [['1 for me and 2 for gogo'], {}],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));

  it('says of nobody that they are not sold', () => {
    expect(chatAfter('3 kota').says('1 for me and 2 for gogo')?.text).not.toContain('gogo');
  });
});
