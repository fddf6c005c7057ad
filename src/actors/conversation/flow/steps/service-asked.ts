/** What the shop's settings answer beside an order: said in front of the reply. Must never touch the cart, nor show anything. */
import { money, say, shopName } from '../../session/speech.ts';
import type { Turn } from '../../session/turn.ts';
import type { Service } from '../../text/meaning/understand.ts';

/** Beside an order: only what the cart does not say. */
export function sayService(turn: Turn, asked: Service): void {
  if (asked === 'delivery') sayDelivery(turn);
  else turn.leads.push(say(turn, asked === 'pickup' ? 'delivery_only' : asked, { shop: shopName(turn) }));
}

/** How far, and from how much. */
export function sayDelivery(turn: Turn): void {
  const { view } = turn.context;
  if (view === null) return;
  const { baseFeeMinor, maxKm } = view.settings.delivery;
  turn.leads.push(say(turn, 'delivery_about', { shop: shopName(turn), max_km: maxKm, fee: money(turn, baseFeeMinor) }));
}
