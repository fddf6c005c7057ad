/**
 * Identity and placement of actors.
 *
 * 1,024 actor shards = 32 data shards x 32 lanes, fixed for a cluster's life. The data shard belongs to the
 * tenant (computed by the database exactly as Citus would, stored, never recomputed); the lane comes from
 * the placement key. This file must never know which actors exist.
 */
import { fnv1a } from './fnv1a.ts';

const DATA_SHARDS = 32;
const LANES = 32;
export const SHARDS = DATA_SHARDS * LANES;

/** Address of one actor. `shard` (0-1023) is carried along so that no hop needs a look-up. */
export interface EntityRef {
  readonly tenantId: number;
  readonly kind: string;
  readonly id: string;
  readonly shard: number;
}

/** A key that is unique across kinds and tenants; used in maps and logs (holds no personal data). */
export function entityKey(ref: EntityRef): string {
  return `${ref.kind}/${ref.tenantId}/${ref.id}`;
}

/** A key of something that an entity names for itself: a timer, an effect. */
export function keyWithin(ref: EntityRef, name: string): string {
  return `${entityKey(ref)}|${name}`;
}

/** Actor shard of a data shard (0-31) and a lane (0-31). */
export function shardOf(dataShard: number, lane: number): number {
  return dataShard * LANES + lane;
}

export function dataShardOf(shard: number): number {
  return Math.floor(shard / LANES);
}

/** Lane (0-31) of a placement key: FNV-1a over its UTF-16 code units, folded to five bits. */
export function laneOf(placementKey: string): number {
  let hash = fnv1a(placementKey);
  hash ^= hash >>> 15;
  return (hash >>> 0) % LANES;
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Two Crockford base-32 characters that carry an actor shard inside an id. */
function encodeShard(shard: number): string {
  return `${CROCKFORD[shard >> 5]}${CROCKFORD[shard & 31]}`;
}

/**
 * The shard that an id made by `idWithShard` carries.
 * @returns null when the id does not look like one (a client's invention: answer not found).
 */
export function shardFromId(id: string): number | null {
  const at = id.indexOf('_') + 1;
  if (at === 0 || id.length < at + 2) return null;
  const high = CROCKFORD.indexOf(id[at] as string);
  const low = CROCKFORD.indexOf(id[at + 1] as string);
  return high < 0 || low < 0 ? null : (high << 5) | low;
}

/** `ord` + shard 37 + unique part -> `ord_15k9f3…`: any node finds the owner from the id alone. */
export function idWithShard(prefix: string, shard: number, unique: string): string {
  return `${prefix}_${encodeShard(shard)}${unique}`;
}
