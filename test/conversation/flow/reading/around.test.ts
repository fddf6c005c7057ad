/** What people send around an order: pictures, refusals, things that are not sold. */
import { describe, expect, it } from 'vitest';
import { Chat, choices } from '../../flow-harness.ts';

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

describe('another address', () => {
  const address = (chat: Chat) => chat.state.session.place?.address ?? null;

  it.each(['change address', 'shintsha ikheli'])('%j at the quote asks for it, and the new one is quoted', (text) => {
    const chat = new Chat();
    for (const words of ['2 kota', 'checkout', '12 Main Road']) chat.says(words);
    const old = chat.buttonStarting('confirm:');
    expect(chat.says(text)).toMatchObject({ kind: 'location_request' });
    expect([address(chat), chat.get().step]).toEqual([null, 'address']);
    expect(chat.says('14 Church Street')?.text).toContain('📍 14 Church Street');
    chat.taps(old);
    expect(chat.commands()).toEqual([]);
    chat.says('yes');
    expect(chat.done[1]?.command).toMatchObject({ dropoff: { address: '14 Church Street' } });
  });

  it('with an empty cart the one of last time is forgotten, and asked for at the next checkout', () => {
    const chat = new Chat();
    for (const words of ['2 kota', 'checkout', '12 Main Road', 'clear cart']) chat.says(words);
    expect(address(chat)).toBe('12 Main Road');
    expect(chat.says('wrong address')?.text).toMatch(/ask for the address[\s\S]*empty/);
    chat.says('1 kota');
    expect(chat.says('checkout')).toMatchObject({ kind: 'location_request' });
  });

  it('of an order under way is for a person', () => {
    const chat = new Chat();
    chat.order();
    const before = chat.state.session.place;
    const told = chat.says('i want to change my address');
    expect(told?.text).toContain('K7F');
    expect(choices(told)).toContain('person');
    expect(chat.state.session.place).toEqual(before);
  });
});

describe('paying and fetching', () => {
  it('what may be paid with is told, and the question that was open is asked again', () => {
    const chat = new Chat();
    for (const words of ['2 kota', 'checkout']) chat.says(words);
    expect(chat.says('do you take card?')).toMatchObject({ kind: 'location_request', text: expect.stringContaining('cash on delivery') });
    const quote = chat.says('12 Main Road')?.text;
    expect(chat.says('how do i pay')?.text).toBe(quote);
    expect(chat.get().step).toBe('confirm');
  });

  it('nobody can fetch an order: said once, and the cart stands', () => {
    const chat = new Chat();
    chat.says('2 kota');
    expect(chat.says('can i collect it')?.text).toMatch(/only delivers[\s\S]*Kota/);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });
});

describe('an order beside the address question', () => {
  it('is added, not taken for the address', () => {
    const chat = new Chat();
    for (const words of ['2 kota', 'checkout', '1 kota and a coke']) chat.says(words);
    expect(chat.cart()).toEqual({ p_kota: 3, p_coke: 1 });
    expect(chat.state.session.place).toBeNull();
  });
});

describe('"my order?"', () => {
  it('is about the order on its way once the cart is empty, and about the cart while it is not', () => {
    const chat = new Chat();
    for (const text of ['2 kota', 'my order?']) chat.says(text);
    expect(chat.phone.at(-1)!.text).toContain('Subtotal');
    for (const text of ['checkout', '12 Vilakazi Street, Soweto', 'yes']) chat.says(text);
    chat.settle();
    chat.says('my order?');
    expect(chat.phone.at(-1)!.text).toContain('waiting for the shop');
  });
});
