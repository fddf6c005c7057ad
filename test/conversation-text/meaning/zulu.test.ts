/** What people say in isiZulu beside an order: a shop owner's reading of each, written from that. */
import { describe, expect, it } from 'vitest';
import { understand } from '../../../src/actors/conversation/text/meaning/understand.ts';
import { CATALOGUE, told } from '../catalogue.ts';

const intent = (text: string): string => understand(text, CATALOGUE, null).intent;

describe('what is said in isiZulu is understood whoever says it', () => {
  it.each([
    ['iphi oda yam', 'track'],
    ['ikuphi iorder yami', 'track'],
    ['ushayeli ukuphi', 'track'],
    ['i-oda yami ayikafiki', 'track'],
    ['ukudla kwami akukafiki', 'track'],
    ['ukudla kuyephuza', 'track'],
    ['iphi', 'track'],
    ['ukudla bekubanda', 'person'],
    ['kota yami ibibanda', 'person'],
    ['ningilethele into engafanele', 'person'],
    ['nginephutha kwi-oda', 'person'],
    ['ngifuna imali yami', 'person'],
    ['imali yami ibuyiseni', 'person'],
    ['ngicela ukukhuluma nomuntu', 'person'],
    ['ngifowneleni', 'person'],
    ['angiyitholanga i-coke yami', 'person'],
    ['i-coke yami ayikho', 'person'],
    ['ikota ibishisile', 'person'],
    ['angijabulile', 'person'],
    ['ukudla bekumnandi ngiyabonga', 'thanks'],
    ['ngifuna ukukhansela', 'cancel'],
    ['yekela', 'cancel'],
    ['ungangisiza', 'help'],
    ['nisavulile?', 'open'],
    ['nithatha ikhadi', 'pay_cash'],
    ['ngingazozilandela?', 'pickup'],
    ['ngizolinda isikhathi eside kangakanani', 'how_long'],
    ['akusekho okunye', 'checkout'],
    ['yebo kunjalo', 'yes'],
    ['cha ngiyabonga', 'no'],
  ])('%s: %s', (text, expected) => {
    expect(intent(text)).toBe(expected);
  });
});

describe('what is asked or refused in isiZulu is not ordered', () => {
  it.each(['kukhona ama-russian', 'ikota isekhona namhlanje', 'ingabe ikota inayo i-coke', 'anisenayo i-coke', 'ikhona ikota'])(
    '%s: asked',
    (text) => {
      expect(intent(text)).toBe('price');
    },
  );

  it.each([
    ['asisayifuni i-coke', '~coke'],
    ['angisayidingi i-coke', '~coke'],
    ['angisawathandi amagwinya', '~vetkoek'],
    ['angisafuni kota', '~kota'],
    ['ikota engenashizi', '1 kota, (kota: engenashizi)'],
    ['ikota enoshizi', '1 kota, (kota: enoshizi)'],
  ])('%s: %s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });

  it('a mistake of their own is no complaint', () => {
    expect(told('iphutha lami ngifuna ama-kota amabili')).toBe('2 kota');
  });
});

describe('numbers in isiZulu', () => {
  it.each([
    ['angisho amathathu', '=*3'],
    ['awenze abe mathathu', '=*3'],
    ['ayenze abe yisihlanu', '=*5'],
    ['ngeza enye', '*1'],
    ['enye futhi', '*1'],
  ])('%s: %s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });
});
