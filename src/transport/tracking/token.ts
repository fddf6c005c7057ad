/**
 * The secret in a tracking link: names one leg of one order and proves that this server made it. Nothing is stored; it must
 * never carry anything that a person could not already know from holding the link.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a link opens: the delivery by one driver, not the order. */
export interface TrackingTicket {
  /** Tenant number, an unsigned 32-bit integer. */
  readonly tenantId: number;
  readonly orderId: string;
  /** From 1. */
  readonly leg: number;
}

const KEY_LABEL = 'wakala tracking link v1';
const KEY_BYTES = 32;
const ID_PREFIX = 'ord_';
const ID_REST = /^[A-Za-z0-9_-]{3,64}$/;
const TENANT_BYTES = 4;
const LEG_BYTES = 2;
const HEAD_BYTES = TENANT_BYTES + LEG_BYTES;
const MAC_BYTES = 16;
const MAX_TENANT = 0xffff_ffff;
const MAX_LEG = 0xffff;
/** In characters; the longest id makes less. */
const MAX_TOKEN = 128;

/** Another label is another key: a later format never opens as this one. */
export function trackingKey(masterKey: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), KEY_LABEL, KEY_BYTES)));
}

/** @returns base64url, 64 characters for the usual id. @throws RangeError when a part does not fit. */
export function mintTrackingToken(key: KeyObject, ticket: TrackingTicket): string {
  const { tenantId, orderId, leg } = ticket;
  const rest = orderId.slice(ID_PREFIX.length);
  const fits = isWhole(tenantId, 0, MAX_TENANT) && isWhole(leg, 1, MAX_LEG) && orderId.startsWith(ID_PREFIX) && ID_REST.test(rest);
  if (!fits) throw new RangeError('no tracking link can be made for this leg');
  const bytes = Buffer.alloc(HEAD_BYTES + rest.length);
  bytes.writeUInt32BE(tenantId, 0);
  bytes.writeUInt16BE(leg, TENANT_BYTES);
  bytes.write(rest, HEAD_BYTES, 'latin1');
  return Buffer.concat([bytes, macOf(key, bytes)]).toString('base64url');
}

/** @returns null for anything that `mintTrackingToken` did not make with this key; the time taken tells nothing about how close it was. */
export function readTrackingToken(key: KeyObject, token: string): TrackingTicket | null {
  if (token.length > MAX_TOKEN) return null;
  const bytes = Buffer.from(token, 'base64url');
  // The decoder skips what it does not know and drops spare bits: only the one spelling that was minted counts.
  if (bytes.length <= HEAD_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  if (!timingSafeEqual(macOf(key, body), bytes.subarray(-MAC_BYTES))) return null;
  return {
    tenantId: body.readUInt32BE(0),
    orderId: ID_PREFIX + body.toString('latin1', HEAD_BYTES),
    leg: body.readUInt16BE(TENANT_BYTES),
  };
}

function macOf(key: KeyObject, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
