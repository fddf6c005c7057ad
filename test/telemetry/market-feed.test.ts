/** How long positions wait on their way to a market is told along with them. */
import { expect, it } from 'vitest';
import type { MarketMessage } from '../../src/actors/market/protocol.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { MARKET_FLUSH_MS, MarketFeed, newSeat } from '../../src/telemetry/market-feed.ts';
import { DATA_SHARD, SHOP, START_MS, TENANT } from './support.ts';

it('case 51: a market hears whether a driver has ended or only crossed its border', () => {
  const clock = new VirtualClock(START_MS);
  const gone: MarketMessage[] = [];
  const tell = (_to: unknown, message: unknown): boolean => {
    if ((message as MarketMessage).type === 'driver_gone') gone.push(message as MarketMessage);
    return true;
  };
  const feed = new MarketFeed({ tell }, clock);
  const seat = newSeat();
  for (const lat of [SHOP.lat, SHOP.lat + 1])
    feed.place(seat, { tenantId: TENANT, driverId: 'd0', dataShard: DATA_SHARD }, { lat, lng: SHOP.lng }, START_MS, START_MS);
  feed.gone(seat, 'd0');
  expect(gone).toEqual([
    { type: 'driver_gone', driverId: 'd0', elsewhere: true },
    { type: 'driver_gone', driverId: 'd0' },
  ]);
});

it('a batch says when the fix in it that has waited longest came, and the next batch begins anew', () => {
  const clock = new VirtualClock(START_MS);
  const told: MarketMessage[] = [];
  const feed = new MarketFeed({ tell: (_to, message) => told.push(message as MarketMessage) > 0 }, clock);
  const seats = [newSeat(), newSeat()];
  const place = (driver: number, receivedAtMs: number): void =>
    void feed.place(
      seats[driver] as (typeof seats)[0],
      { tenantId: TENANT, driverId: `d${driver}`, dataShard: DATA_SHARD },
      SHOP,
      START_MS,
      receivedAtMs,
    );
  place(0, START_MS - 5);
  place(1, START_MS - 12);
  place(1, START_MS - 1);
  clock.advance(MARKET_FLUSH_MS);
  place(0, START_MS + 21);
  clock.advance(MARKET_FLUSH_MS);
  expect(told.map((message) => (message.type === 'positions' ? message.receivedAtMs : null))).toEqual([START_MS - 12, START_MS + 21]);
});
