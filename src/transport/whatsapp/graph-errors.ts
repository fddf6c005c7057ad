/** What to do about an error of the Graph API, by its code and never by its text. Pure. */

export type GraphVerdict =
  /** Not this message, not again. */
  | { readonly retry: 'never' }
  /** Again after this long; `tries` in all. */
  | { readonly retry: 'later'; readonly afterMs: number; readonly tries: number };

const TRIES = 5;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
const MINUTE_MS = 60_000;
/** 1, 4, 16, 64, 256 s: what Meta asks for between two messages to one person. */
const PAIR_FACTOR = 4;

const BACKOFF = new Set([1, 2, 131_000, 131_016, 133_004]);
const RATE = new Set([4, 80_007, 130_429]);
const ONCE = new Set([135_000, 131_047, 131_052, 131_053]);
const PAIR = 131_056;
const MAINTENANCE = 131_057;

/** @param attempt 1 for the first try. @param code null when the answer carried none. @param status HTTP status. */
export function verdictOf(code: number | null, status: number, attempt: number): GraphVerdict {
  if (code === PAIR) return { retry: 'later', afterMs: 1_000 * PAIR_FACTOR ** (attempt - 1), tries: TRIES };
  if (code === MAINTENANCE) return { retry: 'later', afterMs: MINUTE_MS, tries: TRIES };
  if (code !== null && RATE.has(code)) return { retry: 'later', afterMs: MINUTE_MS * attempt, tries: TRIES };
  if (code !== null && ONCE.has(code)) return { retry: 'later', afterMs: FIRST_BACKOFF_MS, tries: 2 };
  if ((code !== null && BACKOFF.has(code)) || (code === null && (status >= 500 || status === 429)))
    return { retry: 'later', afterMs: backoff(attempt), tries: TRIES };
  return { retry: 'never' };
}

function backoff(attempt: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
}
