/** What people say around an order without naming anything: that it is dear, what they pay with, when they want it, and a yes in haste. */
import { describe, expect, it } from 'vitest';
import { Chat, chatAfter, last } from '../../flow-harness.ts';

const STREET = '12 vilakazi street orlando west';
const atQuote = (...texts: readonly string[]): Chat => chatAfter('2 kota', STREET, ...texts);
const placed = (chat: Chat): number => chat.commands().filter((type) => type === 'place').length;

describe('a plain yes in haste places the order', () => {
  it.each(['go', 'go go', 'go please', 'yesss please hurry', 'yebooo', 'lets go', 'send it', 'yes hurry'])('%s', (text) => {
    expect(placed(atQuote(text))).toBe(1);
  });

  it.each([
    'hurry',
    'go to 14 church street',
    'go away',
    'kkk no',
    'kkk you are funny',
    'nooo',
    'yes but hurry',
    'ok its too expensive',
    'ok thats pricey',
    'yes kuyabiza',
    'yesss if its hot',
    'yesss 3 kota',
    'yesss?',
    'R200 cash',
    'deliver at 5',
  ])('%s: nothing is placed', (text) => {
    expect(placed(atQuote(text))).toBe(0);
  });
});

describe('who finds it dear is told what costs least, and nothing changes', () => {
  it('beside the cart', () => {
    const chat = chatAfter('2 kota', 'its too expensive');
    expect(last(chat)).toMatch(/Vetkoek R8, Coke R18, Kota R45.*2 x Kota/s);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('beside the quote, which stands', () => {
    const chat = atQuote('yoh thats expensive');
    expect(last(chat)).toContain('Shall I place the order?');
    chat.says('yes');
    expect(placed(chat)).toBe(1);
  });

  it('without a cart, to choose from', () => {
    expect(chatAfter('hi', 'too expensive').ids()).toEqual(['prod:p_vetkoek', 'prod:p_coke', 'prod:p_kota']);
  });
});

describe('what costs least is shown, without what is sold out', () => {
  it.each([
    ['whats the cheapest', ['prod:p_vetkoek', 'prod:p_coke', 'prod:p_kota']],
    ['what is your cheapest drink', ['prod:p_coke']],
    ['something cheaper', ['prod:p_vetkoek', 'prod:p_coke', 'prod:p_kota']],
  ])('%s', (text, ids) => {
    expect(chatAfter('hi', text).ids()).toEqual(ids);
  });
});

describe('money and an hour are a note of what is ordered', () => {
  it.each(['R200 cash', 'cash R200', 'R200', 'R200 note', '200 rand note', 'deliver at 5', 'at 5', 'bring it at 6 please'])(
    '%s',
    (text) => {
      expect(last(chatAfter('2 kota', text))).toContain(`Note: ${text}`);
      expect(last(atQuote(text))).toContain(`📝 Note: ${text}`);
      expect(atQuote(text).cart()).toEqual({ p_kota: 2 });
    },
  );

  it('keeps what was noted before', () => {
    expect(last(atQuote('at 5pm', 'R200 cash'))).toContain('📝 Note: at 5pm, R200 cash');
  });

  it('is none before anything is ordered', () => {
    expect(last(chatAfter('hi', 'at 5'))).not.toContain('Note');
  });

  it('of an order on its way is for a person', () => {
    const chat = new Chat();
    chat.order();
    chat.says('R200 cash');
    expect(chat.ids()).toContain('person');
    expect(last(chat)).toContain('K7F');
  });
});

it('a number alone of who waits for an order shows that order', () => {
  const chat = new Chat();
  chat.order();
  chat.says('5');
  expect(last(chat)).toContain('Order *K7F*');
});

it('somebody in a place that everybody knows is where to', () => {
  const chat = chatAfter('2 kota', 'send to my sister in orlando');
  expect(last(chat)).toContain('📍 my sister in orlando\n');
});
