/**
 * Whom a shop's orders were for: all that is known of a customer for whom others ordered and who never wrote. The directory knows
 * numbers as keyed hashes only; the orders hold them sealed. Must never know a conversation.
 */
import type pg from 'pg';
import type { OrderView } from '../../../actors/order/protocol.ts';
import { rowAad } from '../batch/read-model-statements.ts';
import { textArray } from '../binary-arrays.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { RowOpener } from '../seal/row-opener.ts';
import { readAsTenant } from '../tenant-scope.ts';

type Customer = OrderView['customer'];

interface OrderedRow {
  readonly customer_id: string;
  readonly order_id: string;
  readonly subject_id: string;
  readonly personal: Buffer;
}

/** @returns number and name of each customer's latest order; nothing for one without orders, or whose key is destroyed or does not open. */
export async function orderedFor(
  { pool, personal }: { readonly pool: pg.Pool; readonly personal: PersonalCodec },
  tenantId: number,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Customer>> {
  const found = new Map<string, Customer>();
  if (customerIds.length === 0) return found;
  const rows = await readAsTenant<OrderedRow>(
    pool,
    tenantId,
    `select o.* from unnest($2::text[]) as c (customer_id)
     cross join lateral (
       select customer_id, order_id, subject_id, personal from app.orders
       where tenant_id = $1 and customer_id = c.customer_id and subject_id is not null and personal is not null
       order by created_at_ms desc, order_id desc limit 1
     ) o`,
    [tenantId, textArray(customerIds)],
  );
  await personal.ensure(rows.map((row) => ({ tenantId, subjectId: row.subject_id })));
  for (const row of rows) {
    const place = rowAad('order.upsert', tenantId, row.order_id);
    const opened = new RowOpener(personal).open(tenantId, row.subject_id, row.personal, place) as
      | { readonly customer: Customer }
      | undefined;
    if (opened !== undefined) found.set(row.customer_id, opened.customer);
  }
  return found;
}
