/** What is kept of a message that its actor could not take, and how that message ends. Must never know a behaviour. */
import type { Answer } from '../behaviour.ts';
import { type EntityRef, entityKey } from '../entity.ts';
import { type Envelope, envelope, fail, POISON, UNAVAILABLE } from '../envelope.ts';
import type { DeadLetter } from '../journal/store.ts';
import type { CellHost } from './cell-host.ts';

/** Keeps a letter, durably, and ends the message. @param offer takes the message that ends a private one in its actor's journal */
export function bury(host: CellHost, ref: EntityRef, message: Envelope, error: unknown, offer: (end: Envelope) => void): void {
  host.counters.deadLetters++;
  host.store.saveDeadLetter(poisonLetter(ref, message, error, host.clock.nowMs())).then(
    () => giveUp(message, offer),
    () => fail(message, UNAVAILABLE),
  );
}

/** Nobody brings a command again. A private message would come for ever, so its end is written: an empty one takes its place. */
function giveUp(message: Envelope, offer: (end: Envelope) => void): void {
  const { completes, timer } = message;
  if (completes === null && timer === null) {
    fail(message, POISON);
    return;
  }
  const answer = (end: Answer): void => (end.ok ? fail(message, POISON) : message.reply?.answer(end));
  offer(envelope(null, { lane: 'system', completes, timer, reply: { answer } }));
}

function poisonLetter(ref: EntityRef, message: Envelope, error: unknown, atMs: number): DeadLetter {
  return {
    tenantId: ref.tenantId,
    entityKey: entityKey(ref),
    reason: 'runtime.poison',
    tries: message.tries,
    body: { message: message.message, error: describe(error) },
    atMs,
  };
}

/** The text of an error for a log or a letter, whatever was thrown. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
