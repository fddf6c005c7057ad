/** Whether the database can be written, as readiness asks. */
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';

/** A database that takes longer than this to answer cannot be called ready. */
const ANSWER_WITHIN_MS = 1_000;

/** Whether a primary answers at once. One that is frozen fails nothing yet, and must be told from a good one all the same. Never rejects. */
export async function primaryAnswers(pool: pg.Pool): Promise<boolean> {
  const asked = pool.query<{ primary: boolean }>('select not pg_is_in_recovery() as primary').then(
    ({ rows }) => rows[0]?.primary === true,
    () => false,
  );
  return await Promise.race([asked, wait(ANSWER_WITHIN_MS, false, { ref: false })]);
}
