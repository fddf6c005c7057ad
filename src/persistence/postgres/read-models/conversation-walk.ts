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
import { InvalidCursor } from '../../../ports.ts';
import { type CursorFilters, type CursorShape, listCursor, readListCursor } from '../cursor.ts';

/** Where a conversation stands in the list. */
export interface Place {
  readonly atMs: number;
  readonly customerId: string;
}

/** `mark`: below MARKS, of this row at this place. */
export interface Marked extends Place {
  readonly mark: number;
}

/** What stands in the fresh part of the list when the first part of a walk is over. */
export interface Fresh {
  /** Sum of the marks of all up to the start of the walk, below MARKS. */
  readonly marksBefore: number;
  /** Something stands behind the start of the walk. */
  readonly hasNews: boolean;
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

const CURSOR: CursorShape = { list: 'conversations', parts: ['text', 'integer', 'text', 'integer', 'text', 'integer'] };
/** A power of two, so that the database takes a mark off a hash, and two marks add up to a safe integer. */
export const MARKS = 2 ** 48;

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
 * @param readFresh of all that changed at `sinceMs` or later, on either side of `start`
 * @returns the next page's cursor; null when the walk is over
 */
export async function walkOn(
  walk: Walk,
  rows: readonly Marked[],
  { limit, filters }: { readonly limit: number; readonly filters: CursorFilters },
  readFresh: (sinceMs: number, start: Place) => Promise<Fresh>,
): Promise<string | null> {
  const kept = rows.slice(0, limit);
  const isMore = rows.length > limit;
  const last = kept.at(-1);
  if (walk.part === 'again') return isMore && last !== undefined ? againCursor(walk.since, last.customerId, filters) : null;
  const start = walk.start ?? kept[0];
  const after = last ?? walk.after;
  if (start === undefined || after === null) return null;
  const freshFromMs = start.atMs - FRESH_MS;
  const shown = kept.reduce((sum, { atMs, mark }) => (atMs >= freshFromMs ? (sum + mark) % MARKS : sum), walk.shown);
  if (isMore) return olderCursor(after, start, shown, filters);
  // One page is one look: nothing can have moved past it.
  if (walk.start === null) return null;
  const fresh = await readFresh(freshFromMs, start);
  // Something left, or was stored late: all that is fresh comes again rather than one of it not at all.
  if (fresh.marksBefore !== shown) return againCursor({ atMs: freshFromMs, customerId: '' }, '', filters);
  return fresh.hasNews ? againCursor(start, '', filters) : null;
}
