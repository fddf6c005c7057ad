/** Chats as they are written in the townships: what asks, waits, points at a part of the menu or at a place, and what only looks like a yes. */
import { describe, expect, it } from 'vitest';
import { messageContent } from '../../../../src/transport/whatsapp/webhook/message-content.ts';
import { Chat, choices, NEAR } from '../../flow-harness.ts';

function withCart(): Chat {
  const chat = new Chat();
  chat.says('hi');
  chat.says('2 kota and a coke');
  return chat;
}

function atAddress(): Chat {
  const chat = withCart();
  chat.taps(chat.buttonStarting('checkout:'));
  return chat;
}

function atQuote(): Chat {
  const chat = atAddress();
  chat.pins(NEAR);
  return chat;
}

const isPlaced = (chat: Chat): boolean => chat.commands().includes('place');
const CART = { p_kota: 2, p_coke: 1 };

describe('only a plain yes places an order', () => {
  it.each([
    'yes?',
    'is it confirmed',
    'is it confirmed?',
    'sharp?',
    'confirmed?',
    'yes for 6pm',
    'ok let me think',
    'alright let me ask my mom',
    'fine i will go elsewhere',
  ])('%j places nothing and keeps the cart', (said) => {
    const chat = atQuote();
    expect(chat.says(said)).not.toBeNull();
    expect(isPlaced(chat)).toBe(false);
    expect(chat.cart()).toEqual(CART);
  });

  it.each(['place it', 'do it', 'kk', 'alright', 'yes cash', '✅', '✅✅', 'yes call me 0821234567'])('%j places it', (said) => {
    const chat = atQuote();
    chat.says(said);
    expect(isPlaced(chat)).toBe(true);
  });

  it('a forwarded yes, somebody else wrote', () => {
    const chat = atQuote();
    chat.after(() => chat.receive({ kind: 'text', text: 'yes', about: { forwarded: true } }));
    expect(isPlaced(chat)).toBe(false);
    expect(chat.ids()[0]).toMatch(/^confirm:/);
  });

  it('a cross alone is a no, also when it is one character long', () => {
    const chat = atQuote();
    chat.says('❌');
    expect(chat.get().step).not.toBe('confirm');
    expect(chat.cart()).toEqual(CART);
  });

  it('when it is wanted stands in the quote, and a second yes places it', () => {
    const chat = atQuote();
    expect(chat.says('yes for 6pm')?.text).toContain('for 6pm');
    chat.says('yes');
    expect(isPlaced(chat)).toBe(true);
  });
});

describe("a file's name is nobody's words", () => {
  const file = (filename: string) => messageContent({ type: 'document', document: { id: '9', filename } });

  it('it neither agrees, nor orders, nor is an address', () => {
    const quoted = atQuote();
    quoted.after(() => quoted.receive(file('yes.pdf')));
    expect(isPlaced(quoted)).toBe(false);
    const chat = atAddress();
    chat.after(() => chat.receive(file('12 Main Road.pdf')));
    expect(chat.get().step).toBe('address');
    chat.after(() => chat.receive(file('5 coke.pdf')));
    expect(chat.cart()).toEqual(CART);
  });

  it('a caption under a document is still read', () => {
    const chat = new Chat();
    chat.after(() => chat.receive(messageContent({ type: 'document', document: { id: '9', filename: 'x.pdf', caption: '2 kota' } })));
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });
});

describe('what is no text', () => {
  it.each(['image', 'voice', 'sticker'] as const)('a %s ends no checkout: the quote stands on the phone', (mediaKind) => {
    const chat = atQuote();
    chat.after(() => chat.receive({ kind: 'media', mediaKind, mediaId: 'm', caption: null }));
    expect(chat.ids()[0]).toMatch(/^confirm:/);
  });

  it('who opens the chat for the first time is greeted', () => {
    const chat = new Chat();
    expect(chat.after(() => chat.receive({ kind: 'other', originalType: 'request_welcome' }))?.text).toContain('Mama Thandi');
    expect(chat.get().state).toBe('GREETING');
  });

  it.each(['STOP', 'Stop promotions'])('the button %j of a template is the opt-out that it says', (title) => {
    const chat = withCart();
    chat.after(() => chat.receive(messageContent({ type: 'button', button: { payload: title, text: title } })));
    expect(chat.state.session.optedOut).toBe(true);
    expect(chat.cart()).toEqual(CART);
  });

  it.each(['Yes', 'Cancel'])('the button %j of a template neither agrees nor drops anything', (title) => {
    const chat = atQuote();
    chat.after(() => chat.receive(messageContent({ type: 'button', button: { payload: title, text: title } })));
    expect(isPlaced(chat)).toBe(false);
    expect(chat.cart()).toEqual(CART);
    expect(chat.ids()[0]).toMatch(/^confirm:/);
  });

  it('from the page of a product, "how much is this" and "hi, i want this" are about it', () => {
    const about = { product: { productId: 'p_kota', catalogId: null } };
    const asked = new Chat();
    asked.after(() => asked.receive({ kind: 'text', text: 'how much is this', about }));
    expect(asked.ids()).toEqual(['prod:p_kota']);
    expect(asked.cart()).toEqual({});
    const wanted = new Chat();
    wanted.after(() => wanted.receive({ kind: 'text', text: 'Hi, I want this', about }));
    expect(wanted.cart()).toEqual({ p_kota: 1 });
    const named = new Chat();
    named.after(() => named.receive({ kind: 'text', text: 'hi this is Thabo', about }));
    expect(named.cart()).toEqual({});
  });
});

