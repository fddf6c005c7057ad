/** Whether an error says that the database is away for now, or why it will not have us at all. It must never know who asks. */
import pg from 'pg';
import { CodedError, type ErrorCode } from '../../errors.ts';
import { ANSWER_LATE } from './watched-client.ts';

/** Classes of SQLSTATE in which the same statement may succeed later: connection, resources (a full disk), operator, system. */
const PASSING_CLASSES = new Set(['08', '53', '57', '58']);
/** A primary that became a standby. */
const READ_ONLY = '25006';
/** What Node and pg say of a connection; pg gives these no code. */
const CONNECTION_CODES = /^(?:ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const CONNECTION_TEXTS =
  /^(?:timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated\b.*|Client has encountered a connection error and is not queryable|Client was closed and is not queryable|the database is away|the connection ended with a complaint)$/;

/** True for what goes by without a change to the program: nobody answers, no room, shutting down, a statement's time is up. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return PASSING_CLASSES.has((error.code ?? '').slice(0, 2)) || error.code === READ_ONLY;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return syscall !== undefined && CONNECTION_CODES.test(code);
  return CONNECTION_TEXTS.test(error.message);
}

/** An answer to a statement was waited for longer than the server may take; its connection is of no use afterwards. */
export function isAnswerLate(error: unknown): boolean {
  return error instanceof Error && error.message === ANSWER_LATE;
}

/** The account or the database itself is wrong; nothing passes by waiting. */
const REFUSALS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^28/, 'database.login_refused'],
  [/^3D000$/, 'database.not_found'],
  [/^42501$/, 'database.no_rights'],
];

/** What an operator is told when the database cannot be prepared; never with a secret. Ours already say what is wrong. */
export function startProblem(error: unknown): Error {
  if (error instanceof Error && /^(database|cluster)\./.test(String((error as { code?: unknown }).code))) return error;
  const told = error instanceof Error && error.message !== '' ? error.message : innerText(error);
  const sqlState = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  const code = REFUSALS.find(([pattern]) => pattern.test(sqlState))?.[1] ?? 'database.unavailable';
  return new CodedError(code, `cannot prepare the database: ${told}`);
}

/** A name with several addresses fails with all their errors and no text of its own. */
function innerText(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : null;
  return first instanceof Error ? first.message : 'unknown';
}
