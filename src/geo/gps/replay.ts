/**
 * Recorded fixes through the real filter, one result a row: to see why a track is as it is. Pure; must never read a file or
 * know a fence or an ETA, which are handed in as an observer.
 */
import { decimal } from './decimal.ts';
import { GpsFilter, type GpsFilterOptions } from './filter.ts';
import type { Fix, FixFlag, HistoryCode, Position, RejectCode, Verdict } from './fix.ts';
import { repairTime } from './time-repair.ts';

const COLUMNS = ['t_ms', 'lat', 'lng', 'accuracy_m', 'speed_mps'] as const;
const OPTIONAL = ['heading_deg', 'received_ms'] as const;
type Column = (typeof COLUMNS)[number] | (typeof OPTIONAL)[number];
const SOURCE = { deviceId: 'replay', sessionSinceMs: 0 };
/** Times that begin below this count from the start of the recording; as a date it would be January 1970. */
const RELATIVE_BELOW = 1e9;
const RELATIVE_BASE_MS = Date.UTC(2026, 0, 1);
/** The first accepted line waits for the next accepted one to bear it out, for so many lines at most. */
const CONFIRMED_WITHIN = 16;
/** A row whose time lies further than this ahead of all of the next three has a wrong time, it is no gap. */
const GLITCH_MS = 60_000;
const LOOK_AHEAD = 3;

export interface ReplayEvent {
  readonly type: string;
  readonly [detail: string]: unknown;
}

interface ReplayOptions extends GpsFilterOptions {
  /**
   * Called for every published position in order (fence, ETA, deviation).
   * @param isFenceWorthy good enough to arrive or leave by
   * @returns what happened, in order; empty for nothing
   */
  readonly observe?: (position: Position, isFenceWorthy: boolean) => readonly ReplayEvent[];
}

/** One row's result, in wire spelling: it is printed as it is. */
export interface ReplayLine {
  /** Line in the file, from 1. */
  readonly line: number;
  /** As given; null when it could not be read. */
  readonly t_ms: number | null;
  /** False also for a first fix that the next ones refuted; live it was accepted as `unconfirmed`. */
  readonly accepted: boolean;
  readonly verdict: Verdict['kind'];
  /** Why not; null when accepted. */
  readonly code: HistoryCode | RejectCode | 'gps.duplicate' | 'gps.invalid_field' | null;
  /** Which column could not be read; null otherwise. */
  readonly field: string | null;
  /** Smoothed; null when not accepted. */
  readonly position: { readonly lat: number; readonly lng: number; readonly accuracy_m: number; readonly speed_mps: number } | null;
  readonly fence: boolean;
  readonly flags: readonly FixFlag[];
  readonly events: readonly ReplayEvent[];
}

type Row =
  | { readonly ok: true; readonly line: number; readonly tMs: number; readonly fix: Fix; readonly receivedMs: number | null }
  | { readonly ok: false; readonly line: number; readonly field: string };

/**
 * @param lines CSV `t_ms,lat,lng,accuracy_m,speed_mps`, with or without a header that names the columns (then in any order, also
 *   `heading_deg` and `received_ms`); empty lines and lines that begin with `#` are skipped. Rows stand in order of arrival; without
 *   `received_ms` the newest time so far is the time of arrival. Times may count from 0.
 * @returns one result a row, lazily; nothing for an empty file
 */
export function* replayGps(lines: Iterable<string>, options: ReplayOptions = {}): Generator<ReplayLine, void, undefined> {
  const waiting: ReplayLine[] = [];
  for (const line of judged(lines, options)) {
    const first = waiting[0];
    const isOver = first === undefined || line.accepted || waiting.length >= CONFIRMED_WITHIN;
    if (first !== undefined && isOver) {
      if (line.flags.includes('reanchored'))
        waiting[0] = { ...first, accepted: false, verdict: 'rejected', code: 'gps.teleport', position: null, fence: false };
      yield* waiting.splice(0);
    }
    if (!isOver || line.flags.includes('unconfirmed')) waiting.push(line);
    else yield line;
  }
  yield* waiting;
}

/** One result a row as it is at that moment. */
function* judged(lines: Iterable<string>, options: ReplayOptions): Generator<ReplayLine, void, undefined> {
  const filter = new GpsFilter({ rate: { perS: 1_000, burst: 1_000_000 }, ...options });
  let nowMs = Number.NEGATIVE_INFINITY;
  for (const { row, next } of withNext(readRows(lines))) {
    if (!row.ok) {
      yield { ...NOTHING, line: row.line, t_ms: null, verdict: 'rejected', code: 'gps.invalid_field', field: row.field };
      continue;
    }
    nowMs = arrivalMs(row, next, nowMs);
    yield toLine(row, filter.accept(row.fix, SOURCE, nowMs), options);
  }
}

