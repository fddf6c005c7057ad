/** Tracks in their partitions: kept once, found again, forgotten by the day, out of reach of other tenants. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeFixes, encodeFixes } from '../../../src/persistence/postgres/stores/track-record.ts';
import { PostgresTrackStore } from '../../../src/persistence/postgres/stores/track-store.ts';
import type { TrackFix } from '../../../src/ports.ts';
import { inScope, ScratchDatabase } from '../scratch-database.ts';

const DAY_MS = 86_400_000;
const DENIED = { code: '42501' };
const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** Also for a run that goes past midnight. */
const NOW_MS = TODAY_MS + DAY_MS / 2;

let database: ScratchDatabase;
let writer: pg.Pool;
let app: pg.Pool;
let store: PostgresTrackStore;
let next = 0;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  writer = database.pool('wakala_writer', 2);
  app = database.pool('wakala_app', 2);
  store = new PostgresTrackStore({ writer, app });
});

afterAll(async () => {
  await database.close();
});

const driver = (): string => `drv_${next++}`;

function fix(atMs: number, more: Partial<TrackFix> = {}): TrackFix {
  return { atMs, lat: -26.2485, lng: 27.854, accuracyM: 8.5, speedMps: 4.25, headingDeg: 271.5, ...more };
}

function fixes(fromMs: number, count: number, everyMs = 1_000): TrackFix[] {
  return Array.from({ length: count }, (_, i) => fix(fromMs + i * everyMs));
}

async function days(): Promise<number[]> {
  const { rows } = await database.admin.query<{ name: string }>(
    "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'app.driver_tracks'::regclass",
  );
  return rows.map((row) => Number(row.name.slice('driver_tracks_'.length)) * DAY_MS - TODAY_MS).sort((a, b) => a - b);
}

describe('tracks', () => {
  it('come back oldest first, within the time and the limit that were asked for', async () => {
    const driverId = driver();
    const all = fixes(TODAY_MS + 1_000, 600);
    const chunks = Array.from({ length: 10 }, (_, i) => ({ tenantId: 1, driverId, fixes: all.slice(i * 60, (i + 1) * 60) }));
    await store.write(chunks.toReversed());
    expect(await store.read(1, driverId, TODAY_MS, TODAY_MS + DAY_MS, 10_000)).toEqual(all);
    expect(await store.read(1, driverId, TODAY_MS, TODAY_MS + DAY_MS, 100)).toEqual(all.slice(0, 100));
    const [fromMs, toMs] = [TODAY_MS + 100_500, TODAY_MS + 200_500];
    expect(await store.read(1, driverId, fromMs, toMs, 1_000)).toEqual(all.filter((one) => one.atMs >= fromMs && one.atMs <= toMs));
    expect(await store.latest(1, driverId)).toEqual(all.at(-1));
  });

  it('a long one is read page by page, also where late stretches lie between', async () => {
    const driverId = driver();
    const all = fixes(TODAY_MS, 2_000);
    const early = all.filter((_, i) => i % 2 === 0);
    const late = all.filter((_, i) => i % 2 === 1);
    const chunks = [...early.map((one) => [one]), ...late.map((one) => [one])].map((one) => ({ tenantId: 1, driverId, fixes: one }));
    await store.write(chunks);
    expect(await store.read(1, driverId, TODAY_MS, TODAY_MS + DAY_MS, 5_000)).toEqual(all);
    expect(await store.read(1, driverId, TODAY_MS, TODAY_MS + DAY_MS, 777)).toEqual(all.slice(0, 777));
  });

  it('a chunk that is written again is kept once, and across midnight both days are found', async () => {
    const driverId = driver();
    const [before, after] = [fixes(TODAY_MS - 5_000, 5), fixes(TODAY_MS, 5)];
    const chunks = [before, after].map((one) => ({ tenantId: 1, driverId, fixes: one }));
    await store.write(chunks);
    await store.write(chunks);
    expect(await store.read(1, driverId, TODAY_MS - DAY_MS, TODAY_MS + DAY_MS, 100)).toEqual([...before, ...after]);
  });

  it('nothing is nothing', async () => {
    await store.write([]);
    await store.write([{ tenantId: 1, driverId: driver(), fixes: [] }]);
    expect(await store.read(1, driver(), 0, TODAY_MS + DAY_MS, 10)).toEqual([]);
    expect(await store.latest(1, driver())).toBe(null);
  });

  it('a stretch of a day far away is not kept and does not stop the others', async () => {
    const driverId = driver();
    const chunk = (atMs: number) => ({ tenantId: 1, driverId, fixes: [fix(atMs)] });
    await store.write([chunk(TODAY_MS - 400 * DAY_MS), chunk(TODAY_MS + 5), chunk(TODAY_MS + 400 * DAY_MS)]);
    expect(await store.read(1, driverId, 0, TODAY_MS + 1_000 * DAY_MS, 10)).toEqual([fix(TODAY_MS + 5)]);
  });

  it('maintenance makes the coming days, drops the old ones, and a late stretch of a dropped day makes no trouble', async () => {
    const driverId = driver();
    const old = { tenantId: 1, driverId, fixes: [fix(TODAY_MS - 6 * DAY_MS)] };
    await store.write([old]);
    expect(await new PostgresTrackStore({ writer, app }).maintain(NOW_MS, 2)).toBeGreaterThanOrEqual(1);
    const kept = await days();
    expect(kept.at(-1)).toBe(3 * DAY_MS);
    expect(kept[0]).toBeGreaterThanOrEqual(-2 * DAY_MS);
    expect(await store.read(1, driverId, 0, TODAY_MS + DAY_MS, 10)).toEqual([]);
    // This store still believes that the day has a partition: it finds out, and its next try goes through.
    await expect(store.write([old])).rejects.toMatchObject({ code: '23514' });
    await store.write([old]);
    expect(await store.maintain(NOW_MS, 2)).toBe(1);
  });

  it('many at once make each day once', async () => {
    for (let round = 0; round < 10; round++) {
      await store.maintain(NOW_MS, 0);
      const stores = Array.from({ length: 6 }, () => new PostgresTrackStore({ writer, app }));
      const driverId = driver();
      await Promise.all(stores.map((one, i) => one.write([{ tenantId: 1, driverId, fixes: [fix(TODAY_MS - 3 * DAY_MS + i)] }])));
      expect(await store.read(1, driverId, 0, TODAY_MS, 10)).toHaveLength(6);
    }
  });
});

