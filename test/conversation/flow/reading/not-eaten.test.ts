/** What somebody may not eat reaches the shop in their own words, and costs no order. */
import { describe, expect, it } from 'vitest';
import { chatAfter, last } from '../../flow-harness.ts';

/** Notes of the lines, and of the whole order. */
const noted = (...texts: readonly string[]) => {
  const chat = chatAfter(...texts);
  const notes = [...chat.get().cart.map(({ note }) => note), chat.state.session.note];
  return { cart: chat.cart(), notes: notes.filter((note) => note !== undefined && note !== null) };
};

describe('an allergy or a diet', () => {
  it.each([
    ['kota', "I'm allergic to peanuts", 'i m allergic to peanuts'],
    ['kota', 'im very allergic to nuts pls', 'im very allergic to nuts'],
    ['kota', 'my son is allergic to eggs', 'my son is allergic to eggs'],
    ['kota', 'i have a nut allergy', 'i have a nut allergy'],
    ['kota', "we don't eat pork", 'we don t eat pork'],
    ['kota', 'i cant eat spicy food', 'i cant eat spicy food'],
  ])('%j, %j is a note of what is in the cart', (first, text, note) => {
    expect(noted(first, text)).toEqual({ cart: { p_kota: 1 }, notes: [note] });
  });

  it.each([
    ['2 kota im allergic to eggs', { p_kota: 2 }],
    ['im allergic to eggs 2 kota pls', { p_kota: 2 }],
    ['my daughter is allergic to fish, can i get a kota', { p_kota: 1 }],
    ['2 kota i dont eat cheese', { p_kota: 2 }],
    ['kota and coke. my son is allergic to peanuts', { p_kota: 1, p_coke: 1 }],
  ])('%j is ordered, with it as a note', (text, cart) => {
    const { cart: ordered, notes } = noted(text);
    expect(ordered).toEqual(cart);
    expect(notes).toEqual([expect.stringMatching(/allergic|eat/)]);
  });

  it('said before anything is ordered offers a person, who can tell', () => {
    for (const text of ['im allergic to peanuts', 'i dont eat eggs']) expect(last(chatAfter(text)), text).toContain('person');
  });

  it('in a question is for a person, and orders nothing', () => {
    const chat = chatAfter('is the kota good if my child is allergic to nuts');
    expect([chat.cart(), last(chat)]).toEqual([{}, expect.stringContaining('person')]);
  });

  it('of something that is sold chooses: it is neither ordered nor a note alone', () => {
    expect(chatAfter('i dont eat kota i want vetkoek').cart()).toEqual({ p_vetkoek: 1 });
  });
});
