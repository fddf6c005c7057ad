/** What a new leg of a delivery gives the customer: the code for the door and the tracking link. It must never keep either. */
import type { KeyObject } from 'node:crypto';
import type { OrderCommand } from '../../actors/order/protocol.ts';
import type { EffectHandler } from '../../runtime/behaviour.ts';
import { mintTrackingToken } from './token.ts';

const OTP_DIGITS = 4;

interface CredentialsOptions {
  /** From `trackingKey`. */
  readonly key: KeyObject;
  /** Where customers reach this server, without a slash at the end. */
  readonly publicUrl: string;
  /** A secure random integer from 0 to below `max`. */
  readonly randomInt: (max: number) => number;
}

type Issued = Extract<OrderCommand, { readonly type: 'credentials_issued' }>;

/**
 * Effect handler: input `{ leg }`, resolves to the order's `credentials_issued`. Run again for the same leg it gives the same link and
 * another code, of which the order keeps the first that was journaled.
 */
export function createCredentials(options: CredentialsOptions): EffectHandler {
  return async ({ ref, input }): Promise<Issued> => {
    const { leg } = input as { readonly leg: number };
    const trackingToken = mintTrackingToken(options.key, { tenantId: ref.tenantId, orderId: ref.id, leg });
    const otp = String(options.randomInt(10 ** OTP_DIGITS)).padStart(OTP_DIGITS, '0');
    return { type: 'credentials_issued', leg, otp, trackingToken, trackingUrl: `${options.publicUrl}/t/${trackingToken}` };
  };
}