describe('as any role', () => {
  it('a tenant sees its own tracks and no others', async () => {
    const driverId = driver();
    await store.write([
      { tenantId: 1, driverId, fixes: [fix(TODAY_MS)] },
      { tenantId: 2, driverId, fixes: [fix(TODAY_MS + 1)] },
    ]);
    expect(await store.read(2, driverId, 0, TODAY_MS + DAY_MS, 10)).toEqual([fix(TODAY_MS + 1)]);
    const seen = await inScope(app, 'app.tenant_id', '2', (client) => client.query('select distinct tenant_id from app.driver_tracks'));
    expect(seen.rows).toEqual([{ tenant_id: 2 }]);
    expect((await app.query('select 1 from app.driver_tracks')).rows).toEqual([]);
  });

  it('the writer writes for tenants of its batch only, reads nothing, changes nothing', async () => {
    const insert = `insert into app.driver_tracks values (2, 'x', ${TODAY_MS}, ${TODAY_MS}, '')`;
    await expect(inScope(writer, 'app.tenant_ids', '{1}', (client) => client.query(insert))).rejects.toMatchObject(DENIED);
    for (const statement of ['select 1 from app.driver_tracks', "update app.driver_tracks set fixes = ''", 'delete from app.driver_tracks'])
      await expect(inScope(writer, 'app.tenant_ids', '{1,2}', (client) => client.query(statement))).rejects.toMatchObject(DENIED);
  });

  it('nobody gets at a partition by its name, and nobody else makes or drops one', async () => {
    const part = `app.driver_tracks_${TODAY_MS / DAY_MS}`;
    for (const role of ['wakala_app', 'wakala_writer', 'wakala_reader', 'wakala_relay', 'wakala_directory'] as const) {
      const pool = database.pool(role, 1);
      await expect(pool.query(`select 1 from ${part}`)).rejects.toMatchObject(DENIED);
      if (role === 'wakala_writer') continue;
      await expect(pool.query('select app.drop_track_days(1)')).rejects.toMatchObject(DENIED);
      await expect(pool.query("select app.ensure_track_days('{1}')")).rejects.toMatchObject(DENIED);
    }
  });
});

it('bytes of a stretch keep a centimetre, a decimetre of accuracy and a centimetre a second', () => {
  const optional = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }));
  const place = fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lng: fc.double({ min: -180, max: 180, noNaN: true }),
    accuracyM: optional(6_000),
    speedMps: optional(400),
    headingDeg: optional(359.9),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(place, fc.nat(3_600_000)), { maxLength: 64 }), (given) => {
      const all = given.map(([one, laterMs]) => ({ ...one, atMs: TODAY_MS + laterMs })).sort((a, b) => a.atMs - b.atMs);
      const back = decodeFixes(encodeFixes(all), all[0]?.atMs ?? 0);
      expect(back).toHaveLength(all.length);
      for (const [i, one] of all.entries()) {
        const other = back[i] as TrackFix;
        expect(other.atMs).toBe(one.atMs);
        expect(Math.abs(other.lat - one.lat)).toBeLessThan(1e-7);
        expect(Math.abs(other.lng - one.lng)).toBeLessThan(1e-7);
        for (const [field, step] of [
          ['accuracyM', 0.051],
          ['speedMps', 0.0051],
          ['headingDeg', 0.0051],
        ] as const) {
          if (one[field] === null) expect(other[field]).toBe(null);
          else expect(Math.abs((other[field] as number) - (one[field] as number))).toBeLessThanOrEqual(step);
        }
      }
    }),
  );
});
