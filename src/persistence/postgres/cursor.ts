/** Opaque page cursors: the sort key of the last row, base64url of JSON. */
import { InvalidCursor, type Listed } from '../../ports.ts';

type Part = string | number;

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
  const valid = Array.isArray(value) && value.length === parts && value.every((part) => (typeof part === 'number' && Number.isSafeInteger(part)) || typeof part === 'string');
  if (!valid) throw new InvalidCursor('cursor of another list');
  return value as Part[];
}

/** Cuts the look-ahead row off. @param rows up to limit + 1 */
export function pageOf<R, T>(rows: readonly R[], limit: number, item: (row: R) => T, cursor: (row: R) => string): Listed<T> {
  const kept = rows.slice(0, limit);
  const last = kept[kept.length - 1];
  return { items: kept.map(item), nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}
