/** What must hold of a simulated day whatever happened in it, read from the store and from the phones alone. */
import { conversationBehaviour } from '../../src/actors/conversation/actor.ts';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import { tenantBehaviour } from '../../src/actors/tenant/actor.ts';
import type { Quote } from '../../src/actors/tenant/protocol.ts';
import type { DomainEvent, DurableBehaviour } from '../../src/runtime/behaviour.ts';
import { type JournalRow, RUNTIME_MARKER } from '../../src/runtime/journal/store.ts';
import { STOCKED } from './shop.ts';
import type { World } from './world.ts';

type Behaviour = DurableBehaviour<unknown, unknown, DomainEvent, unknown>;
const BEHAVIOURS = [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour] as unknown as readonly Behaviour[];
/** From F1. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  '': ['CREATED'],
  CREATED: ['CONFIRMED', 'CANCELLED', 'EXPIRED'],
  CONFIRMED: ['PREPARING', 'CANCELLED'],
  PREPARING: ['READY_FOR_PICKUP', 'CANCELLED'],
  READY_FOR_PICKUP: ['ASSIGNED_TO_DRIVER', 'DELIVERED', 'CANCELLED'],
  ASSIGNED_TO_DRIVER: ['READY_FOR_PICKUP', 'IN_TRANSIT', 'CANCELLED'],
  IN_TRANSIT: ['DELIVERED', 'CANCELLED'],
  DELIVERED: ['REFUNDED'],
  CANCELLED: [],
  EXPIRED: [],
  REFUNDED: [],
};

/** One line a breach. */
export function breachesOf(world: World): string[] {
  return [
    ...world.defects,
    ...journal(world),
    ...acknowledged(world),
    ...orders(world),
    ...readModels(world),
    ...phones(world),
    ...world.node.database.deadLetters.map(({ reason }) => `a dead letter: ${reason}`),
    ...world.node.parked.map(() => 'a parked part'),
  ];
}

/** Sequences without gaps, positions of a shard used once. */
function journal(world: World): string[] {
  const breaches: string[] = [];
  const positions = new Set<string>();
  for (const [key, rows] of world.node.database.rows) {
    for (const [at, row] of rows.entries()) {
      if (row.seq !== at + 1) breaches.push(`${key}: gap before ${row.seq}`);
      const position = `${row.ref.shard}/${row.pos}`;
      if (positions.has(position)) breaches.push(`position ${position} twice`);
      positions.add(position);
    }
  }
  return breaches;
}

