/** The catalogue as a list, searched by words. Reads as the role that sees one tenant; must never write. */
import type pg from 'pg';
import type { Product } from '../../actors/tenant/protocol.ts';
import type { Listed, Page } from '../../ports.ts';
import { type CursorShape, listCursor, pageOf, readListCursor } from './cursor.ts';
import { decode } from './encoding.ts';
import { readAsTenant } from './tenant-scope.ts';

const CURSOR: CursorShape = { list: 'products', parts: ['text', 'text'] };
/** Rows that one trip of a search looks through; a catalogue has ten thousand at most. */
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
  const { q, category, limit } = query;
  const wanted = limit + 1;
  let after = readListCursor(CURSOR, query.cursor) as After;
  let found: ProductRow[] = [];
  if (q === null) found = await rowsAfter(pool, tenantId, category, after, wanted);
  else {
    const isMatch = matcher(q);
    for (let isMore = true; isMore && found.length < wanted; ) {
      const rows = await rowsAfter(pool, tenantId, category, after, SEARCH_ROWS);
      found.push(...rows.filter(isMatch));
      const last = rows[rows.length - 1];
      isMore = rows.length === SEARCH_ROWS && last !== undefined;
      if (last !== undefined) after = [last.name, last.product_id];
    }
  }
  return pageOf(
    found,
    limit,
    (row) => decode(row.body) as Product,
    (row) => listCursor(CURSOR, [row.name, row.product_id]),
  );
}

async function rowsAfter(pool: pg.Pool, tenantId: number, category: string | null, after: After, limit: number): Promise<ProductRow[]> {
  return await readAsTenant<ProductRow>(
    pool,
    tenantId,
    `select product_id, name, body from app.products
     where tenant_id = $1 and ($2::text is null or category = $2) and ($3::text is null or (name, product_id) > ($3, $4))
     order by name, product_id limit $5`,
    [tenantId, category, after?.[0] ?? null, after?.[1] ?? null, limit],
  );
}

/** Here and not in SQL: the aliases are in the packed body, and a database without a locale folds the case of ASCII only. */
function matcher(q: string): (row: ProductRow) => boolean {
  const part = folded(q);
  return ({ body }) => {
    const { name, category, aliases } = decode(body) as Partial<Pick<Product, 'name' | 'category' | 'aliases'>>;
    return [name ?? '', category ?? '', ...(aliases ?? [])].some((words) => folded(words).includes(part));
  };
}

function folded(words: string): string {
  return words.normalize('NFC').toLowerCase();
}
