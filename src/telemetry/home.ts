/**
 * The drivers of one home thread. Nothing of a driver is judged or kept before the driver actor has said that it is on shift, and
 * nothing is kept after. It must never know other threads.
 *
 * Modes of a driver: `asking` (entered by its first position or hello; its newest fixes wait) · `on_shift` (left when the actor says
 * offline) · `off_duty`, `locked_out` and `unknown` (entered by the actor's answer; left by news of a shift or of an approval;
 * forgotten after a minute of silence).
 *
 * All times in here are monotonic: how long somebody has been silent does not change with the machine's clock.
 */
import type { DriverCommand, DriverNews, DriverView } from '../actors/driver/protocol.ts';
import { HEARD_EVERY_MS, SILENT_MS } from '../actors/driver/silence.ts';
import { isLockedOut } from '../actors/driver/standing.ts';
import { driverRef } from '../actors/refs.ts';
import type { Fix } from '../geo/gps/fix.ts';
import type { LiveFeed } from '../ports.ts';
import type { ActorSystem } from '../runtime/behaviour.ts';
import type { Clock } from '../runtime/clock.ts';
import { dataShardOf, type EntityRef } from '../runtime/entity.ts';
import { PacedSweep } from './paced-sweep.ts';
import type { DriverSource, Report, Whereabouts } from './protocol.ts';
import { type DriverSurroundings, TrackedDriver } from './tracked-driver.ts';
import { WaitingFixes } from './waiting-fixes.ts';

/** Drivers of one thread, in any mode. */
const DRIVERS_MAX = 100_000;
/** Fixes that wait for the actor's answer. */
export const WAITING_FIXES_MAX = 64;
const SWEEP_MS = 10_000;
/** Thousands of profiles and stretches of track at once would hold up positions. */
const SWEEP_STEP_MS = 500;
/** A driver who is not on shift is forgotten after so long. */
const FORGET_MS = 60_000;
/** What the actor knows changes by news; what changes by time alone is read again so often. */
const VIEW_MAX_AGE_MS = 60_000;
const ASK_TIMEOUT_MS = 5_000;
const ASK_AGAIN_MS = 1_000;
/** A locked out driver whose phone still talks is asked about again, and told so again, so often: news between threads may be lost. */
const LOCKED_OUT_EVERY_MS = 10_000;
/** A smaller step of the clock does not matter to the end of a shift. */
const CLOCK_SET_MS = 10_000;
/** Questions to driver actors that one sweep may start. */
const SWEEP_ASKS_MAX = 1_000;

interface HomeDeps {
  readonly system: ActorSystem;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly around: DriverSurroundings;
  readonly driversMax?: number;
}

type OffShift = 'off_duty' | 'locked_out' | 'unknown';

interface Entry {
  readonly key: string;
  readonly ref: EntityRef;
  mode: 'asking' | 'on_shift' | OffShift;
  tracked: TrackedDriver | null;
  /** For the actor's answer. */
  readonly waiting: WaitingFixes;
  heardAtMs: number;
  /** Up to when the actor knows that the driver was there. */
  toldHeardAtMs: number;
  /** What the time of day was ahead when it was told. */
  toldAheadMs: number;
  askedAtMs: number;
  seenAtMs: number;
  /** The answer under way is older than news that came since. */
  isOutdated: boolean;
  /** The actor is being asked to end the shift. */
  isEnding: boolean;
  asking: Promise<void> | null;
  readonly unsubscribe: () => void;
}

export class Home {
  readonly #deps: HomeDeps;
  readonly #driversMax: number;
  readonly #drivers = new Map<string, Entry>();
  readonly #sweep: PacedSweep<Entry>;
  /** Questions that the sweep under way may still start. */
  #asksLeft = 0;
  #isClosed = false;
  readonly counters = { offDutyFixes: 0, droppedFixes: 0, silentDrivers: 0, refusedDrivers: 0 };

