/** Status lines, fixed headers and request ids. It must never know a request's content. */

import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';

const STATUS_LINES = new Map(Object.entries(STATUS_CODES).map(([code, text]) => [Number(code), `${code} ${text}`]));

export function statusLine(status: number): string {
  return STATUS_LINES.get(status) ?? `${status} Unknown`;
}

/** Sent with every reply unless the reply has its own: nothing here is meant to be framed, sniffed or cached. */
export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cache-control', 'no-store'],
];

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's id when it is harmless in logs and headers; a new one otherwise. */
export function requestIdOf(header: string): string {
  return header !== '' && REQUEST_ID.test(header) ? header : randomUUID();
}

/** Largest announced body that is read past without a look; above it the connection is closed at once. */
export const DISCARD_MAX_BYTES = 64 * 1024 * 1024;
