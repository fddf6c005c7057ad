/**
 * When a customer last wrote, as the conversation itself says it: by the time on the message, which may come late and out of order.
 * Reads as the role that sees one tenant; must never write.
 */
import { textArray } from '../binary-arrays.ts';
import { decode } from '../encoding.ts';
import { readAsTenant } from '../tenant-scope.ts';
import type { MessagesSource } from './messages.ts';

/** Messages of one customer that are looked at: the last two nearly always tell. */
const FIRST_MESSAGES = 2;
/** When they do not, as after an outage whose messages came all at once. */
const MORE_MESSAGES = 64;

interface HeardRow {
  readonly customer_id: string;
  readonly at_ms: string;
  readonly data: Buffer | null;
}

/** @returns unix milliseconds for each of the customers who ever wrote. */
export async function lastHeard(
  source: Omit<MessagesSource, 'personal'>,
  tenantId: number,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const heard = new Map<string, number>();
  const unsure = take(heard, await newest(source, tenantId, customerIds, FIRST_MESSAGES), FIRST_MESSAGES);
  if (unsure.length > 0) take(heard, await newest(source, tenantId, unsure, MORE_MESSAGES), MORE_MESSAGES);
  return heard;
}

/** @returns the customers of whom an older arrival may still be the later message: nothing is sent after it has come. */
function take(heard: Map<string, number>, rows: readonly HeardRow[], limit: number): string[] {
  const seen = new Map<string, { count: number; earliestMs: number }>();
  for (const row of rows) {
    const { count, earliestMs } = seen.get(row.customer_id) ?? { count: 0, earliestMs: Number.POSITIVE_INFINITY };
    const atMs = Number(row.at_ms);
    seen.set(row.customer_id, { count: count + 1, earliestMs: Math.min(earliestMs, atMs) });
    heard.set(row.customer_id, Math.max(heard.get(row.customer_id) ?? 0, sentAtMs(row.data, atMs)));
  }
  return [...seen].flatMap(([id, { count, earliestMs }]) => (count === limit && earliestMs > (heard.get(id) ?? 0) ? [id] : []));
}

/** A clock that is ahead of ours says nothing. */
function sentAtMs(data: Buffer | null, atMs: number): number {
  const { inbound } = (decode(data) ?? {}) as { readonly inbound?: { readonly sentAtMs?: unknown } };
  return typeof inbound?.sentAtMs === 'number' ? Math.min(inbound.sentAtMs, atMs) : atMs;
}

async function newest(
  { pool, conversationCode }: Omit<MessagesSource, 'personal'>,
  tenantId: number,
  customerIds: readonly string[],
  limit: number,
): Promise<HeardRow[]> {
  if (customerIds.length === 0) return [];
  return await readAsTenant<HeardRow>(
    pool,
    tenantId,
    `select c.customer_id, m.at_ms, j.data
     from unnest($3::text[]) as c (customer_id)
     cross join lateral (
       select at_ms, seq from app.messages
       where tenant_id = $1 and customer_id = c.customer_id and direction = 'in' order by at_ms desc limit $4
     ) m
     left join lateral (
       select data from app.journal
       where tenant_id = $1 and entity_type = $2 and entity_id = c.customer_id and seq = m.seq limit 1
     ) j on true`,
    [tenantId, conversationCode, textArray(customerIds), limit],
  );
}
