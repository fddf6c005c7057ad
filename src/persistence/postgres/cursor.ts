/** Opaque page cursors: the sort key of the last row, base64url of JSON. Must never know a table. */
import { InvalidCursor, type Listed } from '../../ports.ts';

type Part = string | number;

/** What the cursors of one list hold: its name, so that another list's cursor is refused, and the type of each part. */
export interface CursorShape {
  readonly list: string;
  readonly parts: readonly ('integer' | 'text')[];
}

export function cursorOf(parts: readonly Part[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @returns null without a cursor. @throws InvalidCursor for anything we did not make. */
export function readCursor(cursor: string | null, parts: number): Part[] | null {
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

export function listCursor(shape: CursorShape, parts: readonly Part[]): string {
  return cursorOf([shape.list, ...parts]);
}

/** @returns the parts without the list's name; null without a cursor. @throws InvalidCursor, also for a part that the database could not take. */
export function readListCursor(shape: CursorShape, cursor: string | null): Part[] | null {
  const value = readCursor(cursor, shape.parts.length + 1);
  if (value === null) return null;
  const [list, ...parts] = value;
  const fits = parts.every((part, i) =>
    shape.parts[i] === 'integer' ? typeof part === 'number' : typeof part === 'string' && !part.includes('\0'),
  );
  if (list !== shape.list || !fits) throw new InvalidCursor('cursor of another list');
  return parts;
}

/** Cuts the look-ahead row off. @param rows up to limit + 1 */
export function pageOf<R, T>(rows: readonly R[], limit: number, item: (row: R) => T, cursor: (row: R) => string): Listed<T> {
  const kept = rows.slice(0, limit);
  const last = kept[kept.length - 1];
  return { items: kept.map(item), nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}
