/** Webhook parts that nobody can take: kept for a person to look at, bounded, each once. Implements the port of that name. */
import type pg from 'pg';
import type { Parking } from '../../../ports.ts';
import { parkedPlace, sealValue } from '../seal/sealed-value.ts';

interface ParkingBounds {
  /** Rows and bytes of their bodies that are kept; the oldest go first. The newest stays, whatever its size. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Rows and bytes that one thread parks between two looks at the bounds: by so much a thread may the table overshoot. */
  readonly trimEvery: number;
  readonly trimEveryBytes: number;
  /** Bytes that one look removes, and then the row that goes beyond: a large body is thousands of rows to the database, and a part waits for it. */
  readonly trimBytes: number;
}

const MIB = 1024 * 1024;
const BOUNDS: ParkingBounds = {
  maxRows: 100_000,
  maxBytes: 1024 * MIB,
  trimEvery: 1_000,
  trimEveryBytes: 32 * MIB,
  trimBytes: 128 * MIB,
};

const INSERT = `insert into ops.parked_webhooks (source, reason, tenant_id, key, body) values ($1, $2, $3, $4, $5)
  on conflict (source, key, coalesce(tenant_id, 0)) do nothing`;

/** The length of a body that is stored apart stands in its row: no body is read. */
const TRIM = `with counted as (
    select id, at, octet_length(body) as bytes, row_number() over newest as rows_to, sum(octet_length(body)) over newest as bytes_to
    from ops.parked_webhooks window newest as (order by at desc, id rows unbounded preceding)),
  excess as (
    select id, sum(bytes) over (order by at, id desc rows unbounded preceding) - bytes as bytes_before
    from counted where rows_to > $1 or (bytes_to > $2 and rows_to > 1))
  delete from ops.parked_webhooks where id in (select id from excess where bytes_before < $3)`;

/** @param pool role wakala_directory. @param master the master key: bodies are as personal as the messages that they were. */
export function createParking(pool: pg.Pool, master: Uint8Array, given: Partial<ParkingBounds> = {}): Parking {
  const bounds = { ...BOUNDS, ...given };
  // The first one looks: a thread that is restarted again and again must not outgrow the bounds.
  let rows = bounds.trimEvery;
  let bytes = 0;
  return {
    async park(item) {
      const body = sealValue(master, item.body, parkedPlace(item.source, item.key));
      await pool.query(INSERT, [item.source, item.reason, item.tenantId, item.key, body]);
      rows++;
      bytes += body.length;
      if (rows < bounds.trimEvery && bytes < bounds.trimEveryBytes) return;
      rows = 0;
      bytes = 0;
      await pool.query(TRIM, [bounds.maxRows, bounds.maxBytes, bounds.trimBytes]);
    },
  };
}
