/** Webhook parts that nobody can take: kept for a person to look at, bounded, each once. Implements the port of that name. */
import type pg from 'pg';
import type { Parking } from '../../../ports.ts';
import { parkedPlace, sealValue } from '../seal/sealed-value.ts';

/** Rows kept; the oldest go first. */
const PARKED_MAX = 100_000;
/** Inserts of one thread between two looks at the bound: by so many a thread may the table overshoot. */
const PARKED_TRIM_EVERY = 1_000;

interface ParkingBounds {
  readonly maxRows: number;
  readonly trimEvery: number;
}

/** @param pool role wakala_directory. @param master the master key: bodies are as personal as the messages that they were. */
export function createParking(
  pool: pg.Pool,
  master: Uint8Array,
  bounds: ParkingBounds = { maxRows: PARKED_MAX, trimEvery: PARKED_TRIM_EVERY },
): Parking {
  // The first one looks: a thread that is restarted again and again must not outgrow the bound.
  let sinceTrim = bounds.trimEvery;
  return {
    async park(item) {
      await pool.query(
        `insert into ops.parked_webhooks (source, reason, tenant_id, key, body) values ($1, $2, $3, $4, $5)
         on conflict (source, key, coalesce(tenant_id, 0)) do nothing`,
        [item.source, item.reason, item.tenantId, item.key, sealValue(master, item.body, parkedPlace(item.source, item.key))],
      );
      if (++sinceTrim < bounds.trimEvery) return;
      sinceTrim = 0;
      await pool.query('delete from ops.parked_webhooks where id in (select id from ops.parked_webhooks order by at desc, id offset $1)', [
        bounds.maxRows,
      ]);
    },
  };
}
