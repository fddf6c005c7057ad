/**
 * Problem documents (RFC 9457): every error that leaves over HTTP has this shape. It must never put internal text,
 * secrets or personal data into one.
 */
import type { z } from 'zod';
import { ERRORS, type ErrorCode, errorEntry } from '../../errors.ts';
import type { Answer, Fault, Refusal } from '../../runtime/behaviour.ts';

export interface FieldError {
  /** Like `items[0].quantity`; empty for the whole body. */
  readonly path: string;
  readonly message: string;
}

interface ProblemExtras {
  /** Public sentence; the registered cause when absent. */
  readonly detail?: string;
  /** Public facts, in snake_case. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the registered status where the caller's view differs (429 for 503). */
  readonly status?: number;
}

/** Thrown by a handler to answer with a problem; carries only public facts. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly status: number;
  readonly extras: ProblemExtras;

  constructor(code: ErrorCode, extras: ProblemExtras = {}) {
    super(code);
    this.code = code;
    this.status = extras.status ?? ERRORS[code].status;
    this.extras = extras;
  }
}

const DEFAULT_RETRY_AFTER_MS = 1000;
/** Statuses that always carry `Retry-After`. */
export const RETRYABLE_STATUS = new Set([429, 503]);

/** The JSON text of a problem. `code` decides title and default detail. */
export function problemBody(problem: Problem, requestId: string): string {
  const known = errorEntry(problem.code) ?? ERRORS['request.internal'];
  return JSON.stringify({
    type: `/docs#${problem.code}`,
    title: known.title,
    status: problem.status,
    code: problem.code,
    detail: problem.extras.detail ?? known.cause,
    request_id: requestId,
    ...(problem.extras.details === undefined ? {} : { details: problem.extras.details }),
    ...(problem.extras.errors === undefined ? {} : { errors: problem.extras.errors }),
  });
}

/** The domain said no. An unregistered code is a defect: 500. */
export function problemOfRefusal(refusal: Refusal): Problem {
  if (errorEntry(refusal.code) === null) return new Problem('request.internal');
  const details = refusal.details === undefined ? undefined : snakeKeys(refusal.details);
  const detail = detailOf(refusal);
  return new Problem(refusal.code as ErrorCode, {
    ...(details === undefined ? {} : { details }),
    ...(detail === null ? {} : { detail }),
  });
}

/** The present status belongs into the sentence: it is what the caller acts on. */
function detailOf(refusal: Refusal): string | null {
  if (refusal.code !== 'order.illegal_transition') return null;
  const { status, transition } = refusal.details ?? {};
  return typeof status === 'string' && typeof transition === 'string'
    ? `The order is ${status}; \`${transition}\` is not possible from there.`
    : null;
}

/** Something went wrong outside the domain. API callers see overload as 429: they can slow down. */
export function problemOfFault(fault: Fault): Problem {
  const code: ErrorCode = errorEntry(fault.code) === null ? 'runtime.unavailable' : (fault.code as ErrorCode);
  const status = code === 'runtime.overloaded' ? 429 : ERRORS[code].status;
  if (!RETRYABLE_STATUS.has(status)) return new Problem(code, { status });
  return new Problem(code, { status, headers: { 'retry-after': retryAfterS(fault.retryAfterMs) } });
}

/** Whole seconds, at least 1: zero would invite an immediate retry. */
export function retryAfterS(retryAfterMs: number = DEFAULT_RETRY_AFTER_MS): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}

/** The value of an answer; throws the problem that it is otherwise. */
export function unwrap<R>(answer: Answer<R>): R {
  if (answer.ok) return answer.value;
  throw 'refusal' in answer ? problemOfRefusal(answer.refusal) : problemOfFault(answer.fault);
}

/** Validation issues with their places, each said once, at most `MAX_FIELD_ERRORS`. Of a value of the wrong type nothing else is said. */
export function problemOfIssues(error: z.ZodError, prefix = ''): Problem {
  const said = new Set<string>();
  const mistyped = new Set<string>();
  const errors: FieldError[] = [];
  for (const issue of error.issues)
    for (const place of placesOf(issue)) {
      const path = `${prefix}${pathText(place)}`;
      const text = `${path}\n${issue.message}`;
      if (said.has(text) || mistyped.has(path)) continue;
      said.add(text);
      if (issue.code === 'invalid_type') mistyped.add(path);
      errors.push({ path, message: issue.message });
    }
  return new Problem('request.invalid', { errors: errors.slice(0, MAX_FIELD_ERRORS) });
}

/** A field that the contract does not have is its own place, not the object around it. */
function placesOf(issue: z.core.$ZodIssue): (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

const MAX_FIELD_ERRORS = 50;

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

/** Details come from the domain in camelCase or snake_case; the wire has only the latter. */
export function snakeKeys(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [snake(key), snakeValue(part)]));
}

function snakeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeValue);
  if (typeof value === 'object' && value !== null) return snakeKeys(value as Record<string, unknown>);
  return value;
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
