/** Building what is said in the customer's language: texts, buttons, money and lines. Knows no flow. */
import type { Language, PricedLine } from '../../tenant/protocol.ts';
import { BUTTON_TITLE_MAX_CHARS } from '../limits.ts';
import type { CartLine, OutboundBody } from '../protocol.ts';
import { cut, cutLines } from '../text/saying/cut.ts';
import { formatMoney, type MessageKey, type MessageParams, say as sayIn } from '../text/saying/say.ts';
import type { Turn } from './turn.ts';

/** Of the items that a reply says were added. */
const NAMES_MAX_CHARS = 240;

const FALLBACK_LANGUAGE: Language = 'en';
const FALLBACK_CURRENCY = 'ZAR';

/** Chosen or detected language, else the tenant's first, else English. */
export function languageOf(turn: Turn): Language {
  return turn.session.language ?? turn.context.view?.settings.languages[0] ?? FALLBACK_LANGUAGE;
}

export function say(turn: Turn, key: MessageKey, params: MessageParams = {}): string {
  return sayIn(languageOf(turn), key, params);
}

export function shopName(turn: Turn): string {
  return turn.context.view?.settings.name ?? '';
}

/** @param amountMinor in the tenant's currency's minor units. */
export function money(turn: Turn, amountMinor: number): string {
  return formatMoney(languageOf(turn), amountMinor, turn.context.view?.settings.currency ?? FALLBACK_CURRENCY);
}

export function text(value: string): OutboundBody {
  return { kind: 'text', text: value };
}

/** At most three buttons, as WhatsApp takes. */
export function buttons(value: string, choices: readonly { readonly id: string; readonly title: string }[]): OutboundBody {
  return {
    kind: 'buttons',
    text: value,
    buttons: choices.slice(0, 3).map(({ id, title }) => ({ id, title: cut(title, BUTTON_TITLE_MAX_CHARS) })),
  };
}

export function menuButton(turn: Turn): { id: string; title: string } {
  return { id: 'menu', title: say(turn, 'button_menu') };
}

export function personButton(turn: Turn): { id: string; title: string } {
  return { id: 'person', title: say(turn, 'button_person') };
}

/** One line an item: `2 x Kota  R 90.00`. */
export function cartLines(turn: Turn, lines: readonly CartLine[]): string {
  return lines.map((line) => `${line.quantity} x ${line.name}${wished(line)} · ${money(turn, line.quantity * line.priceMinor)}`).join('\n');
}

export function quoteLines(turn: Turn, lines: readonly PricedLine[]): string {
  const held = new Map(turn.session.cart.lines.map((line) => [line.productId, line]));
  return lines
    .map((line) => `${line.quantity} x ${line.name}${wished(held.get(line.productId))} · ${money(turn, line.totalMinor)}`)
    .join('\n');
}

/** " (no onions)" */
function wished(line: CartLine | undefined): string {
  return line?.note === undefined ? '' : ` (${line.note})`;
}

/** In one line; of many, as many as say enough: the cart below has them all. */
export function itemNames(items: readonly { readonly quantity: number; readonly name: string }[]): string {
  return cutLines(items.map((item) => `${item.quantity} x ${item.name}`).join('\n'), NAMES_MAX_CHARS).replaceAll('\n', ', ');
}