/** Every message that was answered for is there once; nothing else is. */
function acknowledged(world: World): string[] {
  const times = new Map<string, number>();
  for (const { op, row } of world.node.database.readModels) {
    if (op !== 'message.insert' || row.direction !== 'in') continue;
    const id = String(row.whatsappId);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  const lost = [...world.meta.acknowledged.keys()].filter((id) => !times.has(id)).map((id) => `${id} lost`);
  return [
    ...lost,
    ...overtaken(world, [...times.keys()]),
    ...[...times].filter(([, count]) => count > 1).map(([id, count]) => `${id} is there ${count} times`),
  ];
}

/** What somebody wrote after an earlier message was answered for stands behind it. */
function overtaken(world: World, stored: readonly string[]): string[] {
  const { acknowledged: known } = world.meta;
  return stored.flatMap((id, at) => {
    const mine = known.get(id);
    const first = stored.slice(at + 1).find((other) => {
      const before = known.get(other);
      return mine !== undefined && before !== undefined && before.waId === mine.waId && before.answeredAt < mine.postedAt;
    });
    return first === undefined ? [] : [`${id} overtook ${first}`];
  });
}

function orders(world: World): string[] {
  const breaches: string[] = [];
  const status = new Map<string, string>();
  const sold = new Map<string, number>();
  for (const rows of world.node.database.rows.values()) {
    for (const row of rows) {
      if (row.ref.kind !== 'order') continue;
      const to = row.type === 'order_placed' ? 'CREATED' : row.type === 'status_changed' ? String((row.data as { to: string }).to) : null;
      if (to === null) continue;
      const from = status.get(row.ref.id) ?? '';
      if (NEXT[from]?.includes(to) !== true) breaches.push(`${row.ref.id}: from ${from} to ${to}`);
      status.set(row.ref.id, to);
      // What has left the shop is gone, whoever calls it off.
      if (to !== 'DELIVERED' && (to !== 'CANCELLED' || from !== 'IN_TRANSIT')) continue;
      const { quote } = (rows[0] as JournalRow).data as { quote: Quote };
      for (const { productId, quantity } of quote.lines) sold.set(productId, (sold.get(productId) ?? 0) + quantity);
    }
  }
  for (const [id, last] of status) if ((NEXT[last] ?? []).some((next) => next !== 'REFUNDED')) breaches.push(`${id} is still ${last}`);
  const shelf = new Map<string, number>();
  for (const { op, row } of world.node.database.readModels)
    if (op === 'product.upsert') shelf.set(String(row.productId), Number(row.stock));
  for (const [id, stock] of shelf)
    if (stock !== STOCKED - (sold.get(id) ?? 0)) breaches.push(`${id}: ${stock} on the shelf, ${sold.get(id) ?? 0} of ${STOCKED} sold`);
  return breaches;
}

/** What was written beside the events is what the journal alone gives. */
function readModels(world: World): string[] {
  const { database } = world.node;
  const written = new Map<string, string[]>();
  for (const { op, ref, row } of database.readModels) {
    const key = `${ref.kind}|${ref.id}`;
    written.set(key, [...(written.get(key) ?? []), `${op} ${JSON.stringify(row)}`]);
  }
  const breaches: string[] = [];
  for (const rows of database.rows.values()) {
    const { ref, kindCode } = rows[0] as JournalRow;
    const behaviour = BEHAVIOURS.find((one) => one.kindCode === kindCode) as Behaviour;
    let state = behaviour.initial(ref);
    const expected: string[] = [];
    for (const row of rows) {
      if (row.type === RUNTIME_MARKER) continue;
      const event: DomainEvent = { type: row.type, version: row.version, data: row.data, personal: row.personal };
      const meta = { ref, seq: row.seq, atMs: row.atMs };
      state = behaviour.evolve(state, event, meta);
      for (const write of behaviour.project?.(event, state, meta) ?? []) expected.push(`${write.op} ${JSON.stringify(write.row)}`);
    }
    const found = written.get(`${ref.kind}|${ref.id}`) ?? [];
    const at = expected.findIndex((line, i) => line !== found[i]);
    if (at >= 0 || found.length !== expected.length) breaches.push(`${ref.kind} ${ref.id}: ${found[at]} instead of ${expected[at]}`);
  }
  return breaches;
}

/** Messages leave in the order in which they were decided, and none comes more often than its outcome was in doubt. */
function phones(world: World): string[] {
  const decided = new Map<string, number>();
  for (const rows of world.node.database.rows.values())
    for (const row of rows)
      if (row.ref.kind === 'conversation')
        for (const { id } of (row.data as { out?: readonly { id: string }[] } | null)?.out ?? []) decided.set(id, decided.size);
  const breaches: string[] = [];
  const times = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { opaqueId, waId } of world.meta.delivered) {
    const at = decided.get(opaqueId);
    if (at === undefined) breaches.push(`${opaqueId} was never decided`);
    const before = times.get(opaqueId) ?? 0;
    times.set(opaqueId, before + 1);
    if (before === 0 && at !== undefined) {
      if (at < (last.get(waId) ?? -1)) breaches.push(`${opaqueId} came after what was decided later`);
      last.set(waId, at);
    }
  }
  for (const [id, count] of times)
    if (count > 1 + (world.meta.doubtful.get(id) ?? 0))
      breaches.push(`${id} came ${count} times, doubted ${world.meta.doubtful.get(id) ?? 0}`);
  return breaches;
}
