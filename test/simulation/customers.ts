/** What a customer of a simulated shop writes. It must never know what the shop makes of it. */
import type { OutboundBody } from '../../src/actors/conversation/protocol.ts';

const WORDS = [
  'hi',
  '2 kota and a coke pls',
  'ngicela i-kota',
  '1x vetkoek',
  'menu',
  'yes',
  'no',
  '3',
  'cancel',
  'where is my order',
  'checkout',
];

/** Mostly what the last message asks for. */
export function contentAfter(last: OutboundBody | null, random: () => number): object {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const reply = (kind: 'button_reply' | 'list_reply', { id, title }: { readonly id: string; readonly title: string }): object => ({
    type: 'interactive',
    interactive: { type: kind, [kind]: { id, title } },
  });
  if (last !== null && random() < 0.8) {
    if (last.kind === 'buttons')
      return reply('button_reply', random() < 0.6 ? (last.buttons[0] ?? pick(last.buttons)) : pick(last.buttons));
    if (last.kind === 'list') return reply('list_reply', pick(pick(last.sections).rows));
    if (last.kind === 'location_request') return { type: 'location', location: { latitude: -26.27, longitude: 27.87 } };
  }
  return { type: 'text', text: { body: pick(WORDS) } };
}
