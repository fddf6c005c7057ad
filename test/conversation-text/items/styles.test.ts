/** What stands beside a name is never dropped in silence: another kind is not ordered, a style is a wish. */
import { describe, expect, it } from 'vitest';
import { told } from '../catalogue.ts';

describe('another kind than is sold is not ordered', () => {
  it.each([
    ['brown bread', '^1 brown bread'],
    ['2 brown breads and a kota', '1 kota, ^2 brown breads'],
    ['bread, brown', '^1 bread brown'],
    ['2 coke zero', '^2 coke zero'],
    ['diet coke please', '^1 diet coke'],
    ['2 coke zero sugar', '^2 coke zero'],
    ['beef kota', '^1 beef kota'],
    ['medium chips', '^1 medium chips'],
    ['chicken wings x6', '^6 chicken wings'],
    ['kota burger', '^1 kota burger'],
    ['sprite zero', '-sprite zero'],
    ['fanta and a kota', '1 kota, -fanta'],
    ['kota orange juice', '1 kota, -orange juice'],
    ['orange juice and a kota', '1 kota, -orange juice'],
    ['chicken salad', '^1 chicken salad'],
    ['2 chicken dust and a coke', '1 coke, ^2 chicken dust'],
    ['quarter chicken leg', '^1 quarter chicken leg'],
    ['coke zero, if not then coke', '1 coke, -coke zero'],
    ['kota combo', '^1 kota combo'],
    ['2 kota meal', '^2 kota meal'],
    ['special kota', '^1 special kota'],
    ['mini kota', '^1 mini kota'],
    ['xl bread', '^1 xl bread'],
    ['coke in a can', '^1 coke in a can'],
    ['2 cans of coke and a kota', '1 kota, ^2 cans of coke'],
    ['3 coke cans', '^3 coke cans'],
    ['coke 330ml can', '^1 coke 330ml can'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['white bread', '1 bread'],
    ['2 coke can i get a kota', '2 coke, 1 kota'],
    ['coke in a bag', '1 coke'],
    ['2 small chips', '2 chips-s'],
    ['2 coke 500', '2 coke'],
    ['coke 500', '1 coke'],
    ['quarter chicken', '1 chicken'],
    ['2 chips-l\n1 chips S', '2 chips-l, 1 chips-s'],
    ['amachips amancane', '1 chips-s'],
    ['twee groot skyfies', '2 chips-l'],
    ['kota chicken coke', '1 kota, 1 chicken, 1 coke'],
    ['zero kota', '!kota'],
    ['remove the coke zero', '~coke'],
  ])('%j names what is sold: %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('how it is to be made is a wish of what it stands beside', () => {
  it.each([
    ['spicy kota', '1 kota, (kota: spicy)'],
    ['kota well done please', '1 kota, (kota: well done)'],
    ['1 kota make it spicy', '1 kota, (kota: make it spicy)'],
    ['2 cold cokes and a hot kota', '2 coke, 1 kota, (coke: cold), (kota: hot)'],
    ['2 kota both very hot', '2 kota, (kota: both very hot)'],
    ['2 kota, one spicy one normal', '2 kota, (kota: one spicy)'],
    ['2 cheese kota', '2 kota, (kota: cheese)'],
    ['kota cheese and egg, coke', '1 kota, 1 coke, (kota: cheese and egg)'],
    ['cheese kota', '1 kota, (kota: cheese)'],
    ['coke, cheese kota', '1 coke, 1 kota, (kota: cheese)'],
    ['kota x2 spicy', '2 kota, (kota: spicy)'],
    ['kota spicy two cokes', '1 kota, 2 coke, (kota: spicy)'],
    ['amakota amabili ashisayo', '2 kota, (kota: ashisayo)'],
    ['amakota amabili, elilodwa elibabayo elilodwa elingababi', '2 kota, (kota: elilodwa elibabayo), (kota: elilodwa elingababi)'],
    ['amakota amabili, elilodwa lingabi nawo ushizi', '2 kota, (kota: elilodwa lingabi nawo ushizi)'],
    ['ikota enenyama', '1 kota, (kota: enenyama)'],
    ['2 kotas met ekstra kaas', '2 kota, (kota: ekstra kaas)'],
    ['kota plenty sauce', '1 kota, (kota: plenty sauce)'],
    ['4 kota 2 with atchar 2 without', '4 kota, (kota: 2 with atchar, 2 without)'],
    ['ikota elingenayo i-atchar', '1 kota, (kota: elingenayo iatchar)'],
    ['ikota elinoshizi', '1 kota, (kota: elinoshizi)'],
    ['double cheese on my kota', '=1 kota, (kota: double cheese)'],
    ['kota with extra cheese but one coke', '1 kota, 1 coke, (kota: extra cheese)'],
    ['kota on brown bread', '1 kota, (kota: on brown bread)'],
    ['2 kota on white bread please and a coke', '2 kota, 1 coke, (kota: on white bread)'],
    ['kota with rye', '1 kota, (kota: with rye)'],
    ['2 kota easy on the chilli', '2 kota, (kota: easy on the chilli)'],
    ['3 kota, 2 of them without egg', '3 kota, (kota: 2 of them without egg)'],
    ['ikota enoshizi', '1 kota, (kota: enoshizi)'],
    ['make it spicy', '(: make it spicy)'],
    ['spicy please', '(: spicy)'],
    ['allergic to eggs', '(: allergic to eggs)'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['is it fresh', 'unknown'],
    ['2 hot dogs', '-hot dogs'],
    ['i am very well', 'unknown'],
  ])('%j is none: %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('of each', () => {
  it.each([
    ['kota, coke, russian 2 of each pls', '2 kota, 2 coke, 2 russian'],
    ['two of each kota and coke', '2 kota, 2 coke'],
    ['one of each: kota coke', '1 kota, 1 coke'],
    ['kota and coke 2 each', '2 kota, 2 coke'],
    ['3 kota ne coke amabili ngalinye', '3 kota, 2 coke'],
    ['2 each', '=*2'],
    ['one more of each', '*1'],
    ['another', '*1'],
    ['add another please', '*1'],
    ['one less', '~*1'],
    ['2 less please', '~*2'],
    ['take off one coke', '~1 coke'],
    ['less salt', '(: less salt)'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('numbers as they sound, only where nothing else fits', () => {
  it.each([
    ['to kotas', '2 kota'],
    ['i want too kotas and a coke', '2 kota, 1 coke'],
    ['for kotas please', '4 kota'],
    ['give me fore kotas n to cokes', '4 kota, 2 coke'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['2 kota for the coke', '2 kota, 1 coke'],
    ['2 coke for kotas', '2 coke, 1 kota'],
    ['change the coke to kota', '1 kota, ~coke'],
    ['2 kota to 12 Vilakazi Street', '2 kota'],
    ['add cheese to kota', '1 kota'],
  ])('%j has none: %s', (text, expected) =>
    expect(told(text).split(', (')[0]?.split(', ').sort().join()).toBe(expected.split(', ').sort().join()),
  );
});

describe('isiZulu numbers and joined nouns', () => {
  it.each([
    ['namakota amathathu necoke eyodwa', '3 kota, 1 coke'],
    ['amakota amabili', '2 kota'],
    ['izinkwa ezimbili', '2 bread'],
    ['isinkwa elilodwa', '1 bread'],
    ['ngicela amapizza amabili nekota eyodwa', '1 kota, -amapizza'],
    ['ngifuna amapizza amathathu', '-amapizza'],
    ['ikota kabili', '2 kota'],
    ['amakota alishumi nambili', '12 kota'],
    ['amagwinya ayisihlanu', '5 vetkoek'],
    ['ikota ingabi na chicken', '~chicken, 1 kota'],
    ['ikota kathathu necoke kane', '3 kota, 4 coke'],
    ['ngicela amakota amathathu nezinkwa ezimbili', '3 kota, 2 bread'],
    ['ikota eyodwa nesinkwa', '1 kota, 1 bread'],
    ['iziphuzo ezimbili ze-coke', '2 coke'],
    ['dipizza tse pedi le coke', '1 coke, -dipizza'],
    ['istoney esisodwa esikhundleni sekhokhi', '~coke, 1 stoney'],
    ['kube amakota amahlanu', '=5 kota'],
    ['ngicela uwasuse amakota', '~kota'],
    ['niyikhiphe ikota eyodwa', '~1 kota'],
    ['uyisuse', '~*50'],
    ['ngifuna ukususa ikota', '~kota'],
    ['ngicela ukhansele i-oda', 'cancel'],
    ['ikota nenyama', '1 kota, (kota: nenyama)'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('pictures', () => {
  it.each([
    ['2 🥖 and a coke', '2 bread, 1 coke'],
    ['🍗🍗', '2 chicken'],
    ['2 kota 🍔🔥', '2 kota'],
    ['2 🍔 kota', '2 kota'],
    ['1 🍕', '-pizza'],
    ['😂', 'emoji_only'],
    ['🍕', 'emoji_only'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('what looks like an item and is none', () => {
  it.each([
    ['send kota to zone 6 house 12', '1 kota'],
    ['full house 2', '2 kota-full'],
    ['fried fish', 'unknown'],
    ['remove the egg', '(: remove the egg)'],
    ['2 extra chicken', '2 chicken'],
  ])('%j is %s', (text, expected) => expect(told(text)).toBe(expected));
});

describe('a question orders nothing', () => {
  it.each([
    ['heita my bra, got kotas?', 'asks kota kota-full'],
    ['kota ngamalini', 'asks kota'],
    ['whats the biggest kota', 'asks kota'],
    ['2 kotas + 2 cokes how much total incl delivery', 'asks kota coke'],
    ['are you still delivering tonight', 'delivery'],
    ['your food is trash', 'person'],
    ['1 kota thanks a mil', '1 kota'],
    ['delivery to zone 6 how much', 'delivery'],
    ['where must i pay', 'pay_cash'],
    ['whats good today', 'menu'],
    ['new order', 'menu'],
    ['sekuyimalini konke', 'asks'],
    ['imali ingakanani yokulethwa', 'delivery'],
    ['ngicela ukhulume nami mntanami', 'person'],
    ['sanibonani bantabami, ninjani? mina ngiyaphila, ngiyabonga', 'greet'],
    ['yebo ngiqedile', 'checkout'],
  ])('%j: %s', (text, expected) => expect(told(text).split(' ').slice(0, 2).join(' ')).toBe(expected.split(' ').slice(0, 2).join(' ')));
});
