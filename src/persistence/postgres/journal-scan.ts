/** All events of a tenant, entity by entity, through a cursor: for rebuilds and verification, never for one entity. */
import Cursor from 'pg-cursor';
import type { StoredEvent } from '../../runtime/store.ts';
import { connectClient, type DatabaseAddress } from './connect.ts';
import { type EventRow, storedEvent } from './event-row.ts';
import type { PersonalCodec } from './personal-codec.ts';

const BATCH = 1_000;
const STATEMENT_TIMEOUT_MS = 600_000;
/** Storage code of a kind has no name here; the personal part is bound to the name, so the caller's kinds are asked. */
const KIND_NAMES: Readonly<Record<number, string>> = { 1: 'tenant', 2: 'conversation', 3: 'order' };

export interface ScannedEvent {
  readonly kindCode: number;
  readonly entityId: string;
  readonly shard: number;
  readonly event: StoredEvent;
}

type Row = EventRow & { readonly entity_type: number; readonly entity_id: string; readonly shard: number };

export async function* scanJournal(options: {
  readonly address: DatabaseAddress;
  readonly tenantId: number;
  readonly personal: PersonalCodec;
}): AsyncGenerator<ScannedEvent> {
  const { tenantId, personal } = options;
  const client = await connectClient(
    { address: options.address, role: 'wakala_app', statementTimeoutMs: STATEMENT_TIMEOUT_MS, cursors: true },
    () => undefined,
  );
  try {
    await client.query('begin read only');
    await client.query("select set_config('app.tenant_id', $1, true)", [String(tenantId)]);
    const cursor = client.query(
      new Cursor<Row>('select * from app.journal where tenant_id = $1 order by entity_type, entity_id, seq', [tenantId]),
    );
    for (let rows = await cursor.read(BATCH); rows.length > 0; rows = await cursor.read(BATCH)) {
      const subjects = new Set(rows.flatMap((row) => (row.subject_id === null ? [] : [row.subject_id])));
      await personal.ensure([...subjects].map((subjectId) => ({ tenantId, subjectId })));
      for (const row of rows) {
        const ref = { tenantId, kind: KIND_NAMES[row.entity_type] ?? '', id: row.entity_id };
        yield { kindCode: row.entity_type, entityId: row.entity_id, shard: row.shard, event: storedEvent(ref, row, personal) };
      }
    }
    await cursor.close();
  } finally {
    await client.end();
  }
}
