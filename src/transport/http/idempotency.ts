/**
 * Idempotency keys: from the header to a command id and a fingerprint. The runtime keeps the answers; this file must
 * never store anything.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { HttpRequest } from './message.ts';
import { Problem } from './problem.ts';

const KEY = /^[\x20-\x7e]{1,255}$/;
const DIGEST_CHARS = 32;

export interface IdempotencyKey {
  /** Hash of the key: short, and free of whatever the client wrote into it. */
  readonly hash: string;
  readonly commandId: string;
  /** Hash of method, path and body: the same request gives the same one, whatever the order of its fields. */
  readonly fingerprint: string;
}

/**
 * @returns null when the header is absent.
 * @throws Problem `idempotency.key_invalid`
 */
export function idempotencyKey(request: HttpRequest, body: unknown): IdempotencyKey | null {
  const key = request.header('idempotency-key');
  if (key === '') return null;
  if (!KEY.test(key)) throw new Problem('idempotency.key_invalid');
  const hash = digest(key);
  return { hash, commandId: `idem:${hash}`, fingerprint: digest(`${request.method} ${request.path}\n${canonical(body)}`) };
}

/** @throws Problem `idempotency.key_missing` or `idempotency.key_invalid` */
export function requiredIdempotencyKey(request: HttpRequest, body: unknown): IdempotencyKey {
  const key = idempotencyKey(request, body);
  if (key === null) throw new Problem('idempotency.key_missing');
  return key;
}

const UNIQUE_CHARS = 24;

/** 96 bits in hex that follow from tenant and key alone: what a new thing is called, so that a repeated request names the same one. */
export function uniqueOf(tenantUuid: string, key: IdempotencyKey): string {
  return Buffer.from(digest(`${tenantUuid}:${key.hash}`), 'base64url')
    .toString('hex')
    .slice(0, UNIQUE_CHARS);
}

/** Like `uniqueOf` for a tenant itself: a UUID (RFC 9562, version 8) that follows from the key alone. */
export function uuidOf(key: IdempotencyKey): string {
  const hex = createHash('sha256').update(`tenant:${key.hash}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}

/** 96 random bits in the same form. */
export function randomUnique(): string {
  return randomBytes(UNIQUE_CHARS / 2).toString('hex');
}

/** First 192 bits of SHA-256 as URL-safe text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARS);
}

/** JSON with sorted keys; undefined parts are left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((part) => canonical(part)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`);
  return `{${parts.join(',')}}`;
}
