/**
 * Positions on one thread: takes them from its sockets and requests, hands them to the home thread of each driver, and is itself the
 * home of some. Wiring of this folder's parts; it must never know uWebSockets or SQL.
 */
import type { GpsFilterOptions } from '../geo/gps/filter.ts';
import type { Fix, Verdict } from '../geo/gps/fix.ts';
import type { LiveFeed, TrackStore } from '../ports.ts';
import type { ActorSystem } from '../runtime/behaviour.ts';
import type { Clock } from '../runtime/clock.ts';
import { EtaModels } from './eta-models.ts';
import { Home } from './home.ts';
import type { JobSurroundings } from './job-watch.ts';
import { MarketFeed } from './market-feed.ts';
import { Outbox } from './outbox.ts';
import { countPacked, PackedFixes, readPacked } from './packed-fixes.ts';
import type { DriverSource, Report, TelemetryNotice, TelemetryQuestion, ThreadLinks, Whereabouts } from './protocol.ts';
import { SourceTable } from './source-table.ts';
import { TrackWriter } from './track-writer.ts';

/** How long a position may wait for company on its way to another thread. */
export const FLUSH_MS = 2;
const QUESTION_TIMEOUT_MS = 6_000;
/** Questions to other threads in flight. */
const QUESTIONS_MAX = 10_000;
const MS_PER_HOUR = 3_600_000;

export interface TelemetryDeps {
  readonly links: ThreadLinks;
  readonly system: ActorSystem;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly tracks: Pick<TrackStore, 'write'>;
  readonly filter?: GpsFilterOptions;
  /** Local hour of the tenant; UTC when absent. */
  readonly hourOf?: JobSurroundings['hourOf'];
  readonly routeOf?: NonNullable<JobSurroundings['routeOf']>;
}

interface Question {
  readonly answer: (answer: unknown) => void;
  readonly cancel: () => void;
}

/** A device of this thread sends too often. */
type AdviceListener = (key: string, deviceId: string, intervalMs: number) => void;

export class Telemetry {
  readonly #deps: TelemetryDeps;
  readonly #home: Home;
  readonly #markets: MarketFeed;
  readonly #tracks: TrackWriter;
  readonly #outboxes = new Map<number, Outbox>();
  /** Of the threads that send here. */
  readonly #tables = new Map<number, SourceTable>();
  readonly #questions = new Map<number, Question>();
  readonly #jobCounters = { arrivals: 0, arrivalsRefused: 0, arrivalsFailed: 0, alerts: 0 };
  readonly #verdicts: Record<Verdict['kind'], number> = { accepted: 0, history: 0, duplicate: 0, rejected: 0 };
  #lastQuestion = 0;
  #cancelFlush: (() => void) | null = null;
  #advised: AdviceListener = () => undefined;

