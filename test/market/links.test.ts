/** Who hears of a driver's events: the market that made the offer, the market of the shop, the phones. */
import { expect, it } from 'vitest';
import type { DriverEvent } from '../../src/actors/driver/state.ts';
import { offerIdOf } from '../../src/actors/market/offer-id.ts';
import { marketRef } from '../../src/actors/refs.ts';
import { followDispatch } from '../../src/node/thread/dispatch-links.ts';
import type { TenantDirectory } from '../../src/ports.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { REF, Rider, T0 } from '../driver/harness.ts';

const SHOP = { lat: -26.25, lng: 27.85 };
const HOME = marketRef(REF.tenantId, 4, SHOP).id;
const OTHER = marketRef(REF.tenantId, 4, { lat: -33.9, lng: 18.4 }).id;

/** What markets hear after the last `events` of a rider's journal, as `market type`. */
async function heard(rider: Rider, events: number): Promise<string[]> {
  const told: string[] = [];
  const tell = (to: EntityRef, message: unknown): boolean => {
    const { type, known } = message as { readonly type: string; readonly known?: true };
    return told.push(`${to.id} ${known === true ? 'known ' : ''}${type}`) > 0;
  };
  const view = { settings: { location: SHOP } };
  const follow = followDispatch({
    system: { tell, ask: async () => ({ ok: true, value: null as never }) },
    // A whole tenant's view is not needed here, only where the shop is.
    tenants: { peekView: () => view, view: async () => view } as unknown as TenantDirectory,
    feed: { publish: () => undefined, subscribe: () => () => undefined, last: () => null },
    clock: new VirtualClock(T0),
  });
  follow(REF, rider.journal.slice(-events).map(({ event }) => event) satisfies DriverEvent[], rider.state);
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  return told;
}

it("the answer to an offer goes to the market that made it, with the driver's new profile; the market of the shop hears of the driver", async () => {
  const offerId = offerIdOf(OTHER, 'era', 1);
  const rider = new Rider().online().offered(offerId);
  rider.send({ type: 'decline', offerId });
  expect(await heard(rider, 1)).toEqual([`${OTHER} offer_ended`, `${OTHER} known drivers`, `${HOME} drivers`]);
});

it('the market of the shop hears each thing once when the offer was its own', async () => {
  const offerId = offerIdOf(HOME, 'era', 1);
  const rider = new Rider().online().offered(offerId);
  rider.send({ type: 'decline', offerId });
  expect(await heard(rider, 1)).toEqual([`${HOME} offer_ended`, `${HOME} known drivers`]);
});

it('the end of a shift takes the driver out of both', async () => {
  const rider = new Rider().online().offered(offerIdOf(OTHER, 'era', 1));
  rider.send({ type: 'go_offline', reason: 'driver' });
  expect(await heard(rider, 2)).toEqual([`${OTHER} offer_ended`, `${OTHER} driver_gone`, `${HOME} driver_gone`]);
});
