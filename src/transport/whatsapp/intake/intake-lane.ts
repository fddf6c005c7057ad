/** Which lane of the intake log a part belongs to: one sender at one number always in the same, however many workers there are. Pure. */
import { laneOf } from '../../../runtime/entity.ts';
import type { WebhookPart } from '../webhook/webhook-parse.ts';

/** Fixed for a database's life: a lane that nobody serves is never read. Few, because every lane of a batch is a row of its own. */
export const INTAKE_LANES = 16;

/** Which worker drains a lane. */
export function threadOfIntakeLane(lane: number, threads: number): number {
  return lane % threads;
}

/** The lanes that one worker drains; none for a worker beyond the last lane. */
export function intakeLanesOf(thread: number, threads: number): number[] {
  const lanes: number[] = [];
  for (let lane = 0; lane < INTAKE_LANES; lane++) if (threadOfIntakeLane(lane, threads) === thread) lanes.push(lane);
  return lanes;
}

/** @returns the sender, whose parts keep their order, or null for a part that has none to keep. */
export function senderOf(part: WebhookPart): string | null {
  if (part.kind !== 'message' && part.kind !== 'status') return null;
  const person = part.kind === 'message' ? part.command.contact : part.recipient;
  const key = person.waId ?? person.userId;
  return key === null ? null : `${part.phoneNumberId}|${key}`;
}

export function intakeLaneOf(part: WebhookPart): number {
  const sender = senderOf(part);
  return sender === null ? 0 : laneOf(sender) % INTAKE_LANES;
}

/** Each once; a post without parts is nobody's and goes to the first. */
export function intakeLanesOfPost(parts: readonly WebhookPart[]): number[] {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only !== undefined) return [intakeLaneOf(only)];
  return parts.length === 0 ? [0] : [...new Set(parts.map(intakeLaneOf))];
}
