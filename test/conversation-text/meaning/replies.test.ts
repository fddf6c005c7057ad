/** One text, one reply: what the customer reads after it, and what the cart holds. */
import { describe, expect, it } from 'vitest';
import type { OutboundBody } from '../../../src/actors/conversation/protocol.ts';
import type { Product } from '../../../src/actors/tenant/protocol.ts';
import { Chat, PRODUCTS, SETTINGS, viewWith } from '../../conversation/flow-harness.ts';

const CHIPS = ['Small chips', 'Large chips'].map(
  (name, at): Product => ({ ...(PRODUCTS[0] as Product), id: `p_chips${at}`, name, aliases: [] }),
);

function started(...texts: readonly string[]): Chat {
  const chat = new Chat();
  chat.view = viewWith({ products: [...PRODUCTS, ...CHIPS] });
  for (const text of ['hi', ...texts]) chat.says(text);
  return chat;
}

describe('the cart after a text', () => {
  it.each([
    ['swap the coke for 2 vetkoek', ['2 kota and a coke'], { p_kota: 2, p_vetkoek: 2 }],
    ['remove the coke and add 2 vetkoek', ['2 kota and a coke'], { p_kota: 2, p_vetkoek: 2 }],
    ['actually make it 3 kotas', ['2 kota and a coke'], { p_kota: 3, p_coke: 1 }],
    ['make it 5', ['2 kota'], { p_kota: 5 }],
    ['2 more', ['2 kota'], { p_kota: 4 }],
    ['make it 5', ['2 kota and a coke'], { p_kota: 2, p_coke: 1 }],
    ['remove 1 kota', ['2 kota'], { p_kota: 1 }],
    ['change the kota', ['2 kota'], { p_kota: 2 }],
    ['kota, no coke', ['coke'], { p_kota: 1 }],
    ['kota, no coke', [], { p_kota: 1 }],
    ['-3 kota', [], {}],
    ['half a kota', ['2 kota'], { p_kota: 2 }],
    ['how much is a kota', [], {}],
    ['do you have coke?', ['2 kota'], { p_kota: 2 }],
  ] as const)('%j after %j holds %j', (text, before, expected) => {
    const chat = started(...before);
    expect(chat.says(text)).not.toBeNull();
    expect(chat.cart()).toEqual(expected);
  });
});

describe('the reply to a text', () => {
  it.each([
    ['2 kota and pizza', ['Added 2 x Kota', 'do not have pizza']],
    ['2 kota and mopani', ['Added 2 x Kota', 'did not get: mopani']],
    ['2 kota, no onions', ['Added 2 x Kota', 'no onions']],
    ['2 pizza and a coke', ['do not have pizza', 'Added 1 x Coke']],
    ['0 kota', ['How many Kota']],
    ['-2 kota', ['How many Kota']],
    ['half a kota', ['How many Kota']],
    ['1,000 kota', ['up to 50']],
    ['remove the coke', ['no Coke in your cart']],
    ['2 chips', ['Which chips']],
  ])('%j says %j in one message', (text, expected) => {
    const chat = started();
    const before = chat.phone.length;
    const reply = chat.says(text);
    expect(chat.phone.length).toBe(before + 1);
    for (const part of expected) expect(reply?.text).toContain(part);
  });

  it('a quantity is kept while the customer chooses which one', () => {
    const chat = started('3 chips');
    chat.taps(chat.ids().find((id) => id.endsWith('p_chips1')) as string);
    expect(chat.cart()).toEqual({ p_chips1: 3 });
    for (const odd of ['pick:999:p_chips1', 'pick:x:p_chips1', 'pick:-1:p_chips1', 'pick:2:p_none', 'pick:']) chat.taps(odd);
    expect(chat.cart()).toEqual({ p_chips1: 3 });
  });

  it('a question is answered with the prices of what was asked about', () => {
    const chat = started();
    const reply = chat.says('how much are the chips?');
    expect(reply?.kind === 'list' && reply.sections[0]?.rows.map((row) => [row.title, row.description])).toEqual([
      ['Small chips', 'R45'],
      ['Large chips', 'R45'],
    ]);
  });

  it('a caption is read like a text when it asks for something, else the picture is answered', () => {
    const chat = started('2 kota');
    const caption = (value: string): OutboundBody | null =>
      chat.after(() => chat.receive({ kind: 'media', mediaKind: 'image', mediaId: 'm1', caption: value }));
    caption('and a coke');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
    expect(caption('where is my order')?.text).toContain('no open order');
    expect(caption('my dog 🐕')?.text).toContain('can only read text');
  });

  it('a changed stock or price does not change what words mean, a new name does', () => {
    const chat = started();
    chat.view = viewWith({ products: PRODUCTS.map((product) => ({ ...product, priceMinor: 1, stock: 9 })) });
    chat.says('2 kota');
    chat.view = viewWith({
      products: PRODUCTS.map((product) => (product.id === 'p_coke' ? { ...product, name: 'Fanta', aliases: [] } : product)),
    });
    chat.says('a fanta');
    chat.says('a coke');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });
});

describe('with the longest names', () => {
  const long = (id: number): Product => ({
    ...(PRODUCTS[0] as Product),
    id: `p${id}`,
    name: `Kota number${id} ${'with everything '.repeat(4)}👨‍👩‍👧‍👦`,
    category: `Category ${id % 12} ${'of many things '.repeat(4)}`,
    description: 'd'.repeat(500),
    aliases: [`k${id}`],
  });

  it('every message fits where WhatsApp shows it, and the total is always shown', () => {
    const chat = new Chat();
    chat.view = viewWith({
      products: Array.from({ length: 40 }, (_, id) => long(id)),
      settings: { ...SETTINGS, name: 'Mama Thandi 👩‍🍳 '.repeat(12), payments: { cod: { enabled: true, maxAmountMinor: 99_000_000 } } },
    });
    const order = Array.from({ length: 20 }, (_, id) => `2 k${id + 10}`).join(', ');
    for (const text of ['hi', 'menu', 'kota', order, 'cart']) chat.says(text);
    expect(chat.phone.at(-1)?.text).toContain('Subtotal');
    chat.taps(chat.buttonStarting('checkout:'));
    expect(chat.says(`12 Vilakazi Street ${'next to the school '.repeat(30)}`)?.text).toMatch(/Total: R[\s\S]*Shall I place the order/);
    for (const text of ['help', 'language', 'sawubona ngicela ukudla', 'menu', 'cart', 'track', 'person']) chat.says(text);
    for (const body of chat.phone) expect(breaches(body)).toEqual([]);
  });
});

/** What the platform would refuse. */
function breaches(body: OutboundBody): string[] {
  const found: string[] = [];
  const fits = (what: string, value: string, maxChars: number): void => {
    if (value.length > maxChars || value === '' || /[\ud800-\udbff](?![\udc00-\udfff])/.test(value))
      found.push(`${what} ${value.length}: ${value.slice(0, 40)}`);
  };
  fits('body', body.text, body.kind === 'text' ? 4_096 : 1_024);
  if (body.kind === 'buttons') for (const button of body.buttons) fits('button', button.title, 20);
  if (body.kind !== 'list') return found;
  fits('list button', body.button, 20);
  for (const section of body.sections) {
    fits('section', section.title, 24);
    if (section.rows.length > 10) found.push('rows');
    for (const row of section.rows) {
      fits('row', row.title, 24);
      fits('row id', row.id, 200);
      if (row.description !== undefined) fits('description', row.description, 72);
    }
  }
  return found;
}
