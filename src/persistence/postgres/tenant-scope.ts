/** What row-level security asks for: the setting that says whose rows a transaction may see, in the same trip. Must never know a table. */
import type pg from 'pg';
import { roundTripOn, type Statement } from './round-trip.ts';

const SETTINGS = { tenant: 'app.tenant_id', tenants: 'app.tenant_ids', shards: 'app.shards' } as const;

/** First statement of a trip. @param ids tenant numbers or shards, as the setting says. */
export function scopeTo(setting: keyof typeof SETTINGS, ids: readonly number[]): Statement {
  const value = setting === 'tenant' ? String(ids[0]) : `{${ids.join(',')}}`;
  return { name: `scope_${setting}`, text: `select set_config('${SETTINGS[setting]}', $1, true)`, values: [value] };
}

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
