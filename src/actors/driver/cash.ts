/** Whose cash a driver carries, order by order, oldest first. Pure; it must never know what an order costs. */

export interface CashTaken {
  readonly orderId: string;
  readonly amountMinor: number;
}

/** Orders whose cash is told apart; of older ones only the sum is known, and giving their cash back changes nothing here. */
const ORDERS_MAX = 100;

export function takeCash(cash: readonly CashTaken[], orderId: string, amountMinor: number): readonly CashTaken[] {
  return amountMinor > 0 ? [...cash, { orderId, amountMinor }].slice(-ORDERS_MAX) : cash;
}

/** Cash is handed in without a name on it: it is that of the oldest orders. */
export function handInCash(cash: readonly CashTaken[], amountMinor: number): readonly CashTaken[] {
  let restMinor = amountMinor;
  return cash.flatMap((taken) => {
    const handedInMinor = Math.min(restMinor, taken.amountMinor);
    restMinor -= handedInMinor;
    return handedInMinor === taken.amountMinor ? [] : [{ ...taken, amountMinor: taken.amountMinor - handedInMinor }];
  });
}

/** What is left with the driver of an order's cash; 0 when all was handed in or given back. */
export function cashHeldMinor(cash: readonly CashTaken[], orderId: string): number {
  return cash.find((taken) => taken.orderId === orderId)?.amountMinor ?? 0;
}

export function withoutCashOf(cash: readonly CashTaken[], orderId: string): readonly CashTaken[] {
  return cash.filter((taken) => taken.orderId !== orderId);
}