describe('where to', () => {
  it.each([
    'ngiyoyilanda',
    'im sending location now',
    'ngithumele kanjani i-location',
    'no street name here',
    'i dont have an address',
    'https://maps.app.goo.gl/abcd',
    'emakhaya',
  ])('%j is no address: it is asked for again', (said) => {
    const chat = atAddress();
    expect(chat.says(said)?.kind).toBe('location_request');
    expect(chat.get().step).toBe('address');
    expect(chat.cart()).toEqual(CART);
  });

  it.each(['-26.27, 27.87', 'https://maps.google.com/?q=-26.27,27.87', 'https://www.google.com/maps/@-26.27,27.87,17z'])(
    '%j is as good as a pin',
    (said) => {
      const chat = atAddress();
      chat.says(said);
      expect(chat.state.session.place?.position).toEqual({ lat: -26.27, lng: 27.87 });
      expect(chat.ids()[0]).toMatch(/^confirm:/);
    },
  );

  it.each(['12 Vilakazi', '1234 Section B', 'shack 14 behind the spaza'])('%j is one', (said) => {
    expect(atAddress().says(said)?.text).toContain(said);
  });

  it.each([
    ['im at 1234 section b', '1234 section b'],
    ['deliver to zone 4 meadowlands next to the church', 'zone 4 meadowlands next to the church'],
    ['Please send it to 12 Vilakazi Street', '12 Vilakazi Street'],
    ['This is my address: 12 Vilakazi Street', '12 Vilakazi Street'],
  ])('%j is one unasked, too: the driver reads where to and no more', (said, place) => {
    expect(withCart().says(said)?.text).toContain(`📍 ${place}\n`);
  });
});

describe('what is only asked or said', () => {
  it.each(['do u deliver', 'is delivery free', 'hw much is delivery', 'nithumela e-soweto', 'lewer julle in soweto'])(
    '%j is answered with how far and from how much; the cart stands',
    (said) => {
      const chat = withCart();
      const answer = chat.says(said);
      expect(answer?.text).toMatch(/10 km/);
      expect(answer?.text).toContain('R15');
      expect(chat.cart()).toEqual(CART);
    },
  );

  it.each(['wen r u open?', 'niyavula nini', 'what time do you close', 'is it halaal'])(
    '%j nobody but a person knows: one is offered at once',
    (said) => {
      const chat = withCart();
      chat.says(said);
      expect(chat.ids()).toContain('person');
      expect(chat.cart()).toEqual(CART);
    },
  );

  it.each(['wait', 'ima kancane', 'hold on', 'brb', '2min'])('%j gets time; nothing changes', (said) => {
    const chat = atQuote();
    const { step, cart } = chat.get();
    expect(chat.says(said)?.kind).toBe('text');
    expect(chat.get()).toMatchObject({ step, cart });
  });

  it('the total of a quote is the quote', () => {
    const chat = atQuote();
    expect(chat.says('what is the total')?.text).toContain('R133');
    expect(chat.ids()[0]).toMatch(/^confirm:/);
  });

  it.each(['drinks', '3 cold drinks', 'iziphuzo', 'what drinks do you have', 'do you have drinks'])(
    '%j shows that part of the menu',
    (said) => {
      const chat = new Chat();
      chat.says('hi');
      chat.says(said);
      expect(chat.ids()).toEqual(['prod:p_coke']);
      expect(chat.cart()).toEqual({});
    },
  );

  it.each(['2 kota and 3 drinks', 'ngicela amakota amabili neziphuzo ezintathu'])('%j takes the kota and shows the drinks', (said) => {
    const chat = new Chat();
    chat.says(said);
    expect(chat.ids()).toEqual(['prod:p_coke']);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('an emoji to somebody who waits tells how the order stands', () => {
    const chat = new Chat();
    chat.order();
    expect(chat.says('👍')?.text).toContain('K7F');
  });
});

describe('a shared place', () => {
  it.each([
    ['Vilakazi Street', 'Orlando West, Soweto', 'Vilakazi Street, Orlando West, Soweto'],
    ['Vilakazi Street', '8115 Vilakazi Street, Orlando West', '8115 Vilakazi Street, Orlando West'],
    ['Vilakazi Street', null, 'Vilakazi Street'],
    [null, 'Orlando West, Soweto', 'Orlando West, Soweto'],
  ])('called %j at %j goes to the driver as %j', (name, address, expected) => {
    const chat = atAddress();
    const quote = chat.after(() => chat.receive({ kind: 'location', position: NEAR, name, address }));
    expect(quote?.text).toContain(expected);
    expect(chat.state.session.place).toEqual({ position: NEAR, address: expected });
  });
});

it('at the quote, words that nobody understands are answered with the yes button still at hand, however often', () => {
  const chat = atQuote();
  const confirm = chat.buttonStarting('confirm:');
  for (let i = 0; i < 3; i++) expect(choices(chat.says('x'.repeat(300)))).toContain(confirm);
  chat.taps(confirm);
  expect(isPlaced(chat)).toBe(true);
});
