/** What the store remembers of a command that was applied before: the answer of then. It must never know a mailbox or a state. */
import type { Answer } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import type { JournalStore } from '../journal/store.ts';

/**
 * @returns null for a command that was never applied; a refusal when the same id came with another body
 * @throws whatever the store throws while it cannot say
 */
export async function firstAnswer(
  store: Pick<JournalStore, 'findProcessed'>,
  ref: EntityRef,
  commandId: string,
  fingerprint: string | null,
): Promise<Answer | null> {
  const stored = await store.findProcessed(ref, commandId);
  if (stored === null) return null;
  if (fingerprint !== null && stored.fingerprint !== fingerprint) return { ok: false, refusal: { code: 'idempotency.key_reused' } };
  return { ok: true, value: stored.reply, duplicate: true };
}
