/** A journal row as it is read, and as the runtime sees it. */
import type { EntityRef } from '../../runtime/entity.ts';
import type { JournalMeta, StoredEvent } from '../../runtime/store.ts';
import { decode } from './encoding.ts';
import { journalAad } from './journal-statements.ts';
import type { PersonalCodec } from './personal-codec.ts';

export interface EventRow {
  readonly seq: string;
  readonly pos: string;
  readonly at_ms: string;
  readonly event_type: string;
  readonly event_ver: number;
  readonly subject_id: string | null;
  readonly data: Buffer | null;
  readonly personal: Buffer | null;
  readonly meta: Buffer | null;
}

/** The person's key must be loaded. */
export function storedEvent(ref: Pick<EntityRef, 'tenantId' | 'kind' | 'id'>, row: EventRow, codec: PersonalCodec): StoredEvent {
  const seq = Number(row.seq);
  const personal =
    row.personal === null || row.subject_id === null ? undefined : codec.open(ref.tenantId, row.subject_id, row.personal, journalAad(ref.tenantId, ref.kind, ref.id, seq));
  return {
    seq, pos: Number(row.pos), atMs: Number(row.at_ms), type: row.event_type, version: row.event_ver,
    data: decode(row.data), personal, meta: (decode(row.meta) as JournalMeta | null) ?? {},
  };
}
