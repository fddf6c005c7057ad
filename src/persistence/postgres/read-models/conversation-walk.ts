/**
 * A walk through conversations that misses none of those that were there when it began, although the list is ordered by what changes:
 * the most recently changed first, and at the end those that changed meanwhile. Must never know what a conversation holds.
 *
 * | part | order | entered by | left by |
 * | --- | --- | --- | --- |
 * | older | latest change first | no cursor | its last page: over when nothing has changed, else again |
 * | again | by the customer, of all that changed after the start of the walk | older | a page with room: over |
 *
 * What changes moves up: out of reach of the first part, but never out of the second, in which it has one place whatever else happens
 * to it. So a row may come twice, never not at all, and the walk ends however much changes between its pages.
 */
import { createHash } from 'node:crypto';
import { InvalidCursor } from '../../../ports.ts';
import { type CursorFilters, type CursorShape, listCursor, readListCursor } from '../cursor.ts';

/** Where a conversation stands in the list. */
export interface Place {
  readonly atMs: number;
  readonly customerId: string;
}

/** How the walk goes on, as its cursor says it. */
export type Walk = Older | Again;

interface Older {
  readonly part: 'older';
  /** The last row of the page before; null on the first page. */
  readonly after: Place | null;
  /** The first row of the first page; null on that page. */
  readonly start: Place | null;
  /** Of the rows shown that stand in the fresh part: told apart from others by their sum. */
  readonly shown: number;
}

interface Again {
  readonly part: 'again';
  /** What changed behind it. */
  readonly since: Place;
  /** The last customer of the page before; empty on the first of this part. */
  readonly afterCustomerId: string;
}

/** A change that was decided earlier may be stored later than others, by no more than this: it comes to stand behind the start of a walk. */
const FRESH_MS = 60_000;
/** More fresh rows than these are not compared but shown again. */
export const FRESH_ROWS_MAX = 2_000;

const CURSOR: CursorShape = { list: 'conversations', parts: ['text', 'integer', 'text', 'integer', 'text', 'integer'] };
/** Bits of a row's mark, in hex digits: two of them add up to a safe integer. */
const MARK_HEX = 12;
const MARKS = 16 ** MARK_HEX;

/** @throws InvalidCursor */
export function walkAt(cursor: string | null, filters: CursorFilters): Walk {
  const parts = readListCursor(CURSOR, cursor, filters);
  if (parts === null) return { part: 'older', after: null, start: null, shown: 0 };
  const [part, atMs, customerId, startAtMs, startId, shown] = parts as [string, number, string, number, string, number];
  const start: Place = { atMs: startAtMs, customerId: startId };
  if (part === 'older') return { part, after: { atMs, customerId }, start, shown };
  if (part === 'again') return { part, since: start, afterCustomerId: customerId };
  throw new InvalidCursor('no such part of the list');
}

function olderCursor(after: Place, start: Place, shown: number, filters: CursorFilters): string {
  return listCursor(CURSOR, ['older', after.atMs, after.customerId, start.atMs, start.customerId, shown], filters);
}

function againCursor(since: Place, afterCustomerId: string, filters: CursorFilters): string {
  return listCursor(CURSOR, ['again', 0, afterCustomerId, since.atMs, since.customerId, 0], filters);
}

/**
 * @param rows of the page and one more, if there is one
 * @param fresh reads the places of all that changed since, earliest first, `FRESH_ROWS_MAX` and one more at most
 * @returns the next page's cursor; null when the walk is over
 */
export async function walkOn(
  walk: Walk,
  rows: readonly Place[],
  { limit, filters }: { readonly limit: number; readonly filters: CursorFilters },
  fresh: (sinceMs: number) => Promise<readonly Place[]>,
): Promise<string | null> {
  const kept = rows.slice(0, limit);
  const isMore = rows.length > limit;
  const last = kept.at(-1);
  if (walk.part === 'again') return isMore && last !== undefined ? againCursor(walk.since, last.customerId, filters) : null;
  const start = walk.start ?? kept[0];
  const after = last ?? walk.after;
  if (start === undefined || after === null) return null;
  const shown = kept.filter((row) => isFresh(row, start)).reduce((sum, row) => add(sum, row), walk.shown);
  if (isMore) return olderCursor(after, start, shown, filters);
  // One page is one look: nothing can have moved past it.
  if (walk.start === null) return null;
  const since = changedFrom(start, shown, await fresh(start.atMs - FRESH_MS));
  return since === null ? null : againCursor(since, '', filters);
}

/** @returns behind which place something may have been missed; null when nothing was */
function changedFrom(start: Place, shown: number, since: readonly Place[]): Place | null {
  const before = since.filter((row) => !isAfter(row, start));
  const isSame = since.length <= FRESH_ROWS_MAX && before.reduce(add, 0) === shown;
  // Something left, or was stored late: all that is fresh comes again rather than one of it not at all.
  if (!isSame) return { atMs: start.atMs - FRESH_MS, customerId: '' };
  return before.length === since.length ? null : start;
}

function isFresh({ atMs }: Place, start: Place): boolean {
  return atMs >= start.atMs - FRESH_MS;
}

function isAfter(row: Place, start: Place): boolean {
  return row.atMs > start.atMs || (row.atMs === start.atMs && row.customerId > start.customerId);
}

function add(sum: number, { atMs, customerId }: Place): number {
  const mark = createHash('sha256').update(`${atMs}/${customerId}`).digest('hex').slice(0, MARK_HEX);
  return (sum + Number.parseInt(mark, 16)) % MARKS;
}
