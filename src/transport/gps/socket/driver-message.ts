/** Text frames of the driver's socket: one strict parser for all messages. Pure; must never know sessions or orders. */
import { DECLINE_REASONS, type DeclineReason } from '../../../actors/driver/protocol.ts';
import type { Fix } from '../../../geo/gps/fix.ts';
import type { DecodeCode } from '../formats/field.ts';
import { type FixResult, readPosition, readPositions } from '../formats/position-json.ts';
import { ID_MAX, TEXT_FRAME_MAX } from '../limits.ts';

/** Minor units: a fee beyond this is a slip. */
const AMOUNT_MAX_MINOR = 100_000_000;
const OTP = /^\d{4,8}$/;

export type DriverMessage =
  | { readonly type: 'position'; readonly fix: Fix }
  | { readonly type: 'positions'; readonly items: readonly FixResult[] }
  /** Nothing but a sign of life, for phones that stand still and want to know whether they are connected. */
  | { readonly type: 'ping' }
  | { readonly type: 'status'; readonly status: 'online' | 'offline' }
  | { readonly type: 'bid'; readonly offerId: string; readonly amountMinor: number | null }
  | { readonly type: 'accept'; readonly offerId: string }
  | { readonly type: 'decline'; readonly offerId: string; readonly reason: DeclineReason | null }
  | {
      readonly type: 'arrived' | 'picked_up' | 'delivered';
      readonly deliveryId: string;
      readonly otp: string | null;
      /** When the driver took the step, by the phone's clock; null when it does not say. */
      readonly atMs: number | null;
    };

type DriverMessageCode = DecodeCode | 'driver.invalid_json' | 'driver.unknown_type' | 'driver.invalid_field' | 'driver.too_large';

/** The client's own, answered as it was given: text or a number. */
export type MessageId = string | number;

/** `id` is null when the client gave none. */
type DriverMessageResult =
  | { readonly ok: true; readonly id: MessageId | null; readonly message: DriverMessage }
  | { readonly ok: false; readonly id: MessageId | null; readonly code: DriverMessageCode; readonly field: string | null };

type Given = Readonly<Record<string, unknown>>;
type Body = { readonly ok: true; readonly message: DriverMessage } | { readonly ok: false; code: DriverMessageCode; field: string | null };

/** @param text one text frame. Never throws; unknown fields are ignored. */
export function parseDriverMessage(text: string): DriverMessageResult {
  if (text.length > TEXT_FRAME_MAX) return { ok: false, id: null, code: 'driver.too_large', field: null };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, id: null, code: 'driver.invalid_json', field: null };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, id: null, code: 'driver.invalid_json', field: null };
  }
  const given = parsed as Given;
  const id = messageId(given.id);
  if (id === undefined) return { ok: false, id: null, code: 'driver.invalid_field', field: 'id' };
  const body = readBody(given);
  return body.ok ? { ok: true, id, message: body.message } : { ok: false, id, code: body.code, field: body.field };
}

function readBody(given: Given): Body {
  switch (given.type) {
    case 'position': {
      const read = readPosition(given);
      return read.ok ? { ok: true, message: { type: 'position', fix: read.fix } } : read;
    }
    case 'positions': {
      const read = readPositions(given);
      return read.ok ? { ok: true, message: { type: 'positions', items: read.items } } : read;
    }
    case 'ping':
      return { ok: true, message: { type: 'ping' } };
    case 'status':
      if (given.status !== 'online' && given.status !== 'offline') return invalid('status');
      return { ok: true, message: { type: 'status', status: given.status } };
    case 'bid':
      return readBid(given);
    case 'accept': {
      const offerId = identifier(given.offer_id);
      return offerId === null ? invalid('offer_id') : { ok: true, message: { type: 'accept', offerId } };
    }
    case 'decline':
      return readDecline(given);
    case 'arrived':
    case 'picked_up':
    case 'delivered':
      return readLeg(given, given.type);
    default:
      return { ok: false, code: 'driver.unknown_type', field: 'type' };
  }
}

function readBid(given: Given): Body {
  const offerId = identifier(given.offer_id);
  if (offerId === null) return invalid('offer_id');
  const amount = given.amount_minor ?? null;
  if (amount === null) return { ok: true, message: { type: 'bid', offerId, amountMinor: null } };
  if (typeof amount !== 'number' || !Number.isInteger(amount) || amount < 0 || amount > AMOUNT_MAX_MINOR) return invalid('amount_minor');
  return { ok: true, message: { type: 'bid', offerId, amountMinor: amount } };
}

function readDecline(given: Given): Body {
  const offerId = identifier(given.offer_id);
  if (offerId === null) return invalid('offer_id');
  const said = given.reason ?? null;
  const reason = DECLINE_REASONS.find((known) => known === said) ?? null;
  return said !== null && reason === null ? invalid('reason') : { ok: true, message: { type: 'decline', offerId, reason } };
}

function readLeg(given: Given, type: 'arrived' | 'picked_up' | 'delivered'): Body {
  const deliveryId = identifier(given.delivery_id);
  if (deliveryId === null) return invalid('delivery_id');
  const otp = given.otp ?? null;
  if (otp !== null && (typeof otp !== 'string' || !OTP.test(otp))) return invalid('otp');
  // A step without a readable time is one of now: it must not be lost for that.
  const at = given.at_ms;
  const atMs = typeof at === 'number' && Number.isSafeInteger(at) && at > 0 ? at : null;
  return { ok: true, message: { type, deliveryId, otp, atMs } };
}

function invalid(field: string): Body {
  return { ok: false, code: 'driver.invalid_field', field };
}

function identifier(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= ID_MAX ? value : null;
}

/** @returns null when absent, undefined when it cannot be one */
function messageId(value: unknown): MessageId | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return identifier(value) ?? undefined;
}
