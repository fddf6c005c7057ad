/**
 * What follows when drivers' and orders' events are durable: phones and watchers hear of them, markets get their hints. Everything here
 * is lossy by design; the actors hold the truth and say it again.
 */

import { endedOffers, newsOf } from '../../actors/driver/news.ts';
import type { DriverActorState, DriverEvent } from '../../actors/driver/state.ts';
import { profileOf } from '../../actors/driver/views.ts';
import { marketOfOffer } from '../../actors/market/offer-id.ts';
import type { MarketMessage } from '../../actors/market/protocol.ts';
import type { OrderActorState, OrderEvent } from '../../actors/order/evolve.ts';
import { marketRef, marketRefOf } from '../../actors/refs.ts';
import type { LiveFeed, TenantDirectory } from '../../ports.ts';
import type { ActorSystem, DomainEvent } from '../../runtime/behaviour.ts';
import type { Clock } from '../../runtime/clock.ts';
import { dataShardOf, type EntityRef } from '../../runtime/entity.ts';

interface DispatchLinksOptions {
  readonly system: ActorSystem;
  readonly tenants: TenantDirectory;
  readonly feed: LiveFeed;
  readonly clock: Clock;
}

/** @returns what to call for each durable batch of an entity's events. */
export function followDispatch(options: DispatchLinksOptions): (ref: EntityRef, events: readonly DomainEvent[], state: unknown) => void {
  return (ref, events, state) => {
    if (ref.kind === 'driver') followDriver(options, ref, events as readonly DriverEvent[], state as DriverActorState);
    else if (ref.kind === 'order') followOrder(options, ref, events as readonly OrderEvent[], state as OrderActorState);
  };
}

function followDriver(options: DispatchLinksOptions, ref: EntityRef, events: readonly DriverEvent[], state: DriverActorState): void {
  for (const news of newsOf(events, state)) options.feed.publish(`driver/${ref.id}`, news);
  const marketOf = (id: string): EntityRef => marketRefOf(ref.tenantId, dataShardOf(ref.shard), id);
  // The answer goes to the market that made the offer, which at a border may be another than that of the shop.
  const asked = new Set<string>();
  for (const ended of endedOffers(events)) {
    const id = marketOfOffer(ended.offerId);
    if (id === null) continue;
    asked.add(id);
    options.system.tell(marketOf(id), { type: 'offer_ended', ...ended } satisfies MarketMessage);
  }
  const news = driverNews(options, ref, events, state);
  if (news === null) return;
  // It may have let the driver go meanwhile, and nobody would ever tell it to do so again.
  const answer: MarketMessage = news.type === 'drivers' ? { ...news, known: true } : news;
  for (const id of asked) options.system.tell(marketOf(id), answer);
  void homeMarket(options.tenants, ref).then(
    (market) => {
      if (market !== null && !asked.has(market.id)) options.system.tell(market, news);
    },
    // The database is away: the market hears of the driver with the next heartbeat.
    () => undefined,
  );
}

/** @returns null when there is nothing to tell markets of the driver itself */
function driverNews(
  { clock }: DispatchLinksOptions,
  ref: EntityRef,
  events: readonly DriverEvent[],
  state: DriverActorState,
): MarketMessage | null {
  if (state.onlineSinceMs !== null) return { type: 'drivers', profiles: [profileOf(state, ref.id, clock.nowMs())] };
  return events.some((event) => event.type === 'shift_ended') ? { type: 'driver_gone', driverId: ref.id } : null;
}

function followOrder({ feed, system }: DispatchLinksOptions, ref: EntityRef, events: readonly OrderEvent[], state: OrderActorState): void {
  feed.publish(`order/${ref.id}`, { type: 'changed', version: state.version });
  const { order } = state;
  if (order === null || order.delivery === null || order.delivery.phase === 'seeking') return;
  const taken = events.some((event) => event.type === 'driver_assigned');
  const ended = events.some((event) => event.type === 'status_changed') && order.delivery.phase === 'ended';
  if (!taken && !ended) return;
  const market = marketRef(ref.tenantId, dataShardOf(ref.shard), order.pickup.position);
  system.tell(market, { type: 'close_job', orderId: ref.id, reason: taken ? 'taken' : 'cancelled' } satisfies MarketMessage);
}

/** A driver works in the market around the tenant's shop. @returns null for a tenant that is not there. */
async function homeMarket(tenants: TenantDirectory, ref: EntityRef): Promise<EntityRef | null> {
  const view = tenants.peekView(ref.tenantId) ?? (await tenants.view(ref.tenantId));
  return view === null ? null : marketRef(ref.tenantId, dataShardOf(ref.shard), view.settings.location);
}
