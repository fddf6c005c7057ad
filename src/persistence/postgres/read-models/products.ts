/** The catalogue as a list, searched by words. Reads as the role that sees one tenant; must never write. */
import type pg from 'pg';
import type { Product } from '../../../actors/tenant/protocol.ts';
import type { Listed, Page } from '../../../ports.ts';
import { folded, isFound } from '../batch/product-search.ts';
import { type CursorShape, filtersOf, listCursor, pageOf, readListCursor } from '../cursor.ts';
import { decode } from '../encoding.ts';
import { readAsTenant } from '../tenant-scope.ts';

const CURSOR: CursorShape = { list: 'products', parts: ['text', 'text'] };
/** Rows that one trip of a search brings at most; a catalogue has ten thousand at most. */
const SEARCH_ROWS = 500;

export type ProductsQuery = Page & { readonly q: string | null; readonly category: string | null };

interface ProductRow {
  readonly product_id: string;
  readonly name: string;
  readonly body: Buffer;
}

type After = readonly [name: string, productId: string] | null;

/** By name. `q` is a part of name, category or an alias, whatever the case. @throws InvalidCursor */
export async function listProducts(pool: pg.Pool, tenantId: number, query: ProductsQuery): Promise<Listed<Product>> {
  const { category, limit } = query;
  const part = query.q === null ? null : folded(query.q);
  const wanted = limit + 1;
  const trip = part === null ? wanted : Math.max(wanted, SEARCH_ROWS);
  const found: ProductRow[] = [];
  const filters = filtersOf(tenantId, query);
  let after = readListCursor(CURSOR, query.cursor, filters) as After;
  // One trip, unless there are many rows of before the search was written with them: those come whether they match or not.
  for (let isMore = true; isMore && found.length < wanted; ) {
    const rows = await rowsAfter(pool, { tenantId, category, part, after, limit: trip });
    found.push(...(part === null ? rows : rows.filter((row) => isFound(decode(row.body) as Partial<Product>, part))));
    const last = rows[rows.length - 1];
    isMore = rows.length === trip && last !== undefined;
    if (last !== undefined) after = [last.name, last.product_id];
  }
  return pageOf(
    found,
    limit,
    (row) => decode(row.body) as Product,
    (row) => listCursor(CURSOR, [row.name, row.product_id], filters),
  );
}

interface Wanted {
  readonly tenantId: number;
  readonly category: string | null;
  /** Folded. */
  readonly part: string | null;
  readonly after: After;
  readonly limit: number;
}

async function rowsAfter(pool: pg.Pool, { tenantId, category, part, after, limit }: Wanted): Promise<ProductRow[]> {
  return await readAsTenant<ProductRow>(
    pool,
    tenantId,
    `select product_id, name, body from app.products
     where tenant_id = $1 and ($2::text is null or category = $2) and ($3::text is null or (name, product_id) > ($3, $4))
       and ($6::text is null or search is null or strpos(search, $6) > 0)
     order by name, product_id limit $5`,
    [tenantId, category, after?.[0] ?? null, after?.[1] ?? null, limit, part],
  );
}
