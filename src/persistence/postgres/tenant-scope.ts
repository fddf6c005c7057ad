/** What row-level security asks for: the setting that says whose rows a transaction may see, in the same trip. Must never know a table. */
import type pg from 'pg';
import { roundTripOn, type Statement } from './round-trip.ts';

const SETTINGS = { tenant: 'app.tenant_id', tenants: 'app.tenant_ids', shards: 'app.shards' } as const;

/** First statement of a trip. @param ids tenant numbers or shards, as the setting says. */
export function scopeTo(setting: keyof typeof SETTINGS, ids: readonly number[]): Statement {
  const value = setting === 'tenant' ? String(ids[0]) : `{${ids.join(',')}}`;
  return { name: `scope_${setting}`, text: `select set_config('${SETTINGS[setting]}', $1, true)`, values: [value] };
}

/**
 * The planner takes an index that has the wanted order wherever there is one. It believes a tenant to be some hundred rows: the condition of
 * row-level security is a value that it does not know, and after a flood it has no statistics at all. So it would read all rows of a large
 * shop and sort them, for every page.
 */
const IN_ORDER = ['enable_sort', 'enable_bitmapscan', 'enable_seqscan'].map((path) => `set_config('${path}', 'off', true)`).join(', ');

/** Reads or writes in one statement with that setting. @returns its rows. Rejects when the database is away. */
export async function inScope<R extends object>(
  pool: pg.Pool,
  scope: Statement,
  name: string | null,
  text: string,
  values: readonly unknown[],
): Promise<R[]> {
  const [, rows] = await roundTripOn(pool, [scope, { name, text, values, rows: true }]);
  return rows as R[];
}

/** One statement as one tenant. @param pool role wakala_app, which may only read. Rejects when the database is away. */
export function readAsTenant<R extends object>(pool: pg.Pool, tenantId: number, text: string, values: readonly unknown[]): Promise<R[]> {
  return inScope(pool, scopeTo('tenant', [tenantId]), null, text, values);
}

/** One page of a list for which there is an index in its order, as one tenant: otherwise like `readAsTenant`. */
export function readInOrder<R extends object>(pool: pg.Pool, tenantId: number, text: string, values: readonly unknown[]): Promise<R[]> {
  const { text: scope, values: ids } = scopeTo('tenant', [tenantId]);
  return inScope(pool, { name: 'scope_tenant_in_order', text: `${scope}, ${IN_ORDER}`, values: ids }, null, text, values);
}