const NOTHING = { accepted: false, code: null, field: null, position: null, fence: false, flags: [], events: [] } as const;

function toLine(row: Row & { ok: true }, verdict: Verdict, options: ReplayOptions): ReplayLine {
  const head = { ...NOTHING, line: row.line, t_ms: row.tMs, verdict: verdict.kind };
  switch (verdict.kind) {
    case 'accepted': {
      const { position, publish, fence, flags } = verdict;
      return {
        ...head,
        accepted: true,
        position: {
          lat: position.lat,
          lng: position.lng,
          accuracy_m: position.accuracyM,
          speed_mps: position.speedMps,
        },
        fence,
        flags,
        events: publish ? (options.observe?.(position, fence) ?? []) : [],
      };
    }
    case 'history':
    case 'rejected':
      return { ...head, code: verdict.code, flags: verdict.flags };
    case 'duplicate':
      return { ...head, code: verdict.code };
  }
}

/** The server's clock at the moment of a row: it never goes back, and a single time in the future does not carry it away. */
function arrivalMs(row: Row & { ok: true }, next: readonly Row[], previousMs: number): number {
  if (row.receivedMs !== null) return row.receivedMs;
  const nextMs = next.flatMap((other) => (other.ok ? [other.fix.atMs] : []));
  const isGlitch = nextMs.length > 0 && nextMs.every((ms) => ms < row.fix.atMs - GLITCH_MS) && row.fix.atMs > previousMs;
  const ownMs = isGlitch ? Math.min(...nextMs) : row.fix.atMs;
  return isGlitch && previousMs > Number.NEGATIVE_INFINITY ? previousMs : Math.max(previousMs, ownMs);
}

function* withNext(rows: Iterable<Row>): Generator<{ readonly row: Row; readonly next: readonly Row[] }> {
  const window: Row[] = [];
  for (const row of rows) {
    window.push(row);
    if (window.length > LOOK_AHEAD) yield { row: window.shift() as Row, next: window };
  }
  for (let row = window.shift(); row !== undefined; row = window.shift()) yield { row, next: window };
}

function* readRows(lines: Iterable<string>): Generator<Row> {
  let columns: readonly string[] | null = null;
  let isRelative: boolean | null = null;
  let line = 0;
  for (const raw of lines) {
    line++;
    const text = raw.replace(/^\ufeff/, '').trim();
    if (text === '' || text.startsWith('#')) continue;
    const cells = text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (columns === null) {
      columns = cells.includes('t_ms') ? cells : COLUMNS;
      if (columns === cells) continue;
    }
    const read = readRow(cells, columns, line);
    if (!read.ok) {
      yield read;
      continue;
    }
    isRelative ??= read.tMs < RELATIVE_BELOW;
    yield isRelative ? sinceBase(read) : read;
  }
}

function sinceBase(row: Row & { ok: true }): Row {
  const receivedMs = row.receivedMs === null ? null : RELATIVE_BASE_MS + row.receivedMs;
  return { ...row, receivedMs, fix: { ...row.fix, atMs: RELATIVE_BASE_MS + row.tMs } };
}

function readRow(cells: readonly string[], columns: readonly string[], line: number): Row {
  const values: Partial<Record<Column, number>> = {};
  for (const column of [...COLUMNS, ...OPTIONAL]) {
    const cell = cells[columns.indexOf(column)] ?? '';
    if (cell === '') continue;
    const value = decimal(cell);
    if (value === null) return { ok: false, line, field: column };
    values[column] = value;
  }
  // More cells than columns: a decimal comma has shifted all that follows it.
  if (cells.length > columns.length) return { ok: false, line, field: 'lat' };
  const { t_ms: tMs, lat, lng } = values;
  if (tMs === undefined) return { ok: false, line, field: 't_ms' };
  if (lat === undefined) return { ok: false, line, field: 'lat' };
  if (lng === undefined) return { ok: false, line, field: 'lng' };
  const fix: Fix = {
    atMs: repairTime(tMs) ?? Number.NaN,
    lat,
    lng,
    accuracyM: values.accuracy_m ?? null,
    speedMps: values.speed_mps === undefined || values.speed_mps < 0 ? null : values.speed_mps,
    headingDeg: values.heading_deg === undefined || values.heading_deg < 0 ? null : values.heading_deg % 360,
  };
  return { ok: true, line, tMs, fix, receivedMs: values.received_ms ?? null };
}