  constructor(deps: HomeDeps) {
    this.#deps = deps;
    this.#driversMax = deps.driversMax ?? DRIVERS_MAX;
    this.#sweep = new PacedSweep({
      clock: deps.clock,
      items: this.#drivers,
      everyMs: SWEEP_MS,
      stepMs: SWEEP_STEP_MS,
      begin: () => {
        this.#asksLeft = SWEEP_ASKS_MAX;
      },
      visit: (record, nowMs) => this.#sweepOne(record, nowMs),
    });
  }

  /** In any mode. */
  get drivers(): number {
    return this.#drivers.size;
  }

  /** The driver is there. */
  hello(source: DriverSource): void {
    this.#heard(source);
  }

  /** Positions that nobody waits for. @param receivedAtMs when the front door had them */
  take(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number, fromThread: number): void {
    const record = this.#heard(source);
    if (record === null) {
      this.counters.droppedFixes += fixes.length;
      return;
    }
    if (record.tracked !== null) {
      const only = fixes[0];
      if (fixes.length === 1 && only !== undefined) record.tracked.take(source, only, receivedAtMs, fromThread);
      else record.tracked.takeAll(source, fixes, receivedAtMs, fromThread);
    } else if (record.mode === 'asking') {
      this.counters.droppedFixes += record.waiting.push({ source, fixes, receivedAtMs, fromThread });
    } else this.counters.offDutyFixes += fixes.length;
  }

  /** Positions whose sender wants to know what became of each. */
  async report(source: DriverSource, fixes: readonly Fix[], receivedAtMs: number, fromThread: number): Promise<Report> {
    const record = this.#heard(source);
    if (record === null) return { kind: 'unavailable' };
    // The shift may just have begun. News overtake an answer: then it is asked for again, and that one counts.
    while (record.tracked === null && record.asking !== null) await record.asking;
    if (record.tracked !== null) return { kind: 'judged', items: record.tracked.takeAll(source, fixes, receivedAtMs, fromThread) };
    if (record.mode === 'asking') return { kind: 'unavailable' };
    if (record.mode === 'unknown') return { kind: 'unknown' };
    this.counters.offDutyFixes += fixes.length;
    return { kind: record.mode === 'locked_out' ? 'locked_out' : 'off_duty' };
  }

  /** @returns null when the driver is not on shift or was never believed to be anywhere */
  where(key: string, orderId: string): Whereabouts | null {
    return this.#drivers.get(key)?.tracked?.where(orderId) ?? null;
  }

  /** For ever: siblings may still send, and what came in would never come out. */
  close(): void {
    this.#isClosed = true;
    this.#sweep.end();
    for (const record of this.#drivers.values()) {
      record.unsubscribe();
      // Not `leave`: the drivers are still on shift, only this thread ends.
      record.tracked?.flush();
    }
    this.#drivers.clear();
  }

  #heard(source: DriverSource): Entry | null {
    const nowMs = this.#deps.clock.monotonicMs();
    const known = this.#drivers.get(source.key);
    if (known !== undefined) {
      known.heardAtMs = nowMs;
      if (known.mode === 'asking' && known.asking === null && nowMs - known.askedAtMs >= ASK_AGAIN_MS) this.#ask(known);
      return known;
    }
    const ref = driverRef(source.tenantId, source.driverId);
    if (ref === null || this.#isClosed || this.#drivers.size >= this.#driversMax) {
      this.counters.refusedDrivers++;
      return null;
    }
    const record: Entry = {
      key: source.key,
      ref,
      mode: 'asking',
      tracked: null,
      waiting: new WaitingFixes(WAITING_FIXES_MAX),
      heardAtMs: nowMs,
      toldHeardAtMs: Number.NEGATIVE_INFINITY,
      toldAheadMs: 0,
      askedAtMs: Number.NEGATIVE_INFINITY,
      seenAtMs: Number.NEGATIVE_INFINITY,
      isOutdated: false,
      isEnding: false,
      asking: null,
      unsubscribe: this.#deps.feed.subscribe(`driver/${source.driverId}`, (news) => this.#news(source.key, news as DriverNews)),
    };
    this.#drivers.set(source.key, record);
    this.#sweep.start();
    this.#ask(record);
    return record;
  }

  // --- what the driver actor says ---------------------------------------------------------------------------

  #ask(record: Entry): void {
    if (record.asking !== null) {
      record.isOutdated = true;
      return;
    }
    record.asking = this.#askOnce(record).finally(() => {
      record.asking = null;
      if (!record.isOutdated) return;
      record.isOutdated = false;
      this.#ask(record);
    });
  }

  async #askOnce(record: Entry): Promise<void> {
    record.askedAtMs = this.#deps.clock.monotonicMs();
    const answer = await this.#deps.system.ask<DriverView>(record.ref, { type: 'get' } satisfies DriverCommand, {
      deadlineMs: this.#deps.clock.nowMs() + ASK_TIMEOUT_MS,
    });
    if (this.#drivers.get(record.key) !== record || record.isOutdated) return;
    if (answer.ok) this.#seen(record, answer.value);
    else if ('refusal' in answer) this.#offShift(record, 'unknown');
  }

  #seen(record: Entry, view: DriverView): void {
    record.seenAtMs = this.#deps.clock.monotonicMs();
    if (isLockedOut(view)) this.#lockOut(record);
    else if (!view.online) this.#offShift(record, 'off_duty');
    else if (record.tracked !== null) record.tracked.see(view);
    else this.#onShift(record, view);
  }

  #onShift(record: Entry, view: DriverView): void {
    const { tenantId, id: driverId, shard } = record.ref;
    const tracked = new TrackedDriver(this.#deps.around, { tenantId, driverId, dataShard: dataShardOf(shard) }, view);
    record.tracked = tracked;
    record.mode = 'on_shift';
    for (const { source, fixes, receivedAtMs, fromThread } of record.waiting.takeAll())
      tracked.takeAll(source, fixes, receivedAtMs, fromThread);
  }

  #offShift(record: Entry, mode: OffShift): void {
    record.tracked?.leave();
    record.tracked = null;
    record.mode = mode;
    this.counters.offDutyFixes += record.waiting.drop();
  }

  /** The end of a job or a shift counts at once: a position that is told after it is told too late. The rest is read from the actor. */
  #news(key: string, news: DriverNews): void {
    const record = this.#drivers.get(key);
    if (record === undefined) return;
    if (news.type === 'notice') return;
    if (news.type === 'standing' && news.lockedOut) {
      // Its own words come back here too.
      if (record.mode === 'locked_out') return;
      this.#offShift(record, 'locked_out');
    } else if (news.type === 'shift' && !news.online) this.#offShift(record, 'off_duty');
    else if (news.type === 'delivery_ended') record.tracked?.endJob(news.orderId);
    else if (news.type === 'delivery') record.tracked?.seeJob(news.job);
    this.#ask(record);
  }

  /** Said by the actor itself. Phones that were not there when it began, or missed it, hear of it from here. */
  #lockOut(record: Entry): void {
    const isKnown = record.mode === 'locked_out';
    this.#offShift(record, 'locked_out');
    if (isKnown) this.#deps.feed.publish(`driver/${record.ref.id}`, { type: 'standing', lockedOut: true } satisfies DriverNews);
  }

  // --- what time brings -------------------------------------------------------------------------------------

  #sweepOne(record: Entry, nowMs: number): void {
    const silentMs = nowMs - record.heardAtMs;
    if (record.tracked === null) {
      if (silentMs >= FORGET_MS) this.#forget(record);
      else if (isOldWord(record, nowMs) && this.#mayAsk()) this.#ask(record);
      return;
    }
    record.tracked.age();
    if (silentMs >= SILENT_MS && !record.tracked.hasJob) {
      if (!record.isEnding && this.#mayAsk()) void this.#endSilentShift(record);
      return;
    }
    if (silentMs >= SILENT_MS) record.tracked.silent();
    record.tracked.tellProfile();
    if (record.heardAtMs - record.toldHeardAtMs >= HEARD_EVERY_MS || this.#wasClockSet(record)) this.#tellHeard(record);
    if (nowMs - record.seenAtMs >= VIEW_MAX_AGE_MS && this.#mayAsk()) this.#ask(record);
  }

  #mayAsk(): boolean {
    if (this.#asksLeft === 0) return false;
    this.#asksLeft--;
    return true;
  }

  /** Should this thread die, the actor ends the shift by itself, unless the next home hears the driver. */
  #tellHeard(record: Entry): void {
    const aheadMs = this.#aheadMs();
    const told: DriverCommand = { type: 'heard', atMs: record.heardAtMs + aheadMs };
    if (!this.#deps.system.tell(record.ref, told)) return;
    record.toldHeardAtMs = record.heardAtMs;
    record.toldAheadMs = aheadMs;
  }

  /** What the actor was told is a time of day, and means another moment since the machine's clock was set. */
  #wasClockSet({ toldAheadMs }: Entry): boolean {
    return Math.abs(this.#aheadMs() - toldAheadMs) >= CLOCK_SET_MS;
  }

  /** The time of day less the monotonic one. */
  #aheadMs(): number {
    return this.#deps.clock.nowMs() - this.#deps.clock.monotonicMs();
  }

  /** Fixes that still wait were never answered for. */
  #forget(record: Entry): void {
    this.counters.droppedFixes += record.waiting.drop();
    record.unsubscribe();
    this.#drivers.delete(record.key);
  }

  /** Asked again by the next sweep when it was not possible. */
  async #endSilentShift(record: Entry): Promise<void> {
    record.isEnding = true;
    const answer = await this.#deps.system.ask(record.ref, { type: 'go_offline', reason: 'silent' } satisfies DriverCommand);
    record.isEnding = false;
    if (!answer.ok || this.#drivers.get(record.key) !== record) return;
    this.counters.silentDrivers++;
    this.#offShift(record, 'off_duty');
  }
}

/** Somebody off shift talks on: the news that it may again can have been lost, and nobody would ever look. */
function isOldWord({ mode, heardAtMs, askedAtMs }: Entry, nowMs: number): boolean {
  return heardAtMs > askedAtMs && nowMs - askedAtMs >= (mode === 'locked_out' ? LOCKED_OUT_EVERY_MS : VIEW_MAX_AGE_MS);
}
