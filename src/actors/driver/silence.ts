/**
 * The end of a shift of which nothing is heard. The home thread ends it after `SILENT_MS`; should that thread die, its memory of the
 * driver dies with it, so the actor keeps a reminder which the home thread pushes ahead while it hears the driver. Pure; must never
 * know how a driver is heard.
 */
import type { TimerOp } from '../../runtime/behaviour.ts';
import type { DriverCommand } from './protocol.ts';

/** Without anything from a driver without a job for so long, the platform ends the shift. */
export const SILENT_MS = 300_000;
/** The actor hears so often that the driver is there: one row written each time. */
export const HEARD_EVERY_MS = 120_000;
/** The word may be so old when it comes, and a thread may take so long to be replaced. */
const SLACK_MS = 30_000;
const SILENCE_TIMER = 'silence';

/** @param heardAtMs when the driver was last there. The shift ends no sooner than after the usual silence, whatever word was still to come. */
export function silenceTimer(heardAtMs: number): TimerOp {
  return {
    op: 'arm',
    name: SILENCE_TIMER,
    dueAtMs: heardAtMs + SILENT_MS + HEARD_EVERY_MS + SLACK_MS,
    durable: true,
    command: { type: 'silence_due' } satisfies DriverCommand,
  };
}

/**
 * The reminder is due at a time of day, and came at once if the clock was set forward. A home thread that hears the driver gets so much
 * time to say so: more than one of its sweeps, and near enough to be measured by the monotonic clock.
 */
const OBJECTION_MS = 18_000;

/** Until it fires the shift stands, unless the driver really is silent. */
export function lastCallTimer(nowMs: number): TimerOp {
  const command: DriverCommand = { type: 'silence_due', isLastCall: true };
  return { op: 'arm', name: SILENCE_TIMER, dueAtMs: nowMs + OBJECTION_MS, durable: true, command };
}

export const NO_SILENCE_TIMER: TimerOp = { op: 'cancel', name: SILENCE_TIMER, durable: true };
