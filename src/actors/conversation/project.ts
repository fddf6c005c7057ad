/** Read-model rows of a conversation's events. Depends on the event and the state after it, nothing else. */
import type { EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import { openOrder } from './flow/steps/orders.ts';
import type { ConversationActorState, ConversationEvent, PublicSession, QueuedMessage } from './session/session.ts';

/** Fields that the read model shows besides contact and cart; anything else changes without a write. */
const SHOWN = ['state', 'step', 'language', 'orders'] as const satisfies readonly (keyof PublicSession)[];
/** What is stored when nobody said otherwise: a row always names a language. */
const LANGUAGE_UNKNOWN = 'en';

/** One row for each message that somebody may see, its progress, and the conversation when its visible part changed. */
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
        seq: meta.seq,
        pointer: 'in',
      }),
    );
  }
  for (const out of shownOut(event, after, meta.seq)) {
    rows.push(
      write('message.insert', {
        messageId: out.id,
        customerId,
        direction: 'out',
        whatsappId: null,
        kind: out.kind,
        status: 'queued',
        atMs: meta.atMs,
        seq: out.origin.seq,
        pointer: `out:${out.origin.at}`,
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
  const contactSeq = personal?.set?.contact === undefined ? null : meta.seq;
  const cartSeq = personal?.set?.cart === undefined ? null : meta.seq;
  if (contactSeq !== null || cartSeq !== null || SHOWN.some((key) => data.set?.[key] !== undefined))
    rows.push(conversationRow(after, meta, contactSeq, cartSeq));
  return rows;
}

interface ShownOut extends Pick<QueuedMessage, 'id' | 'origin'> {
  readonly kind: string;
}

/** A notice is shown at once. A reply may still be replaced while it waits behind another message, and is shown when its turn comes. */
function shownOut(event: ConversationEvent, after: ConversationActorState, seq: number): readonly ShownOut[] {
  const { out = [], started } = event.data;
  const shown: ShownOut[] = [];
  for (const [at, { id, class: kind, kind: bodyKind }] of out.entries())
    if (kind === 'notice' || id === started?.id) shown.push({ id, kind: bodyKind, origin: { seq, at } });
  const head = after.head?.message;
  const waited = started?.attempt === 1 && head?.id === started.id && head.class === 'reply' && head.origin.seq !== seq;
  if (waited) shown.push({ id: head.id, kind: head.body.kind, origin: head.origin });
  return shown;
}

function conversationRow(
  { session }: ConversationActorState,
  { ref, atMs }: EventMeta,
  contactSeq: number | null,
  cartSeq: number | null,
): ReadModelWrite {
  return write('conversation.upsert', {
    customerId: ref.id,
    state: session.state,
    step: session.step,
    language: session.language ?? LANGUAGE_UNKNOWN,
    openOrderId: openOrder(session)?.id ?? null,
    updatedAtMs: atMs,
    contactSeq,
    cartSeq,
  });
}
