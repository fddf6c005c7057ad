/** All events of a tenant, entity by entity, through a cursor: for rebuilds and verification, never for one entity. */
import type pg from 'pg';
import Cursor from 'pg-cursor';
import type { StoredEvent } from '../../../runtime/journal/store.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { type EventRow, storedEvent } from './event-row.ts';

const BATCH = 1_000;

export interface ScannedEvent {
  readonly kindCode: number;
  readonly entityId: string;
  readonly shard: number;
  readonly event: StoredEvent;
}

type Row = EventRow & { readonly entity_type: number; readonly entity_id: string; readonly shard: number };

/** @param options.client in a transaction that sees the tenant. @param options.kinds storage code to name: personal parts are bound to the name. Events of other kinds are left out. */
export async function* scanJournal(options: {
  readonly client: pg.ClientBase;
  readonly tenantId: number;
  readonly personal: PersonalCodec;
  readonly kinds: ReadonlyMap<number, string>;
}): AsyncGenerator<ScannedEvent> {
  const { client, kinds, tenantId, personal } = options;
  const cursor = client.query(
    new Cursor<Row>('select * from app.journal where tenant_id = $1 order by entity_type, entity_id, seq', [tenantId]),
  );
  try {
    for (let rows = await cursor.read(BATCH); rows.length > 0; rows = await cursor.read(BATCH)) {
      const subjects = new Set(rows.flatMap((row) => (row.subject_id === null ? [] : [row.subject_id])));
      await personal.ensure([...subjects].map((subjectId) => ({ tenantId, subjectId })));
      for (const row of rows) {
        const kind = kinds.get(row.entity_type);
        if (kind === undefined) continue;
        const ref = { tenantId, kind, id: row.entity_id };
        yield { kindCode: row.entity_type, entityId: row.entity_id, shard: row.shard, event: storedEvent(ref, row, personal) };
      }
    }
  } finally {
    await cursor.close();
  }
}
