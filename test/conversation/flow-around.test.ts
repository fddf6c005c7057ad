/** What people send around an order: pictures, refusals, things that are not sold. */
import { describe, expect, it } from 'vitest';
import { Chat } from './flow-harness.ts';

describe('around an order', () => {
  it('a picture with an order under it is that order; with other words it is a picture', () => {
    const chat = new Chat();
    const picture = (caption: string | null) => ({ kind: 'media', mediaKind: 'image', mediaId: 'm', caption }) as const;
    chat.receive(picture('2 kota'));
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.settle();
    chat.receive(picture('me and my family'));
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.settle();
    expect(chat.phone.at(-1)!.text).toContain('only read text');
  });

  it('removing what is not in the cart says so, and what is not sold is named beside what was added', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: '2 kota and a pizza' });
    chat.settle();
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.phone.at(-1)!.text).toMatch(/do not have pizza[\s\S]*Kota/);
    chat.receive({ kind: 'text', text: 'no coke' });
    chat.settle();
    expect(chat.phone.at(-1)!.text).toContain('There is no Coke');
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });
});

describe('the language of the first answer', () => {
  it.each([
    ['ngicela ama-vetkoek amabili necoke', /Kufakiwe/],
    ['2 kota and a coke pls', /Added/],
    ['2 kota', /Added/],
  ])('follows %j among those that the shop speaks', (text, expected) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text });
    chat.settle();
    expect(chat.phone.at(-1)!.text).toMatch(expected);
  });
});
