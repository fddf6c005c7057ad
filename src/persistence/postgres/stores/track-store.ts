/** Drivers' tracks in a table partitioned by day. Implements the port of that name; must never know what a position means. */
import type pg from 'pg';
import type { TrackChunk, TrackFix, TrackStore } from '../../../ports.ts';
import { byteaArray, int4Array, int8Array, textArray, unnested } from '../binary-arrays.ts';
import { roundTripOn } from '../round-trip.ts';
import { readAsTenant, scopeTo } from '../tenant-scope.ts';
import { decodeFixes, encodeFixes } from './track-record.ts';

const DAY_MS = 86_400_000;
/** Days whose partitions are made before anybody needs them. */
const DAYS_AHEAD = 3;
/** Stretches read at once. */
const PAGE_CHUNKS = 200;
/** No stretch is longer: what begins earlier does not reach into what is asked for. */
const CHUNK_SPAN_MS = 3_600_000;
/** Stretches among which the newest fix is looked for: a late one may begin after it. */
const LATEST_CHUNKS = 4;
/** No partition takes the row: somebody has dropped its day. */
const NO_PARTITION = '23514';

const INSERT = `insert into app.driver_tracks (tenant_id, driver_id, from_ms, to_ms, fixes)
  select ${unnested('int', 'text', 'bigint', 'bigint', 'bytea')} on conflict do nothing`;
const READ = `select from_ms, fixes from app.driver_tracks
  where tenant_id = $1 and driver_id = $2 and from_ms > $3 and from_ms <= $4 and to_ms >= $5 order by from_ms limit $6`;
const LATEST = `select from_ms, fixes from app.driver_tracks where tenant_id = $1 and driver_id = $2 order by from_ms desc limit $3`;

interface ChunkRow {
  readonly from_ms: string;
  readonly fixes: Buffer;
}

interface TrackStoreOptions {
  /** Role wakala_writer. */
  readonly writer: pg.Pool;
  /** Role wakala_app. */
  readonly app: pg.Pool;
}

export class PostgresTrackStore implements TrackStore {
  readonly #writer: pg.Pool;
  readonly #app: pg.Pool;
  /** Days with a partition, as far as this thread knows; a few. */
  #days = new Set<number>();

  constructor(options: TrackStoreOptions) {
    this.#writer = options.writer;
    this.#app = options.app;
  }

  /** Stretches of a day that lies more than a week away are not kept: no partition is made for them. */
  async write(chunks: readonly TrackChunk[]): Promise<void> {
    const given = chunks.filter((chunk) => chunk.fixes.length > 0);
    await this.#ensure(given.map(dayOf));
    const kept = given.filter((chunk) => this.#days.has(dayOf(chunk)));
    if (kept.length === 0) return;
    const tenants = [...new Set(kept.map((chunk) => chunk.tenantId))];
    try {
      await roundTripOn(this.#writer, [scopeTo('tenants', tenants), { name: 'write_tracks', text: INSERT, values: columnsOf(kept) }]);
    } catch (error) {
      if ((error as { code?: unknown }).code === NO_PARTITION) this.#days = new Set();
      throw error;
    }
  }

  async read(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly TrackFix[]> {
    const fixes: TrackFix[] = [];
    let afterMs = fromMs - CHUNK_SPAN_MS;
    for (;;) {
      const rows = await readAsTenant<ChunkRow>(this.#app, tenantId, READ, [tenantId, driverId, afterMs, toMs, fromMs, PAGE_CHUNKS]);
      for (const row of rows)
        for (const fix of decodeFixes(row.fixes, Number(row.from_ms))) if (fix.atMs >= fromMs && fix.atMs <= toMs) fixes.push(fix);
      fixes.sort((a, b) => a.atMs - b.atMs);
      afterMs = Number(rows.at(-1)?.from_ms ?? toMs);
      // Stretches may overlap: later ones can still hold older fixes until they begin after all that is wanted.
      const isEnough = fixes.length >= limit && (fixes[limit - 1]?.atMs ?? 0) <= afterMs;
      if (rows.length < PAGE_CHUNKS || isEnough) return fixes.slice(0, limit);
    }
  }

  async latest(tenantId: number, driverId: string): Promise<TrackFix | null> {
    const rows = await readAsTenant<ChunkRow>(this.#app, tenantId, LATEST, [tenantId, driverId, LATEST_CHUNKS]);
    let newest: TrackFix | null = null;
    for (const row of rows)
      for (const fix of decodeFixes(row.fixes, Number(row.from_ms))) if (newest === null || fix.atMs > newest.atMs) newest = fix;
    return newest;
  }

  async maintain(nowMs: number, retentionDays: number): Promise<number> {
    const today = Math.floor(nowMs / DAY_MS);
    await this.#ensure(Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead));
    const { rows } = await this.#writer.query<{ dropped: number }>('select app.drop_track_days($1) as dropped', [today - retentionDays]);
    for (const day of this.#days) if (day < today - retentionDays) this.#days.delete(day);
    return rows[0]?.dropped ?? 0;
  }

  async #ensure(days: readonly number[]): Promise<void> {
    const missing = [...new Set(days)].filter((day) => !this.#days.has(day));
    if (missing.length === 0) return;
    const { rows } = await this.#writer.query<{ days: number[] }>('select app.ensure_track_days($1) as days', [int4Array(missing)]);
    for (const day of rows[0]?.days ?? []) this.#days.add(day);
  }
}

function columnsOf(chunks: readonly TrackChunk[]): Buffer[] {
  return [
    int4Array(chunks.map((chunk) => chunk.tenantId)),
    textArray(chunks.map((chunk) => chunk.driverId)),
    int8Array(chunks.map((chunk) => Math.round(chunk.fixes[0]?.atMs ?? 0))),
    int8Array(chunks.map((chunk) => Math.round(chunk.fixes.at(-1)?.atMs ?? 0))),
    byteaArray(chunks.map((chunk) => encodeFixes(chunk.fixes))),
  ];
}

function dayOf(chunk: TrackChunk): number {
  return Math.floor((chunk.fixes[0]?.atMs ?? 0) / DAY_MS);
}
