/** Read-model rows of a conversation's events. Depends on the event and the state after it, nothing else. */
import type { EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import { openOrder } from './flow/orders.ts';
import type { ConversationActorState, ConversationEvent, PersonalSession, PublicSession } from './session.ts';

/** Fields that the read model shows; anything else changes without a write. */
const SHOWN_PUBLIC = ['state', 'step', 'language', 'orders'] as const satisfies readonly (keyof PublicSession)[];
const SHOWN_PERSONAL = ['contact', 'cart'] as const satisfies readonly (keyof PersonalSession)[];
/** What is stored when nobody said otherwise: a row always names a language. */
const LANGUAGE_UNKNOWN = 'en';

/** One row for each message, its progress, and the conversation when its visible part changed. */
export function projectConversation(event: ConversationEvent, after: ConversationActorState, meta: EventMeta): readonly ReadModelWrite[] {
  const rows: ReadModelWrite[] = [];
  const customerId = meta.ref.id;
  const { data, personal } = event;
  if (data.inbound !== undefined) {
    const { whatsappId, kind } = data.inbound;
    rows.push(
      write('message.insert', {
        messageId: whatsappId,
        customerId,
        direction: 'in',
        whatsappId,
        kind,
        status: 'received',
        atMs: meta.atMs,
        pointer: 'in',
      }),
    );
  }
  for (const [i, out] of (data.out ?? []).entries()) {
    rows.push(
      write('message.insert', {
        messageId: out.id,
        customerId,
        direction: 'out',
        whatsappId: null,
        kind: out.kind,
        status: 'queued',
        atMs: meta.atMs,
        pointer: `out:${i}`,
      }),
    );
  }
  for (const messageId of data.dropped ?? [])
    rows.push(write('message.status', { messageId, customerId, whatsappId: null, status: 'failed', atMs: meta.atMs }));
  if (data.settled !== undefined) {
    const { id, whatsappId, status } = data.settled;
    rows.push(write('message.status', { messageId: id, customerId, whatsappId, status, atMs: meta.atMs }));
  }
  if (data.delivery !== undefined) {
    const { id, whatsappId, status, atMs } = data.delivery;
    rows.push(write('message.status', { messageId: id, customerId, whatsappId, status, atMs }));
  }
  const shown =
    SHOWN_PUBLIC.some((key) => data.set?.[key] !== undefined) || SHOWN_PERSONAL.some((key) => personal?.set?.[key] !== undefined);
  if (shown) rows.push(conversationRow(after, customerId, meta.atMs));
  return rows;
}

function conversationRow(after: ConversationActorState, customerId: string, updatedAtMs: number): ReadModelWrite {
  const { session } = after;
  const { waId, userId, name } = session.contact;
  return write('conversation.upsert', {
    customerId,
    state: session.state,
    step: session.step,
    language: session.language ?? LANGUAGE_UNKNOWN,
    openOrderId: openOrder(session)?.id ?? null,
    updatedAtMs,
    personal: { waId, userId, name, cart: session.cart.lines },
  });
}
