/** What a driver earned, took and handed in, ride by ride and day by day. Pure; it must never know where the events come from. */
import { type DriverPay, driverPay } from '../order/tariff.ts';
import type { DriverEvent } from './state.ts';

/** An event of one driver as its journal has it. */
export interface DriverEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly event: DriverEvent;
}

/** A job that was closed with money in it. All parts of the fee add up to the fee. */
export interface StatementRide {
  readonly seq: number;
  readonly orderId: string;
  /** `cancelled`: called off with the goods on board, and paid. */
  readonly outcome: 'delivered' | 'cancelled' | 'released';
  /** null when the offer is not to be found any more. */
  readonly startedAtMs: number | null;
  readonly closedAtMs: number;
  /** null like the start, and after the erasure of the driver. */
  readonly distanceM: number | null;
  readonly baseMinor: number;
  readonly distanceMinor: number;
  /** What the shop's delivery fee or the driver's own price is above the tariff. */
  readonly otherMinor: number;
  readonly surgeMinor: number;
  readonly feeMinor: number;
  readonly platformFeeMinor: number;
  readonly cashMinor: number;
}

export interface StatementSums {
  readonly rides: number;
  readonly feeMinor: number;
  readonly platformFeeMinor: number;
  readonly cashCollectedMinor: number;
  readonly cashHandedInMinor: number;
  /** Given back to customers out of the driver's pocket. */
  readonly cashReturnedMinor: number;
  /** Owed to the driver for this time; negative when the driver owes it: fees less the platform's, less the cash still held of it. */
  readonly balanceMinor: number;
}

const M_PER_KM = 1_000;
const NOTHING: StatementSums = {
  rides: 0,
  feeMinor: 0,
  platformFeeMinor: 0,
  cashCollectedMinor: 0,
  cashHandedInMinor: 0,
  cashReturnedMinor: 0,
  balanceMinor: 0,
};

/** Whether an entry is a line of the statement: closed with a fee or with cash. */
export function isRide({ event }: DriverEntry): boolean {
  return event.type === 'job_closed' && (event.data.feeMinor > 0 || event.data.cashMinor > 0);
}

/** @param entries in order of time. @returns the sums of all, and of each day that has any, oldest first. O(entries). */
export function sumsOf(
  entries: readonly DriverEntry[],
  dayOf: (atMs: number) => string,
): { readonly total: StatementSums; readonly days: readonly (StatementSums & { readonly day: string })[] } {
  let total = NOTHING;
  const days = new Map<string, StatementSums>();
  for (const entry of entries) {
    const day = dayOf(entry.atMs);
    const before = days.get(day) ?? NOTHING;
    const after = withEntry(before, entry);
    total = withEntry(total, entry);
    if (after !== before) days.set(day, after);
  }
  return { total, days: [...days].map(([day, sums]) => ({ day, ...sums })) };
}

function withEntry(sums: StatementSums, entry: DriverEntry): StatementSums {
  const { event } = entry;
  if (event.type === 'cash_settled') {
    const { amountMinor } = event.data;
    return { ...sums, cashHandedInMinor: sums.cashHandedInMinor + amountMinor, balanceMinor: sums.balanceMinor + amountMinor };
  }
  if (event.type === 'cash_returned') {
    const { amountMinor } = event.data;
    return { ...sums, cashReturnedMinor: sums.cashReturnedMinor + amountMinor, balanceMinor: sums.balanceMinor + amountMinor };
  }
  if (event.type !== 'job_closed' || !isRide(entry)) return sums;
  const { cashMinor, feeMinor, platformFeeMinor } = event.data;
  return {
    ...sums,
    rides: sums.rides + 1,
    feeMinor: sums.feeMinor + feeMinor,
    platformFeeMinor: sums.platformFeeMinor + platformFeeMinor,
    cashCollectedMinor: sums.cashCollectedMinor + cashMinor,
    balanceMinor: sums.balanceMinor + feeMinor - platformFeeMinor - cashMinor,
  };
}

/** @param offers the driver's offers and wins from before the rides, in order of time; those of other rides do no harm. */
export function ridesOf(closed: readonly DriverEntry[], offers: readonly DriverEntry[]): readonly StatementRide[] {
  const won = winsOf(offers);
  return closed.filter(isRide).flatMap(({ seq, atMs, event }) => {
    if (event.type !== 'job_closed') return [];
    const { orderId, outcome, feeMinor, platformFeeMinor, cashMinor, currency } = event.data;
    // The last one before the end: an order that came back to a driver was won twice.
    const win = won.findLast((one) => one.orderId === orderId && one.seq < seq);
    const distanceM = win?.distanceM ?? null;
    const parts = partsOf(feeMinor, driverPay(currency), { surge: win?.surge ?? 1, distanceM: distanceM ?? 0 });
    return [
      {
        seq,
        orderId,
        outcome,
        startedAtMs: win?.atMs ?? null,
        closedAtMs: atMs,
        distanceM,
        ...parts,
        feeMinor,
        platformFeeMinor,
        cashMinor,
      },
    ];
  });
}

/** The tariff first, then what is above it. A journal keeps the whole fee and the surge it was offered with, not what was before. */
function partsOf(feeMinor: number, pay: DriverPay, { surge, distanceM }: { readonly surge: number; readonly distanceM: number }) {
  const usualMinor = surge > 1 ? Math.round(feeMinor / surge) : feeMinor;
  const baseMinor = Math.min(usualMinor, pay.baseMinor);
  const distanceMinor = Math.min(usualMinor - baseMinor, Math.round((distanceM / M_PER_KM) * pay.perKmMinor));
  return { baseMinor, distanceMinor, otherMinor: usualMinor - baseMinor - distanceMinor, surgeMinor: feeMinor - usualMinor };
}

function winsOf(offers: readonly DriverEntry[]) {
  const made = new Map<string, { readonly orderId: string; readonly surge: number; readonly distanceM: number | null }>();
  return offers.flatMap(({ seq, atMs, event }) => {
    if (event.type === 'offer_made') {
      const { offerId, orderId, surge } = event.data.offer;
      made.set(offerId, { orderId, surge, distanceM: event.personal?.job.distanceM ?? null });
      return [];
    }
    const offer = event.type === 'job_won' ? made.get(event.data.offerId) : undefined;
    return offer === undefined ? [] : [{ ...offer, seq, atMs }];
  });
}
