/** Webhook parts that nobody can take: kept for a person to look at, bounded, each once. Implements the port of that name. */
import type pg from 'pg';
import type { Parking } from '../../ports.ts';
import { encode } from './encoding.ts';

/** Rows kept; the oldest go first. */
export const PARKED_MAX = 100_000;
/** Inserts between two looks at the bound. */
const TRIM_EVERY = 1_000;

/** @param pool role wakala_directory */
export function createParking(pool: pg.Pool): Parking {
  let sinceTrim = 0;
  return {
    async park(item) {
      await pool.query(
        `insert into ops.parked_webhooks (source, reason, tenant_id, key, body) values ($1, $2, $3, $4, $5) on conflict (source, key) do nothing`,
        [item.source, item.reason, item.tenantId, item.key, encode(item.body) ?? Buffer.of(0xc0)],
      );
      if (++sinceTrim < TRIM_EVERY) return;
      sinceTrim = 0;
      await pool.query('delete from ops.parked_webhooks where id in (select id from ops.parked_webhooks order by at desc offset $1)', [PARKED_MAX]);
    },
  };
}
