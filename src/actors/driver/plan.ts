/** The order of a driver's stops, from the market's plan and from where the driver turns up. Pure; it must never know a place. */
import type { StopName } from '../market/protocol.ts';

/** As the market planned it; what has been done since is left out, what it did not know comes last. */
export function planWith(
  plan: readonly StopName[],
  offer: { readonly orderId: string; readonly plan: readonly StopName[] },
): readonly StopName[] {
  const open: StopName[] = [...plan, { orderId: offer.orderId, kind: 'pickup' }, { orderId: offer.orderId, kind: 'dropoff' }];
  const isOpen = (stop: StopName): boolean => open.some((other) => isSame(stop, other));
  const planned = offer.plan.filter(isOpen);
  return [...planned, ...open.filter((stop) => !planned.some((other) => isSame(stop, other)))];
}

/** The driver stands at this order's next stop: whatever was planned, it is the one that it rode to. */
export function stopFirst(plan: readonly StopName[], orderId: string): readonly StopName[] {
  const present = plan.find((stop) => stop.orderId === orderId);
  return present === undefined ? plan : [present, ...plan.filter((stop) => stop !== present)];
}

function isSame(a: StopName, b: StopName): boolean {
  return a.orderId === b.orderId && a.kind === b.kind;
}
