/**
 * When a customer last wrote, as the conversation itself says it: by the time on the message, which may come late and out of order.
 * Reads as the role that sees one tenant; must never write.
 */
import { textArray } from '../binary-arrays.ts';
import { decode } from '../encoding.ts';
import { readAsTenant, readInOrder } from '../tenant-scope.ts';
import type { MessagesSource } from './messages.ts';

/** Of one customer the last events, and the messages among them: the last two nearly always tell. */
const FIRST: Look = { events: 64, messages: 2 };
/** When they do not, as after an outage whose messages came all at once, or where only we have written for long. */
const MORE: Look = { events: 2_048, messages: 64 };

/** The member `inbound` as msgpack writes its name: other events are passed by without being read here. */
const INBOUND = Buffer.from([0xa0 + 'inbound'.length, ...Buffer.from('inbound')]);

interface Look {
  readonly events: number;
  readonly messages: number;
}

interface MessageRow {
  readonly customer_id: string;
  readonly at_ms: string;
}

interface EventRow {
  readonly customer_id: string;
  /** Of a message; null when there is none among those that were looked at. */
  readonly at_ms: string | null;
  readonly data: Buffer | null;
  /** Of the oldest event that was looked at; null when there is none before. */
  readonly oldest_ms: string | null;
}

/**
 * Read from the newest event of each customer back, as far as it takes: messages have no index in the order of their time, and of one
 * customer there may be tens of thousands.
 * @returns unix milliseconds for each of the customers who ever wrote
 */
export async function lastHeard(
  source: Omit<MessagesSource, 'personal'>,
  tenantId: number,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const heard = new Map<string, number>();
  const unsure = take(heard, await newestEvents(source, tenantId, customerIds, FIRST), FIRST);
  if (unsure.length > 0) take(heard, await newestEvents(source, tenantId, unsure, MORE), MORE);
  const silent = customerIds.filter((id) => !heard.has(id));
  for (const { customer_id: id, at_ms: atMs } of await newestMessages(source, tenantId, silent)) heard.set(id, Number(atMs));
  return heard;
}

/** @returns the customers of whom an older arrival may still be the later message: nothing is sent after it has come. */
function take(heard: Map<string, number>, rows: readonly EventRow[], { messages }: Look): string[] {
  const seen = new Map<string, { count: number; earliestMs: number; oldestMs: number }>();
  for (const row of rows) {
    const oldestMs = row.oldest_ms === null ? Number.NEGATIVE_INFINITY : Number(row.oldest_ms);
    const of = seen.get(row.customer_id) ?? { count: 0, earliestMs: Number.POSITIVE_INFINITY, oldestMs };
    seen.set(row.customer_id, of);
    if (row.at_ms === null) continue;
    of.count++;
    of.earliestMs = Math.min(of.earliestMs, Number(row.at_ms));
    const sentMs = sentAtMs(row.data, Number(row.at_ms));
    if (sentMs !== null) heard.set(row.customer_id, Math.max(heard.get(row.customer_id) ?? 0, sentMs));
  }
  return [...seen].flatMap(([id, { count, earliestMs, oldestMs }]) =>
    (count === messages ? earliestMs : oldestMs) > (heard.get(id) ?? 0) ? [id] : [],
  );
}

/** A clock that is ahead of ours says nothing. @returns null for an event that only looked like a message. */
function sentAtMs(data: Buffer | null, atMs: number): number | null {
  const { inbound } = (decode(data) ?? {}) as { readonly inbound?: { readonly sentAtMs?: unknown } };
  if (inbound === undefined) return null;
  return typeof inbound.sentAtMs === 'number' ? Math.min(inbound.sentAtMs, atMs) : atMs;
}

/** @returns at least one row of each customer who has a journal. */
async function newestEvents(
  { pool, conversationCode }: Omit<MessagesSource, 'personal'>,
  tenantId: number,
  customerIds: readonly string[],
  { events, messages }: Look,
): Promise<EventRow[]> {
  if (customerIds.length === 0) return [];
  const ofCustomer = 'tenant_id = $1 and entity_type = $2 and entity_id = c.customer_id';
  return await readInOrder<EventRow>(
    pool,
    tenantId,
    `select c.customer_id, e.at_ms, e.data,
       (select at_ms from app.journal where ${ofCustomer} and seq = newest.seq - $4 + 1 limit 1) as oldest_ms
     from unnest($3::text[]) as c (customer_id)
     cross join lateral (select seq from app.journal where ${ofCustomer} order by seq desc limit 1) newest
     left join lateral (
       select at_ms, data from (
         select at_ms, data from app.journal where ${ofCustomer} order by seq desc limit $4
       ) looked_at where position($6::bytea in data) > 0 limit $5
     ) e on true`,
    [tenantId, conversationCode, textArray(customerIds), events, messages, INBOUND],
  );
}

/** Of customers whose journal says of no message: those that were stored without one. */
async function newestMessages(
  { pool }: Omit<MessagesSource, 'personal'>,
  tenantId: number,
  customerIds: readonly string[],
): Promise<MessageRow[]> {
  if (customerIds.length === 0) return [];
  return await readAsTenant<MessageRow>(
    pool,
    tenantId,
    `select c.customer_id, m.at_ms
     from unnest($2::text[]) as c (customer_id)
     cross join lateral (
       select at_ms from app.messages
       where tenant_id = $1 and customer_id = c.customer_id and direction = 'in' order by at_ms desc limit 1
     ) m`,
    [tenantId, textArray(customerIds)],
  );
}
