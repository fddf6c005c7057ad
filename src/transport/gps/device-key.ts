/**
 * Keys of GPS devices that know no tokens: `<tenant uuid>.<driver id>.<mac>`, good for as long as the master key. Stateless; it must
 * never know whether the driver exists.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ID_MAX } from './limits.ts';

const LABEL = 'wakala gps device key v1';
const KEY_BYTES = 32;
const MAC_BYTES = 16;
const MAC_CHARS = 22;

/** Made once from the master key (32 bytes), handed to the two functions below. */
export type DeviceKeySecret = KeyObject;

export function deviceKeySecret(masterKey: Uint8Array): DeviceKeySecret {
  return createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), LABEL, KEY_BYTES)));
}

/** What a driver types into its GPS app as the device identifier. */
export function deviceKeyOf(secret: DeviceKeySecret, tenantUuid: string, driverId: string): string {
  return `${tenantUuid}.${driverId}.${macOf(secret, tenantUuid, driverId)}`;
}

/** @returns null for anything but a key of ours; what is malformed costs the same work as what is forged. */
export function verifyDeviceKey(secret: DeviceKeySecret, key: string): { readonly tenantUuid: string; readonly driverId: string } | null {
  const parts = key.slice(0, ID_MAX).split('.');
  const [tenantUuid = '', driverId = '', mac = ''] = parts;
  const isWhole = mac.length === MAC_CHARS && key.length <= ID_MAX && parts.length === 3;
  // As text, so that a key has one spelling; what is too long or too short is compared all the same.
  const given = Buffer.alloc(MAC_CHARS);
  given.write(mac, 'latin1');
  const isOurs = timingSafeEqual(given, Buffer.from(macOf(secret, tenantUuid, driverId), 'latin1'));
  return isWhole && isOurs ? { tenantUuid, driverId } : null;
}

function macOf(secret: DeviceKeySecret, tenantUuid: string, driverId: string): string {
  return createHmac('sha256', secret).update(`${tenantUuid}.${driverId}`).digest().subarray(0, MAC_BYTES).toString('base64url');
}
