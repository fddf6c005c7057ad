/**
 * The sandbox's drivers and its map: who can be played, where everybody is. Shows what actors say; it must never move anything. What a
 * real customer may not see (other orders, all drivers) is shown here on purpose: the sandbox is one person playing everybody.
 */
import type { MarketMessage, MarketView } from '../../actors/market/protocol.ts';
import type { OrderView } from '../../actors/order/protocol.ts';
import { marketRef } from '../../actors/refs.ts';
import type { LiveFeed, OrderNews, ReadModels, TenantDirectory } from '../../ports.ts';
import type { ActorSystem } from '../../runtime/behaviour.ts';
import type { SandboxTenant } from './tenant.ts';

export interface FleetDeps {
  readonly system: ActorSystem;
  readonly readModels: ReadModels;
  readonly tenants: TenantDirectory;
  readonly feed: LiveFeed;
  mintDriverToken(driverId: string, tenantUuid: string, ttlS: number): Promise<{ readonly token: string }>;
}

const DRIVERS_MAX = 20;
/** The list begins with the newest; the demo shop's own were there first, whoever came for a simulated day. */
const DRIVERS_READ_MAX = 200;
const MAP_ORDERS_MAX = 100;
const MAP_SINCE_MS = 6 * 3_600_000;
const TOKEN_TTL_S = 86_400;
const ASK_TIMEOUT_MS = 2_000;
const ON_THE_MAP: ReadonlySet<string> = new Set(['CONFIRMED', 'PREPARING', 'READY_FOR_PICKUP', 'ASSIGNED_TO_DRIVER', 'IN_TRANSIT']);

/** Approved drivers with a token each, so that one can be played in another window. */
export async function sandboxDrivers(deps: FleetDeps, tenant: SandboxTenant): Promise<object[]> {
  const query = { limit: DRIVERS_READ_MAX, cursor: null, status: 'approved', online: null };
  const { items } = await deps.readModels.drivers(tenant.tenantId, query);
  const oldest = items.toReversed().slice(0, DRIVERS_MAX);
  return await Promise.all(
    oldest.map(async (driver) => ({
      id: driver.id,
      name: driver.name,
      vehicle: driver.vehicle.type,
      online: driver.online,
      token: (await deps.mintDriverToken(driver.id, tenant.uuid, TOKEN_TTL_S)).token,
    })),
  );
}

/** The shop, the drivers that its market knows of, and the orders on their way. Without drivers when the market does not answer. */
export async function sandboxMap(deps: FleetDeps, tenant: SandboxTenant, nowMs: number): Promise<object> {
  const settings = (await deps.tenants.view(tenant.tenantId))?.settings;
  const address = await deps.tenants.byUuid(tenant.uuid);
  const at = settings?.location ?? { lat: 0, lng: 0 };
  const ref = marketRef(tenant.tenantId, address?.dataShard ?? 0, at);
  const look: MarketMessage = { type: 'look' };
  const [answer, listed] = await Promise.all([
    deps.system.ask<MarketView>(ref, look, { deadlineMs: nowMs + ASK_TIMEOUT_MS }),
    deps.readModels.orders(tenant.tenantId, {
      status: null,
      fromMs: nowMs - MAP_SINCE_MS,
      toMs: null,
      customerId: null,
      limit: MAP_ORDERS_MAX,
      cursor: null,
    }),
  ]);
  const view = answer.ok ? answer.value : null;
  return {
    shop: { ...at, name: tenant.name },
    surge: view?.surge ?? 1,
    drivers: (view?.drivers ?? []).map(({ driverId, position, freeSlots }) => ({ id: driverId, ...position, free: freeSlots > 0 })),
    orders: listed.items.filter((order) => ON_THE_MAP.has(order.status)).map((order) => mapOrder(order, deps.feed)),
  };
}

function mapOrder(order: OrderView, feed: LiveFeed): object {
  const last = feed.last(`order/${order.id}`) as OrderNews | null;
  const driverId = order.delivery?.driver?.id ?? null;
  return {
    id: order.id,
    code: order.code,
    status: order.status,
    phase: order.delivery?.phase ?? null,
    pickup: order.pickup.position,
    dropoff: order.dropoff.position,
    driver_id: driverId,
    driver: last?.type === 'position' && last.driverId === driverId ? { lat: last.lat, lng: last.lng } : null,
    problem: order.delivery?.problem ?? null,
  };
}
