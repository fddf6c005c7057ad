/**
 * The journal in PostgreSQL: one transaction and one round trip a batch, entity recovery in groups, timers, checkpoints.
 * Implements the protocol of runtime/journal/store.ts; it must never know what an event means.
 */
import pg from 'pg';
import type { EntityRef } from '../../../runtime/entity.ts';
import type {
  CommitBatch,
  CommitResult,
  DeadLetter,
  JournalRow,
  JournalStore,
  LoadedEntity,
  OpenedShard,
  StoredCheckpoint,
  StoredReply,
  StoredSnapshot,
  StoredTimer,
} from '../../../runtime/journal/store.ts';
import { encodeAhead } from '../batch/encoded-row.ts';
import { batchStatements } from '../batch/journal-statements.ts';
import { type ReplyRow, storedReply } from '../batch/stored-reply.ts';
import { byteaArray, int2Array, int8Array } from '../binary-arrays.ts';
import { decode, encode } from '../encoding.ts';
import { roundTrip, type Statement } from '../round-trip.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { deadLetterPlace, sealValue } from '../seal/sealed-value.ts';
import { inScope, scopeTo } from '../tenant-scope.ts';
import type { WriterConnection } from '../writer-connection.ts';
import { findCulprits } from './culprits.ts';
import { EntityLoader } from './entity-loader.ts';

const FENCED = 'WK001';
/** Whose checkpoints say up to where promises are kept. */
export const EFFECTS = 'effects';
/** SQLSTATE classes that blame the data of some entity, not the connection or the server; 21: a row named twice, 54: a key too long for its index. */
const DATA_CLASSES = new Set(['21', '22', '23', '42', '54']);
const BEGIN: Statement = { name: 'batch_begin', text: 'begin', values: [] };
const ROLLBACK: Statement = { name: 'batch_rollback', text: 'rollback', values: [] };

/** What was passed goes with who is named for it, and is forgotten once everything up to there is settled. */
const SAVE_CHECKPOINTS = `insert into app.relay_offset as o (consumer, shard, pos, epoch, passed_pos, passed_except)
  select $1, * from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
  on conflict (consumer, shard) do update set pos = greatest(o.pos, excluded.pos), epoch = excluded.epoch,
    passed_pos = greatest(o.passed_pos, excluded.passed_pos),
    passed_except = case when excluded.passed_pos > o.passed_pos then excluded.passed_except
      when excluded.pos < o.passed_pos then o.passed_except end
    where o.epoch <= excluded.epoch and (o.pos < excluded.pos or o.passed_pos < excluded.passed_pos)`;

interface JournalStoreOptions {
  readonly writer: WriterConnection;
  /** Role wakala_reader. */
  readonly readerPool: pg.Pool;
  /** Role wakala_relay. */
  readonly relayPool: pg.Pool;
  readonly personal: PersonalCodec;
  /** Seals dead letters. */
  readonly masterKey: Uint8Array;
  /** Kind name to storage code. */
  readonly kinds: ReadonlyMap<string, number>;
}

interface OpenedRow {
  readonly shard: number;
  readonly last_pos: string | null;
  readonly checkpoint: string | null;
  readonly passed_pos: string | null;
  readonly passed_except: Buffer | null;
}

interface KeyRow {
  readonly tenant_id: number;
  readonly entity_type: number;
  readonly entity_id: string;
}

export class PostgresJournalStore implements JournalStore {
  readonly #options: JournalStoreOptions;
  readonly #loader: EntityLoader;
  readonly #kindNames: ReadonlyMap<number, string>;

  constructor(options: JournalStoreOptions) {
    this.#options = options;
    this.#loader = new EntityLoader(options.readerPool, options.personal);
    this.#kindNames = new Map([...options.kinds].map(([name, code]) => [code, name]));
  }

