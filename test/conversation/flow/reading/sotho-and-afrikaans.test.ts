/** Short words of Sesotho, Setswana and Afrikaans, answered in English until those have messages of their own. */
import { describe, expect, it } from 'vitest';
import { type Chat, last, chatAfter as saidAll } from '../../flow-harness.ts';

const chatAfter = (...texts: readonly string[]): Chat => saidAll('hi', ...texts);

const quoted = (said: string): Chat => chatAfter('kota', 'checkout', '12 main road orlando', said);

describe('to the quote', () => {
  it.each(['e', 'ee', 'e rra', 'ee mma', 'go siame', 'ho lokile', 'ke a dumela', 'ja', 'ja asseblief', 'dis reg', 'ja baie dankie'])(
    '%j agrees',
    (text) => {
      expect(quoted(text).commands()).toContain('place');
    },
  );

  it.each(['nnyaa', 'nnyaa ke a leboga', 'tjhe', 'aowa', 'nee', 'nee dankie', 'ga ke batle', 'moenie'])('%j does not', (text) => {
    const chat = quoted(text);
    expect(chat.commands()).toEqual([]);
    expect(last(chat)).toContain('Your cart');
  });

  it.each(['e tlogele', 'e kae', 'e kota e nngwe', 'e tlisa kapele'])('%j, where "e" is "it", places nothing', (text) => {
    expect(quoted(text).commands()).toEqual([]);
  });
});

describe('with a cart', () => {
  it.each(['ke phetho', 'ke tsone fela', 'fela', 'ek is klaar', 'dit is al', 'net dit dankie'])('%j goes on to the address', (text) => {
    expect(last(chatAfter('kota', text))).toContain('Where should we bring it?');
  });

  it.each(['tlogela', 'tlohela', 'phimola', 'los dit', 'ha ke sa batla'])('%j drops it', (text) => {
    expect(chatAfter('kota', text).cart()).toEqual({});
  });

  it.each(['tlogela kota', 'vat weg die kota', 'vat die kota weg', 'los die kota'])('%j takes the kota away', (text) => {
    expect(chatAfter('kota', 'coke', text).cart()).toEqual({ p_coke: 1 });
  });

  it.each(['bokae', 'ke bokae', 'hoeveel is dit'])('%j is what it comes to', (text) => {
    expect(last(chatAfter('2 kota', text))).toContain('R90');
  });

  it.each(['ke a leboga', 'dankie', 'baie dankie'])('%j thanks', (text) => {
    expect(last(chatAfter('kota', text))).toContain('Thank you');
  });
});

describe('without anything', () => {
  it.each(['lenane', 'ke kopa lenane', 'spyskaart', 'wat verkoop julle', 'le rekisa eng'])('%j asks for the menu', (text) => {
    expect(last(chatAfter(text))).toContain('Here is the menu');
  });

  it.each(['order ya ka e kae', 'waar is my kos'])('%j asks where it is', (text) => {
    expect(last(chatAfter(text))).toContain('no open order');
  });
});
