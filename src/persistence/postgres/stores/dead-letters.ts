/** Messages that were given up, newest first, without their bodies: those hold personal data. */
import type pg from 'pg';
import { InvalidCursor } from '../../../ports.ts';
import { type CursorShape, listCursor, pageOf, readListCursor } from '../cursor.ts';

const CURSOR: CursorShape = { list: 'dead_letters', parts: ['integer', 'text'] };
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface LetterRow {
  readonly id: string;
  readonly entity_key: string | null;
  readonly reason: string;
  readonly tries: number;
  readonly at_ms: string;
}

/** @param pool role wakala_relay. @throws InvalidCursor */
export async function readDeadLetters(pool: pg.Pool, page: { readonly limit: number; readonly cursor: string | null }) {
  const after = readListCursor(CURSOR, page.cursor);
  if (after !== null && !UUID.test(String(after[1]))) throw new InvalidCursor('cursor of another list');
  const { rows } = await pool.query<LetterRow>(
    `select id, entity_key, reason, tries, at_ms from ops.dead_letters
     where ($1::bigint is null or (at_ms, id) < ($1, $2::uuid)) order by at_ms desc, id desc limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, page.limit + 1],
  );
  const item = (row: LetterRow): unknown => ({
    id: row.id,
    entity: row.entity_key,
    reason: row.reason,
    tries: row.tries,
    at: new Date(Number(row.at_ms)).toISOString(),
  });
  return pageOf(rows, page.limit, item, (row) => listCursor(CURSOR, [Number(row.at_ms), row.id]));
}
