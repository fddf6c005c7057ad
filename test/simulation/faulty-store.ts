/**
 * The one database of a simulated node, journal and intake log, as one of its threads sees it: slow by virtual time, now and then away, and at times it keeps a
 * batch and loses the answer. What a thread has sent may still be stored after that thread is dead, as with a real connection.
 */

import type { IntakeLog } from '../../src/ports.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { CommitBatch, CommitResult, DeadLetter, JournalStore, StoredSnapshot } from '../../src/runtime/journal/store.ts';
import type { MemoryIntakeLog } from '../support/memory-intake-log.ts';
import type { MemoryStore } from '../support/memory-store.ts';

export interface StoreFaults {
  /** Share of batches that are not stored, and of batches that are stored without an answer. */
  lost: number;
  unanswered: number;
  /** Share of reads that fail. */
  reads: number;
  slowestMs: number;
}

/** A thread's connection to the database. */
export class Line {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #faults: StoreFaults;
  /** Its thread was killed: it hears nothing more. */
  isDead = false;

  constructor(clock: Clock, random: () => number, faults: StoreFaults) {
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  async read(): Promise<void> {
    await this.time();
    if (this.isDead || this.#random() < this.#faults.reads) throw new Error('connection lost');
  }

  async write<T>(store: () => Promise<T>): Promise<T> {
    await this.time();
    const dice = this.#random();
    if (dice < this.#faults.lost) throw new Error('connection lost before anything was stored');
    const result = await store();
    await this.time();
    if (this.isDead || dice < this.#faults.lost + this.#faults.unanswered) throw new Error('connection lost after it was stored');
    return result;
  }

  time(): Promise<void> {
    const ms = Math.floor(this.#random() * this.#faults.slowestMs);
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/** Bodies that wait, in the same database; one thread's view of it. */
export class FaultyIntakeLog implements IntakeLog {
  readonly #inner: MemoryIntakeLog;
  readonly #line: Line;

  constructor(inner: MemoryIntakeLog, line: Line) {
    this.#inner = inner;
    this.#line = line;
  }

  async append(lane: number, body: Buffer): Promise<void> {
    const sent = Buffer.from(body);
    await this.#line.write(async () => this.#inner.put(lane, [sent]));
  }

  async read(lanes: readonly number[], except: readonly string[], perLane: number) {
    const sent = [...except];
    await this.#line.read();
    return this.#inner.read(lanes, sent, perLane);
  }

  async remove(chunks: readonly { readonly lane: number; readonly id: string }[]): Promise<void> {
    const sent = [...chunks];
    await this.#line.write(() => this.#inner.remove(sent));
  }

  async waiting(lanes: readonly number[]) {
    await this.#line.read();
    return this.#inner.waiting(lanes);
  }
}

export class FaultyStore implements JournalStore {
  readonly #inner: MemoryStore;
  readonly #line: Line;

  constructor(inner: MemoryStore, line: Line) {
    this.#inner = inner;
    this.#line = line;
  }

  commit(batch: CommitBatch): Promise<CommitResult> {
    // Packed now, as for a wire: what the sender changes later is not stored.
    const sent = structuredClone(batch);
    return this.#line.write(() => this.#inner.commit(sent));
  }

  async load(ref: EntityRef, kind: { readonly stateVersion: number }) {
    await this.#line.read();
    return this.#inner.load(ref, kind);
  }

  async findProcessed(ref: EntityRef, commandId: string) {
    await this.#line.read();
    return this.#inner.findProcessed(ref, commandId);
  }

  async saveSnapshot(ref: EntityRef, kindCode: number, snapshot: StoredSnapshot): Promise<void> {
    const sent = structuredClone(snapshot);
    await this.#line.read();
    await this.#inner.saveSnapshot(ref, kindCode, sent);
  }

  async openShards(shards: readonly number[]) {
    await this.#line.read();
    return this.#inner.openShards(shards);
  }

  async entitiesAfter(shard: number, pos: number, limit: number) {
    await this.#line.read();
    return this.#inner.entitiesAfter(shard, pos, limit);
  }

  async saveCheckpoints(checkpoints: Parameters<JournalStore['saveCheckpoints']>[0]): Promise<void> {
    await this.#line.read();
    await this.#inner.saveCheckpoints(checkpoints);
  }

  async dueTimers(shards: readonly number[], untilMs: number, limit: number) {
    await this.#line.read();
    return this.#inner.dueTimers(shards, untilMs, limit);
  }

  async saveDeadLetter(letter: DeadLetter): Promise<void> {
    await this.#line.read();
    await this.#inner.saveDeadLetter(letter);
  }

  async close(): Promise<void> {}
}
