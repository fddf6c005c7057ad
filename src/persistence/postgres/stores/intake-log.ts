/**
 * The intake log in PostgreSQL: bodies gather, and leave as a few sealed rows in one insert while the next ones gather.
 * Implements the port of that name. One append in flight a thread, on a connection of its own, so that what waits for the
 * journal never waits for this and the other way round.
 */
import type pg from 'pg';
import { CodedError } from '../../../errors.ts';
import type { IntakeChunk, IntakeLog } from '../../../ports.ts';
import { byteaArray, int2Array, int4Array, int8Array, unnested } from '../binary-arrays.ts';
import { roundTrip } from '../round-trip.ts';
import type { WriterConnection } from '../writer-connection.ts';
import { openChunk, sealChunk } from './intake-chunk.ts';

/** One row: few enough bodies that one which has to wait holds few others back, and little enough to be worked on in one go. */
const CHUNK_MESSAGES_MAX = 128;
const CHUNK_BYTES_MAX = 256 * 1024;
/** One insert. A single body may be larger. */
const BATCH_MESSAGES_MAX = 2_048;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

interface IntakeLogOptions {
  /** Role wakala_directory. */
  readonly writer: WriterConnection;
  /** Role wakala_directory. */
  readonly pool: pg.Pool;
  readonly masterKey: Uint8Array;
  /** How long the first body waits for company. */
  readonly flushMs: number;
  /** Bytes that may wait to be written; more are refused. */
  readonly waitingBytesMax: number;
}

interface Pending {
  readonly lane: number;
  readonly body: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

interface Chunk {
  readonly lane: number;
  readonly bodies: Buffer[];
  bytes: number;
}

interface ChunkRow {
  readonly lane: number;
  readonly id: string;
  readonly messages: number;
  readonly body: Buffer;
}

export class PostgresIntakeLog implements IntakeLog {
  readonly #options: IntakeLogOptions;
  #gathered: Pending[] = [];
  #bytes = 0;
  #mode: 'idle' | 'scheduled' | 'writing' = 'idle';

  constructor(options: IntakeLogOptions) {
    this.#options = options;
  }

  append(lane: number, body: Buffer): Promise<void> {
    if (this.#bytes + body.length > this.#options.waitingBytesMax)
      return Promise.reject(new CodedError('runtime.overloaded', 'too much waits to be written to the intake log'));
    this.#bytes += body.length;
    return new Promise((resolve, reject) => {
      // Copied: the bytes are the caller's again as soon as it goes on.
      this.#gathered.push({ lane, body: Buffer.from(body), resolve, reject });
      if (this.#mode !== 'idle') return;
      this.#mode = 'scheduled';
      setTimeout(() => this.#flush(), this.#options.flushMs);
    });
  }

  async read(lanes: readonly number[], except: readonly string[], perLane: number): Promise<IntakeChunk[]> {
    const { rows } = await this.#options.pool.query<ChunkRow>({
      name: 'read_intake',
      text: `select c.lane, c.id, c.messages, c.body from unnest($1::smallint[]) as l (lane), lateral (
          select i.lane, i.id, i.messages, i.body from ops.intake i
          where i.lane = l.lane and i.id not in (select unnest($2::bigint[])) order by i.id limit $3) as c order by c.id`,
      values: [int2Array(lanes), int8Array(except.map(Number)), perLane],
    });
    return rows.map(({ lane, id, messages, body }) => ({ lane, id, messages, bytes: body.length, bodies: this.#open(lane, body) }));
  }

  async remove(chunks: readonly { readonly lane: number; readonly id: string }[]): Promise<void> {
    await this.#options.pool.query({
      name: 'remove_intake',
      text: `delete from ops.intake i using unnest($1::smallint[], $2::bigint[]) as done (lane, id)
        where i.lane = done.lane and i.id = done.id`,
      values: [int2Array(chunks.map((chunk) => chunk.lane)), int8Array(chunks.map((chunk) => Number(chunk.id)))],
    });
  }

  async waiting(lanes: readonly number[]): Promise<{ readonly messages: number; readonly bytes: number }> {
    const { rows } = await this.#options.pool.query<{ messages: string; bytes: string }>(
      `select coalesce(sum(messages), 0) as messages, coalesce(sum(octet_length(body)), 0) as bytes
       from ops.intake where lane = any ($1::smallint[])`,
      [int2Array(lanes)],
    );
    return { messages: Number(rows[0]?.messages ?? 0), bytes: Number(rows[0]?.bytes ?? 0) };
  }

  async close(): Promise<void> {
    await this.#options.writer.close();
  }

  #open(lane: number, sealed: Buffer): Buffer[] | null {
    try {
      return openChunk(this.#options.masterKey, lane, sealed);
    } catch {
      // Sealed under another key: the caller says so, and leaves it where it is.
      return null;
    }
  }

  #flush(): void {
    const batch = this.#takeBatch();
    if (batch.length === 0) {
      this.#mode = 'idle';
      return;
    }
    this.#mode = 'writing';
    void this.#write(batch);
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#gathered.length && count < BATCH_MESSAGES_MAX) {
      bytes += (this.#gathered[count] as Pending).body.length;
      if (count > 0 && bytes > BATCH_BYTES_MAX) break;
      count++;
    }
    if (count < this.#gathered.length) return this.#gathered.splice(0, count);
    const all = this.#gathered;
    this.#gathered = [];
    return all;
  }

  /** All or nothing: one statement. Total. */
  async #write(batch: readonly Pending[]): Promise<void> {
    const outcome = await this.#insert(chunksOf(batch)).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    for (const { body } of batch) this.#bytes -= body.length;
    // The next batch leaves before anyone is answered: the database works while we reply.
    this.#flush();
    for (const pending of batch) {
      if (outcome === null) pending.resolve();
      else pending.reject(outcome.error);
    }
  }

  async #insert(chunks: readonly Chunk[]): Promise<void> {
    const { writer, masterKey } = this.#options;
    const values = [
      int2Array(chunks.map((chunk) => chunk.lane)),
      int4Array(chunks.map((chunk) => chunk.bodies.length)),
      byteaArray(chunks.map((chunk) => sealChunk(masterKey, chunk.lane, chunk.bodies))),
    ];
    const text = `insert into ops.intake (lane, messages, body) select ${unnested('smallint', 'int', 'bytea')}`;
    const { client } = writer;
    const timer = setTimeout(() => writer.lost(), writer.answerTimeoutMs);
    try {
      await roundTrip(client, [{ name: 'append_intake', text, values }]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** In the order of arrival within each lane. */
function chunksOf(batch: readonly Pending[]): Chunk[] {
  const chunks: Chunk[] = [];
  const last = new Map<number, Chunk>();
  for (const { lane, body } of batch) {
    let chunk = last.get(lane);
    const full = chunk !== undefined && (chunk.bodies.length >= CHUNK_MESSAGES_MAX || chunk.bytes + body.length > CHUNK_BYTES_MAX);
    if (chunk === undefined || full) {
      chunk = { lane, bodies: [], bytes: 0 };
      last.set(lane, chunk);
      chunks.push(chunk);
    }
    chunk.bodies.push(body);
    chunk.bytes += body.length;
  }
  return chunks;
}