  async commit(batch: CommitBatch): Promise<CommitResult> {
    const strangers = this.#strangers(batch.rows);
    // No await without need: the batch has to be on its way before the caller turns to answering for the one before.
    if (strangers.length > 0) await this.#options.personal.ensure(strangers);
    let statements: Statement[];
    try {
      statements = batchStatements(batch, this.#options.personal);
    } catch {
      // Somebody's row cannot be sealed or shaped (an erased person, a defect): that entity's matter, not its neighbours'.
      return await this.#blamed(batch);
    }
    const error = await this.#transaction(statements);
    if (error === null) return { ok: true };
    return isOfData(error) ? await this.#blamed(batch) : await this.#fenced(batch, error);
  }

  /** Whose fault it is. @throws what is the database's fault, also while it is asked: then nobody is blamed. */
  async #blamed(batch: CommitBatch): Promise<CommitResult> {
    try {
      return { ok: false, reason: 'conflict', entityKeys: await this.#culprits(batch) };
    } catch (error) {
      return await this.#fenced(batch, error);
    }
  }

  /** @throws the error, if it says anything else than that an epoch has ended. */
  async #fenced(batch: CommitBatch, error: unknown): Promise<CommitResult> {
    if (!(error instanceof pg.DatabaseError) || error.code !== FENCED) throw error;
    return { ok: false, reason: 'fenced', shards: await this.#staleShards(batch) };
  }

  /** People of these rows whose keys are not at hand, each once. */
  #strangers(rows: readonly JournalRow[]): { readonly tenantId: number; readonly subjectId: string }[] {
    const strangers = new Map<string, { tenantId: number; subjectId: string }>();
    for (const { ref, subjectId, encoded } of rows) {
      // What is encoded ahead is sealed: its key was at hand a moment ago.
      if (subjectId === null || encoded !== undefined || this.#options.personal.knows(ref.tenantId, subjectId)) continue;
      strangers.set(`${ref.tenantId}/${subjectId}`, { tenantId: ref.tenantId, subjectId });
    }
    return [...strangers.values()];
  }

  encodeAhead(rows: readonly JournalRow[]): void {
    encodeAhead(rows, this.#options.personal);
  }

  load(ref: EntityRef, kind: { readonly kindCode: number; readonly stateVersion: number }): Promise<LoadedEntity> {
    return this.#loader.load(ref, kind);
  }

  async findProcessed(ref: EntityRef, commandId: string): Promise<StoredReply | null> {
    const [found] = await inScope<ReplyRow>(
      this.#options.readerPool,
      scopeTo('tenants', [ref.tenantId]),
      'find_processed',
      'select entity_type, entity_id, fingerprint, subject_id, reply from app.processed_commands where tenant_id = $1 and command_id = $2',
      [ref.tenantId, commandId],
    );
    return found === undefined ? null : await storedReply(ref.tenantId, commandId, found, this.#options.personal);
  }

  async saveSnapshot(ref: EntityRef, kindCode: number, snapshot: StoredSnapshot, subjectId: string | null): Promise<void> {
    const aad = `snapshot/${ref.tenantId}/${ref.kind}/${ref.id}/${snapshot.seq}`;
    // Packed before the first await: the state may be the actor's own living object.
    const packed = encode(snapshot.body) ?? Buffer.of(0xc0);
    let body = packed;
    if (subjectId !== null) {
      await this.#options.personal.ensure([{ tenantId: ref.tenantId, subjectId }]);
      body = this.#options.personal.seal(ref.tenantId, subjectId, packed, aad);
    }
    await inScope(
      this.#options.readerPool,
      scopeTo('tenants', [ref.tenantId]),
      'save_snapshot',
      `insert into app.snapshots (tenant_id, entity_type, entity_id, seq, state_ver, subject_id, body) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (tenant_id, entity_type, entity_id) do update
         set seq = excluded.seq, state_ver = excluded.state_ver, subject_id = excluded.subject_id, body = excluded.body, at = now()
         where app.snapshots.seq < excluded.seq`,
      [ref.tenantId, kindCode, ref.id, snapshot.seq, snapshot.stateVersion, subjectId, body],
    );
  }

  async openShards(shards: readonly number[]): Promise<ReadonlyMap<number, OpenedShard>> {
    const rows = await inScope<OpenedRow>(
      this.#options.relayPool,
      scopeTo('shards', shards),
      'open_shards',
      `select s.shard, j.pos as last_pos, o.pos as checkpoint, o.passed_pos, o.passed_except from unnest($1::smallint[]) as s (shard)
       left join lateral (select pos from app.journal where shard = s.shard order by pos desc limit 1) j on true
       left join app.relay_offset o on o.consumer = $2 and o.shard = s.shard`,
      [int2Array(shards), EFFECTS],
    );
    return new Map(rows.map((row) => [row.shard, this.#opened(row)]));
  }

  async entitiesAfter(
    shard: number,
    pos: number,
    limit: number,
  ): Promise<readonly { readonly ref: EntityRef; readonly lastPos: number }[]> {
    const rows = await inScope<KeyRow & { last_pos: string }>(
      this.#options.relayPool,
      scopeTo('shards', [shard]),
      'entities_after',
      // A stretch of the journal a page: grouped at large, each page would read everything up to the end again.
      `select tenant_id, entity_type, entity_id, max(pos) as last_pos from (
         select tenant_id, entity_type, entity_id, pos from app.journal
         where shard = $1 and pos > $2 and effects is not null order by pos limit $3) as next
       group by 1, 2, 3 order by 4`,
      [shard, pos, limit],
    );
    return rows.map((row) => ({ ref: this.#ref(row, shard), lastPos: Number(row.last_pos) }));
  }

  async saveCheckpoints(checkpoints: readonly StoredCheckpoint[]): Promise<void> {
    await inScope(
      this.#options.relayPool,
      scopeTo(
        'shards',
        checkpoints.map((checkpoint) => checkpoint.shard),
      ),
      'save_checkpoints',
      SAVE_CHECKPOINTS,
      [
        EFFECTS,
        int2Array(checkpoints.map((c) => c.shard)),
        int8Array(checkpoints.map((c) => c.pos)),
        int8Array(checkpoints.map((c) => c.epoch)),
        int8Array(checkpoints.map((c) => c.passed?.pos ?? 0)),
        byteaArray(checkpoints.map((c) => (c.passed === null ? null : this.#packed(c.passed.except)))),
      ],
    );
  }

  async dueTimers(shards: readonly number[], untilMs: number, limit: number): Promise<readonly StoredTimer[]> {
    const rows = await inScope<KeyRow & { shard: number; name: string; due_at_ms: string; command: Buffer }>(
      this.#options.relayPool,
      scopeTo('shards', shards),
      'due_timers',
      // Shard by shard: after a long rest all of them may be due, and each look would read and sort them all.
      `select t.* from unnest($1::smallint[]) as s (shard) cross join lateral (
         select tenant_id, entity_type, entity_id, shard, name, due_at_ms, command from app.timers
         where shard = s.shard and due_at_ms <= $2 order by due_at_ms limit $3) as t
       order by t.due_at_ms limit $3`,
      [int2Array(shards), untilMs, limit],
    );
    return rows.map((row) => ({
      ref: this.#ref(row, row.shard),
      name: row.name,
      dueAtMs: Number(row.due_at_ms),
      command: decode(row.command),
    }));
  }

  async saveDeadLetter(letter: DeadLetter): Promise<void> {
    await this.#options.relayPool.query(
      'insert into ops.dead_letters (tenant_id, entity_key, reason, tries, body, at_ms) values ($1, $2, $3, $4, $5, $6)',
      [
        letter.tenantId,
        letter.entityKey,
        letter.reason,
        letter.tries,
        sealValue(this.#options.masterKey, letter.body, deadLetterPlace(letter.entityKey, letter.atMs)),
        letter.atMs,
      ],
    );
  }

  async close(): Promise<void> {
    await this.#options.writer.close();
  }

  #opened({ shard, last_pos, checkpoint, passed_pos, passed_except }: OpenedRow): OpenedShard {
    const effectsCheckpoint = Number(checkpoint ?? 0);
    const pos = Number(passed_pos ?? 0);
    const keys = decode(passed_except) as readonly (readonly [number, number, string])[] | null;
    const except = (keys ?? []).map(([tenant_id, entity_type, entity_id]) => this.#ref({ tenant_id, entity_type, entity_id }, shard));
    return { lastPos: Number(last_pos ?? 0), effectsCheckpoint, passed: pos > effectsCheckpoint ? { pos, except } : null };
  }

  #packed(refs: readonly EntityRef[]): Buffer | null {
    return encode(refs.map(({ tenantId, kind, id }) => [tenantId, this.#options.kinds.get(kind) ?? 0, id]));
  }

  #ref(row: KeyRow, shard: number): EntityRef {
    return { tenantId: row.tenant_id, kind: this.#kindNames.get(row.entity_type) ?? `kind ${row.entity_type}`, id: row.entity_id, shard };
  }

  /** @returns null when it is durable, the complaint when it is certainly not. @throws when nobody can know. */
  async #transaction(statements: readonly Statement[]): Promise<pg.DatabaseError | null> {
    const { writer } = this.#options;
    const timer = setTimeout(() => writer.lost(), writer.answerTimeoutMs);
    try {
      await roundTrip(writer.client, statements);
      return null;
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error;
      writer.lost();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #staleShards(batch: CommitBatch): Promise<number[]> {
    const shards = [...batch.shardEpochs.keys()];
    const { rows } = await this.#options.relayPool.query<{ shard: number; epoch: string }>(
      'select shard, epoch from app.shard_lease where shard = any ($1::smallint[])',
      [shards],
    );
    return rows.filter((row) => Number(row.epoch) !== batch.shardEpochs.get(row.shard)).map((row) => row.shard);
  }

  /** Asked of the database, half by half: no error of it names all who are to blame. */
  #culprits(batch: CommitBatch): Promise<string[]> {
    return findCulprits(batch, (part) => this.#storable(part));
  }

  /** Tries a part of a batch without keeping it. @throws when the database could not say: that is no fault of an entity. */
  async #storable(part: CommitBatch): Promise<boolean> {
    let statements: Statement[];
    try {
      statements = batchStatements(part, this.#options.personal);
    } catch {
      return false;
    }
    const error = await this.#transaction([BEGIN, ...statements, ROLLBACK]);
    if (error === null) return true;
    // The transaction was begun by name, so it waits, failed, for its end.
    await this.#transaction([ROLLBACK]);
    if (!isOfData(error)) throw error;
    return false;
  }
}

function isOfData({ code }: pg.DatabaseError): boolean {
  return code !== undefined && DATA_CLASSES.has(code.slice(0, 2));
}
