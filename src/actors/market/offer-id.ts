/** Names of offers: unique over markets and their restarts, and they say which market waits for the answer. Pure. */

/** H3 cells, as markets are named. */
const NAME = /^off_([0-9a-f]{15})_/;

/** @param era differs with each start of the market: one that starts anew must not make the names of its predecessor's offers */
export function offerIdOf(marketId: string, era: string, number: number): string {
  return `off_${marketId}_${era}_${number.toString(36)}`;
}

/** @returns the id of the market that made the offer; null when no market did, as with a dispatcher's. */
export function marketOfOffer(offerId: string): string | null {
  return NAME.exec(offerId)?.[1] ?? null;
}
