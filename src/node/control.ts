/**
 * The control channel between the main thread and a worker: few messages, never domain data. Links between
 * workers carry the actors' messages; this carries who is who.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../config.ts';
import type { ThreadMetrics } from '../observability/metrics.ts';
import type { DatabaseAddress } from '../persistence/postgres/connect.ts';
import type { ShardHold } from '../runtime/journal/group-commit.ts';

export interface WorkerStart {
  readonly thread: number;
  readonly threads: number;
  readonly config: Config;
  readonly database: DatabaseAddress;
  /** Public port, already resolved when the configured one was 0. */
  readonly port: number;
  readonly epochs: readonly (readonly [shard: number, epoch: number])[];
  /** What all threads know of the intake log. */
  readonly intakeBoard: SharedArrayBuffer;
  /** What all threads know of numbers that changed hands. */
  readonly numberMoves: SharedArrayBuffer;
  /** What all threads know of tenants that are new. */
  readonly tenantClaims: SharedArrayBuffer;
}

export type ToWorker =
  /** The first message, which makes a thread what it is. */
  | { readonly type: 'start'; readonly start: WorkerStart }
  | { readonly type: 'connect'; readonly thread: number; readonly port: MessagePort }
  | { readonly type: 'lost'; readonly thread: number }
  | { readonly type: 'drain' }
  /** Throws inside the thread, as a defect would. */
  | { readonly type: 'crash' }
  | { readonly type: 'seed' }
  | { readonly type: 'stats'; readonly id: number }
  | { readonly type: 'reopened'; readonly id: number; readonly holds: readonly (readonly [shard: number, hold: ShardHold])[] | null };

export type FromWorker =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'drained' }
  | { readonly type: 'seeded'; readonly problem: string | null }
  | { readonly type: 'stats'; readonly id: number; readonly stats: WorkerStats }
  | { readonly type: 'reopen'; readonly id: number; readonly shards: readonly number[] };

export interface WorkerStats {
  readonly thread: number;
  readonly shards: number;
  readonly actors: number;
  readonly mailboxDepth: number;
  readonly mailboxDepthMax: number;
  readonly deadLetters: number;
  readonly eventLoopLagMsP99: number;
  readonly writable: boolean;
  readonly settled: boolean;
  readonly metrics: ThreadMetrics;
}
