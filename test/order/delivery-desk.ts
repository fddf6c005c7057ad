/** An order on its way through the hands of drivers: the desk of harness.ts at each of its phases. */
import type { OrderCommand, PlaceOrder, StepEvidence } from '../../src/actors/order/protocol.ts';
import { Desk } from './harness.ts';

export const DRIVER = { id: 'drv_4000a1', name: 'Lwazi', vehicle: 'motorbike', registration: 'GP 12' } as const;
export const OTHER = { ...DRIVER, id: 'drv_4000b2', name: 'Ayanda' } as const;
export const NEAR: StepEvidence = { distanceM: 30, positionAtMs: 0, by: 'driver' };
export const FENCE: StepEvidence = { distanceM: 20, positionAtMs: 0, by: 'fence' };
export const OTP = '4711';

export const assign = (
  driver: typeof DRIVER | typeof OTHER,
  offerId: string,
  jobVersion = 1,
  manualBy: string | null = null,
): OrderCommand => ({
  type: 'assign',
  driver,
  offerId,
  jobVersion,
  feeMinor: 2_000,
  manualBy,
});

export function near(desk: Desk, by: StepEvidence['by'] = 'driver', distanceM: number | null = 30): StepEvidence {
  return { distanceM, positionAtMs: desk.nowMs, by };
}

export function step(
  desk: Desk,
  name: 'arrived' | 'picked_up' | 'delivered',
  evidence?: StepEvidence,
  otp: string | null = null,
  driverId: string = DRIVER.id,
) {
  return desk.send({ type: 'driver_step', driverId, step: name, otp, evidence: evidence ?? near(desk) });
}

export function seeking(place: Partial<PlaceOrder> = {}): Desk {
  const desk = new Desk().placed(place);
  for (const name of ['accept', 'prepare', 'ready'] as const) desk.step(name, 'vendor');
  return desk;
}

export function assigned(): Desk {
  const desk = seeking();
  desk.send(assign(DRIVER, 'off_1'));
  return desk;
}

export function withCode(): Desk {
  const desk = assigned();
  desk.send({ type: 'credentials_issued', leg: 1, otp: OTP, trackingToken: 't', trackingUrl: 'https://x/t/t' });
  return desk;
}

export function carried(): Desk {
  const desk = withCode();
  step(desk, 'arrived');
  step(desk, 'picked_up');
  return desk;
}