  constructor(deps: TelemetryDeps) {
    const { system, clock, feed } = deps;
    this.#deps = deps;
    this.#markets = new MarketFeed(system, clock);
    this.#tracks = new TrackWriter(deps.tracks, clock);
    this.#home = new Home({
      system,
      feed,
      clock,
      around: {
        system,
        feed,
        models: new EtaModels(),
        nowMs: () => clock.nowMs(),
        hourOf: deps.hourOf ?? ((_tenantId, atMs) => Math.floor(atMs / MS_PER_HOUR) % 24),
        routeOf: deps.routeOf ?? null,
        counters: this.#jobCounters,
        markets: this.#markets,
        tracks: this.#tracks,
        filter: deps.filter ?? {},
        advise: (thread, source, intervalMs) => this.#advise(thread, source, intervalMs),
        verdicts: this.#verdicts,
      },
    });
  }

  /** Who tells the devices of this thread; one listener. */
  onAdvice(listener: AdviceListener): void {
    this.#advised = listener;
  }

  /** The driver is there: its shift does not end for silence. */
  hello(source: DriverSource): void {
    const thread = this.#homeOf(source);
    if (thread === this.#deps.links.thread) this.#home.hello(source);
    else this.#deps.links.send(thread, { type: 'gps.hello', source });
  }

  /** Positions that nobody waits for. @param receivedAtMs when they came */
  push(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number): void {
    const thread = this.#homeOf(source);
    if (thread === this.#deps.links.thread) {
      this.#home.take(source, fixes, receivedAtMs, thread);
      return;
    }
    let outbox = this.#outboxes.get(thread);
    if (outbox === undefined) {
      outbox = new Outbox();
      this.#outboxes.set(thread, outbox);
    }
    outbox.push(source, fixes, receivedAtMs);
    this.#cancelFlush ??= this.#deps.clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Positions whose sender waits for a verdict on each. Never rejects. */
  async report(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number): Promise<Report> {
    const { thread } = this.#deps.links;
    const home = this.#homeOf(source);
    if (home === thread) return await this.#home.report(source, fixes, receivedAtMs, thread);
    const packed = new PackedFixes();
    for (const fix of fixes) packed.push(0, receivedAtMs, fix);
    const answer = await this.#question(home, { type: 'report', source, receivedAtMs, packed: packed.bytes() });
    return (answer as Report | null) ?? { kind: 'unavailable' };
  }

  /** Where the driver was last believed to be, and how far from the stop of that job; null when nobody knows. Never rejects. */
  async where(source: DriverSource, orderId: string): Promise<Whereabouts | null> {
    const home = this.#homeOf(source);
    if (home === this.#deps.links.thread) return this.#home.where(source.key, orderId);
    // What this thread has heard before must be there before the question.
    this.#flush();
    return (await this.#question(home, { type: 'where', key: source.key, orderId })) as Whereabouts | null;
  }

  /** From a sibling thread. */
  notice(notice: TelemetryNotice): void {
    switch (notice.type) {
      case 'gps.batch':
        this.#batch(notice);
        return;
      case 'gps.forgotten':
        this.#outboxes.get(notice.from)?.forgotten(notice.table, notice.fixes);
        return;
      case 'gps.hello':
        this.#home.hello(notice.source);
        return;
      case 'gps.ask':
        void this.#answer(notice.from, notice.id, notice.question);
        return;
      case 'gps.answer':
        this.#settle(notice.id, notice.answer);
        return;
      case 'gps.advice':
        this.#advised(notice.key, notice.deviceId, notice.intervalMs);
        return;
    }
  }

  /** Everything that can be counted, by name. */
  stats() {
    let [waiting, dropped] = [0, 0];
    for (const outbox of this.#outboxes.values()) {
      waiting += outbox.waiting;
      dropped += outbox.dropped;
    }
    return {
      ...this.#verdicts,
      ...this.#jobCounters,
      ...this.#home.counters,
      drivers: this.#home.drivers,
      markets: this.#markets.markets,
      marketPositions: this.#markets.counters.positions,
      marketRefused: this.#markets.counters.refused,
      waitingFixes: waiting,
      conflatedFixes: dropped,
      waitingChunks: this.#tracks.waiting,
      writtenFixes: this.#tracks.counters.writtenFixes,
      lostFixes: this.#tracks.counters.lostFixes,
      trackFailures: this.#tracks.counters.failures,
    };
  }

  /** Writes the tracks that are in memory. The sockets must be closed before. */
  async close(): Promise<void> {
    this.#flush();
    this.#cancelFlush?.();
    this.#home.close();
    this.#markets.flush();
    for (const id of [...this.#questions.keys()]) this.#settle(id, null);
    await this.#tracks.close();
  }

  #batch({ from, news, packed }: Extract<TelemetryNotice, { type: 'gps.batch' }>): void {
    let table = this.#tables.get(from);
    if (table === undefined) {
      table = new SourceTable();
      this.#tables.set(from, table);
    }
    if (!table.learn(news)) {
      // This thread is younger than that table. The phones go on sending, so what is lost is a few milliseconds of them.
      const notice: TelemetryNotice = {
        type: 'gps.forgotten',
        from: this.#deps.links.thread,
        table: news.table,
        fixes: countPacked(packed),
      };
      this.#deps.links.send(from, notice);
      return;
    }
    const sources = table;
    readPacked(packed, (number, fixes, receivedAtMs) => {
      const source = sources.sourceOf(number);
      if (source !== undefined) this.#home.take(source, fixes, receivedAtMs, from);
    });
  }

  #homeOf(source: DriverSource): number {
    // Nobody's driver is refused where it was heard.
    return source.shard < 0 ? this.#deps.links.thread : this.#deps.links.threadOf(source.shard);
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    let isEmpty = true;
    for (const [thread, outbox] of this.#outboxes) {
      const sent = outbox.flush((news, packed) =>
        this.#deps.links.send(thread, { type: 'gps.batch', from: this.#deps.links.thread, news, packed }),
      );
      isEmpty &&= sent;
    }
    if (!isEmpty) this.#cancelFlush = this.#deps.clock.after(FLUSH_MS, () => this.#flush());
  }

  #advise(thread: number, source: DriverSource, intervalMs: number): void {
    const { key, deviceId } = source;
    if (thread === this.#deps.links.thread) this.#advised(key, deviceId, intervalMs);
    else this.#deps.links.send(thread, { type: 'gps.advice', key, deviceId, intervalMs });
  }

  /** @returns null when there is no answer. */
  #question(thread: number, question: TelemetryQuestion): Promise<unknown> {
    if (this.#questions.size >= QUESTIONS_MAX) return Promise.resolve(null);
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(QUESTION_TIMEOUT_MS, () => this.#settle(id, null));
      this.#questions.set(id, { answer: resolve, cancel });
      if (!this.#deps.links.send(thread, { type: 'gps.ask', from: this.#deps.links.thread, id, question })) this.#settle(id, null);
    });
  }

  #settle(id: number, answer: unknown): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    question.cancel();
    question.answer(answer);
  }

  async #answer(thread: number, id: number, question: TelemetryQuestion): Promise<void> {
    const answer = question.type === 'where' ? this.#home.where(question.key, question.orderId) : await this.#reportOf(thread, question);
    this.#deps.links.send(thread, { type: 'gps.answer', id, answer });
  }

  #reportOf(thread: number, { source, receivedAtMs, packed }: TelemetryQuestion & { type: 'report' }): Promise<Report> {
    const all: Fix[] = [];
    readPacked(packed, (_source, fixes) => all.push(...fixes));
    return this.#home.report(source, all, receivedAtMs, thread);
  }
}
