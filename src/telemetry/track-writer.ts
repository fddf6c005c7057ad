/**
 * Tracks on their way into storage: fixes of each driver gathered into chunks, chunks written in batches, kept in bounded memory while
 * the database is away, the oldest given up first and counted. It must never know SQL.
 */
import type { TrackChunk, TrackFix, TrackStore } from '../ports.ts';
import type { Clock } from '../runtime/clock.ts';

/** A chunk is closed by whichever comes first. */
export const CHUNK_MAX_FIXES = 64;
export const CHUNK_MAX_AGE_MS = 30_000;
/** A buffered upload is spread over chunks: none is longer, and none lies in two days. */
export const CHUNK_MAX_SPAN_MS = 3_600_000;
const DAY_MS = 86_400_000;
const BATCH_CHUNKS = 256;
/** About 25 MB of fixes: ten minutes of 5,000 drivers. */
const WAITING_CHUNKS_MAX = 50_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** How often the last chunks are tried when the thread ends. */
const CLOSE_TRIES = 3;

/** The open chunk of one driver. */
export interface OpenChunk {
  readonly tenantId: number;
  readonly driverId: string;
  fixes: TrackFix[];
  /** When the first fix came, by the server's clock. */
  openedAtMs: number;
}

export function newChunk(tenantId: number, driverId: string): OpenChunk {
  return { tenantId, driverId, fixes: [], openedAtMs: 0 };
}

export class TrackWriter {
  readonly #store: Pick<TrackStore, 'write'>;
  readonly #clock: Clock;
  readonly #waitingMax: number;
  #waiting: TrackChunk[] = [];
  #writing: Promise<void> | null = null;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: (() => void) | null = null;
  readonly counters = { writtenFixes: 0, lostFixes: 0, failures: 0 };

  constructor(store: Pick<TrackStore, 'write'>, clock: Clock, waitingMax: number = WAITING_CHUNKS_MAX) {
    this.#store = store;
    this.#clock = clock;
    this.#waitingMax = waitingMax;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(chunk: OpenChunk, fix: TrackFix): void {
    if (chunk.fixes.length === 0) chunk.openedAtMs = this.#clock.monotonicMs();
    chunk.fixes.push(fix);
    if (chunk.fixes.length >= CHUNK_MAX_FIXES) this.cut(chunk);
  }

  /** Closes the chunk if it is old enough. */
  age(chunk: OpenChunk): void {
    if (chunk.fixes.length > 0 && this.#clock.monotonicMs() - chunk.openedAtMs >= CHUNK_MAX_AGE_MS) this.cut(chunk);
  }

  /** Closes the chunk, whatever is in it. */
  cut(chunk: OpenChunk): void {
    if (chunk.fixes.length === 0) return;
    const { tenantId, driverId } = chunk;
    for (const fixes of inStretches(chunk.fixes)) this.#waiting.push({ tenantId, driverId, fixes });
    chunk.fixes = [];
    while (this.#waiting.length > this.#waitingMax) this.counters.lostFixes += this.#waiting.shift()?.fixes.length ?? 0;
    if (this.#cancelRetry === null) this.#start();
  }

  /** Writes what waits, with few tries; the rest is lost and counted. */
  async close(): Promise<void> {
    this.#stopRetry();
    for (let tries = 0; tries < CLOSE_TRIES && (this.#waiting.length > 0 || this.#writing !== null); tries++) {
      this.#start();
      await this.#writing;
    }
    this.#stopRetry();
    for (const chunk of this.#waiting) this.counters.lostFixes += chunk.fixes.length;
    this.#waiting = [];
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_CHUNKS);
      try {
        await this.#store.write(batch);
      } catch {
        // The database is away: these are the oldest, so they go back to the front, within the bound.
        this.counters.failures++;
        this.#waiting = [...batch, ...this.#waiting];
        this.#retryLater();
        return;
      }
      this.#retryMs = FIRST_RETRY_MS;
      for (const chunk of batch) this.counters.writtenFixes += chunk.fixes.length;
    }
  }

  #stopRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #retryLater(): void {
    this.#stopRetry();
    this.#cancelRetry = this.#clock.after(this.#retryMs, () => {
      this.#cancelRetry = null;
      this.#start();
    });
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }
}

/** Oldest first; a new stretch where the day changes or the span would grow too long. */
function inStretches(fixes: readonly TrackFix[]): TrackFix[][] {
  const ordered = [...fixes].sort((a, b) => a.atMs - b.atMs);
  const stretches: TrackFix[][] = [];
  let open: TrackFix[] = [];
  for (const fix of ordered) {
    const first = open[0];
    const fits =
      first !== undefined && fix.atMs - first.atMs < CHUNK_MAX_SPAN_MS && Math.floor(fix.atMs / DAY_MS) === Math.floor(first.atMs / DAY_MS);
    if (!fits) {
      open = [];
      stretches.push(open);
    }
    open.push(fix);
  }
  return stretches;
}
