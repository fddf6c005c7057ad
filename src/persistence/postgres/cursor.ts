/** Opaque page cursors: the sort key of the last row, base64url of JSON. Must never know a table. */
import { createHash } from 'node:crypto';
import { InvalidCursor, type Listed } from '../../ports.ts';

type Part = string | number;

/** What the cursors of one list hold: its name, so that another list's cursor is refused, and the type of each part. */
export interface CursorShape {
  readonly list: string;
  readonly parts: readonly ('integer' | 'text')[];
}

/** What was asked for beside the page: whose list, and which of its items. */
export type CursorFilters = Readonly<Record<string, string | number | boolean | null>>;

/** Enough that no two questions of one client meet by accident; a cursor opens nothing, so nobody gains by making them meet. */
const MARK_CHARS = 8;

export function cursorOf(parts: readonly Part[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @returns null without a cursor. @throws InvalidCursor for anything we did not make. */
function readCursor(cursor: string | null, parts: number): Part[] | null {
  if (cursor === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new InvalidCursor('cursor is not readable');
  }
  const valid =
    Array.isArray(value) &&
    value.length === parts &&
    value.every((part) => (typeof part === 'number' && Number.isSafeInteger(part)) || typeof part === 'string');
  if (!valid) throw new InvalidCursor('cursor of another list');
  return value as Part[];
}

/** @param filters bind the cursor to what was asked for: under others it would begin in the middle of another list. */
export function listCursor(shape: CursorShape, parts: readonly Part[], filters?: CursorFilters): string {
  return cursorOf([...headOf(shape, filters), ...parts]);
}

/**
 * @returns the parts alone; null without a cursor
 * @throws InvalidCursor, also for a part that the database could not take, and for a cursor that was given for other filters
 */
export function readListCursor(shape: CursorShape, cursor: string | null, filters?: CursorFilters): Part[] | null {
  const head = headOf(shape, filters);
  const value = readCursor(cursor, head.length + shape.parts.length);
  if (value === null) return null;
  const parts = value.slice(head.length);
  const fits = parts.every((part, i) =>
    shape.parts[i] === 'integer' ? typeof part === 'number' : typeof part === 'string' && !part.includes('\0'),
  );
  if (!fits || head.some((part, i) => value[i] !== part)) throw new InvalidCursor('cursor of another list');
  return parts;
}

/** All of a query but the page itself, of which the size may change on the way. */
export function filtersOf<Q extends { readonly limit: number; readonly cursor: string | null }>(
  tenantId: number,
  { limit: _limit, cursor: _cursor, ...filters }: Q,
): CursorFilters {
  return { ...(filters as CursorFilters), tenantId };
}

function headOf({ list }: CursorShape, filters: CursorFilters | undefined): string[] {
  return filters === undefined ? [list] : [list, markOf(filters)];
}

function markOf(filters: CursorFilters): string {
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, MARK_CHARS);
}

/** Cuts the look-ahead row off. @param rows up to limit + 1 */
export function pageOf<R, T>(rows: readonly R[], limit: number, item: (row: R) => T, cursor: (row: R) => string): Listed<T> {
  const kept = rows.slice(0, limit);
  const last = kept[kept.length - 1];
  return { items: kept.map(item), nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}
