/** What is kept of a message that its actor could not take. Must never know a store. */
import { type EntityRef, entityKey } from './entity.ts';
import type { Envelope } from './envelope.ts';
import type { DeadLetter } from './store.ts';

export function poisonLetter(ref: EntityRef, message: Envelope, error: unknown, atMs: number): DeadLetter {
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
