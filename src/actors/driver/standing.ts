/** Whether the platform still takes anything from a driver. Pure; must never know a token or a socket. */
import type { DriverView } from './protocol.ts';

/** What a phone and a GPS app of a locked out driver are answered with, on every way. */
export const LOCKED_OUT_CODE = 'driver.suspended';

/** A suspended driver is on shift only while it finishes what it rides; after that nothing is taken from it. */
export function isLockedOut({ status, online }: Pick<DriverView, 'status' | 'online'>): boolean {
  return status === 'suspended' && !online;
}
