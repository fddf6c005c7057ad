/** Reads as one tenant: the setting that row-level security asks for, in the same transaction. Must never know a table. */
import type pg from 'pg';

/** One statement in a read-only transaction. @param pool role wakala_app. Rejects when the database is away. */
export async function readAsTenant<R extends object>(pool: pg.Pool, tenantId: number, text: string, values: unknown[]): Promise<R[]> {
  const client = await pool.connect();
  try {
    await client.query('begin read only');
    await client.query("select set_config('app.tenant_id', $1, true)", [String(tenantId)]);
    const { rows } = await client.query<R & pg.QueryResultRow>(text, values);
    await client.query('commit');
    client.release();
    return rows;
  } catch (error) {
    // The connection may be broken or inside a failed transaction: not worth keeping.
    client.release(true);
    throw error;
  }
}
