/** A driver's own word of a step, as the order hears it: with what the platform knows of the place. Pure; must never know the phone. */
import type { OrderCommand, StepEvidence } from '../../../actors/order/protocol.ts';
import type { SendOptions } from '../../../runtime/behaviour.ts';
import { arrivalCommandId } from '../../../telemetry/job-watch.ts';
import type { Whereabouts } from '../../../telemetry/protocol.ts';
import { nearestFix } from '../../../telemetry/trail.ts';
import type { DriverMessage } from './driver-message.ts';

export type DriverStep = Extract<DriverMessage, { readonly type: 'arrived' | 'picked_up' | 'delivered' }>;

/** @param place null when nobody knows where the driver is */
export function stepCommand(driverId: string, step: DriverStep, place: Whereabouts | null): OrderCommand {
  const stop = place?.stop ?? null;
  return {
    type: 'driver_step',
    driverId,
    step: step.type,
    ...(stop === null ? {} : { stop }),
    otp: step.otp,
    evidence: evidenceOf(place, step.atMs),
  };
}

/** Only an arrival has a command id: said late again, it would be one at the next stop. */
export function stepOptions(step: DriverStep, place: Whereabouts | null): SendOptions {
  if (step.type !== 'arrived' || place === null || place.offerId === null || place.stop === null) return {};
  return { commandId: arrivalCommandId(place.offerId, place.stop), storeReply: false };
}

/** By the fix of the moment that the phone names, when one is known; else by the newest. */
function evidenceOf(place: Whereabouts | null, saidAtMs: number | null): StepEvidence {
  const then = place === null || saidAtMs === null || saidAtMs >= place.atMs ? null : nearestFix(place.lately, saidAtMs);
  if (then === null || saidAtMs === null) return { distanceM: place?.distanceM ?? null, positionAtMs: place?.atMs ?? null, by: 'driver' };
  return { distanceM: then.distanceM, positionAtMs: then.atMs, saidAtMs, by: 'driver' };
}
