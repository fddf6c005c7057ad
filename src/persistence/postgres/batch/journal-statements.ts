/** The statements of one group commit, in order. One prepared statement each, whatever the size of the batch. */
import { dataShardOf, type EntityRef } from '../../../runtime/entity.ts';
import type { CommitBatch, DurableTimerWrite } from '../../../runtime/journal/store.ts';
import { byteaArray, int2Array, int4Array, int8Array, textArray, unnested } from '../binary-arrays.ts';
import { encode } from '../encoding.ts';
import type { Statement } from '../round-trip.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { encodedRow } from './encoded-row.ts';
import { readModelStatements } from './read-model-statements.ts';
import { replyColumns } from './stored-reply.ts';

export function batchStatements(batch: CommitBatch, personal: PersonalCodec): Statement[] {
  const statements: Statement[] = [scope(batch), fence(batch)];
  if (batch.rows.length > 0) statements.push(journal(batch, personal));
  if (batch.processed.length > 0) statements.push(processed(batch, personal));
  statements.push(...timers(batch.timers));
  if (batch.readModels.length > 0) statements.push(...readModelStatements(batch.readModels, personal));
  return statements;
}

const INSERT_JOURNAL = `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, subject_id, data, personal, effects, meta)
      select ${unnested('int', 'smallint', 'text', 'bigint', 'smallint', 'bigint', 'bigint', 'text', 'smallint', 'bigint', 'text', 'bytea', 'bytea', 'bytea', 'bytea')}`;
const INSERT_PROCESSED = `insert into app.processed_commands (tenant_id, command_id, entity_type, entity_id, fingerprint, reply, subject_id)
      select ${unnested('int', 'text', 'smallint', 'text', 'text', 'bytea', 'text')}`;
const ARM_TIMERS = `insert into app.timers (tenant_id, entity_type, entity_id, name, shard, due_at_ms, command)
        select ${unnested('int', 'smallint', 'text', 'text', 'smallint', 'bigint', 'bytea')}
        on conflict (tenant_id, entity_type, entity_id, name) do update set due_at_ms = excluded.due_at_ms, command = excluded.command`;

/** Advisory locks of data shards, as `app.lock_data_shards` takes them. */
const DATA_SHARD_LOCKS = 7_351_004;

/** Declares the tenants (from the actors' addresses; the rows below carry their own) and locks the data shards against a new owner. */
function scope(batch: CommitBatch): Statement {
  // In one order, so that no two can wait for each other.
  const dataShards = [...new Set([...batch.shardEpochs.keys()].map(dataShardOf))].sort((a, b) => a - b);
  return {
    name: 'batch_scope',
    text: `select set_config('app.tenant_ids', $1, true), (select count(pg_advisory_xact_lock_shared(${DATA_SHARD_LOCKS}, d)) from unnest($2::int[]) as d)`,
    values: [`{${batch.tenantIds.join(',')}}`, int4Array(dataShards)],
  };
}

/** Proves the shards: epochs as they are once the locks are held, so a statement of its own. */
function fence(batch: CommitBatch): Statement {
  const shards = [...batch.shardEpochs.keys()];
  return {
    name: 'batch_fence',
    text: `select app.refuse_batch() from unnest($1::smallint[], $2::bigint[]) as b (shard, epoch)
      left join app.shard_lease l on l.shard = b.shard and l.epoch = b.epoch where l.shard is null limit 1`,
    values: [int2Array(shards), int8Array(shards.map((shard) => batch.shardEpochs.get(shard) ?? -1))],
  };
}

function journal(batch: CommitBatch, personal: PersonalCodec): Statement {
  const rows = batch.rows;
  const encoded = rows.map((row) => encodedRow(row, personal));
  return {
    name: 'batch_journal',
    text: INSERT_JOURNAL,
    values: [
      int4Array(rows.map((row) => row.ref.tenantId)),
      int2Array(rows.map((row) => row.kindCode)),
      textArray(rows.map((row) => row.ref.id)),
      int8Array(rows.map((row) => row.seq)),
      int2Array(rows.map((row) => row.ref.shard)),
      int8Array(rows.map((row) => row.pos)),
      int8Array(rows.map((row) => batch.shardEpochs.get(row.ref.shard) ?? -1)),
      textArray(rows.map((row) => row.type)),
      int2Array(rows.map((row) => row.version)),
      int8Array(rows.map((row) => row.atMs)),
      textArray(rows.map((row) => row.subjectId)),
      byteaArray(encoded.map((row) => row.data)),
      byteaArray(encoded.map((row) => row.personal)),
      byteaArray(encoded.map((row) => row.effects)),
      byteaArray(encoded.map((row) => row.meta)),
    ],
  };
}

function processed(batch: CommitBatch, personal: PersonalCodec): Statement {
  const commands = batch.processed;
  const { subjects, replies } = replyColumns(batch, personal);
  return {
    name: 'batch_processed',
    text: INSERT_PROCESSED,
    values: [
      int4Array(commands.map((command) => command.ref.tenantId)),
      textArray(commands.map((command) => command.commandId)),
      int2Array(commands.map((command) => command.kindCode)),
      textArray(commands.map((command) => command.ref.id)),
      textArray(commands.map((command) => command.fingerprint)),
      byteaArray(replies),
      textArray(subjects),
    ],
  };
}

/** One upsert and one delete; of several operations on one name the last counts. */
function timers(writes: readonly DurableTimerWrite[]): Statement[] {
  if (writes.length === 0) return [];
  const last = new Map<string, DurableTimerWrite>();
  for (const write of writes) last.set(`${write.ref.tenantId}/${write.kindCode}/${write.ref.id}/${write.name}`, write);
  const armed: Extract<DurableTimerWrite, { op: 'arm' }>[] = [];
  const cancelled: DurableTimerWrite[] = [];
  for (const write of last.values()) {
    if (write.op === 'arm') armed.push(write);
    else cancelled.push(write);
  }
  const statements: Statement[] = [];
  if (armed.length > 0) {
    statements.push({
      name: 'batch_timers_arm',
      text: ARM_TIMERS,
      values: [
        ...keys(armed),
        int2Array(armed.map((write) => write.ref.shard)),
        int8Array(armed.map((write) => write.dueAtMs)),
        byteaArray(armed.map((write) => encode(write.command) ?? Buffer.of(0xc0))),
      ],
    });
  }
  if (cancelled.length > 0) {
    statements.push({
      name: 'batch_timers_cancel',
      text: `delete from app.timers t using unnest($1::int[], $2::smallint[], $3::text[], $4::text[]) as k (tenant_id, entity_type, entity_id, name)
        where (t.tenant_id, t.entity_type, t.entity_id, t.name) = (k.tenant_id, k.entity_type, k.entity_id, k.name)`,
      values: keys(cancelled),
    });
  }
  return statements;
}

function keys(writes: readonly { readonly ref: EntityRef; readonly kindCode: number; readonly name: string }[]): Buffer[] {
  return [
    int4Array(writes.map((write) => write.ref.tenantId)),
    int2Array(writes.map((write) => write.kindCode)),
    textArray(writes.map((write) => write.ref.id)),
    textArray(writes.map((write) => write.name)),
  ];
}
