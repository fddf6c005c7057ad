/** A journal row as it is read, and as the runtime sees it. */
import type { Effect } from '../../../runtime/behaviour.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import type { JournalMeta, StoredEvent } from '../../../runtime/journal/store.ts';
import { effectsAad, journalAad } from '../batch/encoded-row.ts';
import { decode } from '../encoding.ts';
import { isSealed } from '../seal/aes.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';

export interface EventRow {
  readonly seq: string;
  readonly pos: string;
  readonly at_ms: string;
  readonly event_type: string;
  readonly event_ver: number;
  readonly subject_id: string | null;
  readonly data: Buffer | null;
  readonly personal: Buffer | null;
  readonly effects: Buffer | null;
  readonly meta: Buffer | null;
}

/** The person's key must be loaded. */
export function storedEvent(ref: Pick<EntityRef, 'tenantId' | 'kind' | 'id'>, row: EventRow, codec: PersonalCodec): StoredEvent {
  const seq = Number(row.seq);
  const personal =
    row.personal === null || row.subject_id === null
      ? undefined
      : codec.open(ref.tenantId, row.subject_id, row.personal, journalAad(ref.tenantId, ref.kind, ref.id, seq));
  return {
    seq,
    pos: Number(row.pos),
    atMs: Number(row.at_ms),
    type: row.event_type,
    version: row.event_ver,
    data: decode(row.data),
    personal,
    meta: metaOf(ref, row, codec),
  };
}

function metaOf(ref: Pick<EntityRef, 'tenantId' | 'kind' | 'id'>, row: EventRow, codec: PersonalCodec): JournalMeta {
  // Just decoded, so nobody else's. No spread: V8 makes a hidden class for each object that gets a member after one, 3 us an event.
  const meta = (decode(row.meta) ?? {}) as { -readonly [K in keyof JournalMeta]: JournalMeta[K] };
  const effects = row.effects === null ? undefined : effectsOf(ref, row, row.effects, codec);
  if (effects !== undefined) meta.effects = effects;
  return meta;
}

/** None when the person's key is destroyed: what was promised to somebody erased is not kept. */
function effectsOf(
  ref: Pick<EntityRef, 'tenantId' | 'kind' | 'id'>,
  row: EventRow,
  stored: Buffer,
  codec: PersonalCodec,
): readonly Effect[] | undefined {
  const effects =
    row.subject_id === null || !isSealed(stored)
      ? decode(stored)
      : codec.open(ref.tenantId, row.subject_id, stored, effectsAad(ref.tenantId, ref.kind, ref.id, Number(row.seq)));
  return effects as readonly Effect[] | undefined;
}
