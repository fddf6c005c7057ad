/** Addresses of the actors of one tenant; the only place that knows each kind's placement key. */
import { latLngToCell } from 'h3-js';
import { type EntityRef, idWithShard, laneOf, shardFromId, shardOf } from '../runtime/entity.ts';

const MARKET_RESOLUTION = 4;
const M_PER_DEGREE = 111_195;
/** The corner of a cell that lies between two of them reaches into the circle by less than a thirtieth of its radius. */
const BEARINGS = 72;

export function tenantRef(tenantId: number, dataShard: number): EntityRef {
  return { tenantId, kind: 'tenant', id: 'self', shard: shardOf(dataShard, laneOf(`tenant:${tenantId}`)) };
}

/** A chat, its orders and its payments share the customer's lane and so one thread. */
export function conversationRef(tenantId: number, dataShard: number, customerId: string): EntityRef {
  return { tenantId, kind: 'conversation', id: customerId, shard: shardOf(dataShard, laneOf(customerId)) };
}

/** `unique` distinguishes the customer's orders; the id carries the shard. */
export function newOrderRef(tenantId: number, dataShard: number, customerId: string, unique: string): EntityRef {
  const shard = shardOf(dataShard, laneOf(customerId));
  return { tenantId, kind: 'order', id: idWithShard('ord', shard, unique), shard };
}

/** A driver lives on its own lane; the id carries the shard. `unique` distinguishes the tenant's drivers. */
export function newDriverRef(tenantId: number, dataShard: number, unique: string): EntityRef {
  const shard = shardOf(dataShard, laneOf(unique));
  return { tenantId, kind: 'driver', id: idWithShard('drv', shard, unique), shard };
}

/** @returns null when the id is not one of ours. */
export function driverRef(tenantId: number, driverId: string): EntityRef | null {
  const shard = driverId.startsWith('drv_') ? shardFromId(driverId) : null;
  return shard === null ? null : { tenantId, kind: 'driver', id: driverId, shard };
}

/** The dispatch area around a pickup: one H3 cell of resolution 4 (about 1,770 km2), the size of a city. */
export function marketRef(tenantId: number, dataShard: number, pickup: { readonly lat: number; readonly lng: number }): EntityRef {
  return marketRefOf(tenantId, dataShard, latLngToCell(pickup.lat, pickup.lng, MARKET_RESOLUTION));
}

/** @param id the market's cell */
export function marketRefOf(tenantId: number, dataShard: number, id: string): EntityRef {
  return { tenantId, kind: 'market', id, shard: shardOf(dataShard, laneOf(`market:${id}`)) };
}

/**
 * Markets that lie within reach of a place, its own among them: found on the circle around it, so one that reaches into it by less
 * than a thirtieth of its radius may be missing. @param reachM less than the width of a market (some 45 km)
 */
export function marketsAround(
  tenantId: number,
  dataShard: number,
  at: { readonly lat: number; readonly lng: number },
  reachM: number,
): EntityRef[] {
  const found = new Map<string, EntityRef>();
  const add = (place: { readonly lat: number; readonly lng: number }): void => {
    const ref = marketRef(tenantId, dataShard, place);
    found.set(ref.id, ref);
  };
  add(at);
  const reachDeg = reachM / M_PER_DEGREE;
  // Next to a pole every meridian is near; nobody delivers there, but nothing may divide by zero.
  const perLat = Math.max(0.01, Math.cos((at.lat * Math.PI) / 180));
  for (let i = 0; i < BEARINGS; i++) {
    const bearing = (2 * Math.PI * i) / BEARINGS;
    const lat = Math.max(-90, Math.min(90, at.lat + reachDeg * Math.cos(bearing)));
    const lng = at.lng + (reachDeg * Math.sin(bearing)) / perLat;
    add({ lat, lng: ((lng + 540) % 360) - 180 });
  }
  return [...found.values()];
}

/** @returns null when the id is not one of ours. */
export function orderRef(tenantId: number, orderId: string): EntityRef | null {
  const shard = orderId.startsWith('ord_') ? shardFromId(orderId) : null;
  return shard === null ? null : { tenantId, kind: 'order', id: orderId, shard };
}
